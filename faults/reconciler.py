"""A process that reconciles on demand, each round in a process of its own that can be killed.

A round is what `ivr payments reconcile` and `ivr worker` do. Its process is forked, so that one
begins in a moment although Stripe's library takes half a second to import.
"""

import os
import socket
import socketserver
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg  # noqa: F401  imported for the rounds
import sqlalchemy.dialects.postgresql.psycopg  # noqa: F401  imported for the rounds
import stripe  # noqa: F401  imported for the rounds
from sqlalchemy.exc import DBAPIError

from faults.builds import BUILDS
from faults.control import Control
from faults.hooks import harm
from ivr.config import settings_from_environment
from ivr.services.settling import settle_unknown
from ivr.store.engine import connect
from ivr.telemetry import COUNTS, log_to_stderr

PATH = "reconcile"
"""Where a round is, as points tell it."""
LATE = "late"
"""A round a quarter of an hour later: every yes has expired."""
PATIENCE = 30.0


def ask(address: Path, name: str, when: str = "") -> int | None:
    """Have a round done, `name` being what its points are counted by; how many payments are
    unknown still, or None where its process was killed."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(PATIENCE)
        line.connect(str(address))
        line.sendall(f"{name} {when}\n".encode())
        answer = line.makefile().readline()
    return int(answer) if answer else None


class _Reconciler:
    """What every round begins with: one that was done, so that its statements are known."""

    def __init__(self) -> None:
        self._settings = settings_from_environment()
        self._control = Control(Path(os.environ["FAULTS_CONTROL"]))
        self._engine = connect(self._settings.database_url)
        self._name = ""
        build = BUILDS[os.environ["FAULTS_BUILD"]]
        self._gateway = build(harm(self._engine, self._settings, self._control, self._where))
        self.run("", False)
        self._engine.dispose()  # no connection is shared with a round

    def run(self, name: str, late: bool) -> int:
        """Do one round; how many payments are unknown still."""
        self._name = name
        times = self._settings.times
        times = replace(times, intent=0.0) if late else times
        try:
            settled = settle_unknown(self._engine, self._gateway, times, lambda: datetime.now(UTC))
        except DBAPIError:
            return 1  # its connection was lost, or somebody who is held holds the lock
        with (self._control.folder.parent / "counts-reconciler.txt").open("a") as file:
            file.writelines(f"{name}\n" for name in COUNTS)
        return settled.unknown

    def _where(self) -> tuple[str, str]:
        return self._name, PATH


class _Round(socketserver.StreamRequestHandler):
    reconciler: _Reconciler

    def handle(self) -> None:
        """Do one round, and say how many payments are unknown still."""
        name, _, when = self.rfile.readline().decode().strip().partition(" ")
        self.wfile.write(f"{self.reconciler.run(name, when == LATE)}\n".encode())


class _Server(socketserver.ForkingMixIn, socketserver.UnixStreamServer):
    block_on_close = False
    max_children = 8


if __name__ == "__main__":
    log_to_stderr()
    _Round.reconciler = _Reconciler()
    with _Server(sys.argv[1], _Round) as server:
        server.serve_forever()

"""A process that reconciles, or has AutoPay run, on demand: each round in a process of its own that
can be killed.

A round is what `ivr payments reconcile` and `ivr worker` do, or `ivr autopay run`. Its process is
forked, so that one begins in a moment although Stripe's library takes half a second to import.
"""

import json
import os
import socket
import socketserver
import sys
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg  # noqa: F401  imported for the rounds
import sqlalchemy.dialects.postgresql.psycopg  # noqa: F401  imported for the rounds
import stripe  # noqa: F401  imported for the rounds
from sqlalchemy.exc import DBAPIError

from faults.builds import BUILDS
from faults.control import Control
from faults.hooks import harm
from ivr.cli.book import loaded
from ivr.config import Times, settings_from_environment
from ivr.services import settling
from ivr.services.announcing import Sender
from ivr.services.drafting import draft_all
from ivr.services.refunding import settle_refunds
from ivr.services.taking import Run
from ivr.store.engine import connect
from ivr.telemetry import COUNTS, log_to_stderr

RECONCILE, DRAFT = "reconcile", "draft"
"""What is done in a round: the reconciler's part, or AutoPay's."""
PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Asked:
    """A round: what is done in it, and the name its points are counted by.

    A late one comes once every yes has expired.
    """

    what: str
    name: str
    late: bool = False


def ask(address: Path, asked: Asked) -> int | None:
    """Have a round done; how many payments are unknown still, or None where its process was
    killed."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(PATIENCE)
        line.connect(str(address))
        line.sendall(f"{json.dumps(asdict(asked))}\n".encode())
        answer = line.makefile().readline()
    return int(answer) if answer else None


class _Reconciler:
    """What every round begins with: one that was done, so that its statements are known."""

    def __init__(self) -> None:
        self._settings = settings_from_environment()
        self._control = Control(Path(os.environ["FAULTS_CONTROL"]))
        self._engine = connect(self._settings.database_url)
        self._sender = Sender(loaded(self._settings), texts_on=False)
        self._asked = Asked(RECONCILE, "")
        build = BUILDS[os.environ["FAULTS_BUILD"]]
        self._gateway = build(harm(self._engine, self._settings, self._control, self._where))
        for what in (RECONCILE, DRAFT):
            self.run(Asked(what, ""))
        self._engine.dispose()  # no connection is shared with a round

    def run(self, asked: Asked) -> int:
        """Do one round; how many payments are unknown still."""
        self._asked = asked
        times = self._settings.times
        if asked.late:
            times, settling.STANDING_YES = replace(times, intent=0.0), timedelta()
        try:
            unknown = self._draft(times) if asked.what == DRAFT else self._reconcile(times)
        except DBAPIError:
            return 1  # its connection was lost, or somebody who is held holds the lock
        with (self._control.folder.parent / "counts-reconciler.txt").open("a") as file:
            file.writelines(f"{name}\n" for name in COUNTS)
        return unknown

    def _reconcile(self, times: Times) -> int:
        settled = settling.settle_unknown(self._engine, self._gateway, times, _now)
        return settled.unknown + settle_refunds(self._engine, self._gateway, times, _now).asked

    def _draft(self, times: Times) -> int:
        today = datetime.now(UTC).date()
        run = Run(self._engine, self._gateway, self._sender, _now, today)
        ran = draft_all(run, times, lambda done, of: None)
        return ran.waiting + ran.unknown

    def _where(self) -> tuple[str, str]:
        return self._asked.name, self._asked.what


def _now() -> datetime:
    return datetime.now(UTC)


class _Round(socketserver.StreamRequestHandler):
    reconciler: _Reconciler

    def handle(self) -> None:
        """Do one round, and say how many payments are unknown still."""
        asked = Asked(**json.loads(self.rfile.readline()))
        self.wfile.write(f"{self.reconciler.run(asked)}\n".encode())


class _Server(socketserver.ForkingMixIn, socketserver.UnixStreamServer):
    block_on_close = False
    max_children = 8


if __name__ == "__main__":
    log_to_stderr()
    _Round.reconciler = _Reconciler()
    with _Server(sys.argv[1], _Round) as server:
        server.serve_forever()

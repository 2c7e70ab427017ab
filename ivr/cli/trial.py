"""`ivr try`, which is `make call`: a whole line for one call, and nothing left running."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import click

from ivr.cli.database import one_line
from ivr.cli.phone import CALLED, complain, number, ring, telephone
from ivr.config import development_token, settings_from_environment
from ivr.errors import IvrError
from ivr.store.demo import is_empty, load_demo
from ivr.store.engine import connect
from ivr.store.schema import upgrade

CALLER = "+12025550142"
"""A demo customer whose phone matches one account, with a balance due."""
TEXT_FROM = "+18005550199"
"""So that callers are offered texts, too; none is sent, since no worker runs."""
SETTINGS = (
    *("DATABASE_URL", "PUBLIC_URL", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"),
    *("TWILIO_SIGNING_KEYS", "TWILIO_API_URL", "PIN_PEPPER", "TEXT_FROM", "PAY_CONNECTOR"),
    *("PAYMENT_GATEWAY", "SANDBOX_LEDGER", "IVR_BOOK", "IVR_BIND", "WEB_CONCURRENCY"),
    *("IVR_TIMES", "GUNICORN_CMD_ARGS"),
)
"""What describes an operator's line, which is not the one that is tried here."""
SCRIPT = "1,"
"""1 for the balance, then silence, which ends a finished call."""
START_SECONDS = 30.0


@click.command(name="try")
@click.option(
    "--from",
    "caller",
    type=number,
    metavar="NUMBER",
    default=CALLER,
    show_default=True,
    help="The caller's number.",
)
def trial(caller: str) -> None:
    """Set up a line with demo data, ring it from this terminal, and leave nothing running.

    Without a terminal a scripted balance call is played and printed. Settings in the environment
    are left aside: the line is always the one of the book, the database and the token found here.
    """
    with one_line():
        _set_up()
        port = _free_port()
        with _serving(port):
            click.echo(f"The billing line is up. You are calling it from {caller}.\n")
            url = f"http://127.0.0.1:{port}/voice"
            phone = telephone(url, development_token(), caller, CALLED)
            ring(phone, None if sys.stdin.isatty() else SCRIPT)
            complain(phone)


def _set_up() -> None:
    settings = settings_from_environment({})
    upgrade(settings.database_url)
    engine = connect(settings.database_url)
    with engine.begin() as connection:
        if is_empty(connection):
            load_demo(connection, datetime.now(UTC), settings.pin_pepper)
    engine.dispose()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _environment(port: int) -> Mapping[str, str]:
    """One worker on this port, with the settings of development: they name its token, too."""
    return {
        **{name: value for name, value in os.environ.items() if name not in SETTINGS},
        "IVR_BIND": f"127.0.0.1:{port}",
        "WEB_CONCURRENCY": "1",
        "TEXT_FROM": TEXT_FROM,
    }


@contextmanager
def _serving(port: int) -> Iterator[None]:
    """A gunicorn of our own, ended when the call is over, however it ends."""
    log = Path("var/trial.log")
    log.parent.mkdir(exist_ok=True)
    with log.open("w") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--log-level", "warning", "ivr.wsgi:app"],
            env=_environment(port),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_until_ready(server, port, log)
            yield
        finally:
            server.terminate()
            server.wait()


def _wait_until_ready(server: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        try:
            with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1):
                return
        except (URLError, TimeoutError):
            time.sleep(0.1)
    last = log.read_text().strip().splitlines()[-1:] or ["it said nothing"]
    raise IvrError(f"the line did not start; {log} ends: {last[0]}")

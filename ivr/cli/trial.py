"""`ivr try`, which is `make call`: a whole line for one call, and nothing left running."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import click

from ivr.authoring.supposing import SUPPOSED, supposed
from ivr.cli.database import one_line
from ivr.cli.phone import complain, from_option, keys_option, ring, telephone, to_option
from ivr.config import development_token, settings_from_environment
from ivr.errors import IvrError
from ivr.services.table import SERVICES
from ivr.store.demo import is_empty, load_demo
from ivr.store.engine import connect
from ivr.store.schema import upgrade

TEXT_FROM = "+18005550199"
"""So that callers are offered texts, too; none is sent, since no worker runs."""
SETTINGS = (
    *("DATABASE_URL", "PUBLIC_URL", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"),
    *("TWILIO_SIGNING_KEYS", "TWILIO_API_URL", "PIN_PEPPER", "TEXT_FROM", "PAY_CONNECTOR"),
    *("PAYMENT_GATEWAY", "SANDBOX_LEDGER", "STRIPE_API_KEY", "STRIPE_API_URL", "STRIPE_MOTO"),
    *("IVR_BOOK", "IVR_BIND", "WEB_CONCURRENCY", "IVR_TIMES", "GUNICORN_CMD_ARGS"),
)
"""What describes an operator's line, which is not the one that is tried here."""
SCRIPT = "1,"
"""1 for the balance, then silence, which ends a finished call."""
START_SECONDS = 30.0
SERVER = (
    *("--log-level", "warning", "--workers", "1", "--worker-class", "gthread", "--threads", "8"),
    "--no-control-socket",
)
"""Told outright, since gunicorn.conf.py is only found where the project is."""


@click.command(name="try")
@from_option
@to_option
@keys_option
@click.option(
    "--book",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=".",
    help="The folder of the book to try.  [default: here]",
)
@click.option(
    "--suppose",
    "replies",
    multiple=True,
    metavar="SERVICE=OUTCOME",
    help="What a service replies when it is next asked. May be given more than once.",
)
def trial(caller: str, called: str, keys: str | None, book: Path, replies: tuple[str, ...]) -> None:
    """Set up a line with demo data, ring it from this terminal, and leave nothing running.

    Without a terminal a scripted balance call is played and printed. Settings in the environment
    are left aside: the line is always the one of the book, the database and the token found here.

    With --suppose a rare call can be heard for real: --suppose balance.read=unavailable. After
    the outcome, +matched or +verified raises the caller, and :FACT,-FACT tells which yes/no facts
    are yes and which facts are left out. `ivr prove` prints such commands.
    """
    for reply in replies:
        supposed(reply, SERVICES)
    with one_line():
        _set_up()
        port = _free_port()
        with _serving(port, book, replies):
            click.echo(f"The billing line is up. You are calling it from {caller}.\n")
            url = f"http://127.0.0.1:{port}/voice"
            phone = telephone(url, development_token(), caller, called)
            script = None if sys.stdin.isatty() else SCRIPT
            ring(phone, script if keys is None else keys)
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


def _environment(book: Path, replies: Iterable[str]) -> Mapping[str, str]:
    """The settings of development, which name its token, too."""
    return {
        **{name: value for name, value in os.environ.items() if name not in SETTINGS},
        "TEXT_FROM": TEXT_FROM,
        "IVR_BOOK": str(book),
        SUPPOSED: "\n".join(replies),
    }


@contextmanager
def _serving(port: int, book: Path, replies: Collection[str]) -> Iterator[None]:
    """A gunicorn of our own, ended when the call is over, however it ends."""
    log = Path("var/trial.log")
    log.parent.mkdir(exist_ok=True)
    served = "ivr.cli.supposed:app()" if replies else "ivr.wsgi:app"
    with log.open("w") as output:
        server = subprocess.Popen(  # noqa: S603 - one of two names of our own
            [sys.executable, "-m", "gunicorn", *SERVER, "--bind", f"127.0.0.1:{port}", served],
            env=_environment(book, replies),
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

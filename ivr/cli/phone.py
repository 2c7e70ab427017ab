"""`ivr call`: ring the line from a terminal."""

import os
import sys
from datetime import datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import click
from rich.console import Console

from ivr.carrier.answers import Fingers, Script
from ivr.carrier.keyboard import Keyboard
from ivr.carrier.phone import Phone
from ivr.carrier.recording import transcript
from ivr.carrier.terminal import Terminal, write
from ivr.config import ACCOUNT_SID
from ivr.store.phones import as_e164

TOKEN_FILE = Path("var/dev_token")
WITHHELD = "anonymous"
CALLED = "+18005550199"
CALLER = "+12025550142"
"""A demo customer whose phone matches one account, with a balance due."""
REFUSED = (
    "{url} refused our signature (403): give the token it runs with in TWILIO_AUTH_TOKEN, "
    f"or start this where its {TOKEN_FILE} is"
)
NO_TOKEN = (
    f"no token to sign with: set TWILIO_AUTH_TOKEN, or start this where {TOKEN_FILE} is "
    "(make run writes it)"
)


def _url(value: str) -> str:
    """The address of a line; where it has no path, that of its webhook for a call coming in."""
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # a port or an IPv6 address that cannot be
        usable = False
    if not usable:
        raise click.ClickException(
            f'"{value}" is no http URL; write one like http://127.0.0.1:8000/voice'
        )
    return value if parts.path.strip("/") else parts._replace(path="/voice").geturl()


def number(value: str) -> str:
    """A telephone number in any form used in the United States, as E.164; or anonymous."""
    if value == WITHHELD:
        return value
    number = as_e164(value)
    if number is None:
        raise click.ClickException(
            f"{value!r} is not a telephone number; write one like 202-555-0142, or anonymous"
        )
    return number


from_option = click.option(
    "--from",
    "caller",
    type=number,
    metavar="NUMBER",
    default=CALLER,
    show_default=True,
    help="The caller's number, or anonymous.",
)
to_option = click.option(
    "--to",
    "called",
    type=number,
    metavar="NUMBER",
    default=CALLED,
    show_default=True,
    help="The dialled number.",
)
keys_option = click.option("--keys", help="Answers to play instead of typing them: 1,2,1234#")


@click.command()
@click.argument("url", type=_url, default="http://127.0.0.1:8000/voice")
@from_option
@to_option
@keys_option
@click.option("--record", type=click.Path(path_type=Path), help="Write the call as a transcript.")
def call(url: str, caller: str, called: str, keys: str | None, record: Path | None) -> None:
    """Ring the line at URL and play its words here.

    On a terminal keys are typed as on a phone: a menu key acts at once, Enter or space presses
    nothing, h hangs up. Where a sentence is recorded, Enter says it. When the line rings an
    agent, this terminal is the agent's phone too.

    In --keys commas separate answers; an empty one is silence, x hangs up, a answers an agent's
    ringing phone, and the answers after it are the agent's until the two are connected. A card or
    bank account takes one answer a field; voice says what is to be recorded. Where the
    keys run out, the caller hangs up. Without --keys and without a terminal, answers are read
    from standard input, one or more a line.
    """
    phone = telephone(url, _token(), caller, called, os.environ.get("TWILIO_ACCOUNT_SID"))
    ring(phone, keys)
    if record is not None:
        _record(record, transcript(caller, called, phone.heard))
    complain(phone)


def telephone(url: str, token: str, caller: str, called: str, account: str | None = None) -> Phone:
    """A telephone whose calls are signed with `token` and come from `account`."""
    today = datetime.now().astimezone().date()
    return Phone(url, token, caller, called, today, account_sid=account or ACCOUNT_SID)


def ring(phone: Phone, keys: str | None) -> None:
    """Play one call with keys typed by hand, or those given, or those on standard input."""
    console = Console(highlight=False)
    if keys is None and sys.stdin.isatty():
        _by_hand(phone, console)
    else:
        answers = sys.stdin.read().replace("\n", ",").rstrip(",") if keys is None else keys
        _play(phone, Terminal(console, Script(answers.split(",") if answers else [])))


def _by_hand(phone: Phone, console: Console) -> None:
    with Keyboard() as keyboard:
        fingers = Fingers(keyboard.key, partial(write, console))
        _play(phone, Terminal(console, fingers, echoed=True))


def _play(phone: Phone, terminal: Terminal) -> None:
    terminal.attach(phone)
    phone.dial()
    _check_reached(phone)
    terminal.play()


def _check_reached(phone: Phone) -> None:
    """Say what to do where the line was never reached, instead of playing an apology."""
    first = phone.errors[0] if phone.errors else None
    if first is None or first.url != phone.url:
        return
    if first.status == 403:
        raise click.ClickException(REFUSED.format(url=phone.url))
    if first.code == 11205:
        raise click.ClickException(f"nothing answers at {phone.url}; start it with make run")


def _token() -> str:
    """The token the line checks signatures with; the first, where two are being rotated."""
    token = os.environ.get("TWILIO_AUTH_TOKEN", "").partition(",")[0].strip()
    if token:
        return token
    try:
        token = TOKEN_FILE.read_text(encoding="utf-8").strip()
    except OSError:
        token = ""
    if not token:
        raise click.ClickException(NO_TOKEN)
    return token


def _record(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as failed:
        raise click.ClickException(f"cannot write {path}: {failed.strerror}") from failed


def complain(phone: Phone) -> None:
    """Say what the carrier's debugger would: warnings on stderr, errors with exit code 1 too."""
    for alert in phone.warnings:
        click.echo(f"warning {alert.code}: {alert.text} ({alert.url})", err=True)
    for alert in phone.errors:
        click.echo(f"error {alert.code}: {alert.text} ({alert.url})", err=True)
    if phone.errors:
        sys.exit(1)

"""`ivr accounts`: what comes from billing and goes back, PINs and their locks."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TimeRemainingColumn
from sqlalchemy import Connection, Engine, select

from ivr.cli.database import looking, opened, writing
from ivr.store import pins
from ivr.store.columns import BY_NAME
from ivr.store.exports import export_accounts
from ivr.store.imports import import_accounts
from ivr.store.merging import finish_import
from ivr.store.rows import Progress as Told
from ivr.store.tables import accounts as table

file_argument = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))


@click.group()
def accounts() -> None:
    """Customers' accounts."""


@accounts.command("import")
@file_argument
def import_(file: Path) -> None:
    """Add or update the accounts in FILE, all of them or, where a row is bad, none."""
    with opened() as (engine, settings):
        finish_earlier(engine)
        with _bar(file) as told:
            done = import_accounts(engine, file, datetime.now(UTC), settings.pin_pepper, told)
    click.echo(f"{done.added} accounts added, {done.updated} updated")


def finish_earlier(engine: Engine) -> None:
    """Finish an import that was broken off while it merged, and say so."""
    if earlier := finish_import(engine):
        counts = f"{earlier.added} accounts added, {earlier.updated} updated"
        click.echo(f"an import that was broken off is finished: {counts}", err=True)


@contextmanager
def _bar(file: Path) -> Iterator[Told | None]:
    """A bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty() or not file.exists():
        yield None
        return
    columns = (BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=file.stat().st_size)
        yield lambda read: progress.update(task, completed=read)


@accounts.command("export")
@file_argument
def export(file: Path) -> None:
    """Write every account to FILE, in the columns an import reads. Never a PIN."""
    with looking() as connection:
        count = export_accounts(connection, file)
    click.echo(f"{count} accounts written to {file}")


@accounts.command()
@click.argument("number")
def unlock(number: str) -> None:
    """End the PIN lock of account NUMBER."""
    with writing() as connection:
        if not pins.unlock(connection, _account(connection, number)):
            raise click.ClickException(f"account {number} has no PIN; set one: ivr accounts pin")
    click.echo(f"account {number} is unlocked")


@accounts.command()
@click.argument("number")
@click.option("--clear", is_flag=True, help="Ask for nothing and take the PIN away.")
def pin(number: str, clear: bool) -> None:
    """Set the PIN of account NUMBER, which is asked for; an empty answer or --clear takes it away.

    On a terminal it is asked for twice. Without one it is a line of standard input, and a second
    line, where there is one, must be the same.
    """
    with opened() as (engine, settings):
        with engine.begin() as connection:
            account = _account(connection, number)
        asked = "" if clear else _asked()
        stored = pins.hash_pin(asked, settings.pin_pepper) if asked else None
        with engine.begin() as connection:
            if stored:
                pins.set_pin(connection, account, stored)
            else:
                pins.clear_pin(connection, account)
    click.echo(f"the PIN of account {number} is {'set' if stored else 'cleared'}")


def _asked() -> str:
    """The PIN, or nothing where it was answered with nothing."""
    typed = _typed() if sys.stdin.isatty() else _piped()
    try:
        return str(BY_NAME["pin"].parse(typed)) if typed else ""
    except ValueError as error:
        raise click.ClickException(f"a PIN {error}") from error


def _typed() -> str:
    question = "New PIN, 4 to 8 digits (nothing takes it away)"
    return str(
        click.prompt(
            question, hide_input=True, confirmation_prompt=True, default="", show_default=False
        )
    ).strip()


def _piped() -> str:
    first, second = sys.stdin.readline(), sys.stdin.readline()
    if not first:
        raise click.ClickException("no PIN was given; nothing was changed")
    if second and second.strip() != first.strip():
        raise click.ClickException("the two PINs differ; nothing was changed")
    return first.strip()


def _account(connection: Connection, number: str) -> int:
    found = connection.scalar(select(table.c.id).where(table.c.number == number))
    if found is None:
        raise click.ClickException(f"there is no account {number}")
    return int(found)

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
def pin(number: str) -> None:
    """Set the PIN of account NUMBER, or clear it with an empty answer. It is asked for."""
    with opened() as (engine, settings):
        with engine.begin() as connection:
            account = _account(connection, number)
        typed = _ask()
        stored = pins.hash_pin(typed, settings.pin_pepper) if typed else None
        with engine.begin() as connection:
            if stored:
                pins.set_pin(connection, account, stored)
            else:
                pins.clear_pin(connection, account)
    click.echo(f"the PIN of account {number} is {'set' if stored else 'cleared'}")


def _ask() -> str:
    """Asked twice on a terminal, unseen; from a pipe it is the first line."""
    if sys.stdin.isatty():
        typed = click.prompt(
            "New PIN, 4 to 8 digits (empty clears it)",
            default="",
            show_default=False,
            hide_input=True,
            confirmation_prompt=True,
        )
    else:
        typed = sys.stdin.readline()
    return _checked(str(typed).strip())


def _checked(typed: str) -> str:
    try:
        return str(BY_NAME["pin"].parse(typed)) if typed else ""
    except ValueError as error:
        raise click.ClickException(f"a PIN {error}") from error


def _account(connection: Connection, number: str) -> int:
    found = connection.scalar(select(table.c.id).where(table.c.number == number))
    if found is None:
        raise click.ClickException(f"there is no account {number}")
    return int(found)

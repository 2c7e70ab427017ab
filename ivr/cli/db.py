"""`ivr db`: migrations and demo data."""

from datetime import UTC, datetime

import click

from ivr.cli.accounts import finish_earlier
from ivr.cli.database import one_line, opened
from ivr.cli.output import as_json, print_rows
from ivr.config import settings_from_environment
from ivr.store.demo import is_empty, load_demo
from ivr.store.demo_cases import CASES
from ivr.store.schema import upgrade as migrate


@click.group()
def db() -> None:
    """The database at DATABASE_URL."""


@db.command()
def upgrade() -> None:
    """Migrate it to the newest schema, and finish an import of accounts that was broken off.

    Nothing happens where there is nothing to do.
    """
    with one_line():
        migrate(settings_from_environment().database_url)
    with opened() as (engine, _):
        finish_earlier(engine)
    click.echo("the database is up to date")


@db.command()
@click.option("--if-empty", is_flag=True, help="Do nothing where there are accounts already.")
@click.option("--list", "listed", is_flag=True, help="Only print who is in it and their PINs.")
@as_json
def demo(if_empty: bool, listed: bool, json_wanted: bool) -> None:
    """Load nearly fifty made-up accounts, two outages and three agents into an empty database."""
    if listed:
        print_rows([_shown(at) for at in range(len(CASES))], json_wanted, "")
        return
    with opened() as (engine, settings), engine.begin() as connection:
        if if_empty and not is_empty(connection):
            return
        count = load_demo(connection, datetime.now(UTC), settings.pin_pepper)
    click.echo(f"{count} demo accounts; ivr db demo --list says who they are")


def _shown(at: int) -> dict[str, str]:
    case = CASES[at]
    return {
        "call_from": case.phone or "-",
        "account": case.number,
        "zip": case.zip,
        "pin": case.pin or "-",
        "case": case.case,
    }

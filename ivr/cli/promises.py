"""`ivr promises`: who promised to pay by when, for those who collect."""

from datetime import UTC, datetime

import click

from ivr.cli.book import zone
from ivr.cli.database import opened
from ivr.cli.output import as_json, print_rows
from ivr.store import promises as store
from ivr.store.columns import dollars
from ivr.store.engine import reading
from ivr.store.promises import Listed, State


@click.group()
def promises() -> None:
    """Promises to pay later, made by phone."""


@promises.command("list")
@click.option("--all", "everything", is_flag=True, help="Kept and broken ones, too.")
@as_json
def list_(everything: bool, json_wanted: bool) -> None:
    """Who promised how much by which day, the soonest first, and what was paid by phone since.

    One is kept when all of it was paid by the end of its day, or when nothing is past due any more.
    """
    with opened() as (engine, settings), reading(engine) as connection:
        found = store.every(connection, zone(settings), datetime.now(UTC))
    shown = [one for one in found if everything or one.state is State.OPEN]
    nobody = "nobody made a promise" if everything else "no promise is open"
    print_rows([_row(one) for one in shown], json_wanted, nobody)


def _row(one: Listed) -> dict[str, object]:
    return {
        "account": one.number,
        "name": one.name,
        "amount": dollars(one.promise.amount_cents),
        "by": one.promise.due,
        "state": one.state.value,
        "paid": dollars(one.promise.paid_cents),
        "confirmation": one.promise.confirmation,
        "made": one.promise.made_at,
    }

"""`ivr autopay`: announces and takes what customers have AutoPay pay."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from ivr.cli.book import loaded
from ivr.cli.database import looking, opened
from ivr.cli.output import as_json, print_rows
from ivr.config import Settings
from ivr.gateways.chosen import payment_gateway
from ivr.services.announcing import Sender
from ivr.services.drafting import Progress, Ran, draft_all
from ivr.services.taking import Run
from ivr.store.columns import dollars
from ivr.store.drafts import Listed, listed

FARTHEST = timedelta(days=366)
"""How far from today a run may be: whoever means a later day has mistyped the year."""


@click.group()
def autopay() -> None:
    """AutoPay, as callers enrol in it by phone."""


@autopay.command()
@click.option(
    "--date",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="The day to do it for; today at the line's place, if not given.",
)
@as_json
def run(day: datetime | None, json_wanted: bool) -> None:
    """Announce the bills that AutoPay will take, and take what was announced for the day.

    May be run any number of times a day, also at once, and killed at any point: every bill is
    charged once. What has no answer yet is left to the next run or to `ivr worker`; then it exits
    with 1.
    """
    with opened() as (engine, settings):
        sender = _sender(settings)
        today = datetime.now(sender.zone).date()
        chosen = day.date() if day else today
        if chosen > today + FARTHEST:
            raise click.BadParameter(f"{chosen} is more than a year from now", param_hint="--date")
        it = Run(engine, payment_gateway(settings), sender, lambda: datetime.now(UTC), chosen)
        with _bar() as progress:
            done = draft_all(it, settings.times, progress)
    print_rows([{"date": chosen, **asdict(done)}], json_wanted, "")
    if done.waiting or done.unknown:
        raise click.ClickException(_left(done))


@autopay.command("list")
@as_json
def list_(json_wanted: bool) -> None:
    """Who is enrolled, and what is taken next; `notice` is owed where no text could be sent."""
    with looking() as connection:
        rows = [_row(one) for one in listed(connection)]
    print_rows(rows, json_wanted, "nobody is enrolled in AutoPay")


def _sender(settings: Settings) -> Sender:
    return Sender(loaded(settings), texts_on=settings.text_from is not None)


def _row(one: Listed) -> dict[str, object]:
    return {
        "account_number": one.account,
        "method": one.method,
        "enrolled_at": one.enrolled_at,
        "amount": None if one.amount_cents is None else dollars(one.amount_cents),
        "take_on": one.take_on,
        "notice": one.notice,
    }


def _left(done: Ran) -> str:
    count = done.waiting + done.unknown
    are = "payment has" if count == 1 else "payments have"
    return f"{count} {are} no answer from the gateway yet; run this again in a minute"


@contextmanager
def _bar() -> Iterator[Progress]:
    """A bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)

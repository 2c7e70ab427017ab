"""`ivr payments`: what the line took, for billing."""

from dataclasses import asdict
from datetime import UTC, datetime, tzinfo
from pathlib import Path

import click

from ivr.authoring import payment_states
from ivr.authoring.map import fresh
from ivr.cli.book import zone
from ivr.cli.database import looking, opened, writing
from ivr.cli.output import as_json, print_rows
from ivr.config import settings_from_environment
from ivr.gateways.chosen import payment_gateway
from ivr.services.refunding import Settled as Refunds
from ivr.services.refunding import settle_refunds
from ivr.services.settling import Settled, settle_unknown
from ivr.store.exports import export_payments
from ivr.store.posting import post_payments

PAGE = click.Path(path_type=Path, dir_okay=False)


@click.group()
def payments() -> None:
    """Payments taken by phone."""


@payments.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(file: Path) -> None:
    """Write every payment to FILE, oldest first, whatever became of it."""
    with looking() as connection:
        count = export_payments(connection, file)
    click.echo(f"{count} payments written to {file}")


def _place() -> tzinfo:
    return zone(settings_from_environment())


@payments.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def update(file: Path) -> None:
    """Take from FILE what became of payments: confirmation, status, date.

    A status is posted, returned or refunded. All rows are taken or, where one is bad, none; a row
    that was taken before changes nothing. A date without a time is the end of that day, in the zone
    of the book's hours.
    """
    with writing() as connection:
        done = post_payments(connection, file, _now(), _place)
    click.echo(f"{done.updated} payments updated, {done.known} known before")


@payments.command()
@as_json
def reconcile(json_wanted: bool) -> None:
    """Ask the gateway about every payment whose end is unknown; fails while any is left."""
    with opened() as (engine, settings):
        gateway, times = payment_gateway(settings), settings.times
        settled = settle_unknown(engine, gateway, times, _now)
        refunds = settle_refunds(engine, gateway, times, _now)
    going = {"refunded": refunds.refunded, "refunds_unknown": refunds.asked}
    print_rows([{**asdict(settled), **going}], json_wanted, "")
    if left := _left(settled, refunds):
        raise click.ClickException(f"{left}; run this again in a minute")


@payments.command()
@click.option("--write", metavar="FILE", type=PAGE, help="Put the picture into a Markdown page.")
@click.option("--check", metavar="FILE", type=PAGE, help="Exit with 1 if FILE has an old picture.")
@click.pass_context
def states(context: click.Context, write: Path | None, check: Path | None) -> None:
    """Draw what may become of a payment, as a Mermaid state diagram.

    In a page it stands between the lines that hold only <!-- state diagram: begin --> and
    <!-- state diagram: end -->.
    """
    text, what = payment_states.mermaid(), payment_states.TITLE
    if check and not fresh.is_fresh(check, text, what):
        mend = f"ivr payments states --write {check}"
        click.echo(f"ivr: {check} has an old {what}; run: {mend}", err=True)
        context.exit(1)
    if write:
        fresh.write(write, text, what)
    if not (check or write):
        click.echo(text, nl=False)


def _now() -> datetime:
    return datetime.now(UTC)


def _left(settled: Settled, refunds: Refunds) -> str:
    """What is unknown still, in words; empty where nothing is."""
    told = []
    if settled.unknown:
        since = f"{settled.since:%Y-%m-%d %H:%M} UTC" if settled.since else "now"
        are = "payment is" if settled.unknown == 1 else "payments are"
        told.append(f"{settled.unknown} {are} still unknown, since {since}")
    if refunds.asked:
        are = "payment is" if refunds.asked == 1 else "payments are"
        told.append(f"{refunds.asked} {are} still being given back")
    return "; ".join(told)

"""`ivr outages`: the network desk's side of what callers hear about outages."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, tzinfo

import click

from ivr.cli.book import loaded, zone
from ivr.cli.database import one_line, opened, writing
from ivr.cli.output import as_json, print_rows
from ivr.config import Settings, settings_from_environment
from ivr.errors import BookError
from ivr.prompts.values import Text
from ivr.services import incidents
from ivr.services.spoken import TEXT_RESTORED
from ivr.store.columns import moment, services
from ivr.store.engine import reading

incident_argument = click.argument("incident", metavar="ID", type=int)


def _eta(ctx: click.Context, param: click.Parameter, value: str | None) -> datetime | None:
    try:
        return None if value is None else moment(value, _desk)
    except ValueError as error:
        raise click.BadParameter(f'"{value}" {error}') from error


def _desk() -> tzinfo:
    with one_line():
        return zone(settings_from_environment())


def _nodes(ctx: click.Context, param: click.Parameter, value: str | None) -> list[str] | None:
    if value is None:
        return None
    found = [node.strip() for node in value.split(",") if node.strip()]
    if not found:
        raise click.BadParameter("name at least one, like N12,N13")
    return found


def _services(ctx: click.Context, param: click.Parameter, value: str | None) -> list[str] | None:
    if value is None:
        return None
    try:
        found = services(value.replace(",", ";"))
    except ValueError as error:
        raise click.BadParameter(str(error).replace("joined by ;", "joined by commas")) from error
    if not found:
        raise click.BadParameter("name at least one, like internet,tv")
    return found.split(";")


@click.group()
def outages() -> None:
    """Outages, as callers hear of them."""


@outages.command("open")
@click.option("--node", "nodes", required=True, callback=_nodes, help="N12[,N13]")
@click.option("--services", "out", required=True, callback=_services, help="internet,tv")
@click.option("--eta", callback=_eta, metavar="ISO-TIME", help="When it will be fixed.")
@click.option("--cause", help="What happened, for the desk.")
def open_(nodes: list[str], out: list[str], eta: datetime | None, cause: str | None) -> None:
    """Open a confirmed outage and print its id.

    A time without an offset is local time in the zone of the book's hours.
    """
    with writing() as connection:
        now = datetime.now(UTC)
        incident = incidents.open_incident(connection, nodes, out, now, cause=cause, eta=eta)
    click.echo(incident)


@outages.command()
@incident_argument
@click.option("--node", "nodes", callback=_nodes, help="All nodes it covers now.")
@click.option("--services", "out", callback=_services, help="All services that are out now.")
@click.option("--eta", callback=_eta, metavar="ISO-TIME", help="When it will be fixed.")
@click.option("--no-eta", is_flag=True, help="Nobody knows when any more.")
@click.option("--cause", help="What happened, for the desk.")
def update(
    incident: int,
    nodes: list[str] | None,
    out: list[str] | None,
    eta: datetime | None,
    no_eta: bool,
    cause: str | None,
) -> None:
    """Write down what is new about an open outage."""
    change = incidents.Change(nodes=nodes, services=out, cause=cause, eta=eta, no_eta=no_eta)
    if change == incidents.Change() or (eta and no_eta):
        raise click.UsageError("say what changed: --node, --services, --cause, --eta or --no-eta")
    with writing() as connection:
        incidents.update_incident(connection, incident, datetime.now(UTC), change)
    click.echo(f"outage {incident} is updated")


@outages.command()
@incident_argument
def close(incident: int) -> None:
    """Service is back: end an outage and text those who asked to be told."""
    with opened() as (engine, settings):
        say, language = words(settings)
        with engine.begin() as connection:
            now = datetime.now(UTC)
            owed = incidents.close_incident(connection, incident, now, say, language)
    click.echo(f"outage {incident} is closed; texts to send: {owed}")


@outages.command()
@incident_argument
def confirm(incident: int) -> None:
    """Let callers hear of a suspected outage."""
    with writing() as connection:
        incidents.confirm_incident(connection, incident, datetime.now(UTC))
    click.echo(f"outage {incident} is confirmed")


@outages.command()
@incident_argument
def reject(incident: int) -> None:
    """A suspected outage that is none; its reports stay open."""
    with writing() as connection:
        incidents.reject_incident(connection, incident, datetime.now(UTC))
    click.echo(f"outage {incident} is rejected")


@outages.command("list")
@click.option("--all", "everything", is_flag=True, help="Closed and rejected ones too.")
@as_json
def list_(everything: bool, json_wanted: bool) -> None:
    """Suspected and confirmed outages, newest first."""
    with opened() as (engine, settings):
        with reading(engine) as connection:
            found = incidents.list_incidents(connection, everything=everything)
        place = None if json_wanted else _place(settings)
    rows = [asdict(incident) for incident in found]
    print_rows(rows, json_wanted, "no open outages", place)


def _place(settings: Settings) -> tzinfo | None:
    """The desk's zone; with a broken book outages are still listed, in this machine's."""
    try:
        return zone(settings)
    except BookError:
        return None


def words(settings: Settings) -> tuple[Callable[[str], str], str]:
    """How the book says that service is back, by language, and the language it begins in."""
    book = loaded(settings)

    def say(language: str) -> str:
        known = language if language in book.languages else book.languages[0]
        return book.catalogue.text(TEXT_RESTORED, known, {"company": Text(book.company)})

    return say, book.languages[0]

"""`ivr restores`: whose service is to be turned on again, for the network desk."""

from dataclasses import asdict
from datetime import UTC, datetime

import click

from ivr.cli.database import looking, writing
from ivr.cli.output import as_json, print_rows
from ivr.store import restores as store
from ivr.store.restores import Restore


@click.group()
def restores() -> None:
    """Suspended accounts that paid, and wait for their service."""


@restores.command("list")
@click.option("--all", "everything", is_flag=True, help="Those done and those withdrawn, too.")
@as_json
def list_(everything: bool, json_wanted: bool) -> None:
    """Whose service is to be turned on again, longest waiting first."""
    with looking() as connection:
        found = store.every(connection, done_too=everything)
    rows = [_row(one, everything) for one in found]
    print_rows(rows, json_wanted, "nobody waits for service")


def _row(one: Restore, everything: bool) -> dict[str, object]:
    row = asdict(one)
    account, asked = row.pop("number"), row.pop("asked_at")
    ended = {name: row.pop(f"{name}_at") for name in ("done", "withdrawn")}
    shown = ended if everything else {}
    return {"id": row.pop("id"), "account": account, **row, "since": asked, **shown}


@restores.command()
@click.argument("request", metavar="ID", type=int)
def done(request: int) -> None:
    """Write down that the service of request ID is on again."""
    with writing() as connection:
        closed = store.done(connection, request, datetime.now(UTC))
    match closed:
        case "unknown":
            unknown = f"there is no request {request}; ivr restores list shows them"
            raise click.ClickException(unknown)
        case "withdrawn":
            gone = f"request {request} was withdrawn, since its payment went back"
            raise click.ClickException(f"{gone}: its service is not paid for")
        case "done":
            click.echo(f"request {request} is done")
        case "done-before":
            click.echo(f"request {request} was done before")

"""`ivr agents`: who is there to talk to callers."""

import re
from collections.abc import Collection
from datetime import UTC, datetime

import click
from sqlalchemy import Connection, delete, insert, or_, select, text, update

from ivr.cli.book import loaded
from ivr.cli.database import looking, opened, writing
from ivr.cli.output import as_json, print_rows
from ivr.dialog.phones import us_phone
from ivr.flows.model import Book
from ivr.store.tables import LIVE_OFFER, offers
from ivr.store.tables import agents as table

WORD = re.compile("[a-z][a-z0-9-]*")
LANGUAGE = re.compile("[a-z]{2}")


def _words(pattern: re.Pattern[str], like: str, value: str) -> str:
    found = [word.strip() for word in value.split(",")]
    if not all(pattern.fullmatch(word) for word in found):
        raise click.BadParameter(f'"{value}" must read like {like}')
    return ";".join(dict.fromkeys(found))


def _name(ctx: click.Context, param: click.Parameter, value: str) -> str:
    if not value.strip():
        raise click.BadParameter("must not be empty")
    return value.strip()


def _queues(ctx: click.Context, param: click.Parameter, value: str) -> str:
    return _words(WORD, "billing,repair", value)


def _languages(ctx: click.Context, param: click.Parameter, value: str) -> str:
    return _words(LANGUAGE, "en,es", value)


def _phone(ctx: click.Context, param: click.Parameter, value: str) -> str:
    number = us_phone(value)
    if not number:
        raise click.BadParameter(f'"{value}" must be a US number, fixed or mobile')
    return number


@click.group()
def agents() -> None:
    """People who take calls."""


@agents.command()
@click.argument("name", callback=_name)
@click.argument("phone", callback=_phone)
@click.option("--queue", "queues", required=True, callback=_queues, help="billing[,repair]")
@click.option("--language", "languages", default="en", callback=_languages, help="en,es")
def add(name: str, phone: str, queues: str, languages: str) -> None:
    """Add an agent, ready for calls at once. The book must know the queues and the languages."""
    row = {"name": name, "phone": phone, "queues": queues, "languages": languages}
    with opened() as (engine, settings):
        _check_known(loaded(settings), queues, languages)
        with engine.begin() as connection:
            _check_new(connection, name, phone)
            ready = insert(table).values(state="ready", changed_at=datetime.now(UTC), **row)
            connection.execute(ready)
    click.echo(f"{name} is ready at {phone}")


def _check_known(book: Book, queues: str, languages: str) -> None:
    _check_words(queues, book.hours.week, 'queue "{}" under hours')
    _check_words(languages, book.languages, 'language "{}"')


def _check_words(words: str, known: Collection[str], what: str) -> None:
    for word in words.split(";"):
        if word not in known:
            having = ", ".join(known) or "none"
            raise click.ClickException(f"the book has no {what.format(word)}; it has: {having}")


def _check_new(connection: Connection, name: str, phone: str) -> None:
    taken = select(table.c.name, table.c.phone).where(
        or_(table.c.name == name, table.c.phone == phone)
    )
    for other in connection.execute(taken):
        if other.name == name:
            raise click.ClickException(f"there is an agent {name} already")
        raise click.ClickException(f"{phone} is the phone of agent {other.name} already")


@agents.command("list")
@as_json
def list_(json_wanted: bool) -> None:
    """Every agent and whether calls reach them."""
    with looking() as connection:
        found = connection.execute(select(table).order_by(table.c.name)).all()
    rows = [
        {
            "name": row.name,
            "phone": row.phone,
            "state": row.state,
            "queues": row.queues.split(";"),
            "languages": row.languages.split(";"),
            "since": row.changed_at,
        }
        for row in found
    ]
    print_rows(rows, json_wanted, "no agents; add one: ivr agents add NAME PHONE --queue billing")


@agents.command()
@click.argument("name")
@click.argument("state", type=click.Choice(["ready", "away"]))
def state(name: str, state: str) -> None:
    """Say whether calls reach an agent."""
    with writing() as connection:
        agent = _agent(connection, name)
        changed = update(table).where(table.c.id == agent)
        connection.execute(changed.values(state=state, changed_at=datetime.now(UTC)))
    click.echo(f"{name} is {state}")


@agents.command()
@click.argument("name")
def remove(name: str) -> None:
    """Remove an agent; the calls they took stay on record without a name."""
    with writing() as connection:
        agent = _agent(connection, name)
        live = select(offers.c.id).where(offers.c.agent_id == agent, text(LIVE_OFFER))
        if connection.scalar(live) is not None:
            refused = f"{name} is on a call; first: ivr agents state {name} away"
            raise click.ClickException(refused)
        connection.execute(delete(table).where(table.c.id == agent))
    click.echo(f"{name} is removed")


def _agent(connection: Connection, name: str) -> int:
    # Locked, so that no call is offered to an agent who is being removed.
    found = connection.scalar(select(table.c.id).where(table.c.name == name).with_for_update())
    if found is None:
        raise click.ClickException(f"there is no agent {name}; ivr agents list shows them")
    return int(found)

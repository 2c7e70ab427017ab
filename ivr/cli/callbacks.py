"""`ivr callbacks`: who is owed a call."""

from datetime import UTC, datetime

import click
from sqlalchemy import select, update

from ivr.cli.database import looking, writing
from ivr.cli.output import as_json, print_rows
from ivr.store.tables import accounts
from ivr.store.tables import callbacks as table


@click.group()
def callbacks() -> None:
    """Callers we promised to call back."""


@callbacks.command("list")
@click.option("--all", "everything", is_flag=True, help="Those already called, too.")
@as_json
def list_(everything: bool, json_wanted: bool) -> None:
    """Who is owed a call, since when and about what, longest waiting first."""
    with looking() as connection:
        query = select(table, accounts.c.number.label("account"), accounts.c.name)
        query = query.outerjoin(accounts, accounts.c.id == table.c.account_id)
        if not everything:
            query = query.where(table.c.done_at.is_(None))
        found = connection.execute(query.order_by(table.c.created_at, table.c.id)).all()
    rows = [
        {
            "id": row.id,
            "number": row.number,
            "account": row.account,
            "name": row.name,
            "since": row.created_at,
            "queue": row.queue,
            "reason": row.reason,
            "language": row.language,
            "no_key_pressed": row.no_key,
            **({"done": row.done_at} if everything else {}),
        }
        for row in found
    ]
    print_rows(rows, json_wanted, "nobody is owed a call")


@callbacks.command()
@click.argument("callback", metavar="ID", type=int)
def done(callback: int) -> None:
    """Write down that callback ID was made."""
    with writing() as connection:
        mine = update(table).where(table.c.id == callback, table.c.done_at.is_(None))
        if connection.execute(mine.values(done_at=datetime.now(UTC))).rowcount:
            click.echo(f"callback {callback} is done")
        elif connection.scalar(select(table.c.id).where(table.c.id == callback)) is None:
            unknown = f"there is no callback {callback}; ivr callbacks list shows them"
            raise click.ClickException(unknown)
        else:
            click.echo(f"callback {callback} was done before")

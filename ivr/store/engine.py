"""Opens the database and says how its transactions begin and end.

The carrier gives a webhook 15 s (https://www.twilio.com/docs/usage/webhooks), so whatever the
database cannot do within about 4 s fails here, while there is still time to say so.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from ivr.errors import StoreError
from ivr.store.sqlite import DRIVER, SqliteConnection

PATIENCE_MS = 4000
POOL = 16  # more than the threads one worker serves calls with


def connect(url: str, *, hurried: bool = False, patience_ms: int = PATIENCE_MS) -> Engine:
    """An engine for a SQLite or PostgreSQL URL; nothing is opened yet.

    With `hurried`, for callers' turns, PostgreSQL's commits do not wait for the disk unless they
    are `durable`. `patience_ms` is how long a transaction of SQLite waits for another writer.
    Raises `StoreError` where the URL names neither database.
    """
    try:
        parts = make_url(url)
        if parts.get_backend_name() == "sqlite":
            return _sqlite(parts, patience_ms)
        if parts.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
            return _postgresql(parts.set(drivername="postgresql+psycopg"), hurried)
    except (ArgumentError, NoSuchModuleError):
        pass  # said below: the URL itself may hold a password
    raise StoreError("DATABASE_URL must read sqlite:///FILE or postgresql://USER@HOST/NAME")


def _sqlite(url: URL, patience_ms: int) -> Engine:
    if url.database and url.database != ":memory:":
        _make_folder(Path(url.database))
    engine = create_engine(
        url.set(drivername=DRIVER),
        pool_timeout=PATIENCE_MS / 1000,
        connect_args={"factory": SqliteConnection},
        **_pool(url),
    )
    event.listen(engine, "connect", lambda driver, entry: driver.prepare(patience_ms))
    return engine


def _pool(url: URL) -> dict[str, int]:
    return {"pool_size": POOL} if url.database and url.database != ":memory:" else {}


def _make_folder(file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"cannot make the folder {file.parent}: {error.strerror}") from error


def _postgresql(url: URL, hurried: bool) -> Engine:
    # A turn does without the ping before each transaction: where its connection was closed
    # meanwhile, it tries once more (switchboard/exchange.py).
    options = f"-c statement_timeout={PATIENCE_MS}"
    return create_engine(
        url,
        pool_size=POOL,
        max_overflow=0,
        pool_timeout=PATIENCE_MS / 1000,
        pool_pre_ping=not hurried,
        connect_args={
            "connect_timeout": PATIENCE_MS // 1000,
            "tcp_user_timeout": PATIENCE_MS,
            "options": f"{options} -c synchronous_commit=off" if hurried else options,
        },
    )


def durable(connection: Connection) -> None:
    """Make the commit of the transaction under way survive a power loss.

    For a payment's intent and its result, at any point before the commit. SQLite in WAL mode with
    synchronous=NORMAL may lose the newest commits (https://www.sqlite.org/pragma.html#pragma_synchronous)
    and refuses to change that inside a transaction, where we learn that money is about to move.
    So after the commit the WAL file is flushed, which is all that synchronous=FULL adds.
    PostgreSQL, which for other turns may lose the last half second too, is told to wait.
    """
    if connection.dialect.name == "sqlite":
        _driver(connection).is_durable = True
    else:
        connection.exec_driver_sql("SET LOCAL synchronous_commit = on")


def unhurried(connection: Connection) -> None:
    """Let this transaction's statements take as long as they need: imports, migrations."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes nothing, and on SQLite keeps no writer waiting."""
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            _driver(connection).is_reading = True
        with connection.begin():
            yield connection


def _driver(connection: Connection) -> SqliteConnection:
    return cast(SqliteConnection, connection.connection.driver_connection)

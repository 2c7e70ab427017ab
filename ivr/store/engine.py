"""Opens the database and says how its transactions begin and end.

The carrier gives a webhook 15 s (https://www.twilio.com/docs/usage/webhooks), so whatever the
database cannot do within about 4 s fails here, while there is still time to say so.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry

from ivr.errors import StoreError

PATIENCE_MS = 4000
SQLITE_PATIENCE_MS = 5000
POOL = 16  # more than the threads one worker serves calls with


def connect(url: str) -> Engine:
    """An engine for a SQLite or PostgreSQL URL; nothing is opened yet.

    Raises `StoreError` where the URL names neither.
    """
    try:
        parts = make_url(url)
        if parts.get_backend_name() == "sqlite":
            return _sqlite(parts)
        if parts.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
            return _postgresql(parts.set(drivername="postgresql+psycopg"))
    except (ArgumentError, NoSuchModuleError):
        pass  # said below: the URL itself may hold a password
    raise StoreError("DATABASE_URL must read sqlite:///FILE or postgresql://USER@HOST/NAME")


def _sqlite(url: URL) -> Engine:
    if url.database and url.database != ":memory:":
        _make_folder(Path(url.database))
    engine = create_engine(url, pool_timeout=PATIENCE_MS / 1000, **_pool(url))
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    event.listen(engine, "commit", _commit_sqlite)
    event.listen(engine, "rollback", _forget_durable)
    return engine


def _pool(url: URL) -> dict[str, int]:
    return {"pool_size": POOL} if url.database and url.database != ":memory:" else {}


def _make_folder(file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"cannot make the folder {file.parent}: {error.strerror}") from error


def _prepare_sqlite(driver: sqlite3.Connection, entry: ConnectionPoolEntry) -> None:
    # The driver's own BEGIN is deferred, and a deferred read that turns into a write fails at
    # once, whatever the timeout: so the driver begins nothing and `_begin_sqlite` does.
    driver.isolation_level = None
    driver.execute(f"PRAGMA busy_timeout = {SQLITE_PATIENCE_MS}")
    (mode,) = driver.execute("PRAGMA journal_mode = WAL").fetchone()
    driver.execute("PRAGMA foreign_keys = ON")
    driver.execute(f"PRAGMA synchronous = {'NORMAL' if mode == 'wal' else 'FULL'}")
    if mode == "wal":
        (_, _, file) = driver.execute("PRAGMA database_list").fetchone()
        entry.info["wal"] = f"{file}-wal"


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _commit_sqlite(connection: Connection) -> None:
    if connection.info.pop("durable", False) and "wal" in connection.info:
        connection.connection.commit()  # the commit that follows this event finds nothing to do
        _flush(connection.info["wal"])


def _flush(path: str) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _forget_durable(connection: Connection) -> None:
    connection.info.pop("durable", None)


def _postgresql(url: URL) -> Engine:
    return create_engine(
        url,
        pool_size=POOL,
        max_overflow=0,
        pool_timeout=PATIENCE_MS / 1000,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": PATIENCE_MS // 1000,
            "tcp_user_timeout": PATIENCE_MS,
            "options": f"-c statement_timeout={PATIENCE_MS}",
        },
    )


def durable(connection: Connection) -> None:
    """Make the commit of the transaction under way survive a power loss.

    For a payment's intent and its result, at any point before the commit. SQLite in WAL mode with
    synchronous=NORMAL may lose the newest commits (https://www.sqlite.org/pragma.html#pragma_synchronous)
    and refuses to change that inside a transaction, where we learn that money is about to move.
    So after the commit the WAL file is flushed, which is all that synchronous=FULL adds.
    PostgreSQL is told to wait for its log even where an operator turned that off.
    """
    if connection.dialect.name == "sqlite":
        connection.info["durable"] = True
    else:
        connection.exec_driver_sql("SET LOCAL synchronous_commit = on")


def unhurried(connection: Connection) -> None:
    """Let this transaction's statements take as long as they need: imports, migrations."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes nothing, and on SQLite keeps no writer waiting."""
    with engine.connect().execution_options(reading=True) as connection, connection.begin():
        yield connection

"""Lets one import write at a time. Its lock ends with the process, however that ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from psycopg import Error
from sqlalchemy import Connection, Engine

from ivr.errors import StoreError

# Any number will do, as long as nothing else in the database takes the same advisory lock.
IMPORT_LOCK = 1_905_550_198
SQLITE_PATIENCE_MS = 60_000  # nobody waits on the phone for an import


@contextmanager
def sole(engine: Engine) -> Iterator[Connection | None]:
    """A connection for the one import there may be, or None while another process imports.

    Raises `StoreError` where SQLite's lock file, DATABASE-import, cannot be opened.
    """
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        connection.detach()  # closed afterwards, and with it go the lock and the patience
        if engine.dialect.name == "sqlite":
            driver.execute(f"PRAGMA busy_timeout = {SQLITE_PATIENCE_MS}")
            (_, _, file) = driver.execute("PRAGMA database_list").fetchone()
            with _file_locked(f"{file}-import") as locked:
                yield connection if locked else None
        else:
            with _advisory_locked(driver) as locked:
                yield connection if locked else None


@contextmanager
def _advisory_locked(driver: Any) -> Iterator[bool]:
    (locked,) = driver.execute(f"SELECT pg_try_advisory_lock({IMPORT_LOCK})").fetchone()
    driver.commit()
    try:
        yield locked
    finally:
        # The server sees a closed connection a little late; one that broke has no lock anyway.
        with suppress(Error):
            driver.execute(f"SELECT pg_advisory_unlock({IMPORT_LOCK}) WHERE {locked}")
            driver.commit()


@contextmanager
def _file_locked(path: str) -> Iterator[bool]:
    # A file of its own: to close the database's own would drop the locks SQLite has on it.
    try:
        file = os.open(path, os.O_RDONLY | os.O_CREAT, 0o644)
    except OSError as error:
        raise StoreError(f"cannot open {path}: {error.strerror}") from error
    try:
        yield _locked(file)
    finally:
        os.close(file)


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

"""How transactions of SQLite begin and end here, as a driver connection and dialect of our own.

Listeners on the engine could do the same, but with any of them there SQLAlchemy announces every
statement, which costs a turn about as much as one statement more.
"""

import os
import sqlite3
from typing import Any

from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

DRIVER = "sqlite+line"


class SqliteConnection(sqlite3.Connection):
    """`is_reading` and `is_durable` are for one transaction; `log` is the WAL file, if any."""

    is_reading = False
    is_durable = False
    log: str | None = None

    def prepare(self, patience_ms: int) -> None:
        """Set what SQLite forgets from one connection to the next.

        `patience_ms` is how long a transaction waits for others that write.
        """
        self.isolation_level = None  # the driver begins nothing: `begin` does
        self.execute(f"PRAGMA busy_timeout = {patience_ms}")
        (mode,) = self.execute("PRAGMA journal_mode = WAL").fetchone()
        self.execute("PRAGMA foreign_keys = ON")
        self.execute(f"PRAGMA synchronous = {'NORMAL' if mode == 'wal' else 'FULL'}")
        if mode == "wal":
            (_, _, file) = self.execute("PRAGMA database_list").fetchone()
            self.log = f"{file}-wal"

    def begin(self) -> None:
        """Begin with the write lock, unless nothing will be written.

        The driver's own BEGIN is deferred, and a deferred read that turns into a write fails at
        once, whatever the timeout.
        """
        self.execute("BEGIN" if self.is_reading else "BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Commit, and flush the log of what must survive a power loss."""
        super().commit()
        is_durable = self.is_durable
        self._forget()
        if is_durable and self.log:
            _flush(self.log)

    def rollback(self) -> None:
        """Roll back; nothing is left to be flushed."""
        super().rollback()
        self._forget()

    def _forget(self) -> None:
        self.is_reading = self.is_durable = False


class SqliteDialect(SQLiteDialect_pysqlite):
    """SQLAlchemy's dialect, except for how a transaction begins."""

    supports_statement_cache = True

    def do_begin(self, dbapi_connection: Any) -> None:
        """Begin at once, where SQLAlchemy would leave it to the driver."""
        dbapi_connection.begin()


def _flush(path: str) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


registry.register(DRIVER.replace("+", "."), __name__, SqliteDialect.__name__)

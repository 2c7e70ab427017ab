"""Brings a database to the newest schema and tells whether it is there.

The only module that uses Alembic; the revisions stand in migrations/versions/.
"""

from functools import lru_cache

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from ivr.errors import StoreError
from ivr.store.engine import connect, unhurried

# Any number will do, as long as nothing else in the database takes the same advisory lock.
UPGRADE_LOCK = 1_905_550_199
PATIENCE_MS = 60_000  # for another process that migrates the same SQLite file


def upgrade(url: str) -> None:
    """Migrate the database at `url` to the newest schema; once it is there this does nothing.

    Two that start at once take turns, since everything happens in one transaction that begins
    with a lock. Raises `StoreError` where the database cannot be reached or changed.
    """
    engine = connect(url, patience_ms=PATIENCE_MS)
    try:
        with engine.begin() as connection:
            _upgrade(connection)
    except SQLAlchemyError as error:
        raise StoreError(f"cannot migrate the database: {reason(error)}") from error
    finally:
        engine.dispose()


def _upgrade(connection: Connection) -> None:
    unhurried(connection)
    if connection.dialect.name == "postgresql":  # SQLite: BEGIN IMMEDIATE is the lock
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def is_current(connection: Connection) -> bool:
    """Whether this database has exactly the schema this code was written for."""
    return set(MigrationContext.configure(connection).get_current_heads()) == _heads()


def reason(error: SQLAlchemyError) -> str:
    """The driver's own words in one line, without statement, values or URL."""
    cause = getattr(error, "orig", None) or error
    lines = str(cause).strip().splitlines()
    return lines[0] if lines else type(cause).__name__


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "ivr.store:migrations")
    config.set_main_option("path_separator", "os")
    return config


@lru_cache(maxsize=1)
def _heads() -> set[str]:
    return set(ScriptDirectory.from_config(_config()).get_heads())

"""What every command on the database shares: opening it, and failing in one line."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from ivr.config import Settings, settings_from_environment
from ivr.errors import IvrError
from ivr.store.engine import connect, reading
from ivr.store.schema import is_current, reason


@contextmanager
def one_line() -> Iterator[None]:
    """Turn what goes wrong on purpose, and a database that fails, into one line on stderr."""
    try:
        yield
    except IvrError as error:
        raise click.ClickException(str(error)) from error
    except SQLAlchemyError as error:
        text = f"the database failed: {reason(error)}; see DATABASE_URL"
        raise click.ClickException(text) from error


@contextmanager
def opened() -> Iterator[tuple[Engine, Settings]]:
    """The database the environment names, migrated, and the settings it was named by."""
    with one_line():
        settings = settings_from_environment()
        engine = connect(settings.database_url)
        try:
            with reading(engine) as connection:
                current = is_current(connection)
            if not current:
                raise click.ClickException("the database is not up to date; run: ivr db upgrade")
            yield engine, settings
        finally:
            engine.dispose()


@contextmanager
def writing() -> Iterator[Connection]:
    """One transaction on the database; it is kept if nothing goes wrong."""
    with opened() as (engine, _), engine.begin() as connection:
        yield connection


@contextmanager
def looking() -> Iterator[Connection]:
    """A connection that only reads."""
    with opened() as (engine, _), reading(engine) as connection:
        yield connection

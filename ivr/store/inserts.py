"""Inserts that may meet a row which is there already, built once for each database.

SQLite and PostgreSQL both have ON CONFLICT, and SQLAlchemy has it only in their dialects.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, CursorResult, Executable, Table
from sqlalchemy.dialects import postgresql, sqlite

Statements = Mapping[str, Executable]
"""One statement in each dialect, by the dialect's name."""


def on_each(build: Callable[[Any], Executable]) -> Statements:
    """What `build` makes of each dialect's own `insert`."""
    return {"sqlite": build(sqlite.insert), "postgresql": build(postgresql.insert)}


def unless_there(table: Table) -> Statements:
    """Inserts a row, or leaves the one that is there alone; `rowcount` tells which."""
    return on_each(
        lambda insert: (
            insert(table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
        )
    )


def run(
    connection: Connection, statements: Statements, row: Mapping[str, Any]
) -> CursorResult[Any]:
    """Execute the statement of the connection's dialect."""
    return connection.execute(statements[connection.dialect.name], row)

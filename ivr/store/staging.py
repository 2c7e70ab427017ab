"""Where the rows of an import wait until all of them are known to be good.

Every transaction here is short, so that calls are served meanwhile: SQLite has one lock for all
who write.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import (
    Connection,
    Table,
    bindparam,
    delete,
    func,
    insert,
    select,
)

from ivr.store.engine import reading, unhurried
from ivr.store.tables import sealed_imports, staged_accounts, staged_phones

SLICE = 200
"""Accounts written at once: on SQLite they hold the lock for some hundredths of a second."""

Span = dict[str, int]
"""The first and last line of a slice, as `within` is given them."""

_NEXT = select(staged_accounts.c.line).where(staged_accounts.c.line > bindparam("after"))
_NEXT_SLICE = _NEXT.order_by(staged_accounts.c.line).limit(bindparam("slice")).subquery()
_SPAN = select(func.min(_NEXT_SLICE.c.line), func.max(_NEXT_SLICE.c.line))


def within(table: Table) -> Any:
    """That a staged row is in the slice whose `Span` the statement is given."""
    return table.c.line.between(bindparam("first"), bindparam("last"))


_REMOVE_PHONES = delete(staged_phones).where(within(staged_phones))
_REMOVE_ACCOUNTS = delete(staged_accounts).where(within(staged_accounts))


def stage(
    connection: Connection, found: list[dict[str, Any]], numbers: list[dict[str, Any]]
) -> None:
    """Write rows of staged_accounts and staged_phones."""
    with connection.begin():
        for table, rows in ((staged_accounts, found), (staged_phones, numbers)):
            if rows and connection.dialect.name == "postgresql":
                _copy(connection, table, rows)
            elif rows:
                connection.execute(insert(table), rows)


def _copy(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    cursor: Any = connection.connection.cursor()
    with cursor.copy(f"COPY {table.name} ({', '.join(rows[0])}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(tuple(row.values()))


def twins(connection: Connection) -> Iterator[Sequence[Any]]:
    """The account numbers that are there twice, each with its first and its last line."""
    line, number = staged_accounts.c.line, staged_accounts.c.number
    query = select(number, func.min(line), func.max(line))
    twice = query.group_by(number).having(func.count() > 1).order_by(func.min(line))
    with reading(connection.engine) as reader:  # long, but nobody waits for it
        unhurried(reader)
        yield from reader.execute(twice)


def seal(connection: Connection, columns: Iterable[str]) -> None:
    """Say for good that every row is staged, of a file with these columns."""
    if connection.dialect.name == "postgresql":  # what it knows of these tables is from before
        with connection.begin():
            unhurried(connection)
            connection.exec_driver_sql("ANALYZE staged_accounts, staged_phones")
    with connection.begin():
        row = {"columns": ";".join(columns), "added": 0, "updated": 0}
        connection.execute(insert(sealed_imports), row)


def clear(connection: Connection) -> None:
    """Remove what an import that never sealed its rows left there."""
    for _ in taken(connection, lambda span: None):
        pass


def taken(connection: Connection, work: Callable[[Span], None]) -> Iterator[int]:
    """Take the staged rows away slice by slice, telling after each how many are gone by then.

    `work` does what is to be done with a slice, in the transaction that removes it.
    """
    gone, last = 0, 0
    while True:
        with connection.begin():
            began = time.monotonic()
            _prepare(connection)
            first, last = connection.execute(_SPAN, {"after": last, "slice": SLICE}).one()
            if first is None:
                return
            span = {"first": first, "last": last}
            work(span)
            connection.execute(_REMOVE_PHONES, span)
            gone += connection.execute(_REMOVE_ACCOUNTS, span).rowcount
        _breathe(connection, time.monotonic() - began)
        yield gone


def _prepare(connection: Connection) -> None:
    unhurried(connection)
    if connection.dialect.name == "postgresql":  # a slice is found by keys, never by reading all
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")


def _breathe(connection: Connection, held: float) -> None:
    """Leave SQLite's lock alone as long as it was held: who waits for it only looks now and then.

    PostgreSQL queues those who wait for a row.
    """
    if connection.dialect.name == "sqlite":
        time.sleep(held)

"""Imports accounts.csv, all or nothing, in bounded memory.

Rows go in short transactions into temporary tables, which die with their connection however the
import ends; then one transaction of set-based statements merges them into the real ones.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    delete,
    exists,
    func,
    insert,
    select,
    text,
    true,
)
from sqlalchemy.dialects import postgresql, sqlite

from ivr.store.columns import FIELDS
from ivr.store.engine import unhurried
from ivr.store.pins import hash_pin
from ivr.store.rows import Problems, Progress, Row, header, rows
from ivr.store.tables import accounts, phones, pins

BATCH = 1000
KEPT = frozenset({"language"})  # an empty cell leaves these, since callers choose them too

staging = MetaData()
staged = Table(
    "staged_accounts",
    staging,
    Column("line", Integer),
    *(Column(known.column, accounts.c[known.column].type) for known in FIELDS if known.column),
    Column("pin", String),
    prefixes=["TEMPORARY"],
)
staged_phones = Table(
    "staged_phones",
    staging,
    Column("account_number", String),
    Column("number", String),
    prefixes=["TEMPORARY"],
)


@dataclass(frozen=True, slots=True)
class Imported:
    """How many accounts an import added, and how many it found there and updated."""

    added: int
    updated: int


def import_accounts(
    engine: Engine, file: Path, now: datetime, pepper: str, progress: Progress | None = None
) -> Imported:
    """Add or update every account in `file`; `progress` is told the bytes read so far.

    A column that is not in the file stays as it is. An empty cell empties the value, but leaves
    a PIN and a language. Raises `ImportRefused` with every bad row's place; then nothing was
    written.
    """
    fields = header(file)
    problems = Problems(file)
    names = {known.name for known in fields}
    if "pin" in names:  # hashing PINs takes long: look first whether the file is good
        _check(rows(file, fields, now, problems), problems)
    with engine.connect() as connection:
        connection.detach()  # closing it now ends it, and its temporary tables
        connection.execution_options(reading=True)  # temporary tables lock no writer out
        _stage(connection, rows(file, fields, now, problems, progress), problems, pepper)
        columns = {known.column for known in fields if known.column} | {"balance_as_of"}
        connection.execution_options(reading=False)
        with connection.begin():
            unhurried(connection)
            return _merge(connection, sorted(columns), names)


def _check(found: Iterator[Row], problems: Problems) -> None:
    for _ in found:
        pass
    problems.refuse()


def _stage(connection: Connection, found: Iterator[Row], problems: Problems, pepper: str) -> None:
    with connection.begin():
        staging.create_all(connection, checkfirst=False)
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # argon2 lets go of the interpreter's lock
        while batch := list(islice(found, BATCH)):
            if not problems.count:
                hashes = _hashes(pool, batch, pepper)
                with connection.begin():
                    _write(connection, batch, hashes)
    with connection.begin():
        connection.execute(text("CREATE INDEX staged_number ON staged_accounts (number)"))
        _find_twins(connection, problems)
    problems.refuse()


def _hashes(pool: ThreadPoolExecutor, batch: list[Row], pepper: str) -> list[str | None]:
    if not any(row.pin for row in batch):
        return [None] * len(batch)
    return list(pool.map(lambda row: row.pin and hash_pin(row.pin, pepper), batch))


def _write(connection: Connection, batch: list[Row], hashes: list[str | None]) -> None:
    pairs = zip(batch, hashes, strict=True)
    connection.execute(
        insert(staged), [{"line": row.line, "pin": pin, **row.values} for row, pin in pairs]
    )
    numbers = [
        {"account_number": row.values["number"], "number": number}
        for row in batch
        for number in row.phones
    ]
    if numbers:
        connection.execute(insert(staged_phones), numbers)


def _find_twins(connection: Connection, problems: Problems) -> None:
    first, last = func.min(staged.c.line), func.max(staged.c.line)
    twins = select(staged.c.number, first, last).group_by(staged.c.number)
    for number, one, other in connection.execute(twins.having(func.count() > 1).order_by(first)):
        problems.add(other, "account_number", f'"{number}" is on line {one} already')


def _merge(connection: Connection, columns: list[str], names: set[str]) -> Imported:
    before = _count(connection, select(func.count()).select_from(accounts))
    _merge_accounts(connection, columns)
    if "phone" in names:
        _merge_phones(connection)
    if "pin" in names:
        _merge_pins(connection)
    added = _count(connection, select(func.count()).select_from(accounts)) - before
    return Imported(added, _count(connection, select(func.count()).select_from(staged)) - added)


def _count(connection: Connection, query: Select[int]) -> int:
    return connection.execute(query).scalar_one()


def _insert(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def _merge_accounts(connection: Connection, columns: list[str]) -> None:
    # Ordered, so that two imports at once lock rows in the same order. SQLite needs a WHERE to
    # tell ON CONFLICT from a join.
    source = select(*(staged.c[name] for name in columns)).where(true()).order_by(staged.c.number)
    statement = _insert(connection, accounts).from_select(columns, source)
    changes: dict[str, Any] = {
        name: func.coalesce(statement.excluded[name], accounts.c[name])
        if name in KEPT
        else statement.excluded[name]
        for name in columns
        if name != "number"
    }
    connection.execute(statement.on_conflict_do_update(index_elements=["number"], set_=changes))


def _merge_phones(connection: Connection) -> None:
    pairs = staged_phones.join(accounts, accounts.c.number == staged_phones.c.account_number)
    named = select(accounts.c.id).join(staged, staged.c.number == accounts.c.number)
    wanted = select(accounts.c.id, staged_phones.c.number).select_from(pairs)
    connection.execute(text("CREATE INDEX staged_phone ON staged_phones (account_number)"))
    still = exists().where(
        accounts.c.id == phones.c.account_id,
        accounts.c.number == staged_phones.c.account_number,
        staged_phones.c.number == phones.c.number,
    )
    connection.execute(delete(phones).where(phones.c.account_id.in_(named), ~still))
    statement = _insert(connection, phones)
    added = statement.from_select(["account_id", "number"], wanted.where(true()))
    connection.execute(added.on_conflict_do_nothing())


def _merge_pins(connection: Connection) -> None:
    """New PINs in, wrong tries and locks as they are: an import is no way around a lock."""
    found = select(accounts.c.id, staged.c.pin).join(staged, staged.c.number == accounts.c.number)
    statement = _insert(connection, pins)
    added = statement.from_select(["account_id", "hash"], found.where(staged.c.pin.is_not(None)))
    changes = {"hash": statement.excluded.hash}
    connection.execute(added.on_conflict_do_update(index_elements=["account_id"], set_=changes))

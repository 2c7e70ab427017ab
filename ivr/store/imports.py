"""Imports accounts.csv, all or nothing, in bounded memory, while calls go on.

Rows are checked and staged in short transactions; once all of them are good that is sealed, and
they are merged in short transactions too. A process that dies before the seal leaves only staged
rows, which the next import removes; one that dies after it leaves a merge that the next
`finish_import` or import finishes.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection, Engine

from ivr.errors import ImportRefused, StoreError
from ivr.store import staging
from ivr.store.import_lock import sole
from ivr.store.merging import Imported, finished, merged
from ivr.store.pins import hash_pin
from ivr.store.rows import Problems, Progress, Row, header, rows

BATCH = 1000


def import_accounts(
    engine: Engine, file: Path, now: datetime, pepper: str, progress: Progress | None = None
) -> Imported:
    """Add or update every account in `file`; an import that was broken off is finished first.

    `progress` is told how far it is, from 0 to the file's size in bytes: half of it is for
    reading the file, half for merging it. A column that is not in the file stays as it is. An
    empty cell empties the value, but leaves a PIN and a language. Raises `ImportRefused` with
    every bad row's place; then nothing was written. Raises `StoreError` while another process
    imports.
    """
    told = progress or _ignore
    fields = header(file)
    problems = Problems(file)
    names = [known.name for known in fields]
    if "pin" in names:  # hashing PINs takes long: look first whether the file is good
        _check(rows(file, fields, now, problems), problems)
    with sole(engine) as connection:
        if connection is None:
            raise StoreError("another import is under way; start this one when it is done")
        finished(connection)
        found = rows(file, fields, now, problems, lambda read: told(read // 2))
        count = _stage(connection, found, problems, pepper)
        staging.seal(connection, names)
        return _merge(connection, count, file.stat().st_size, told)


def _check(found: Iterator[Row], problems: Problems) -> None:
    for _ in found:
        pass
    problems.refuse()


def _ignore(done: int) -> None:
    """Progress nobody watches."""


def _stage(connection: Connection, found: Iterator[Row], problems: Problems, pepper: str) -> int:
    staging.clear(connection)
    try:
        count = _stage_rows(connection, found, problems, pepper)
        for number, one, other in staging.twins(connection):
            problems.add(other, "account_number", f'"{number}" is on line {one} already')
        problems.refuse()
    except ImportRefused:
        staging.clear(connection)
        raise
    return count


def _stage_rows(
    connection: Connection, found: Iterator[Row], problems: Problems, pepper: str
) -> int:
    count = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # argon2 lets go of the interpreter's lock
        while batch := list(islice(found, BATCH)):
            if not problems.count:
                _stage_batch(connection, batch, _hashes(pool, batch, pepper))
                count += len(batch)
    return count


def _hashes(pool: ThreadPoolExecutor, batch: list[Row], pepper: str) -> list[str | None]:
    if not any(row.pin for row in batch):
        return [None] * len(batch)
    return list(pool.map(lambda row: row.pin and hash_pin(row.pin, pepper), batch))


def _stage_batch(connection: Connection, batch: list[Row], hashes: list[str | None]) -> None:
    pairs = zip(batch, hashes, strict=True)
    found = [{"line": row.line, "pin": pin, **row.values} for row, pin in pairs]
    numbers = [{"line": row.line, "number": number} for row in batch for number in row.phones]
    staging.stage(connection, found, numbers)


def _merge(connection: Connection, count: int, size: int, told: Progress) -> Imported:
    for done in merged(connection):
        told(size // 2 + (size - size // 2) * done // count)
    return finished(connection) or Imported(0, 0)

"""An import goes on beside calls, and is finished whole by whoever comes after one that died."""

import os
import threading
from contextlib import suppress
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

import pytest
from sqlalchemy import Engine, Table, event, func, insert, select, text, update
from sqlalchemy.exc import SQLAlchemyError

from ivr.errors import ImportRefused, StoreError
from ivr.store import imports, staging
from ivr.store.engine import connect, reading
from ivr.store.import_lock import IMPORT_LOCK
from ivr.store.imports import import_accounts
from ivr.store.merging import Imported, finish_import
from ivr.store.pins import check_pin
from ivr.store.tables import (
    accounts,
    opt_outs,
    phones,
    pins,
    sealed_imports,
    staged_accounts,
    staged_phones,
)

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HEAD = "account_number,name,zip,balance,phone"
ROWS = 12


class Killed(BaseException):
    """Stands for the end of the process: nothing of ours catches it."""


@pytest.fixture(autouse=True)
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "BATCH", 5)
    monkeypatch.setattr(staging, "SLICE", 5)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path / "accounts.csv", ROWS)


def write(file: Path, count: int, *more: str) -> Path:
    lines = [f"{number:04},Ana,60601,1,202-555-01{number % 100:02}" for number in range(count)]
    file.write_text("\n".join([HEAD, *lines, *more, ""]))
    return file


def load(database: Engine, file: Path) -> Imported:
    return import_accounts(database, file, NOW, "pepper")


def count(database: Engine, *tables: Table) -> list[int | None]:
    with reading(database) as connection:
        return [connection.scalar(select(func.count()).select_from(table)) for table in tables]


def killed(database: Engine, file: Path, *, merging: bool, after: int = 1) -> None:
    """Import until `after` steps of reading or merging are done, and die there."""
    half, steps = file.stat().st_size // 2, 0

    def told(done: int) -> None:
        nonlocal steps
        steps += (done > half) == merging
        if steps == after:
            raise Killed

    with pytest.raises(Killed):
        import_accounts(database, file, NOW, "pepper", told)


def die(url: str, file: Path) -> None:
    """A process's whole life: it merges one slice and is gone without a word."""
    half = file.stat().st_size // 2
    import_accounts(
        connect(url), file, NOW, "pepper", lambda done: os._exit(9) if done > half else None
    )


def nothing_waits(database: Engine) -> bool:
    return count(database, sealed_imports, staged_accounts, staged_phones) == [0, 0, 0]


def test_nothing_of_an_import_stays_behind(database: Engine, file: Path) -> None:
    assert load(database, file) == Imported(ROWS, 0)
    assert count(database, accounts, phones) == [ROWS, ROWS]
    assert nothing_waits(database)


def test_a_caller_writes_between_two_slices(
    sqlite_database: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "SLICE", 1)
    waits = threading.Event()
    merged_by_then: list[int] = []

    def call() -> None:
        waits.set()
        with sqlite_database.begin() as connection:
            connection.execute(insert(opt_outs).values(number="+12025550101", at=NOW))
            rows = select(func.count()).select_from(accounts)
            merged_by_then.append(connection.execute(rows).scalar_one())

    caller = threading.Thread(target=call)

    @event.listens_for(sqlite_database, "before_cursor_execute")
    def first_slice(connection: object, cursor: object, statement: str, *rest: object) -> None:
        """The caller begins to wait while the first slice holds the lock."""
        if statement.startswith("UPDATE sealed_imports") and caller.ident is None:
            caller.start()
            waits.wait()

    assert load(sqlite_database, write(tmp_path / "accounts.csv", 300)).added == 300
    caller.join()
    assert 0 < merged_by_then[0] < 300


def test_no_lock_is_held_while_an_import_merges(database: Engine, file: Path) -> None:
    load(database, file)
    chosen = iter(range(10_000))

    def call(done: int) -> None:
        with database.begin() as connection:
            connection.execute(update(accounts).values(language=f"{next(chosen)}"))

    assert import_accounts(database, file, NOW, "pepper", call) == Imported(0, ROWS)


def test_an_import_killed_while_it_merges_is_finished(database: Engine, file: Path) -> None:
    killed(database, file, merging=True)
    assert count(database, accounts, staged_accounts) == [5, ROWS - 5]
    assert finish_import(database) == Imported(ROWS, 0)
    assert count(database, accounts, phones) == [ROWS, ROWS]
    assert nothing_waits(database)
    assert finish_import(database) is None


def test_an_import_killed_after_its_last_slice_is_finished(database: Engine, file: Path) -> None:
    killed(database, file, merging=True, after=3)
    assert count(database, accounts, staged_accounts) == [ROWS, 0]
    assert finish_import(database) == Imported(ROWS, 0)
    assert nothing_waits(database)


def test_what_a_caller_chose_after_a_slice_stays_when_the_rest_is_finished(
    database: Engine, tmp_path: Path
) -> None:
    file = write(tmp_path / "accounts.csv", ROWS)
    file.write_text(
        "\n".join(
            f"{line},{'language' if line == HEAD else 'en'}"
            for line in file.read_text().splitlines()
        )
    )
    killed(database, file, merging=True)
    with database.begin() as connection:
        connection.execute(update(accounts).values(language="es"))
    finish_import(database)
    with reading(database) as connection:
        spoken = connection.scalars(select(accounts.c.language).order_by(accounts.c.number)).all()
    assert spoken == ["es"] * 5 + ["en"] * (ROWS - 5)


def test_the_next_import_finishes_the_killed_one_before_its_own(
    database: Engine, file: Path, tmp_path: Path
) -> None:
    killed(database, file, merging=True)
    other = tmp_path / "other.csv"
    other.write_text(f"{HEAD}\n0011,Eva,60602,2,\n0099,Bo,60602,2,\n")
    assert load(database, other) == Imported(1, 1)
    assert count(database, accounts, phones) == [ROWS + 1, ROWS - 1]
    with reading(database) as connection:
        names = select(accounts.c.name).where(accounts.c.number == "0011")
        assert connection.scalar(names) == "Eva"


def test_the_killed_import_is_finished_even_where_the_next_file_is_bad(
    database: Engine, file: Path, tmp_path: Path
) -> None:
    killed(database, file, merging=True)
    other = write(tmp_path / "other.csv", 6, "_,Bo,60602,2,")
    with pytest.raises(ImportRefused):
        load(database, other)
    assert count(database, accounts) == [ROWS]
    assert nothing_waits(database)


def test_an_import_killed_while_it_reads_leaves_nothing_to_finish(
    database: Engine, file: Path, tmp_path: Path
) -> None:
    killed(database, file, merging=False, after=11)
    assert count(database, accounts, staged_accounts, staged_phones) == [0, 5, 5]
    assert finish_import(database) is None
    other = tmp_path / "other.csv"
    other.write_text(f"{HEAD}\n0099,Bo,60602,2,\n")
    assert load(database, other) == Imported(1, 0)
    assert count(database, accounts, phones) == [1, 0]
    assert nothing_waits(database)


def test_a_refused_file_leaves_no_staged_rows(database: Engine, tmp_path: Path) -> None:
    with pytest.raises(ImportRefused):
        load(database, write(tmp_path / "accounts.csv", ROWS, "_,Bo,60602,2,"))
    assert nothing_waits(database)


def test_pins_come_with_their_slice(database: Engine, tmp_path: Path) -> None:
    file = tmp_path / "accounts.csv"
    pinned = [f"{number:04},Ana,60601,1,123{number}" for number in range(6)]
    file.write_text("\n".join(["account_number,name,zip,balance,pin", *pinned]))
    killed(database, file, merging=True)
    assert count(database, pins) == [5]
    finish_import(database)
    with reading(database) as connection:
        last = connection.scalar(select(pins.c.hash).order_by(pins.c.account_id.desc()).limit(1))
    assert check_pin("1235", last, "pepper")


def test_a_slice_that_fails_is_merged_by_whoever_finishes(database: Engine, file: Path) -> None:
    @event.listens_for(database, "before_cursor_execute")
    def fail(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if statement.startswith("INSERT INTO phones"):
            raise SQLAlchemyError("gone")

    with suppress(SQLAlchemyError):
        load(database, file)
    event.remove(database, "before_cursor_execute", fail)
    assert count(database, accounts, staged_accounts) == [0, ROWS]
    assert finish_import(database) == Imported(ROWS, 0)


def test_a_second_import_at_once_says_so(database: Engine, file: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "other.csv", 1)
    refused: list[str] = []

    def second(done: int) -> None:
        with pytest.raises(StoreError) as caught:
            load(database, other)
        refused.append(str(caught.value))
        assert finish_import(database) is None

    assert import_accounts(database, file, NOW, "pepper", second) == Imported(ROWS, 0)
    assert set(refused) == {"another import is under way; start this one when it is done"}


def test_a_process_that_is_gone_holds_no_lock(database_url: str, file: Path) -> None:
    process = get_context("spawn").Process(target=die, args=(database_url, file))
    process.start()
    process.join()
    assert process.exitcode == 9
    database = connect(database_url)
    if database.dialect.name == "postgresql":  # its server needs a moment to see who is gone
        with database.begin() as connection:
            connection.execute(text(f"SELECT pg_advisory_xact_lock({IMPORT_LOCK})"))
    assert finish_import(database) == Imported(ROWS, 0)
    assert nothing_waits(database)
    database.dispose()


def test_a_lock_that_cannot_be_taken_is_one_line(sqlite_database: Engine, file: Path) -> None:
    Path(f"{sqlite_database.url.database}-import").mkdir()
    with pytest.raises(StoreError, match=r"^cannot open .*ivr\.db-import: Is a directory$"):
        load(sqlite_database, file)

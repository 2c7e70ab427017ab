from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, create_engine, inspect, text

from ivr.errors import StoreError
from ivr.store.engine import connect
from ivr.store.schema import is_current, upgrade
from ivr.store.tables import metadata


def test_the_migrations_build_the_tables_this_code_knows(database: Engine) -> None:
    # SQLite reads an empty default back as none, so defaults are compared on the other.
    defaults = database.dialect.name == "postgresql"
    options = {"compare_type": True, "compare_server_default": defaults}
    with database.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []


def test_the_check_constraints_match_too(sqlite_url: str) -> None:
    built, migrated = create_engine("sqlite://"), connect(sqlite_url)
    metadata.create_all(built)
    for table in metadata.tables:
        expected = inspect(built).get_check_constraints(table)
        assert inspect(migrated).get_check_constraints(table) == expected
    built.dispose()
    migrated.dispose()


def test_a_migrated_database_is_current(database: Engine) -> None:
    with database.connect() as connection:
        assert is_current(connection)


def test_an_older_database_is_not_current(database: Engine) -> None:
    with database.connect() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
        assert not is_current(connection)


def test_an_empty_database_is_not_current(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path}/empty.db")
    with engine.connect() as connection:
        assert not is_current(connection)
    engine.dispose()


def test_migrating_again_changes_nothing(database_url: str, database: Engine) -> None:
    with database.begin() as connection:
        connection.execute(text("INSERT INTO opt_outs VALUES ('+12025550101', '2026-01-01')"))
    upgrade(database_url)
    with database.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM opt_outs")) == 1


def test_two_that_migrate_at_once_take_turns(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new/ivr.db"
    with ProcessPoolExecutor(3, mp_context=get_context("spawn")) as pool:
        for done in [pool.submit(upgrade, url) for _ in range(3)]:
            done.result()
    engine = connect(url)
    with engine.connect() as connection:
        assert is_current(connection)
    engine.dispose()


def test_a_database_out_of_reach_is_one_line() -> None:
    with pytest.raises(StoreError, match=r"^cannot migrate the database: .+$"):
        upgrade("postgresql://nobody@127.0.0.1:1/none")

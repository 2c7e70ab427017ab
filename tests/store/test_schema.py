import uuid
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, create_engine, inspect, text

from ivr.errors import StoreError
from ivr.store.engine import connect
from ivr.store.schema import is_current, upgrade
from ivr.store.tables import metadata
from tests.builders import account


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


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_database_of_the_first_schema_keeps_its_payments(
    kind: str, tmp_path: Path, postgresql_server: str
) -> None:
    name = f"old_{uuid.uuid4().hex}"
    url = f"sqlite:///{tmp_path}/old.db"
    if kind == "postgresql":
        server = postgresql_server.replace("postgresql://", "postgresql+psycopg://", 1)
        admin = create_engine(server, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        admin.dispose()
        url = postgresql_server.replace("/postgres?", f"/{name}?", 1)
    engine = connect(url)
    with engine.begin() as connection:
        _migrate(connection, "0001")
        number = account(connection, "84.20")
        connection.execute(
            text(
                "INSERT INTO payments (account_id, call_sid, turn, amount_cents, status,"
                " idempotency_key, token, created_at, updated_at) VALUES (:account, 'CA1', 5,"
                " 3210, 'unknown', 'CA1-5', 'pm_card_visa', :now, :now)"
            ),
            {"account": number, "now": "2026-11-20 18:00:00+00:00"},
        )
    upgrade(url)
    with engine.begin() as connection:
        assert is_current(connection)
        [found] = connection.execute(text("SELECT * FROM payments")).mappings()
        kept = {"call_sid": "CA1", "amount_cents": 3210, "status": "unknown", "reference": None}
        assert kept.items() <= dict(found).items()
    engine.dispose()


def _migrate(connection: Connection, to: str) -> None:
    config = Config()
    config.set_main_option("script_location", "ivr.store:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, to)


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

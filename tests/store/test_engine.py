import os
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, insert, select, text
from sqlalchemy.exc import IntegrityError, StatementError

from ivr.errors import StoreError
from ivr.store import engine as engine_module
from ivr.store.engine import connect, durable, reading, unhurried
from ivr.store.tables import agents, offers, opt_outs, phones, transfers

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def opt_out(connection: Connection, at: datetime = NOON) -> None:
    connection.execute(insert(opt_outs).values(number="+12025550101", at=at))


def test_the_folder_of_a_sqlite_file_is_made(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path}/deep/down/ivr.db")
    with engine.connect() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1
        assert connection.scalar(text("PRAGMA synchronous")) == 1
    engine.dispose()


def test_a_file_where_the_folder_should_be_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("")
    with pytest.raises(StoreError, match="cannot make the folder"):
        connect(f"sqlite:///{tmp_path}/var/deeper/ivr.db")


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://root:secret@db/ivr", "oracle+x://y"])
def test_another_kind_of_database_is_refused_without_showing_its_password(url: str) -> None:
    with pytest.raises(StoreError) as caught:
        connect(url)
    assert "sqlite:///FILE" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_postgresql_is_reached_through_psycopg(scheme: str) -> None:
    assert connect(f"{scheme}://ivr@db/ivr").url.drivername == "postgresql+psycopg"


def test_foreign_keys_are_held(database: Engine) -> None:
    with pytest.raises(IntegrityError), database.begin() as connection:
        connection.execute(insert(phones).values(account_id=1, number="+12025550101"))


def test_an_instant_comes_back_in_utc_whatever_zone_it_went_in_with(database: Engine) -> None:
    chicago = timezone(timedelta(hours=-6))
    with database.begin() as connection:
        opt_out(connection, NOON.astimezone(chicago))
        found = connection.scalar(select(opt_outs.c.at))
    assert found == NOON
    assert found is not None
    assert found.utcoffset() == timedelta(0)


def test_a_naive_time_is_refused(database: Engine) -> None:
    with pytest.raises(StatementError, match="no time zone"), database.begin() as connection:
        opt_out(connection, NOON.replace(tzinfo=None))


def test_an_agent_has_one_live_offer_at_a_time(database: Engine) -> None:
    with database.begin() as connection:
        connection.execute(
            insert(agents).values(
                name="Ana", phone="+12025550170", queues="billing", languages="en", changed_at=NOON
            )
        )
        connection.execute(
            insert(transfers).values(
                call_sid="CA1", turn=1, queue="billing", level="unknown", language="en",
                created_at=NOON,
            )
        )  # fmt: skip
        ring = insert(offers).values(transfer_id=1, agent_id=1, position=1, rung_at=NOON)
        connection.execute(ring.values(status="no-answer"))
        connection.execute(ring.values(status="accepted", ended_at=NOON))
        connection.execute(ring.values(status="ringing"))
    with pytest.raises(IntegrityError), database.begin() as connection:
        connection.execute(ring.values(status="accepted"))


def test_a_reader_waits_for_no_writer(database: Engine) -> None:
    with database.begin() as writer:
        opt_out(writer)
        with reading(database) as connection:
            assert connection.scalar(select(opt_outs.c.number)) is None


def test_on_sqlite_a_transaction_holds_the_write_lock_from_its_beginning(sqlite_url: str) -> None:
    engine = connect(sqlite_url)
    with engine.begin(), engine.connect() as other:
        other.connection.execute("PRAGMA busy_timeout = 0")
        with pytest.raises(Exception, match="locked"):
            other.begin()
    engine.dispose()


def test_on_postgresql_a_slow_statement_fails_inside_the_carriers_patience(
    clean_postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "PATIENCE_MS", 2000)
    engine = connect(clean_postgresql_url)
    with engine.begin() as connection:
        assert connection.scalar(text("SHOW statement_timeout")) == "2s"
        unhurried(connection)
        assert connection.scalar(text("SHOW statement_timeout")) == "0"
    with engine.begin() as connection:
        assert connection.scalar(text("SHOW statement_timeout")) == "2s"
    engine.dispose()


def test_on_postgresql_a_durable_commit_waits_for_the_log(clean_postgresql_url: str) -> None:
    engine = connect(clean_postgresql_url)
    with engine.begin() as connection:
        connection.execute(text("SET synchronous_commit = off"))
        durable(connection)
        assert connection.scalar(text("SHOW synchronous_commit")) == "on"
    engine.dispose()


def test_on_sqlite_a_durable_commit_flushes_the_log_after_it_is_written(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, flushed = connect(sqlite_url), []

    def fsync(file: int) -> None:
        with reading(engine) as connection:
            flushed.append(connection.scalar(select(opt_outs.c.number)))

    monkeypatch.setattr(os, "fsync", fsync)
    with engine.begin() as connection:
        durable(connection)
        opt_out(connection)
    with engine.begin() as connection:  # the next transaction on that connection is not durable
        connection.execute(opt_outs.delete())
    engine.dispose()
    assert flushed == ["+12025550101"]


def test_a_durable_transaction_that_fails_leaves_no_mark(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = connect(sqlite_url)
    monkeypatch.setattr(os, "fsync", lambda file: pytest.fail("nothing was to be flushed"))
    with engine.connect() as connection:
        durable(connection)
        opt_out(connection)
        connection.rollback()
    with engine.begin() as connection:
        opt_out(connection)
    engine.dispose()

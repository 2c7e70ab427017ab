from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, insert, select, update

from ivr.store.pins import DUMMY, HASHER, check_pin, clear_pin, hash_pin, set_pin, unlock
from ivr.store.tables import accounts, pins

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def account(connection: Connection) -> int:
    row = insert(accounts).values(
        number="0012", name="Ana Ruiz", zip="60601", balance_cents=0, balance_as_of=NOON
    )
    return int(connection.execute(row.returning(accounts.c.id)).scalar_one())


def test_only_the_same_pin_under_the_same_pepper_is_right() -> None:
    stored = hash_pin("1234", "pepper")
    assert check_pin("1234", stored, "pepper")
    assert not check_pin("1235", stored, "pepper")
    assert not check_pin("1234", stored, "another")


def test_two_hashes_of_one_pin_differ_and_never_hold_it() -> None:
    first, second = hash_pin("80412", "pepper"), hash_pin("80412", "pepper")
    assert first != second
    assert "80412" not in first


def test_without_a_stored_hash_no_pin_is_right_and_as_much_work_is_done() -> None:
    assert not check_pin("1234", None, "pepper")
    assert not HASHER.check_needs_rehash(DUMMY)


def test_a_broken_hash_is_a_wrong_pin() -> None:
    assert not check_pin("1234", "not a hash", "pepper")


def test_a_new_pin_ends_a_lock(database: Engine) -> None:
    with database.begin() as connection:
        number = account(connection)
        set_pin(connection, number, "old")
        connection.execute(update(pins).values(wrong=3, locked_until=NOON))
        set_pin(connection, number, "new")
        assert connection.execute(select(pins)).one() == (number, "new", 0, None)


def test_unlocking_keeps_the_pin(database: Engine) -> None:
    with database.begin() as connection:
        number = account(connection)
        assert not unlock(connection, number)
        set_pin(connection, number, "hash")
        connection.execute(update(pins).values(wrong=3, locked_until=NOON))
        assert unlock(connection, number)
        assert connection.execute(select(pins)).one() == (number, "hash", 0, None)


def test_clearing_takes_the_pin_away(database: Engine) -> None:
    with database.begin() as connection:
        number = account(connection)
        set_pin(connection, number, "hash")
        assert clear_pin(connection, number)
        assert not clear_pin(connection, number)
        assert connection.execute(select(pins)).all() == []

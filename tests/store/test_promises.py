from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, Engine, update

from ivr.store import promises
from ivr.store.promises import State
from ivr.store.tables import accounts
from tests.builders import NOW, account, payment

CHICAGO = ZoneInfo("America/Chicago")
DUE = date(2026, 11, 25)
LAST_MINUTE = datetime(2026, 11, 25, 23, 59, tzinfo=CHICAGO)


def promise(connection: Connection, number: int, **values: Any) -> bool:
    row = {
        "account_id": number,
        "amount_cents": 6760,
        "due_date": DUE,
        "confirmation": "12345678",
        "call_sid": "CA1",
        "turn": 5,
        "created_at": NOW,
        **values,
    }
    return promises.add(connection, row)


def paid(connection: Connection, number: int, at: datetime, cents: int, **values: Any) -> None:
    given = {"status": "charged", "call_sid": f"CA-{at}-{cents}", **values}
    payment(connection, number, charged_at=at, amount_cents=cents, **given)


def state(connection: Connection, now: datetime) -> State:
    [listed] = promises.every(connection, CHICAGO, now)
    return listed.state


def test_a_promise_is_written_once_for_a_turn_and_its_number_once_for_all(
    database: Engine,
) -> None:
    with database.begin() as connection:
        number = account(connection)
        assert promise(connection, number)
        assert not promise(connection, number, confirmation="87654321")
        assert not promise(connection, number, turn=6)
        assert promise(connection, number, turn=6, confirmation="87654321")
        made = promises.of_turn(connection, "CA1", 5)
        assert made
        assert (made.confirmation, made.amount_cents, made.due) == ("12345678", 6760, DUE)
        assert promises.of_turn(connection, "CA1", 7) is None


def test_the_newest_promise_knows_what_was_paid_since(database: Engine) -> None:
    with database.begin() as connection:
        number, other = account(connection), account(connection, number="2")
        assert promises.newest(connection, number) is None
        promise(connection, number, turn=4, confirmation="11111111")
        promise(connection, number)
        paid(connection, number, NOW - timedelta(seconds=1), 100)
        paid(connection, number, NOW, 1000)
        paid(connection, number, NOW, 20, status="posted")
        paid(connection, number, NOW, 3, status="returned")
        paid(connection, other, NOW, 5)
        newest = promises.newest(connection, number)
    assert newest
    assert (newest.confirmation, newest.paid_cents, newest.made_at) == ("12345678", 1020, NOW)


@pytest.mark.parametrize(("cents", "is_open"), [(6759, True), (6760, False)])
def test_a_promise_is_open_to_the_end_of_its_day_until_it_is_paid(
    sqlite_database: Engine, cents: int, is_open: bool
) -> None:
    with sqlite_database.begin() as connection:
        number = account(connection)
        promise(connection, number)
        paid(connection, number, NOW, cents)
        newest = promises.newest(connection, number)
    assert newest
    assert newest.open_on(DUE) is is_open
    assert not newest.open_on(DUE + timedelta(days=1))


def test_paid_in_time_is_kept_and_a_minute_later_is_broken(database: Engine) -> None:
    later = LAST_MINUTE + timedelta(minutes=1)
    with database.begin() as connection:
        number = account(connection, "200.00", past_due_cents=20000)
        promise(connection, number)
        assert state(connection, NOW) is State.OPEN
        assert state(connection, LAST_MINUTE) is State.OPEN
        assert state(connection, later) is State.BROKEN
        paid(connection, number, later, 6760)
        assert state(connection, later) is State.BROKEN
        paid(connection, number, LAST_MINUTE, 3760)
        paid(connection, number, NOW, 3000)
        assert state(connection, later) is State.KEPT
        [listed] = promises.every(connection, CHICAGO, later)
    assert (listed.number, listed.name, listed.promise.paid_cents) == (
        "1000000142",
        "Dana Reyes",
        6760,
    )


def test_a_promise_that_was_kept_otherwise_is_known_by_the_bill(sqlite_database: Engine) -> None:
    later = LAST_MINUTE + timedelta(days=1)
    with sqlite_database.begin() as connection:
        number = account(connection, "67.60", past_due_cents=1)
        promise(connection, number)
        assert state(connection, later) is State.BROKEN
        connection.execute(update(accounts).values(past_due_cents=0))
        assert state(connection, later) is State.KEPT


def test_promises_are_listed_by_the_day_they_end(sqlite_database: Engine) -> None:
    with sqlite_database.begin() as connection:
        number = account(connection)
        promise(connection, number)
        promise(connection, number, turn=6, confirmation="2", due_date=DUE - timedelta(days=1))
        listed = promises.every(connection, CHICAGO, NOW)
    assert [one.promise.confirmation for one in listed] == ["2", "12345678"]


def test_payments_that_came_back_count_once_whoever_tells_of_them(database: Engine) -> None:
    week = timedelta(days=7)
    with database.begin() as connection:
        number = account(connection, balance_as_of=NOW - week)
        assert promises.returned(connection, number, 0, NOW) == 0
        assert promises.returned(connection, number, 2, NOW) == 2

        def came_back(turn: int, at: datetime) -> None:
            payment(connection, number, turn=turn, status="returned", returned_at=at)

        came_back(1, NOW - 2 * week)
        assert promises.returned(connection, number, 0, NOW) == 1
        assert promises.returned(connection, number, 1, NOW) == 1
        came_back(2, NOW - timedelta(days=1))
        assert promises.returned(connection, number, 1, NOW) == 2
        came_back(3, NOW - timedelta(days=366))
        assert promises.returned(connection, number, 0, NOW) == 2

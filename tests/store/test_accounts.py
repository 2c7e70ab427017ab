from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, Engine

from ivr.store.accounts import Bill, read_bill
from tests.builders import NOW, account, payment

CHICAGO = ZoneInfo("America/Chicago")
HOUR = timedelta(hours=1)


def bill(connection: Connection, number: int) -> Bill:
    found = read_bill(connection, number, CHICAGO)
    assert found is not None
    return found


def paid(connection: Connection, number: int, at: datetime, **values: Any) -> int:
    more = {"status": "charged", "charged_at": at, "turn": int(at.timestamp()), **values}
    return payment(connection, number, **more)


def test_an_account_that_is_not_there_has_no_bill(database: Engine) -> None:
    with database.begin() as connection:
        assert read_bill(connection, 1, CHICAGO) is None


def test_a_bill_tells_what_was_imported(database: Engine) -> None:
    with database.begin() as connection:
        number = account(
            connection,
            "84.20",
            past_due_cents=3210,
            due_date=date(2026, 12, 5),
            last_payment_cents=8420,
            last_payment_date=date(2026, 11, 4),
            services="internet;tv",
            status="suspended",
            language="es",
            autopay=True,
            node="N12",
        )
        found = bill(connection, number)
    assert (found.balance_cents, found.past_due_cents) == (8420, 3210)
    assert found.due_date == date(2026, 12, 5)
    assert (found.last_payment_date, found.last_payment_cents) == (date(2026, 11, 4), 8420)
    assert (found.services, found.status, found.language) == (
        *(("internet", "tv"), "suspended", "es"),
    )
    assert (found.autopay, found.node, found.account) == (True, "N12", number)


def test_what_was_paid_by_phone_since_the_import_is_not_owed(database: Engine) -> None:
    with database.begin() as connection:
        number = account(connection, "84.20", past_due_cents=3210)
        other = account(connection, "10.00", number="1000000143")
        paid(connection, number, NOW + HOUR, amount_cents=1000)
        paid(connection, number, NOW + 2 * HOUR, amount_cents=500, status="posted")
        paid(connection, other, NOW + HOUR, call_sid="CA2", amount_cents=300)
        found = bill(connection, number)
        assert (found.balance_cents, found.past_due_cents) == (6920, 1710)
        assert bill(connection, other).balance_cents == 700


def test_what_the_import_knows_already_is_not_taken_off_twice(database: Engine) -> None:
    with database.begin() as connection:
        number = account(connection, "84.20")
        paid(connection, number, NOW - timedelta(seconds=1))
        assert bill(connection, number).balance_cents == 8420
        paid(connection, number, NOW, amount_cents=100)  # the import is not newer than this
        assert bill(connection, number).balance_cents == 8320


@pytest.mark.parametrize(
    "status", ["awaiting-method", "charging", "unknown", "declined", "canceled", "returned"]
)
def test_money_that_is_not_here_changes_nothing(database: Engine, status: str) -> None:
    with database.begin() as connection:
        number = account(connection, "84.20")
        paid(connection, number, NOW + HOUR, status=status)
        found = bill(connection, number)
    assert (found.balance_cents, found.last_payment_date) == (8420, None)


@pytest.mark.parametrize("status", ["returned", "refunded"])
@pytest.mark.parametrize(("went", "owed"), [(NOW, 8420 + 3210), (NOW - HOUR, 8420)])
def test_money_the_import_counted_is_owed_again_once_it_went_back(
    database: Engine, status: str, went: datetime, owed: int
) -> None:
    with database.begin() as connection:
        number = account(connection, "84.20")
        back = {f"{status}_at": went, "status": status}
        paid(connection, number, NOW - timedelta(days=3), **back)
        assert bill(connection, number).balance_cents == owed


@pytest.mark.parametrize(
    ("balance", "past_due", "amount", "left"),
    [
        ("84.20", 3210, 3210, (5210, 0)),
        ("84.20", 3210, 8420, (0, 0)),
        ("84.20", 3210, 9000, (-580, 0)),
        ("20.00", 3210, 100, (1900, 1900)),
        ("-5.00", 3210, 100, (-600, 0)),
    ],
)
def test_past_due_is_never_below_zero_or_above_what_is_owed(
    database: Engine, balance: str, past_due: int, amount: int, left: tuple[int, int]
) -> None:
    with database.begin() as connection:
        number = account(connection, balance, past_due_cents=past_due)
        paid(connection, number, NOW + HOUR, amount_cents=amount)
        found = bill(connection, number)
    assert (found.balance_cents, found.past_due_cents) == left


def test_the_last_payment_is_the_newer_one_on_its_day_at_the_lines_place(
    database: Engine,
) -> None:
    late = datetime(2026, 11, 20, 20, tzinfo=CHICAGO)  # the 21st in UTC
    with database.begin() as connection:
        number = account(
            connection, "84.20", last_payment_cents=8420, last_payment_date=date(2026, 11, 19)
        )
        paid(connection, number, late - HOUR, amount_cents=100)
        paid(connection, number, late, amount_cents=200)
        found = bill(connection, number)
        assert (found.last_payment_date, found.last_payment_cents) == (date(2026, 11, 20), 200)
        newer = account(
            *(connection, "84.20"),
            number="1000000143",
            last_payment_cents=8420,
            last_payment_date=date(2026, 11, 21),
        )
        paid(connection, newer, late, call_sid="CA2")
        found = bill(connection, newer)
        assert (found.last_payment_date, found.last_payment_cents) == (date(2026, 11, 21), 8420)


def test_an_account_without_money_or_dates_was_never_billed(database: Engine) -> None:
    with database.begin() as connection:
        fresh = account(connection)
        assert not bill(connection, fresh).billed
        payment(connection, fresh, status="charged", charged_at=NOW)
        assert bill(connection, fresh).billed
        assert bill(connection, account(connection, "0.01", number="2")).billed
        due = account(connection, number="3", due_date=date(2026, 12, 5))
        assert bill(connection, due).billed


@pytest.mark.parametrize(
    ("status", "past_due", "cents", "answer"),
    [
        ("suspended", 3210, 3210, True),
        ("suspended", 3210, 8420, True),
        ("suspended", 3210, 3209, False),
        ("suspended", 0, 8420, False),
        ("active", 3210, 3210, False),
    ],
)
def test_all_that_is_past_due_brings_service_back(
    sqlite_database: Engine, status: str, past_due: int, cents: int, answer: bool
) -> None:
    with sqlite_database.begin() as connection:
        number = account(connection, "84.20", status=status, past_due_cents=past_due)
        before = bill(connection, number)
        assert before.restored_by(cents) is answer
        paid(connection, number, NOW + HOUR, amount_cents=cents)
        assert bill(connection, number).before(cents).restored_by(cents) is answer

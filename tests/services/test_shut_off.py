from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from ivr.dialog.call import Identity
from ivr.dialog.turns import Request
from ivr.flows.services import Level
from ivr.prompts.values import Date, Money, Value, YesNo
from ivr.services.balance import READ, read
from ivr.services.context import Context
from ivr.services.payments import QUOTE, quote
from ivr.services.shut_off import EFFECT, NEWS
from ivr.store import promises
from tests.builders import NOW, account, call, context, payment

TODAY = date(2026, 11, 20)
DAY = timedelta(days=1)
YES, NO = YesNo(True), YesNo(False)


def owing(connection: Connection, **values: Any) -> Context:
    """Asked for an account that owes $151.80, of which $67.60 is past due."""
    stops = {"past_due_cents": 6760, "disconnect_date": TODAY + 6 * DAY}
    number = account(connection, "151.80", **{**stops, **values})
    return context(connection, call(identity=Identity(Level.MATCHED, number, number)))


def news(given: Context) -> dict[str, Value]:
    fields = read(given, Request(READ)).fields
    return {name: fields[name] for name in NEWS if name in fields}


def effect(given: Context, cents: int) -> dict[str, Value]:
    fields = quote(given, Request(QUOTE, {"amount": Money(cents)})).fields
    return {name: fields[name] for name in EFFECT if name in fields}


def promised(given: Context, cents: int, due: date) -> None:
    row = {
        "account_id": given.call.identity.account,
        "amount_cents": cents,
        "due_date": due,
        "confirmation": "12345678",
        "call_sid": "CA0",
        "turn": 3,
        "created_at": NOW - DAY,
    }
    assert promises.add(given.connection, row)


QUIET = {"has-shut-off": NO, "shut-off-passed": NO, "keeps-on": Money(0)}


@pytest.mark.parametrize("ahead", [0, 6])
def test_a_shut_off_to_come_is_told_with_its_day_and_what_stops_it(
    database: Engine, ahead: int
) -> None:
    with database.begin() as connection:
        told = news(owing(connection, disconnect_date=TODAY + ahead * DAY))
    assert told == {
        "shut-off": Date(TODAY + ahead * DAY),
        "keeps-on": Money(6760),
        "has-shut-off": YES,
        "shut-off-passed": NO,
    }


def test_a_day_that_is_past_is_told_as_such(sqlite_database: Engine) -> None:
    with sqlite_database.begin() as connection:
        told = news(owing(connection, disconnect_date=TODAY - DAY))
    assert (told["has-shut-off"], told["shut-off-passed"]) == (NO, YES)


@pytest.mark.parametrize(
    "values",
    [
        {"disconnect_date": None},
        {"disconnect_cents": 0},
        {"past_due_cents": 0},
        {"status": "suspended"},
        {"status": "closed"},
    ],
)
def test_where_nothing_threatens_nothing_is_told(
    sqlite_database: Engine, values: dict[str, Any]
) -> None:
    with sqlite_database.begin() as connection:
        assert news(owing(connection, **values)) == QUIET


def test_less_than_what_is_past_due_may_stop_it(sqlite_database: Engine) -> None:
    with sqlite_database.begin() as connection:
        given = owing(connection, disconnect_cents=5000)
        assert news(given)["keeps-on"] == Money(5000)
        account_id = given.call.identity.account or 0
        payment(connection, account_id, status="charged", charged_at=NOW, amount_cents=1000)
        assert news(given)["keeps-on"] == Money(4000)


@pytest.mark.parametrize(
    ("cents", "due", "covered"),
    [
        (6760, TODAY, True),
        (6760, TODAY + 6 * DAY, True),
        (6759, TODAY + 6 * DAY, False),
        (6760, TODAY - DAY, False),
    ],
)
def test_an_open_promise_of_enough_holds_it_off(
    database: Engine, cents: int, due: date, covered: bool
) -> None:
    with database.begin() as connection:
        given = owing(connection)
        promised(given, cents, due)
        assert (news(given) == QUIET) is covered
        assert (effect(given, 100)["leaves-shut-off"] == NO) is covered


@pytest.mark.parametrize(
    ("cents", "ahead", "keeps", "leaves"),
    [(6760, 6, YES, NO), (6759, 6, NO, YES), (6760, -1, YES, NO), (6759, -1, NO, YES)],
)
def test_a_quote_says_whether_service_stays_on(
    database: Engine, cents: int, ahead: int, keeps: Value, leaves: Value
) -> None:
    day = TODAY + ahead * DAY
    with database.begin() as connection:
        told = effect(owing(connection, disconnect_date=day), cents)
    assert told == {"keeps-service": keeps, "leaves-shut-off": leaves}


def test_where_nothing_threatens_a_payment_changes_nothing(sqlite_database: Engine) -> None:
    with sqlite_database.begin() as connection:
        told = effect(owing(connection, disconnect_date=None), 6760)
    assert set(told.values()) == {NO}

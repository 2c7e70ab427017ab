from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from ivr.dialog.call import Identity
from ivr.dialog.events import Replied
from ivr.dialog.turns import Request
from ivr.errors import CallError
from ivr.flows.services import Level
from ivr.prompts.values import Count, Date, Digits, Money, Reference, Words, YesNo
from ivr.services import received
from ivr.services.context import Context
from ivr.services.received import DETAILS, HISTORY, RECEIVED
from tests.builders import NOW, account, call, context, payment

PAID = date(2026, 11, 4)
TODAY = date(2026, 11, 20)
DAY = timedelta(days=1)
NUMBER = "40278815"


def asking(connection: Connection, **values: Any) -> Context:
    made = account(connection, "84.20", **values)
    return context(connection, call(identity=Identity(Level.VERIFIED, made, made)))


def pays(given: Context, at: datetime = NOW, **values: Any) -> int:
    row = {
        "status": "charged",
        "charged_at": at,
        "last4": "4242",
        "confirmation": NUMBER,
        "turn": int(at.timestamp()),
        **values,
    }
    return payment(given.connection, given.call.identity.account or 0, **row)


def told(given: Context) -> Replied:
    return received.received(given, Request(RECEIVED))


def details(given: Context) -> Replied:
    return received.details(given, Request(DETAILS))


def history(given: Context, after: int | None = None) -> Replied:
    values = {} if after is None else {"after": Count(after)}
    return received.earlier(given, Request(HISTORY, values))


@pytest.mark.parametrize(
    ("status", "values", "outcome"),
    [
        ("charged", {}, "pending"),
        ("charged", {"charged_at": NOW - DAY}, "received"),
        ("charged", {"refund_asked_at": NOW}, "refund-asked"),
        ("posted", {}, "received"),
        ("returned", {}, "returned"),
        ("refunded", {}, "refunded"),
    ],
)
def test_what_became_of_a_payment_by_phone_is_told_with_its_number_and_day(
    database: Engine, status: str, values: dict[str, Any], outcome: str
) -> None:
    with database.begin() as connection:
        given = asking(connection, last_payment_date=PAID)
        pays(given, **{"status": status, **values})
        reply = told(given)
    assert reply.outcome == outcome
    on = TODAY - DAY if "charged_at" in values else TODAY
    assert reply.fields == {
        "date": Date(on),
        "has-confirmation": YesNo(True),
        "confirmation": Reference(NUMBER),
    }


@pytest.mark.parametrize("status", ["charging", "unknown"])
def test_a_payment_without_an_answer_is_neither_received_nor_not(
    database: Engine, status: str
) -> None:
    with database.begin() as connection:
        given = asking(connection, last_payment_date=PAID)
        pays(given, NOW - DAY)
        open_ = {"confirmation": None, "charged_at": None, "asked_at": NOW}
        pays(given, NOW, status=status, **open_)
        assert told(given) == details(given) == Replied("unknown")


@pytest.mark.parametrize("status", ["awaiting-method", "canceled", "declined"])
def test_a_payment_that_took_no_money_is_none(database: Engine, status: str) -> None:
    with database.begin() as connection:
        given = asking(connection)
        pays(given, status=status, confirmation=None)
        assert told(given) == Replied("none")
        assert details(given) == Replied("none", {"has-earlier": YesNo(False)})


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(None, "received"), ("posted", "received"), ("pending", "pending"), ("returned", "returned")],
)
def test_a_payment_only_billing_knows_is_told_as_billing_has_it(
    database: Engine, status: str | None, outcome: str
) -> None:
    with database.begin() as connection:
        given = asking(connection, last_payment_date=PAID, last_payment_status=status)
        reply = told(given)
    assert reply == Replied(outcome, {"date": Date(PAID), "has-confirmation": YesNo(False)})


@pytest.mark.parametrize(
    ("on", "by_phone"), [(TODAY, True), (TODAY - DAY, True), (TODAY + DAY, False)]
)
def test_of_two_payments_the_later_days_is_the_last_one(
    database: Engine, on: date, by_phone: bool
) -> None:
    with database.begin() as connection:
        given = asking(connection, last_payment_date=on)
        pays(given)
        assert told(given).fields["has-confirmation"] == YesNo(by_phone)


def test_the_day_of_a_payment_is_the_one_at_the_lines_place(database: Engine) -> None:
    with database.begin() as connection:
        given = asking(connection)
        pays(given, datetime.fromisoformat("2026-11-20T03:00:00+00:00"))
        assert told(given).fields["date"] == Date(date(2026, 11, 19))


def test_the_amount_of_a_payment_only_billing_knows_is_a_detail(database: Engine) -> None:
    known = {"last_payment_date": PAID, "last_payment_cents": 5000}
    with database.begin() as connection:
        given = asking(connection, **known)
        back = asking(connection, number="2", last_payment_status="returned", **known)
        assert details(given) == Replied(
            "paid", {"amount": Money(5000), "date": Date(PAID), "has-earlier": YesNo(False)}
        )
        assert details(back).outcome == "returned"
    assert DETAILS.level is HISTORY.level is Level.VERIFIED


def test_a_payment_by_phone_has_its_card_number_and_state_as_details(database: Engine) -> None:
    with database.begin() as connection:
        given = asking(connection)
        pays(given, NOW - DAY, confirmation="11111111", status="posted")
        pays(given, method="bank", fee_cents=100)
        reply = details(given)
    assert reply == Replied(
        "by-phone",
        {
            "amount": Money(3310),
            "date": Date(TODAY),
            "method": Words(("method-bank",)),
            "ending": Digits("4242"),
            "state": Words(("is-under-way",)),
            "confirmation": Reference(NUMBER),
            "can-cancel": YesNo(True),
            "has-earlier": YesNo(True),
        },
    )


@pytest.mark.parametrize(
    "values",
    [
        {"charged_at": NOW - DAY},
        {"status": "posted"},
        {"status": "returned"},
        {"refund_asked_at": NOW},
    ],
)
def test_only_todays_payment_that_nobody_touched_can_be_canceled(
    database: Engine, values: dict[str, Any]
) -> None:
    with database.begin() as connection:
        given = asking(connection)
        pays(given, **values)
        assert details(given).fields["can-cancel"] == YesNo(False)


def test_earlier_payments_are_told_three_at_a_time_and_none_twice(database: Engine) -> None:
    with database.begin() as connection:
        given = asking(connection)
        for age in range(7, -1, -1):
            pays(given, NOW - age * DAY, confirmation=str(10**7 + age), amount_cents=1000 + age)
        pays(given, NOW, status="declined", confirmation=None, turn=1)
        heard, after = [], None
        while True:
            reply = history(given, after)
            heard += [
                reply.fields[f"{place}-amount"]
                for place in ("first", "second", "third")
                if f"{place}-amount" in reply.fields
            ]
            if reply.fields.get("has-more") != YesNo(True):
                break
            last = reply.fields["last"]
            assert isinstance(last, Count)
            after = last.number
    assert heard == [Money(1000 + age) for age in range(1, 8)]
    assert reply.outcome == "one"


@pytest.mark.parametrize(("many", "outcome"), [(1, "one"), (2, "two"), (3, "three")])
def test_where_billing_has_the_last_payment_all_by_phone_are_earlier(
    database: Engine, many: int, outcome: str
) -> None:
    with database.begin() as connection:
        given = asking(connection, last_payment_date=TODAY)
        for age in range(many, 0, -1):
            pays(given, NOW - age * DAY, confirmation=str(10**7 + age), status="refunded")
        reply = history(given)
    assert reply.outcome == outcome
    assert reply.fields["first-state"] == Words(("was-canceled",))
    assert reply.fields.get("has-more", YesNo(False)) == YesNo(False)


def test_nobody_elses_payments_are_told(database: Engine) -> None:
    with database.begin() as connection:
        pays(asking(connection))
        given = asking(connection, number="2")
        assert told(given) == Replied("none")
        with pytest.raises(CallError, match="there are none"):
            history(given)


def test_without_an_account_nothing_is_told(database: Engine) -> None:
    with database.begin() as connection, pytest.raises(CallError, match="without an account"):
        told(context(connection, call()))

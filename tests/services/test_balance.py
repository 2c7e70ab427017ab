"""The bill, as the outcome that says it properly."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from ivr.dialog.call import Identity
from ivr.dialog.events import Replied
from ivr.dialog.turns import Request
from ivr.errors import CallError
from ivr.flows.services import Level
from ivr.prompts.values import Date, Money, YesNo
from ivr.services.balance import READ, read
from ivr.services.context import Context
from tests.builders import account, call, context, payment

DUE = date(2026, 12, 5)
PAID = date(2026, 11, 4)


def asking(connection: Connection, *args: Any, **values: Any) -> Context:
    made = account(connection, *args, **values)
    return context(connection, call(identity=Identity(Level.MATCHED, made, made)))


def heard(connection: Connection, *args: Any, **values: Any) -> Replied:
    return read(asking(connection, *args, **values), Request(READ))


@pytest.mark.parametrize(
    ("balance", "values", "outcome"),
    [
        ("84.20", {}, "owes"),
        ("0.01", {}, "owes"),
        ("-5.00", {}, "credit"),
        ("0.00", {"due_date": DUE}, "nothing-due"),
        ("0.00", {"last_payment_date": PAID}, "nothing-due"),
        ("0.00", {}, "no-bill"),
        ("84.20", {"status": "suspended"}, "suspended"),
        ("0.00", {"status": "suspended", "due_date": DUE}, "nothing-due"),
        ("-1.00", {"status": "suspended"}, "credit"),
        ("84.20", {"status": "closed"}, "closed-owing"),
        ("0.00", {"status": "closed"}, "closed"),
        ("-5.00", {"status": "closed"}, "closed"),
    ],
)
def test_every_bill_has_its_own_words(
    database: Engine, balance: str, values: dict[str, Any], outcome: str
) -> None:
    with database.begin() as connection:
        assert heard(connection, balance, **values).outcome == outcome


def test_a_bill_tells_what_there_is(database: Engine) -> None:
    with database.begin() as connection:
        reply = heard(
            connection,
            "84.20",
            past_due_cents=3210,
            due_date=DUE,
            last_payment_date=PAID,
            last_payment_cents=5000,
            autopay=True,
        )
    assert reply.fields == {
        "balance": Money(8420),
        "due": Date(DUE),
        "has-due": YesNo(True),
        "has-no-due": YesNo(False),
        "past-due": Money(3210),
        "has-past-due": YesNo(True),
        "part-past-due": YesNo(True),
        "all-past-due": YesNo(False),
        "last-payment": Date(PAID),
        "has-last-payment": YesNo(True),
        "has-payment-news": YesNo(True),
        "autopay": YesNo(False),  # it would sound as if nothing had to be done
        "can-pay": YesNo(True),
        "closed": YesNo(False),
        "has-shut-off": YesNo(False),
        "shut-off-passed": YesNo(False),
        "keeps-on": Money(0),
    }


def test_a_bill_of_which_all_is_past_due_says_so_in_one_word(database: Engine) -> None:
    with database.begin() as connection:
        fields = heard(connection, "62.40", past_due_cents=6240).fields
    assert (fields["part-past-due"], fields["all-past-due"]) == (YesNo(False), YesNo(True))


def test_a_bill_says_nothing_of_what_there_is_not(database: Engine) -> None:
    with database.begin() as connection:
        fields = heard(connection, "10.00").fields
    assert fields.keys().isdisjoint({"due", "last-payment"})
    for name in ("has-due", "has-past-due", "has-last-payment", "has-payment-news", "autopay"):
        assert fields[name] == YesNo(False), name
    assert fields["has-no-due"] == YesNo(True)


def test_a_closed_account_is_told_from_others(sqlite_database: Engine) -> None:
    with sqlite_database.begin() as connection:
        fields = heard(connection, "84.20", status="closed", autopay=True).fields
    assert fields["closed"] == fields["can-pay"] == YesNo(True)
    assert fields["autopay"] == YesNo(False)


def test_autopay_is_told_where_nothing_is_past_due(sqlite_database: Engine) -> None:
    with sqlite_database.begin() as connection:
        fields = heard(connection, "84.20", due_date=DUE, autopay=True).fields
    assert fields["autopay"] == YesNo(True)


def test_a_credit_is_an_amount_and_nothing_to_pay(database: Engine) -> None:
    with database.begin() as connection:
        fields = heard(connection, "-5.00", due_date=DUE).fields
    assert fields["balance"] == Money(500)
    assert fields["can-pay"] == fields["has-due"] == fields["has-no-due"] == YesNo(False)


def test_no_field_is_given_that_was_not_declared(database: Engine) -> None:
    with database.begin() as connection:
        reply = heard(connection, "84.20", due_date=DUE, last_payment_date=PAID)
    assert reply.fields.keys() <= READ.outcomes[reply.outcome].keys()


def test_a_payment_that_came_back_is_news_and_none_that_we_got(database: Engine) -> None:
    values = {"last_payment_date": PAID, "last_payment_status": "returned"}
    with database.begin() as connection:
        fields = heard(connection, "84.20", **values).fields
    assert (fields["has-last-payment"], fields["has-payment-news"]) == (YesNo(False), YesNo(True))


@pytest.mark.parametrize("status", ["charging", "unknown", "returned", "refunded"])
def test_a_payment_by_phone_is_news_whatever_became_of_it(database: Engine, status: str) -> None:
    with database.begin() as connection:
        given = asking(connection, "84.20")
        payment(connection, given.call.identity.account or 0, status=status)
        fields = read(given, Request(READ)).fields
    assert (fields["has-last-payment"], fields["has-payment-news"]) == (YesNo(False), YesNo(True))


@pytest.mark.parametrize("who", [Identity(), Identity(Level.MATCHED, 999, 999)])
def test_a_bill_of_nobody_is_a_call_error(database: Engine, who: Identity) -> None:
    with database.begin() as connection, pytest.raises(CallError, match="without an account"):
        read(context(connection, call(identity=who)), Request(READ))

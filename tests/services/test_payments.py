from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select

from ivr.dialog.call import Call, Identity
from ivr.dialog.events import Replied
from ivr.dialog.turns import Request
from ivr.errors import CallError
from ivr.flows.rules import PaymentRules
from ivr.flows.services import Level
from ivr.prompts.values import Money, Value, YesNo
from ivr.services.balance import bill_of
from ivr.services.context import Context, Local
from ivr.services.intending import intend
from ivr.services.payments import CANCEL, INTEND, OFFER, QUOTE, cancel, offer, quote
from ivr.services.settling import charge_of, intent_of
from ivr.store import payments, tables
from tests.builders import NOW, account, book, call, context, payment
from tests.services.enrolments import enrolled, method

HOUR = timedelta(hours=1)
DAY = timedelta(hours=24)
MIDNIGHT = datetime(2026, 11, 20, 6, tzinfo=UTC)
"""The start of the day at the line's place."""


def matched(number: int, sid: str = "CA1") -> Call:
    return call(sid, identity=Identity(Level.MATCHED, number, number))


def asked(connection: Connection, number: int, **values: Any) -> Context:
    return context(connection, matched(number), **values)


def offered(connection: Connection, number: int) -> Replied:
    return offer(asked(connection, number), Request(OFFER))


def for_amount(cents: int) -> Request:
    return Request(QUOTE, {"amount": Money(cents)})


def under(connection: Connection, number: int, rules: PaymentRules, **values: Any) -> Context:
    """A matched caller of a line whose book has these rules."""
    return asked(connection, number, book=book(payments=rules), **values)


def intended(connection: Connection, number: int, cents: int, turn: int = 5) -> str:
    return agreed(asked(connection, number, turn=turn), {"amount": Money(cents)})


def agreed(given: Context, values: Mapping[str, Value]) -> str:
    reply = intend.prepare(given, Request(INTEND, values))
    assert isinstance(reply, Replied)  # a gateway that opens nothing is not asked
    return reply.outcome


def rows(connection: Connection) -> list[Any]:
    return list(connection.execute(select(tables.payments).order_by(tables.payments.c.id)))


@pytest.mark.parametrize(
    ("status", "may"), [("active", True), ("suspended", True), ("closed", False)]
)
def test_a_closed_account_pays_what_it_owes_and_is_offered_nothing_later(
    database: Engine, status: str, may: bool
) -> None:
    with database.begin() as connection:
        reply = offered(connection, account(connection, "84.20", status=status))
    assert (reply.outcome, reply.fields["can-pay-full"]) == ("owes", YesNo(True))
    assert reply.fields["may-autopay"] == reply.fields["may-promise"] == YesNo(may)


def test_a_closed_account_that_is_enrolled_can_still_end_it(database: Engine) -> None:
    with database.begin() as connection:
        number = account(connection, "84.20", status="closed")
        enrolled(connection, number, method(connection, number))
        reply = offered(connection, number)
    assert reply.fields["may-autopay"] == YesNo(True)
    assert reply.fields["may-promise"] == YesNo(False)


def test_what_may_be_paid_is_the_past_due_part_or_all_or_less(database: Engine) -> None:
    with database.begin() as connection:
        number = account(connection, "84.20", past_due_cents=3210, autopay=True)
        reply = offered(connection, number)
    assert reply.outcome == "owes"
    assert reply.fields == {
        "balance": Money(8420),
        "past-due": Money(3210),
        "has-past-due": YesNo(True),
        "can-pay-full": YesNo(True),
        "limited": YesNo(False),
        "can-choose": YesNo(True),
        "may-autopay": YesNo(True),
        "may-promise": YesNo(True),
        "least": Money(100),
        "most": Money(8420),
        "autopay": YesNo(False),
        "has-fee": YesNo(False),
        "fee": Money(0),
        "draft-soon": YesNo(False),
        "draft-twice": YesNo(False),
    }


def offered_under(
    connection: Connection, rules: PaymentRules, balance: str, **values: Any
) -> Mapping[str, Value]:
    given = asked(connection, account(connection, balance, **values), book=book(payments=rules))
    return offer(given, Request(OFFER)).fields


@pytest.mark.parametrize(
    ("balance", "most", "full", "past_due"),
    [
        ("84.20", 13420, True, True),
        ("150.00", 20000, True, True),
        ("150.01", 20000, True, True),
        ("200.00", 20000, True, True),
        ("200.01", 20000, False, True),
    ],
)
def test_the_book_says_how_much_may_be_paid_at_a_time(
    sqlite_database: Engine, balance: str, most: int, full: bool, past_due: bool
) -> None:
    rules = PaymentRules(most=20000, over=5000)
    with sqlite_database.begin() as connection:
        fields = offered_under(connection, rules, balance, past_due_cents=3210)
    assert fields["most"] == Money(most)
    assert (fields["can-pay-full"], fields["limited"]) == (YesNo(full), YesNo(not full))
    assert fields["has-past-due"] == YesNo(past_due)


def test_a_past_due_part_that_is_more_than_may_be_paid_is_not_offered(
    sqlite_database: Engine,
) -> None:
    with sqlite_database.begin() as connection:
        fields = offered_under(connection, PaymentRules(most=3209), "84.20", past_due_cents=3210)
    assert (fields["has-past-due"], fields["can-choose"]) == (YesNo(False), YesNo(True))


def test_a_closed_account_gets_no_credit(sqlite_database: Engine) -> None:
    with sqlite_database.begin() as connection:
        fields = offered_under(connection, PaymentRules(over=5000), "43.15", status="closed")
    assert fields["most"] == Money(4315)


def test_a_fee_is_told_before_an_amount_is_chosen(sqlite_database: Engine) -> None:
    with sqlite_database.begin() as connection:
        fields = offered_under(connection, PaymentRules(fee=200), "84.20")
    assert (fields["has-fee"], fields["fee"], fields["most"]) == (
        YesNo(True),
        Money(200),
        Money(8420),
    )


def test_who_owes_less_than_the_least_pays_just_that(sqlite_database: Engine) -> None:
    with sqlite_database.begin() as connection:
        fields = offered_under(connection, PaymentRules(least=500), "4.99")
    assert (fields["least"], fields["can-choose"]) == (Money(499), YesNo(False))


def test_autopay_is_told_of_only_where_it_has_not_failed_already(sqlite_database: Engine) -> None:
    with sqlite_database.begin() as connection:
        reply = offered(connection, account(connection, "84.20", autopay=True))
    assert reply.fields["autopay"] == YesNo(True)


@pytest.mark.parametrize(("balance", "past_due"), [("62.40", 6240), ("62.40", 0)])
def test_a_past_due_part_that_is_all_or_nothing_is_no_choice(
    sqlite_database: Engine, balance: str, past_due: int
) -> None:
    with sqlite_database.begin() as connection:
        number = account(connection, balance, past_due_cents=past_due)
        assert offered(connection, number).fields["has-past-due"] == YesNo(False)


def test_less_than_a_dollar_is_paid_whole(sqlite_database: Engine) -> None:
    with sqlite_database.begin() as connection:
        fields = offered(connection, account(connection, "0.37")).fields
    assert (fields["least"], fields["most"]) == (Money(37), Money(37))


@pytest.mark.parametrize(
    ("balance", "status", "outcome", "fields"),
    [
        ("0.00", "active", "nothing-due", {}),
        ("-5.00", "active", "credit", {"balance": Money(500)}),
        ("0.00", "suspended", "nothing-due", {}),
        ("0.00", "closed", "agent-only", {}),
        ("-5.00", "closed", "agent-only", {}),
    ],
)
def test_where_nothing_is_owed_nothing_is_taken(
    sqlite_database: Engine, balance: str, status: str, outcome: str, fields: dict[str, Value]
) -> None:
    with sqlite_database.begin() as connection:
        reply = offered(connection, account(connection, balance, status=status))
    assert (reply.outcome, reply.fields) == (outcome, fields)


def test_a_closed_account_may_pay_what_it_owes(sqlite_database: Engine) -> None:
    with sqlite_database.begin() as connection:
        assert offered(connection, account(connection, "43.15", status="closed")).outcome == "owes"


@pytest.mark.parametrize("status", ["charging", "unknown"])
def test_nobody_pays_while_a_payment_has_no_answer(database: Engine, status: str) -> None:
    with database.begin() as connection:
        number = account(connection, "84.20")
        open_one = {"status": status, "asked_at": NOW, "call_sid": "CA0"}
        payment(connection, number, created_at=NOW - DAY, **open_one)
        assert offered(connection, number).outcome == "owes"
        payment(connection, number, created_at=NOW - DAY + HOUR, turn=6, **open_one)
        assert offered(connection, number).outcome == "pending"
        assert intended(connection, number, 3210) == "pending"
        assert len(rows(connection)) == 2


def test_six_times_a_day_is_how_often_a_gateway_is_asked_for_an_account(database: Engine) -> None:
    with database.begin() as connection:
        number = account(connection, "84.20")
        other = account(connection, "84.20", number="2")

        def tried(turn: int, status: str, at: datetime, whose: int = number) -> None:
            payment(connection, whose, turn=turn, status=status, asked_at=at, call_sid="CA0")

        for turn in range(4):
            tried(turn, "declined", MIDNIGHT)
        tried(5, "refunded", NOW)
        tried(6, "declined", MIDNIGHT - timedelta(seconds=1))
        tried(7, "declined", NOW, other)
        tried(8, "canceled", NOW)
        payment(connection, number, turn=9, call_sid="CA0")
        assert offered(connection, number).outcome == "owes"
        fewer = under(connection, number, PaymentRules(tries=5))
        assert offer(fewer, Request(OFFER)).outcome == "limit"
        tried(10, "posted", NOW)
        assert offered(connection, number).outcome == "limit"
        assert intended(connection, number, 3210) == "limit"


@pytest.mark.parametrize(
    ("status", "cents", "restores", "leaves"),
    [
        ("suspended", 3210, True, False),
        ("suspended", 3209, False, True),
        ("active", 3210, False, False),
        ("active", 100, False, False),
    ],
)
def test_a_quote_says_whether_service_comes_back(
    database: Engine, status: str, cents: int, restores: bool, leaves: bool
) -> None:
    with database.begin() as connection:
        number = account(connection, "84.20", past_due_cents=3210, status=status)
        reply = quote(asked(connection, number), for_amount(cents))
    assert reply.outcome == "quoted"
    assert reply.fields == {
        "amount": Money(cents),
        "has-fee": YesNo(False),
        "fee": Money(0),
        "total": Money(cents),
        "over-owed": YesNo(False),
        "over": Money(0),
        "restores": YesNo(restores),
        "leaves-suspended": YesNo(leaves),
        "keeps-service": YesNo(False),
        "leaves-shut-off": YesNo(False),
        "again": YesNo(False),
        "has-saved": YesNo(False),
        "takes-bank": YesNo(False),
    }


def test_a_quote_says_what_is_charged_and_what_stays_as_a_credit(sqlite_database: Engine) -> None:
    with sqlite_database.begin() as connection:
        given = under(connection, account(connection, "84.20"), PaymentRules(over=5000, fee=200))
        even, more = (quote(given, for_amount(cents)).fields for cents in (8420, 10000))
    assert (even["over-owed"], even["over"], even["total"]) == (YesNo(False), Money(0), Money(8620))
    assert (more["over-owed"], more["over"]) == (YesNo(True), Money(1580))
    assert (more["has-fee"], more["fee"]) == (YesNo(True), Money(200))
    assert (more["amount"], more["total"]) == (Money(10000), Money(10200))


@pytest.mark.parametrize(
    ("paid", "again"),
    [
        ({}, True),
        ({"status": "posted"}, True),
        ({"fee_cents": 200}, True),
        ({"charged_at": NOW - DAY}, False),
        ({"amount_cents": 3211}, False),
        ({"status": "refunded"}, False),
        ({"status": "returned"}, False),
        ({"status": "declined", "charged_at": None}, False),
    ],
)
def test_the_same_amount_within_a_day_is_asked_about(
    database: Engine, paid: dict[str, Any], again: bool
) -> None:
    ended = {"status": "charged", "charged_at": NOW - DAY + timedelta(seconds=1), **paid}
    with database.begin() as connection:
        number = account(connection, "84.20", balance_as_of=NOW - 2 * DAY)
        other = account(connection, "84.20", number="2")
        payment(connection, number, call_sid="CA0", **ended)
        reply = quote(asked(connection, number), for_amount(3210))
        theirs = quote(asked(connection, other), for_amount(3210))
    assert theirs.fields["again"] == YesNo(False)
    assert reply.fields["again"] == YesNo(again)


def test_suspended_without_a_past_due_part_promises_nothing(sqlite_database: Engine) -> None:
    with sqlite_database.begin() as connection:
        number = account(connection, "84.20", status="suspended")
        fields = quote(asked(connection, number), for_amount(8420)).fields
    assert (fields["restores"], fields["leaves-suspended"]) == (YesNo(False), YesNo(False))


def test_a_yes_is_written_down_once_with_the_key_it_will_be_charged_under(
    database: Engine,
) -> None:
    with database.begin() as connection:
        number = account(connection, "84.20")
        assert intended(connection, number, 3210) == "intended"
        assert intended(connection, number, 3210) == "intended"
        [row] = rows(connection)
    assert (row.account_id, row.call_sid, row.turn, row.amount_cents) == (number, "CA1", 5, 3210)
    assert (row.status, row.currency, row.created_at) == ("awaiting-method", "usd", NOW)
    assert row.idempotency_key == "CA1-5"
    assert (row.token, row.asked_at, row.confirmation) == (None, None, None)


def test_a_second_yes_cancels_the_first_one_of_its_call_only(database: Engine) -> None:
    with database.begin() as connection:
        number = account(connection, "84.20")
        payment(connection, number, call_sid="CA0")
        intended(connection, number, 3210, turn=5)
        intended(connection, number, 8420, turn=9)
        assert [(row.call_sid, row.turn, row.status) for row in rows(connection)] == [
            ("CA0", 5, "awaiting-method"),
            ("CA1", 5, "canceled"),
            ("CA1", 9, "awaiting-method"),
        ]


@pytest.mark.parametrize("cents", [8421, 0, -100])
def test_what_is_not_owed_any_more_is_not_taken(sqlite_database: Engine, cents: int) -> None:
    with sqlite_database.begin() as connection:
        number = account(connection, "84.20")
        assert intended(connection, number, cents) == "unavailable"
        assert rows(connection) == []


def test_a_fee_is_charged_with_the_amount_and_not_credited(database: Engine) -> None:
    with database.begin() as connection:
        number = account(connection, "84.20")
        given = under(connection, number, PaymentRules(fee=200), turn=5)
        assert agreed(given, {"amount": Money(3410), "over": Money(0)}) == "intended"
        [row] = rows(connection)
        payments.move(connection, row.id, "charging", {"updated_at": NOW})
        payments.move(connection, row.id, "charged", {"updated_at": NOW, "charged_at": NOW})
        taken, bill = payments.read(connection, row.id), bill_of(given)
    assert (row.amount_cents, row.fee_cents, row.over_cents) == (3210, 200, 0)
    assert (charge_of(taken).cents, intent_of(taken).cents) == (3410, 3410)
    assert bill.balance_cents == 8420 - 3210


@pytest.mark.parametrize(
    ("cents", "over", "outcome", "kept"),
    [
        (10000, 1580, "intended", 1580),
        (13420, 5000, "intended", 5000),
        (13421, 5001, "unavailable", None),  # more than the book allows
        (10000, 1579, "unavailable", None),  # they heard of less: it was paid meanwhile
        (10000, None, "unavailable", None),
        (8420, 1580, "intended", 0),
    ],
)
def test_more_than_owed_is_taken_as_far_as_they_heard_and_the_book_allows(
    sqlite_database: Engine, cents: int, over: int | None, outcome: str, kept: int | None
) -> None:
    heard = {} if over is None else {"over": Money(over)}
    with sqlite_database.begin() as connection:
        given = under(connection, account(connection, "84.20"), PaymentRules(over=5000))
        assert agreed(given, {"amount": Money(cents), **heard}) == outcome
        assert [row.over_cents for row in rows(connection)] == ([] if kept is None else [kept])


@pytest.mark.parametrize(
    ("values", "rules"),
    [
        ({"status": "closed"}, PaymentRules(over=5000)),
        ({}, PaymentRules(most=8499, over=5000)),
    ],
)
def test_what_the_rules_do_not_allow_is_not_taken_whatever_the_book_asks(
    sqlite_database: Engine, values: dict[str, Any], rules: PaymentRules
) -> None:
    with sqlite_database.begin() as connection:
        given = under(connection, account(connection, "84.20", **values), rules)
        assert agreed(given, {"amount": Money(8500), "over": Money(80)}) == "unavailable"


@pytest.mark.parametrize(("words", "reason"), [({}, "stopped"), ({"mark": "hung-up"}, "hung-up")])
def test_canceling_gives_up_what_has_no_card_yet(
    database: Engine, words: dict[str, str], reason: str
) -> None:
    with database.begin() as connection:
        number = account(connection, "84.20")
        payment(connection, number)
        payment(connection, number, turn=2, status="intended")
        payment(connection, number, turn=3, status="charged", charged_at=NOW)
        payment(connection, number, call_sid="CA2")
        given = replace(asked(connection, number), turn=6)
        for _ in range(2):
            assert cancel(given, Request(CANCEL, words=words)).outcome == "canceled"
        assert [(row.status, row.decline_code) for row in rows(connection)] == [
            ("canceled", reason),
            ("canceled", reason),
            ("charged", None),
            ("awaiting-method", None),
        ]


@pytest.mark.parametrize("service", [offer, quote, intend.prepare])
def test_nobody_pays_without_an_account(sqlite_database: Engine, service: Local) -> None:
    with sqlite_database.begin() as connection, pytest.raises(CallError):
        service(context(connection, call()), for_amount(100))


def test_an_amount_must_be_money(sqlite_database: Engine) -> None:
    with sqlite_database.begin() as connection:
        given = asked(connection, account(connection, "84.20"))
        with pytest.raises(CallError, match="without an amount"):
            quote(given, Request(QUOTE, {"amount": YesNo(True)}))

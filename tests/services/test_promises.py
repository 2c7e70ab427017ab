from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select

from ivr.dialog.call import Call, Identity
from ivr.dialog.events import Replied
from ivr.dialog.turns import Request
from ivr.errors import CallError, StoreError
from ivr.flows.rules import Covers, PromiseRules
from ivr.flows.services import Level
from ivr.prompts.values import Choices, Date, Money, Reference, Text, Value, YesNo
from ivr.services.balance import bill_of
from ivr.services.context import Context
from ivr.services.promises import MAKE, OFFER, TERMS, make, offer, terms
from ivr.services.shut_off import news
from ivr.store import tables
from tests.builders import NOW, account, book, call, context, payment
from tests.line import SHIPPED

TODAY = date(2026, 11, 20)
DAY = timedelta(days=1)
RULES = PromiseRules(ceiling=49900, days=11, between=90, customer_for=180)
OWES: dict[str, Any] = {"past_due_cents": 6760, "last_payment_date": TODAY - 30 * DAY}


def verified(number: int, sid: str = "CA1") -> Call:
    return call(sid, identity=Identity(Level.VERIFIED, number, number))


def asked(
    connection: Connection, number: int, rules: PromiseRules | None = RULES, **values: Any
) -> Context:
    return context(connection, verified(number), book=book(promises=rules), **values)


def offered(connection: Connection, rules: PromiseRules | None = RULES, **values: Any) -> Replied:
    """What an account is offered that owes $151.80, of which $67.60 is past due."""
    number = account(connection, "151.80", **{**OWES, **values})
    return offer(asked(connection, number, rules), Request(OFFER))


def days_of(reply: Replied) -> list[date]:
    listed = reply.fields["days"]
    assert isinstance(listed, Choices)
    for choice in listed.items:
        assert choice.values == (("day", Date(date.fromisoformat(choice.value))),)
    return [date.fromisoformat(choice.value) for choice in listed.items]


def to_make(cents: int, day: date) -> Request:
    return Request(MAKE, {"amount": Money(cents), "day": Date(day)})


def made(connection: Connection, number: int, **values: Any) -> Replied:
    given = asked(connection, number, **values)
    return make(given, to_make(6760, given.local.date() + 3 * DAY))


def rows(connection: Connection) -> list[Any]:
    return list(connection.execute(select(tables.promises).order_by(tables.promises.c.id)))


def test_the_past_due_part_may_be_promised_by_one_of_three_days(database: Engine) -> None:
    with database.begin() as connection:
        reply = offered(connection)
    assert reply.outcome == "possible"
    assert reply.fields["amount"] == Money(6760)
    assert days_of(reply) == [TODAY + 3 * DAY, TODAY + 7 * DAY, TODAY + 11 * DAY]


def test_a_book_may_want_all_that_is_owed_to_be_promised(sqlite_database: Engine) -> None:
    with sqlite_database.begin() as connection:
        reply = offered(connection, replace(RULES, covers=Covers.BALANCE))
    assert reply.fields["amount"] == Money(15180)


@pytest.mark.parametrize(("most", "days"), [(1, [1]), (3, [3]), (4, [3, 4]), (7, [3, 7])])
def test_the_days_end_with_the_latest_one(
    sqlite_database: Engine, most: int, days: list[int]
) -> None:
    with sqlite_database.begin() as connection:
        reply = offered(connection, replace(RULES, days=most))
    assert days_of(reply) == [TODAY + ahead * DAY for ahead in days]


@pytest.mark.parametrize(("past", "latest"), [(0, 6), (2, 8), (9, 11)])
def test_a_promise_reaches_no_further_past_a_shut_off_than_the_rules_say(
    sqlite_database: Engine, past: int, latest: int
) -> None:
    with sqlite_database.begin() as connection:
        stops = {"disconnect_date": TODAY + 6 * DAY}
        reply = offered(connection, replace(RULES, past_shut_off=past), **stops)
    assert days_of(reply)[-1] == TODAY + latest * DAY


def test_what_is_promised_is_enough_to_keep_service_on(sqlite_database: Engine) -> None:
    stops = {"disconnect_date": TODAY + 5 * DAY, "disconnect_cents": 10000}
    with sqlite_database.begin() as connection:
        number = account(connection, "151.80", **{**OWES, **stops})
        given, day = asked(connection, number), TODAY + 3 * DAY
        assert offer(given, Request(OFFER)).fields["amount"] == Money(10000)
        told = terms(given, Request(TERMS, {"day": Text(day.isoformat())})).fields
        assert (told["amount"], told["keeps-on"]) == (Money(10000), YesNo(True))
        assert make(given, to_make(6760, day)).outcome == "refused"
        assert make(given, to_make(10000, day)).outcome == "made"
        assert news(given, bill_of(given))["has-shut-off"] == YesNo(False)


def test_a_shut_off_that_was_paid_for_limits_nothing(sqlite_database: Engine) -> None:
    with sqlite_database.begin() as connection:
        reply = offered(connection, disconnect_date=TODAY + DAY, disconnect_cents=0)
    assert days_of(reply)[-1] == TODAY + 11 * DAY


@pytest.mark.parametrize(
    ("outcome", "fields", "values"),
    [
        ("closed", {}, {"status": "closed"}),
        ("nothing-due", {}, {"past_due_cents": 0}),
        ("suspended", {}, {"status": "suspended"}),
        ("never-paid", {}, {"last_payment_date": None}),
        ("new-customer", {}, {"customer_since": TODAY - 179 * DAY}),
        ("returned-payment", {}, {"returned_payments": 1}),
        ("too-much", {"most": Money(49900)}, {"balance_cents": 60000, "past_due_cents": 49901}),
        ("too-late", {}, {"disconnect_date": TODAY}),
        ("too-late", {}, {"disconnect_date": TODAY - DAY}),
        ("possible", None, {"past_due_cents": 1}),
        ("possible", None, {"customer_since": TODAY - 180 * DAY}),
        ("possible", None, {"balance_cents": 60000, "past_due_cents": 49900}),
        ("possible", None, {"disconnect_date": TODAY + DAY}),
    ],
)
def test_each_rule_refuses_at_its_edge(
    sqlite_database: Engine,
    outcome: str,
    fields: dict[str, Value] | None,
    values: dict[str, Any],
) -> None:
    with sqlite_database.begin() as connection:
        reply = offered(connection, **values)
    assert reply.outcome == outcome
    assert fields is None or reply.fields == fields


def test_rules_may_be_milder(sqlite_database: Engine) -> None:
    mild = replace(RULES, customer_for=0, returned=2, suspended=True)
    with sqlite_database.begin() as connection:
        facts = {"customer_since": TODAY, "returned_payments": 2, "status": "suspended"}
        assert offered(connection, mild, **facts).outcome == "possible"


def test_a_payment_by_phone_that_came_back_counts_too(sqlite_database: Engine) -> None:
    with sqlite_database.begin() as connection:
        number = account(connection, "151.80", **OWES)
        payment(connection, number, status="returned", returned_at=NOW - DAY)
        reply = offer(asked(connection, number), Request(OFFER))
    assert reply.outcome == "returned-payment"


def test_a_book_without_rules_offers_no_promise(sqlite_database: Engine) -> None:
    with sqlite_database.begin() as connection:
        assert offered(connection, None).outcome == "not-offered"


def test_the_terms_are_said_with_the_day_that_was_chosen(database: Engine) -> None:
    with database.begin() as connection:
        number = account(connection, "151.80", **OWES)
        chosen = Request(TERMS, {"day": Text("2026-11-27")})
        reply = terms(asked(connection, number), chosen)
    assert reply.outcome == "stated"
    assert reply.fields == {
        "amount": Money(6760),
        "date": Date(date(2026, 11, 27)),
        "keeps-on": YesNo(True),
        "stays-off": YesNo(False),
    }


def test_a_suspended_account_hears_that_service_stays_off(sqlite_database: Engine) -> None:
    with sqlite_database.begin() as connection:
        number = account(connection, "151.80", status="suspended", **OWES)
        given = asked(connection, number, replace(RULES, suspended=True))
        fields = terms(given, Request(TERMS, {"day": Text("2026-11-27")})).fields
    assert (fields["keeps-on"], fields["stays-off"]) == (YesNo(False), YesNo(True))


@pytest.mark.parametrize("day", [Text("2026-11-28"), Text("soon"), Money(3)])
def test_a_day_that_was_not_offered_has_no_terms(sqlite_database: Engine, day: Value) -> None:
    with sqlite_database.begin() as connection:
        number = account(connection, "151.80", **OWES)
        with pytest.raises(CallError, match="not offered"):
            terms(asked(connection, number), Request(TERMS, {"day": day}))


def test_a_promise_is_made_once_however_often_its_turn_runs(database: Engine) -> None:
    with database.begin() as connection:
        number = account(connection, "151.80", **OWES)
        reply = made(connection, number, turn=9)
        assert made(connection, number, turn=9) == reply
        [row] = rows(connection)
    assert reply.outcome == "made"
    assert reply.fields == {
        "amount": Money(6760),
        "date": Date(TODAY + 3 * DAY),
        "confirmation": Reference(row.confirmation),
    }
    assert len(row.confirmation) == 8
    assert (row.account_id, row.amount_cents, row.due_date) == (number, 6760, TODAY + 3 * DAY)
    assert (row.call_sid, row.turn, row.created_at) == ("CA1", 9, NOW)


def test_a_second_promise_is_told_of_the_first(database: Engine) -> None:
    with database.begin() as connection:
        number = account(connection, "151.80", **OWES)
        made(connection, number)
        reply = offer(asked(connection, number), Request(OFFER))
        assert made(connection, number, turn=2).outcome == "refused"
    assert reply == Replied("already", {"amount": Money(6760), "date": Date(TODAY + 3 * DAY)})


@pytest.mark.parametrize(("days", "outcome"), [(4, "too-soon"), (89, "too-soon"), (90, "possible")])
def test_between_two_promises_some_days_must_pass(
    sqlite_database: Engine, days: int, outcome: str
) -> None:
    with sqlite_database.begin() as connection:
        number = account(connection, "151.80", **OWES)
        made(connection, number)
        given = asked(connection, number, now=NOW + days * DAY)
        reply = offer(given, Request(OFFER))
    assert reply.outcome == outcome
    if outcome == "too-soon":
        assert reply.fields == {"again": Date(TODAY + 90 * DAY)}


def test_a_promise_that_was_kept_is_no_longer_open(sqlite_database: Engine) -> None:
    with sqlite_database.begin() as connection:
        number = account(connection, "151.80", **{**OWES, "past_due_cents": 9000})
        assert make(asked(connection, number), to_make(9000, TODAY + 3 * DAY)).outcome == "made"
        given = {"status": "charged", "charged_at": NOW, "call_sid": "CA2"}
        payment(connection, number, amount_cents=9000, **given)
        connection.execute(
            tables.accounts.update().values(balance_as_of=NOW + DAY, past_due_cents=500)
        )
        assert offer(asked(connection, number), Request(OFFER)).outcome == "too-soon"


@pytest.mark.parametrize(
    ("cents", "ahead"), [(6761, 3), (6759, 3), (6760, 4), (6760, 12), (6760, 0)]
)
def test_only_what_was_offered_can_be_promised(
    sqlite_database: Engine, cents: int, ahead: int
) -> None:
    with sqlite_database.begin() as connection:
        number = account(connection, "151.80", **OWES)
        reply = make(asked(connection, number), to_make(cents, TODAY + ahead * DAY))
        assert (reply.outcome, rows(connection)) == ("refused", [])


def test_a_book_that_lost_its_rules_takes_no_promise(sqlite_database: Engine) -> None:
    with sqlite_database.begin() as connection:
        number = account(connection, "151.80", **OWES)
        given = asked(connection, number, None)
        assert make(given, to_make(6760, TODAY + 3 * DAY)).outcome == "refused"
        with pytest.raises(CallError):
            terms(given, Request(TERMS, {"day": Text("2026-11-23")}))


def test_a_number_that_is_taken_is_drawn_again(
    sqlite_database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = iter([1, 1, 2])
    monkeypatch.setattr("secrets.randbelow", lambda below: next(drawn))
    with sqlite_database.begin() as connection:
        number = account(connection, "151.80", **OWES)
        other = account(connection, "151.80", number="2", **OWES)
        numbers = [made(connection, number), made(connection, other, turn=2)]
    assert [reply.fields["confirmation"] for reply in numbers] == [
        Reference("10000001"),
        Reference("10000002"),
    ]


def test_where_no_number_is_free_nothing_is_promised(
    sqlite_database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("secrets.randbelow", lambda below: 7)
    with sqlite_database.begin() as connection:
        number = account(connection, "151.80", **OWES)
        other = account(connection, "151.80", number="2", **OWES)
        made(connection, number)
        with pytest.raises(StoreError, match="no free confirmation number"):
            made(connection, other, turn=2)


def test_late_in_the_evening_it_is_still_today_at_the_lines_place(
    sqlite_database: Engine,
) -> None:
    evening = datetime.fromisoformat("2026-11-21T05:30:00+00:00")
    with sqlite_database.begin() as connection:
        number = account(connection, "151.80", **OWES)
        reply = offer(asked(connection, number, now=evening), Request(OFFER))
    assert days_of(reply)[0] == TODAY + 3 * DAY


def test_all_of_promises_needs_the_pin() -> None:
    assert {service.level for service in (OFFER, TERMS, MAKE)} == {Level.VERIFIED}


def test_the_shipped_book_offers_promises() -> None:
    assert SHIPPED.promises == replace(RULES, between=90, customer_for=180)


def test_of_two_calls_that_promise_at_once_one_does(database: Engine) -> None:
    with database.begin() as connection:
        number = account(connection, "151.80", **OWES)

    def promised(connection: Connection, sid: str) -> str:
        given = replace(asked(connection, number), call=verified(number, sid))
        return make(given, to_make(6760, TODAY + 3 * DAY)).outcome

    def other() -> str:
        with database.begin() as connection:
            return promised(connection, "CA2")

    with ThreadPoolExecutor(1) as caller:
        with database.begin() as connection:
            assert promised(connection, "CA1") == "made"
            second = caller.submit(other)
            wait([second], timeout=0.2)  # one that does not wait for the first ends here
        assert second.result(20) == "refused"
    with database.begin() as connection:
        assert len(rows(connection)) == 1

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select, update

from ivr.config import Settings
from ivr.dialog.call import Identity
from ivr.dialog.events import Replied
from ivr.dialog.turns import Request
from ivr.errors import CallError
from ivr.flows.services import Level
from ivr.gateways.payments import Method
from ivr.prompts.values import Choices, Date, Digits, Money, Text, Words, YesNo
from ivr.services.autopay import CANCEL, ENROL, READ, TERMS, cancel, enrol, read, terms
from ivr.services.context import Context
from ivr.store import drafts, methods, tables
from tests.builders import NOW, NoGateway, account, call, context, payment
from tests.services.enrolments import DUE, enrolled, method

TEXTS = Settings(text_from="+18005550199")


def verified(connection: Connection, owner: int, **values: Any) -> Context:
    who = Identity(Level.VERIFIED, owner, owner)
    language = values.pop("language", "en")
    given = {"turn": 7, "settings": TEXTS, **values}
    return context(connection, call(identity=who, language=language), **given)


def choosing(chosen: int) -> Request:
    return Request(ENROL, {"method": Text(str(chosen))})


def customer(connection: Connection, **values: Any) -> int:
    given = {"phone": "+12025550142", "due_date": DUE, **values}
    return account(connection, given.pop("balance", "84.20"), **given)


def endings(reply: Replied) -> list[str]:
    offered = reply.fields["methods"]
    assert isinstance(offered, Choices)
    values = [value for one in offered.items for _, value in one.values]
    return [value.text for value in values if isinstance(value, Digits)]


def rows(connection: Connection, table: str) -> list[Any]:
    found = tables.metadata.tables[table]
    return list(connection.execute(select(found).order_by(found.c.id)))


def notice_states(connection: Connection) -> list[str]:
    found = rows(connection, "texts")
    return [text.status for text in found if text.key.startswith(drafts.ANNOUNCED)]


def test_who_is_not_enrolled_is_offered_what_they_stored_the_newest_first(
    database: Engine,
) -> None:
    with database.begin() as connection:
        owner = customer(connection)
        other = account(connection, number="2")
        for who, last4 in ((owner, "1111"), (owner, "2222"), (other, "3333"), (owner, "4444")):
            made = method(connection, who, last4)
        methods.remove(connection, made, NOW)
        reply = read(verified(connection, owner), Request(READ))
    assert reply.outcome == "off"
    assert endings(reply) == ["2222", "1111"]


def test_a_card_that_has_expired_is_not_offered(sqlite_database: Engine) -> None:
    with sqlite_database.begin() as connection:
        owner = customer(connection)
        for last4, month in (("1111", "2026-10"), ("2222", "2026-11")):
            method(connection, owner, last4, expires=month)
        assert endings(read(verified(connection, owner), Request(READ))) == ["2222"]


def test_no_more_is_offered_than_keys_reach(sqlite_database: Engine) -> None:
    with sqlite_database.begin() as connection:
        owner = customer(connection)
        for number in range(8):
            method(connection, owner, f"000{number}")
        assert len(endings(read(verified(connection, owner), Request(READ)))) == 6


def test_a_bank_account_is_offered_only_where_the_gateway_takes_it(
    sqlite_database: Engine,
) -> None:
    class Banks(NoGateway):
        accepts: frozenset[Method] = frozenset({"card", "bank"})

    with sqlite_database.begin() as connection:
        owner = customer(connection)
        method(connection, owner, "6789", kind="bank", brand="")
        assert read(verified(connection, owner), Request(READ)).outcome == "no-method"
        able = verified(connection, owner, gateway=Banks())
        assert endings(read(able, Request(READ))) == ["6789"]


@pytest.mark.parametrize(
    ("values", "outcome"),
    [({}, "no-method"), ({"autopay": True}, "elsewhere"), ({"status": "closed"}, "closed")],
)
def test_where_nothing_can_be_enrolled_it_is_said_why(
    sqlite_database: Engine, values: dict[str, Any], outcome: str
) -> None:
    with sqlite_database.begin() as connection:
        owner = customer(connection, **values)
        assert read(verified(connection, owner), Request(READ)) == Replied(outcome)


def test_the_terms_name_what_is_charged(sqlite_database: Engine) -> None:
    with sqlite_database.begin() as connection:
        owner = customer(connection)
        chosen = method(connection, owner)
        request = replace(choosing(chosen), service=TERMS)
        reply = terms(verified(connection, owner), request)
    assert reply == Replied("terms", {"what": Words(("your-card",)), "ending": Digits("4242")})


@pytest.mark.parametrize("service", [terms, enrol])
def test_a_method_that_was_removed_meanwhile_or_is_another_s_is_not_taken(
    sqlite_database: Engine, service: Any
) -> None:
    with sqlite_database.begin() as connection:
        owner, other = customer(connection), account(connection, number="2")
        theirs, gone = method(connection, other), method(connection, owner)
        methods.remove(connection, gone, NOW)
        for chosen in (theirs, gone):
            told = service(verified(connection, owner), choosing(chosen))
            assert told == Replied("unavailable")
        assert rows(connection, "autopays") == rows(connection, "consents") == []


def test_a_yes_enrols_with_the_words_that_were_heard_and_announces_the_bill(
    database: Engine,
) -> None:
    with database.begin() as connection:
        owner = customer(connection)
        reply = enrol(verified(connection, owner), choosing(method(connection, owner)))
        (autopay,) = rows(connection, "autopays")
        (consent,) = rows(connection, "consents")
        (draft,) = rows(connection, "drafts")
        told = [text.body for text in rows(connection, "texts")]
    assert reply.outcome == "enrolled"
    assert reply.fields == {
        "has-next": YesNo(True),
        "amount": Money(8420),
        "date": Date(DUE),
        "owes-past-due": YesNo(False),
        "late": YesNo(False),
        "copy-texted": YesNo(True),
        "copy-mailed": YesNo(False),
    }
    assert (autopay.account_id, autopay.canceled_at) == (owner, None)
    assert (autopay.consent_id, consent.kind) == (consent.id, "autopay")
    assert consent.words == (
        "On each due date, Northside Cable will charge the balance of your bill to your card ending"
        " 4 2 4 2. We'll text you a new amount at least ten days before we take it, even if that's"
        " after the due date. You can end this before any charge: call us for bill pay and choose"
        " AutoPay, or ask an agent."
    )
    assert (draft.amount_cents, draft.take_on) == (8420, DUE)
    assert any("AutoPay takes $84.20 on December 5" in body for body in told)


def test_a_consent_is_kept_in_the_language_it_was_heard_in(sqlite_database: Engine) -> None:
    with sqlite_database.begin() as connection:
        owner = customer(connection)
        enrol(verified(connection, owner, language="es"), choosing(method(connection, owner)))
        (consent,) = rows(connection, "consents")
    assert consent.language == "es"
    assert consent.words.startswith("En cada vencimiento, Northside Cable cobrará el saldo")


def test_a_bill_that_is_due_too_soon_is_said_to_be_taken_late(sqlite_database: Engine) -> None:
    with sqlite_database.begin() as connection:
        owner = customer(connection, due_date=date(2026, 11, 21))
        reply = enrol(verified(connection, owner), choosing(method(connection, owner)))
    assert (reply.fields["date"], reply.fields["late"]) == (Date(date(2026, 11, 30)), YesNo(True))


def test_a_suspended_account_enrols_and_pays_what_it_owes_by_itself(
    sqlite_database: Engine,
) -> None:
    with sqlite_database.begin() as connection:
        owner = customer(connection, status="suspended")
        reply = enrol(verified(connection, owner), choosing(method(connection, owner)))
        assert rows(connection, "drafts") == []
    assert (reply.outcome, reply.fields["has-next"]) == ("enrolled", YesNo(False))


def test_who_owes_nothing_enrols_without_a_next_payment(sqlite_database: Engine) -> None:
    with sqlite_database.begin() as connection:
        owner = customer(connection, balance="0.00")
        reply = enrol(verified(connection, owner), choosing(method(connection, owner)))
    no = YesNo(False)
    facts = ("has-next", "owes-past-due", "late")
    assert [reply.fields[name] for name in facts] == [no, no, no]
    assert {"amount", "date"}.isdisjoint(reply.fields)


@pytest.mark.parametrize(
    ("values", "owes"),
    [
        ({"due_date": date(2026, 11, 19)}, True),
        ({"due_date": None}, True),
        ({"status": "suspended"}, True),
        ({}, False),  # the draft takes all of the balance, what is past due too
        ({"due_date": None, "past_due_cents": 0}, False),
    ],
)
def test_who_owes_money_past_due_hears_where_it_is_not_taken(
    sqlite_database: Engine, values: dict[str, Any], owes: bool
) -> None:
    with sqlite_database.begin() as connection:
        owner = customer(connection, **{"past_due_cents": 8420, **values})
        told = verified(connection, owner)
        made = enrol(told, choosing(method(connection, owner)))
        for reply in (made, read(told, Request(READ))):
            assert reply.fields["owes-past-due"] == YesNo(owes)
            assert reply.fields["has-next"] == YesNo("amount" in reply.fields)


def test_a_turn_that_runs_again_enrols_once(database: Engine) -> None:
    with database.begin() as connection:
        owner = customer(connection)
        chosen = choosing(method(connection, owner))
        told = verified(connection, owner)
        assert enrol(told, chosen) == enrol(told, chosen)
        for table in ("autopays", "consents", "drafts"):
            assert len(rows(connection, table)) == 1
        assert rows(connection, "consents")[0].revoked_at is None


def test_another_method_ends_the_consent_before_and_keeps_what_was_announced(
    database: Engine,
) -> None:
    with database.begin() as connection:
        owner = customer(connection)
        first, second = (method(connection, owner, last4) for last4 in ("1111", "2222"))
        enrol(verified(connection, owner), choosing(first))
        later = NOW + timedelta(minutes=1)
        changed = enrol(verified(connection, owner, turn=12, now=later), choosing(second))
        (autopay,) = rows(connection, "autopays")
        old, new = rows(connection, "consents")
        heard = read(verified(connection, owner), Request(READ))
        assert len(rows(connection, "drafts")) == 1
    assert changed.fields["date"] == Date(DUE)
    assert (autopay.method_id, autopay.consent_id) == (second, new.id)
    assert (old.revoked_at, new.revoked_at) == (later, None)
    assert (heard.outcome, heard.fields["ending"]) == ("on", Digits("2222"))
    assert (heard.fields["can-change"], endings(heard)) == (YesNo(True), ["1111"])
    assert (heard.fields["amount"], heard.fields["date"]) == (Money(8420), Date(DUE))


def test_who_has_one_method_only_cannot_change_it(sqlite_database: Engine) -> None:
    with sqlite_database.begin() as connection:
        owner = customer(connection)
        enrolled(connection, owner, method(connection, owner))
        heard = read(verified(connection, owner), Request(READ))
    assert (heard.fields["can-change"], heard.fields["has-next"]) == (YesNo(False), YesNo(False))


def test_what_was_announced_before_the_end_is_texted_no_more_but_what_comes_after_is(
    database: Engine,
) -> None:
    with database.begin() as connection:
        owner = customer(connection)
        chosen = choosing(method(connection, owner))
        enrol(verified(connection, owner), chosen)
        cancel(verified(connection, owner), Request(CANCEL))
        assert notice_states(connection) == ["failed"]
        enrol(verified(connection, owner, turn=12), chosen)
        assert notice_states(connection) == ["failed", "pending"]
        assert [one.notice for one in drafts.listed(connection)] == ["pending"]


def test_an_announcement_that_went_out_stays_sent(sqlite_database: Engine) -> None:
    with sqlite_database.begin() as connection:
        owner = customer(connection)
        enrol(verified(connection, owner), choosing(method(connection, owner)))
        connection.execute(update(tables.texts).values(status="sent"))
        cancel(verified(connection, owner), Request(CANCEL))
        assert notice_states(connection) == ["sent"]


def test_the_end_of_autopay_takes_what_was_announced_along(database: Engine) -> None:
    with database.begin() as connection:
        owner = customer(connection)
        enrol(verified(connection, owner), choosing(method(connection, owner)))
        for _ in range(2):
            ended = cancel(verified(connection, owner), Request(CANCEL))
            assert ended == Replied("canceled", {"under-way": YesNo(False)})
        (autopay,) = rows(connection, "autopays")
        (consent,) = rows(connection, "consents")
        (draft,) = rows(connection, "drafts")
        assert read(verified(connection, owner), Request(READ)).outcome == "off"
    assert (autopay.canceled_at, consent.revoked_at, draft.status) == (NOW, NOW, "skipped")


def test_a_payment_that_is_under_way_is_told_of(sqlite_database: Engine) -> None:
    with sqlite_database.begin() as connection:
        owner = customer(connection)
        enrol(verified(connection, owner), choosing(method(connection, owner)))
        begun = payment(connection, owner, call_sid="autopay-1", status="charging")
        drafts.begin(connection, 1, begun)
        ended = cancel(verified(connection, owner), Request(CANCEL))
        assert ended.fields["under-way"] == YesNo(True)
        assert rows(connection, "drafts")[0].status == "announced"


def test_only_one_of_two_who_enrol_at_once_is_enrolled(sqlite_database: Engine) -> None:
    with sqlite_database.begin() as connection:
        owner = customer(connection)
        first, second = (method(connection, owner, last4) for last4 in ("1111", "2222"))
        for turn, chosen in ((7, first), (9, second)):
            told = verified(connection, owner, turn=turn)
            assert enrol(told, choosing(chosen)).outcome == "enrolled"
        (autopay,) = rows(connection, "autopays")
    assert autopay.method_id == second


def test_an_account_closed_meanwhile_is_not_enrolled(sqlite_database: Engine) -> None:
    with sqlite_database.begin() as connection:
        owner = customer(connection)
        connection.execute(update(tables.accounts).values(status="closed"))
        told = verified(connection, owner)
        assert enrol(told, choosing(method(connection, owner))).outcome == "unavailable"


def test_a_method_must_be_one_that_was_offered(sqlite_database: Engine) -> None:
    with sqlite_database.begin() as connection:
        told = verified(connection, customer(connection))
        with pytest.raises(CallError, match="one of the methods"):
            terms(told, Request(TERMS, {"method": Money(1)}))


def test_a_turn_that_enrolled_and_was_canceled_since_does_not_enrol_again(
    sqlite_database: Engine,
) -> None:
    with sqlite_database.begin() as connection:
        owner = customer(connection)
        chosen = choosing(method(connection, owner))
        enrol(verified(connection, owner), chosen)
        cancel(verified(connection, owner, turn=8), Request(CANCEL))
        with pytest.raises(CallError, match="canceled since"):
            enrol(verified(connection, owner), chosen)

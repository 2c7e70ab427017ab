from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select, update

from ivr.config import Settings
from ivr.dialog.call import Identity
from ivr.flows.services import Level
from ivr.gateways.payments import Charged, Declined
from ivr.prompts.values import Digits, Money, YesNo
from ivr.services.agreeing import agree, copy_told
from ivr.services.context import Context
from ivr.services.refunding import record as record_refund
from ivr.services.settling import Found, record
from ivr.store import history, payments, tables
from ivr.store.consents import given, revoke
from ivr.store.receipts import note_landline
from ivr.store.texts import opt_out
from tests.builders import NOW, account, call, context, payment

TEXTS = Settings(text_from="+18005550199")


def caller(connection: Connection, number: int, language: str = "en", **values: object) -> Context:
    who = Identity(Level.MATCHED, number, number)
    state = call(identity=who, language=language)
    return context(connection, state, **{"settings": TEXTS, **values})


def agreed(told: Context, number: int, recording: str | None = None) -> int:
    values = {"amount": Money(3210)}
    return agree(told, number, "bank-debit", "payment-received", values, recording)


def test_a_consent_is_kept_in_the_words_and_the_language_that_were_heard(database: Engine) -> None:
    with database.begin() as connection:
        number = account(connection)
        agreed(caller(connection, number, "es"), number, "RE1")
        (kept,) = given(connection)
    assert (kept.account, kept.kind, kept.language) == ("1000000142", "bank-debit", "es")
    assert kept.words == "Gracias. Recibimos $32.10."
    assert (kept.recording, kept.given_at, kept.revoked_at) == ("RE1", NOW, None)


def test_a_turn_that_runs_again_keeps_one_consent_and_sends_one_copy(database: Engine) -> None:
    with database.begin() as connection:
        number = account(connection)
        told = caller(connection, number)
        assert agreed(told, number) == agreed(told, number)
        assert len(list(given(connection))) == 1
        (text,) = connection.execute(select(tables.texts))
    assert text.number == "+12025550142"
    assert text.body == (
        f"Northside Cable: you agreed: Thank you. We received $32.10. ({text.reference})"
    )


def test_who_cannot_be_sent_a_text_is_owed_a_copy_by_mail(database: Engine) -> None:
    with database.begin() as connection:
        number = account(connection)
        agreed(caller(connection, number, settings=Settings()), number)
        (kept,) = given(connection)
        assert connection.execute(select(tables.texts)).all() == []
    assert kept.copy == "owed"


@pytest.mark.parametrize("reason", ["texts are off", "landline", "withheld", "stop"])
def test_a_copy_by_mail_is_told_where_no_text_goes_out(database: Engine, reason: str) -> None:
    with database.begin() as connection:
        number = account(connection)
        texted, mailed = caller(connection, number), caller(connection, number, turn=9)
        agreed(texted, number)
        if reason == "texts are off":
            mailed = replace(mailed, settings=Settings())
        elif reason == "withheld":
            mailed = replace(mailed, call=replace(mailed.call, caller=None))
        elif reason == "stop":
            opt_out(connection, "+12025550142", NOW)
        else:
            note_landline(connection, "+12025550142", NOW)
        agreed(mailed, number)
        assert copy_told(texted) == {"copy-texted": YesNo(True), "copy-mailed": YesNo(False)}
        assert copy_told(mailed) == {"copy-texted": YesNo(False), "copy-mailed": YesNo(True)}
        assert [one.copy for one in given(connection)] == ["pending", "owed"]


def test_a_consent_is_kept_two_years_from_the_day_on_which_it_ends(database: Engine) -> None:
    with database.begin() as connection:
        number = account(connection)
        told = caller(connection, number)
        agreed(told, number)
        standing = agree(told, number, "autopay", "account-ending", {"ending": Digits("42")})
        debit, autopay = given(connection)
        assert (str(debit.keep_until), autopay.keep_until) == ("2028-11-20", None)
        revoke(connection, standing, NOW)
        _, ended = given(connection)
    assert str(ended.keep_until) == "2028-11-20"


def debited(
    connection: Connection, kind: str = "bank-debit", status: str = "charging"
) -> tuple[int, int]:
    """A payment that was agreed to; returns it, and its account."""
    number = account(connection, "84.20")
    told = caller(connection, number)
    consent = agree(told, number, kind, "payment-received", {"amount": Money(3210)})
    made = payment(
        *(connection, number), status=status, consent_id=consent, confirmation="40278815"
    )
    return made, number


def stands(connection: Connection) -> tuple[bool, str]:
    """Whether the consent is in force, and what became of its copy."""
    (kept,) = given(connection)
    return kept.revoked_at is None, kept.copy


@pytest.mark.parametrize(
    ("found", "kind", "after"),
    [
        (Declined("funds"), "bank-debit", (False, "failed")),
        ("not-charged", "bank-debit", (False, "failed")),
        ("unknown", "bank-debit", (True, "pending")),
        (Charged("r"), "bank-debit", (True, "pending")),
        (Declined("funds"), "autopay", (True, "pending")),
    ],
)
def test_a_consent_to_one_debit_ends_where_nothing_was_debited(
    database: Engine, found: Found, kind: str, after: tuple[bool, str]
) -> None:
    with database.begin() as connection:
        made, _ = debited(connection, kind)
        for _ in range(2):
            record(connection, payments.read(connection, made), found, NOW, 6)
        assert stands(connection) == after


def test_who_no_longer_owns_a_payment_ends_no_consent(sqlite_database: Engine) -> None:
    with sqlite_database.begin() as connection:
        made, _ = debited(connection)
        before = payments.read(connection, made)
        later = NOW + timedelta(seconds=1)
        connection.execute(update(tables.payments).values(updated_at=later))
        record(connection, before, "not-charged", later, 6)
        assert stands(connection) == (True, "pending")


@pytest.mark.parametrize(
    ("found", "sent", "after"),
    [
        ("refunded", False, (False, "failed")),
        ("refunded", True, (False, "sent")),
        ("too-late", False, (True, "pending")),
    ],
)
def test_a_consent_ends_where_its_money_went_back(
    sqlite_database: Engine, found: Any, sent: bool, after: tuple[bool, str]
) -> None:
    with sqlite_database.begin() as connection:
        _, number = debited(connection, status="charged")
        if sent:
            connection.execute(update(tables.texts).values(status="sent"))
        made = history.confirmed(connection, number, "40278815")
        assert made
        record_refund(connection, made, found, NOW)
        assert stands(connection) == after

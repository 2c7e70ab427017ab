from sqlalchemy import Connection, Engine, select

from ivr.config import Settings
from ivr.dialog.call import Identity
from ivr.flows.services import Level
from ivr.prompts.values import Digits, Money
from ivr.services.agreeing import agree
from ivr.services.context import Context
from ivr.store import tables
from ivr.store.consents import given, revoke
from tests.builders import NOW, account, call, context

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

"""The ring: who it seems to be, in which language, and the news that comes first."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert

from ivr.dialog.call import Identity, Pace
from ivr.dialog.events import Replied
from ivr.dialog.turns import Request
from ivr.flows.services import Level
from ivr.prompts.values import Reference
from ivr.services.arrival import ARRIVE, arrive
from ivr.store.tables import numbers
from tests.builders import CALLER, NOW, account, call, context, payment, stored_call


def arriving(connection: Connection, **values: Any) -> Replied:
    state = call("CA2", **values)
    return arrive(context(connection, state), Request(ARRIVE))


def test_a_phone_on_one_account_is_matched(database: Engine) -> None:
    with database.begin() as connection:
        made = account(connection, "84.20", phone=CALLER)
        reply = arriving(connection)
    assert reply == Replied("plain", identity=Identity(Level.MATCHED, made, made))


def test_a_phone_on_several_accounts_and_on_none_is_unknown(database: Engine) -> None:
    with database.begin() as connection:
        assert arriving(connection) == Replied("plain")
        for number in ("1", "2"):
            account(connection, number=number, phone=CALLER, status="suspended", language="es")
        assert arriving(connection) == Replied("plain")


def test_a_withheld_number_is_unknown_and_heard_in_the_lines_language(database: Engine) -> None:
    with database.begin() as connection:
        account(connection, phone=CALLER, language="es")
        assert arriving(connection, caller=None) == Replied("plain")


def test_nothing_private_is_told_before_anybody_is_matched() -> None:
    for name, fields in ARRIVE.outcomes.items():
        for field, given in fields.items():
            assert given.level is Level.UNKNOWN, (name, field)
            assert field not in {"balance", "amount", "due"}


# Language


def test_the_accounts_language_and_pace_are_kept(database: Engine) -> None:
    with database.begin() as connection:
        connection.execute(insert(numbers).values(number=CALLER, language="en", pace="normal"))
        account(connection, phone=CALLER, language="es", pace="slow")
        reply = arriving(connection)
    assert (reply.language, reply.pace) == ("es", Pace.SLOW)


def test_the_numbers_language_counts_where_the_account_has_none(database: Engine) -> None:
    with database.begin() as connection:
        connection.execute(insert(numbers).values(number=CALLER, language="es", pace="slow"))
        account(connection, phone=CALLER)
        reply = arriving(connection)
        assert (reply.language, reply.pace) == ("es", Pace.SLOW)
        account(connection, number="2", phone=CALLER, language="en")
        assert arriving(connection).language == "es"


def test_a_language_the_book_lacks_is_none(database: Engine) -> None:
    with database.begin() as connection:
        account(connection, phone=CALLER, language="fr")
        assert arriving(connection).language is None


# News


def test_a_suspension_is_told_without_an_amount(database: Engine) -> None:
    with database.begin() as connection:
        account(connection, "84.20", phone=CALLER, status="suspended")
        reply = arriving(connection)
    assert reply.outcome == "suspended"
    assert "84" not in repr(reply.fields)


def test_a_closed_account_has_no_news(database: Engine) -> None:
    with database.begin() as connection:
        account(connection, phone=CALLER, status="closed", node="N12", services="internet")
        assert arriving(connection).outcome == "plain"


def cut_off(connection: Connection, minutes: int = 5, **values: Any) -> Replied:
    """A caller whose call, and with it a payment, was cut off some minutes ago."""
    made = account(connection, "84.20", phone=CALLER, status="suspended")
    at = NOW - timedelta(minutes=minutes)
    stored_call(connection, call("CA1"), account_id=made, started_at=at, ended_at=at)
    payment(connection, made, created_at=at, updated_at=at, **values)
    return arriving(connection)


def test_a_payment_that_went_through_unheard_comes_first_with_its_number_and_no_amount(
    database: Engine,
) -> None:
    with database.begin() as connection:
        reply = cut_off(connection, status="charged", confirmation="40278815")
    assert reply.outcome == "payment-charged"
    assert reply.fields == {"confirmation": Reference("40278815")}


@pytest.mark.parametrize("status", ["charging", "unknown"])
def test_a_payment_not_known_yet_is_still_checked(database: Engine, status: str) -> None:
    with database.begin() as connection:
        assert cut_off(connection, status=status).outcome == "payment-unknown"


def test_a_payment_that_was_not_taken_is_said_to_be_none(database: Engine) -> None:
    with database.begin() as connection:
        assert cut_off(connection, status="canceled").outcome == "payment-stopped"


def test_a_payment_of_long_ago_is_no_news(database: Engine) -> None:
    with database.begin() as connection:
        reply = cut_off(connection, 90, status="charged", confirmation="40278815")
    assert reply.outcome == "suspended"

"""Who is calling: accounts on a phone, numbers with a ZIP, and PINs."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert, select

from ivr.config import Settings
from ivr.dialog.call import Call, Identity
from ivr.dialog.events import Card, Replied
from ivr.dialog.turns import Request
from ivr.errors import CallError
from ivr.flows.services import Level
from ivr.prompts.values import Choice, Choices, Digits, Money, Text, Value
from ivr.services.identity import (
    CANDIDATES,
    CHOOSE,
    IDENTIFY,
    PIN_CHECK,
    PIN_STATUS,
    PinTry,
    candidates,
    choose,
    identify,
    pin_check,
    pin_status,
)
from ivr.store.pins import hash_pin, set_pin
from ivr.store.tables import phones, pin_tries, pins
from ivr.telemetry import Secret
from tests.builders import CALLER, NOW, account, call, context

NUMBER = "1000000142"
HASH = hash_pin("1379", Settings().pin_pepper)


def several(connection: Connection, count: int) -> list[int]:
    """Accounts on the caller's phone."""
    return [
        account(connection, number=f"20000000{place:02}", phone=CALLER) for place in range(count)
    ]


def listed(connection: Connection, state: Call | None = None) -> Replied:
    return candidates(context(connection, state or call()), Request(CANDIDATES))


def test_several_accounts_on_a_phone_are_offered_by_their_endings(database: Engine) -> None:
    with database.begin() as connection:
        first, second = several(connection, 2)
        reply = listed(connection)
    assert reply.outcome == "several"
    assert reply.identity is None
    assert reply.fields["accounts"] == Choices(
        (
            Choice(str(first), "account-ending", (("ending", Digits("0000")),)),
            Choice(str(second), "account-ending", (("ending", Digits("0001")),)),
        )
    )


@pytest.mark.parametrize(("count", "outcome"), [(0, "none"), (1, "none"), (6, "several")])
def test_a_list_has_two_to_six_accounts(database: Engine, count: int, outcome: str) -> None:
    with database.begin() as connection:
        several(connection, count)
        assert listed(connection).outcome == outcome


def test_more_accounts_than_keys_are_asked_for_by_number(database: Engine) -> None:
    with database.begin() as connection:
        several(connection, 9)
        assert listed(connection).outcome == "none"


def test_a_withheld_number_has_no_accounts(database: Engine) -> None:
    with database.begin() as connection:
        several(connection, 2)
        assert listed(connection, call(caller=None)).outcome == "none"


def chosen(connection: Connection, value: Value, state: Call | None = None) -> Replied:
    return choose(context(connection, state or call()), Request(CHOOSE, {"account": value}))


def test_a_chosen_account_is_matched(database: Engine) -> None:
    with database.begin() as connection:
        _, second = several(connection, 2)
        reply = chosen(connection, Text(str(second)))
    assert reply == Replied("chosen", identity=Identity(Level.MATCHED, second, second))


def test_an_account_that_was_not_offered_cannot_be_chosen(database: Engine) -> None:
    with database.begin() as connection:
        other = account(connection, phone="+12025550199")
        for value, state in (
            (Text(str(other)), call()),
            (Text(str(other)), call(caller=None)),
            (Money(other), call()),
        ):
            with pytest.raises(CallError, match="an account was chosen"):
                chosen(connection, value, state)


# Account number and ZIP


def named(connection: Connection, number: str, zip_code: str, turn: int = 1, **state: Any) -> str:
    reply = looked_up(connection, number, zip_code, turn, **state)
    return reply.outcome


def looked_up(
    connection: Connection, number: str, zip_code: str, turn: int = 1, **state: Any
) -> Replied:
    given = context(connection, call(**state), turn=turn)
    return identify(given, Request(IDENTIFY, {"number": Digits(number), "zip": Digits(zip_code)}))


def test_an_account_number_and_its_zip_match(database: Engine) -> None:
    with database.begin() as connection:
        made = account(connection, number="0042")
        reply = looked_up(connection, "0042", "60601")
    assert reply == Replied("matched", identity=Identity(Level.MATCHED, made, made))


@pytest.mark.parametrize(
    ("number", "zip_code"), [(NUMBER, "60602"), ("42", "60601"), ("1000000143", "60601")]
)
def test_a_wrong_number_and_a_wrong_zip_sound_alike(
    database: Engine, number: str, zip_code: str
) -> None:
    with database.begin() as connection:
        account(connection, number=NUMBER)
        assert looked_up(connection, number, zip_code) == Replied("not-found")


def test_a_phone_number_and_its_zip_tell_the_premise_and_no_more(database: Engine) -> None:
    with database.begin() as connection:
        made = account(connection, phone=CALLER)
        reply = looked_up(connection, "2025550142", "60601")
        assert reply == Replied("premise", identity=Identity(Level.UNKNOWN, None, made))
        assert named(connection, "2025550142", "60602", turn=2) == "not-found"


def test_a_premise_keeps_the_level_a_caller_has(database: Engine) -> None:
    with database.begin() as connection:
        mine = account(connection, number="1")
        other = account(connection, number="2", phone="+12025550199")
        who = Identity(Level.VERIFIED, mine, mine)
        reply = looked_up(connection, "2025550199", "60601", identity=who)
    assert reply.identity == Identity(Level.VERIFIED, mine, other)


def test_guessing_is_limited_per_caller_and_call_and_account(database: Engine) -> None:
    with database.begin() as connection:
        account(connection, number=NUMBER)
        for turn in range(1, 6):
            assert named(connection, "9999", "60601", turn) == "not-found"
        assert named(connection, NUMBER, "60601", 6) == "too-many"
        assert named(connection, NUMBER, "60601", 1, sid="CA2") == "too-many"
        assert named(connection, NUMBER, "60601", 1, sid="CA3", caller=None) == "matched"
        assert named(connection, NUMBER, "60601", 7, caller=None) == "too-many"


def test_an_account_guessed_at_by_many_is_closed_to_guesses(database: Engine) -> None:
    with database.begin() as connection:
        account(connection, number=NUMBER)
        for caller in range(5):
            phone = f"+1202555019{caller}"
            assert (
                named(connection, NUMBER, "60602", sid=f"CA{caller}", caller=phone) == "not-found"
            )
        assert named(connection, NUMBER, "60601", sid="CA9", caller="+12025550188") == "too-many"


def test_a_webhook_that_is_repeated_is_one_guess(database: Engine) -> None:
    with database.begin() as connection:
        account(connection, number=NUMBER)
        for _ in range(9):
            assert named(connection, "9999", "60601") == "not-found"


def test_guesses_are_forgotten_after_an_hour(database: Engine) -> None:
    with database.begin() as connection:
        account(connection, number=NUMBER)
        for turn in range(1, 6):
            named(connection, "9999", "60601", turn)
        later = context(connection, call(), turn=7, now=NOW + timedelta(minutes=61))
        values: dict[str, Value] = {"number": Digits(NUMBER), "zip": Digits("60601")}
        assert identify(later, Request(IDENTIFY, values)).outcome == "matched"


def test_what_is_no_digits_is_a_call_error(database: Engine) -> None:
    with database.begin() as connection, pytest.raises(CallError, match="number is not digits"):
        identify(
            context(connection, call()),
            Request(IDENTIFY, {"number": Money(1), "zip": Digits("60601")}),
        )


# PINs


@pytest.fixture
def matched(database: Engine) -> Call:
    """A matched caller whose PIN is 1379."""
    with database.begin() as connection:
        made = account(connection, phone=CALLER)
        set_pin(connection, made, HASH)
    return call(identity=Identity(Level.MATCHED, made, made))


def status(connection: Connection, state: Call, minutes: int = 0) -> str:
    now = NOW + timedelta(minutes=minutes)
    return pin_status(context(connection, state, now=now), Request(PIN_STATUS)).outcome


def try_pin(connection: Connection, state: Call, pin: str, turn: int, minutes: int = 0) -> Replied:
    given = context(connection, state, turn=turn, now=NOW + timedelta(minutes=minutes))
    request = Request(PIN_CHECK, secrets={"pin": Secret(pin)})
    job = pin_check.prepare(given, request)
    if isinstance(job, Replied):
        return job
    return pin_check.settle(given, request, job, pin_check.work(job))


def test_the_right_pin_verifies_and_forgets_wrong_tries(database: Engine, matched: Call) -> None:
    with database.begin() as connection:
        assert status(connection, matched) == "ready"
        assert try_pin(connection, matched, "0000", 1) == Replied("wrong")
        reply = try_pin(connection, matched, "1379", 2)
        account_id = matched.identity.account
        assert reply.identity == Identity(Level.VERIFIED, account_id, account_id)
        assert connection.execute(select(pins.c.wrong)).scalar_one() == 0


def test_an_account_without_a_pin_has_none_to_ask_for(database: Engine) -> None:
    with database.begin() as connection:
        made = account(connection)
        state = call(identity=Identity(Level.MATCHED, made, made))
        assert status(connection, state) == "none"
        assert try_pin(connection, state, "1379", 1) == Replied("none")


def test_five_wrong_tries_lock_for_half_an_hour(database: Engine, matched: Call) -> None:
    with database.begin() as connection:
        outcomes = [try_pin(connection, matched, "0000", turn).outcome for turn in range(1, 6)]
        assert outcomes == ["wrong"] * 4 + ["locked"]
        assert status(connection, matched, minutes=29) == "locked"
        assert try_pin(connection, matched, "1379", 6, minutes=29) == Replied("locked")
        assert status(connection, matched, minutes=31) == "ready"
        assert try_pin(connection, matched, "1379", 7, minutes=31).outcome == "right"


def test_tries_count_over_calls(database: Engine, matched: Call) -> None:
    with database.begin() as connection:
        made = matched.identity
        for number in range(4):
            try_pin(connection, call(f"CA{number}", identity=made), "0000", 3)
        assert try_pin(connection, call("CA9", identity=made), "0000", 3) == Replied("locked")


def test_a_try_counts_before_it_is_checked_and_once_a_turn(database: Engine, matched: Call) -> None:
    with database.begin() as connection:
        for turn in (2, 3):
            try_pin(connection, matched, "0000", turn)
        given = context(connection, matched, turn=4)
        request = Request(PIN_CHECK, secrets={"pin": Secret("0000")})
        for _ in range(3):
            job = pin_check.prepare(given, request)
            assert isinstance(job, PinTry)
            assert job.tries == 3
        assert connection.execute(select(pins.c.wrong)).scalar_one() == 3
        assert len(connection.execute(select(pin_tries)).all()) == 3
        assert "0000" not in repr(job)


def test_more_tries_at_once_than_are_left_are_not_even_checked(
    database: Engine, matched: Call
) -> None:
    with database.begin() as connection:
        jobs = []
        for number in range(6):
            state = call(f"CA{number}", identity=matched.identity)
            request = Request(PIN_CHECK, secrets={"pin": Secret("1379")})
            jobs.append(pin_check.prepare(context(connection, state, turn=3), request))
        assert [isinstance(job, PinTry) for job in jobs] == [True] * 5 + [False]
        assert jobs[-1] == Replied("locked")


def test_a_pin_that_is_no_secret_and_a_caller_who_is_nobody_are_call_errors(
    database: Engine, matched: Call
) -> None:
    with database.begin() as connection:
        request = Request(PIN_CHECK, secrets={"pin": Card(Secret("x"), "visa", "4242")})
        with pytest.raises(CallError, match="a PIN must be a secret"):
            pin_check.prepare(context(connection, matched), request)
        with pytest.raises(CallError, match="nobody is matched"):
            status(connection, call())


def test_an_account_may_be_on_a_phone_that_others_use_too(database: Engine) -> None:
    with database.begin() as connection:
        one = account(connection, number="1", phone=CALLER)
        account(connection, number="2", phone=CALLER)
        connection.execute(insert(phones).values(account_id=one, number="+12025550199"))
        assert chosen(connection, Text(str(one))).outcome == "chosen"

"""What each job costs a caller, in seconds of their time, against the budgets we promise.

The reference caller is matched, owes $84.20 due December 5, has the service in option 1, and may
be in an incident with a known time. Seconds are the stand-in carrier's: 160 words a minute, half a
second before each turn, 1.2 s from the end of an option to its key.
"""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ivr.carrier import Agent, Phone
from ivr.services.incidents import open_incident
from tests.builders import account, agent
from tests.line import CALLER, LINE, MONDAY_NOON, SPANISH_LINE, Line, line

LANGUAGES = pytest.mark.parametrize("called", [LINE, SPANISH_LINE], ids=["en", "es"])
ETA = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)
AGENT = "+12025550170"
CARD_KEYING = 0.4 * len("4242424242424242122812360601#")
"""Seconds of typing a card, which no budget counts."""


@pytest.fixture
def ours(sqlite_database: Engine, tmp_path: Path) -> Line:
    """A line with an agent who lets it ring."""
    made = line(sqlite_database, tmp_path)
    with sqlite_database.begin() as connection:
        agent(connection, "Robin", AGENT, languages="en;es")
    made.agents[AGENT] = Agent(answers=True, keys="1")
    return made


def customer(ours: Line, past_due: int = 0, node: str | None = None) -> None:
    """The reference caller's account."""
    with ours.office.engine.begin() as connection:
        account(
            connection,
            "84.20",
            phone=CALLER,
            past_due_cents=past_due,
            due_date=date(2026, 12, 5),
            last_payment_date=date(2026, 11, 4),
            last_payment_cents=8420,
            balance_as_of=MONDAY_NOON,
            services="internet;tv",
            node=node,
        )


def begins(phone: Phone, words: str) -> float:
    """When the first sentence with these words begins."""
    return next(said.at for said in phone.heard if words in said.text)


def ends(phone: Phone, words: str) -> float:
    """When the last sentence with these words is over: when what follows it begins."""
    place = max(at for at, said in enumerate(phone.heard) if words in said.text)
    return phone.heard[place + 1].at


def budget(called: str, english: float, spanish: float) -> float:
    return english if called == LINE else spanish


@LANGUAGES
def test_the_first_choice_begins(ours: Line, called: str) -> None:
    customer(ours)
    phone = ours.ring(called=called)
    assert begins(phone, "1.") <= budget(called, 6, 5.5)


@LANGUAGES
def test_the_balance_and_its_due_date(ours: Line, called: str) -> None:
    customer(ours)
    phone = ours.ring(called=called)
    phone.press("1")
    assert ends(phone, "$84.20") <= budget(called, 15.6, 15.4)


@LANGUAGES
def test_the_balance_with_its_past_due_part(ours: Line, called: str) -> None:
    customer(ours, past_due=3210)
    phone = ours.ring(called=called)
    phone.press("1")
    assert ends(phone, "$32.10") <= 20


@LANGUAGES
def test_a_known_outage_and_its_time(ours: Line, called: str) -> None:
    customer(ours, node="N12")
    with ours.office.engine.begin() as connection:
        open_incident(connection, ["N12"], ["internet"], MONDAY_NOON, eta=ETA)
    phone = ours.ring(called=called)
    assert begins(phone, ", press 4" if called == LINE else ", oprima 4") <= budget(
        called, 11, 10.2
    )


@LANGUAGES
def test_an_outage_reported_and_a_text_accepted(ours: Line, called: str) -> None:
    customer(ours)
    phone = ours.ring(called=called)
    for key in ("3", "1", "1"):
        phone.press(key)
    reported = begins(phone, "to the number ending" if called == LINE else "al número que termina")
    assert reported <= budget(called, 32.5, 30.5)
    done = begins(phone, "main menu" if called == LINE else "menú principal")
    assert done <= budget(called, 40, 38.5)
    assert phone.pressed == 3


@LANGUAGES
@pytest.mark.parametrize(
    ("keys", "english", "spanish"),
    [(("2", "1", "1"), 70, 65), (("2", "3", "5000#", "1"), 94, 87)],
    ids=["past-due", "another-amount"],
)
def test_a_bill_paid_and_its_number_heard_twice(
    ours: Line, called: str, keys: tuple[str, ...], english: float, spanish: float
) -> None:
    customer(ours, past_due=3210)
    phone = ours.ring(called=called)
    for key in keys:
        phone.press(key)
    phone.enter_card("visa")
    done = begins(phone, "a receipt by text" if called == LINE else "un recibo por mensaje")
    assert done - CARD_KEYING <= budget(called, english, spanish)


@LANGUAGES
@pytest.mark.parametrize("at_once", [True, False], ids=["at-once", "option-heard"])
def test_an_agent_rings(ours: Line, called: str, at_once: bool) -> None:
    customer(ours)
    phone = ours.ring(called=called)
    phone.press("0", at_once=at_once)
    rang = next(said.at for said in phone.heard if said.text == AGENT)
    rings = 4  # how long this agent's phone rings before it is picked up
    assert rang - rings <= (8.5 if at_once else budget(called, 25, 23.5))

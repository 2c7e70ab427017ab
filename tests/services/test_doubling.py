from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, update

from ivr.dialog.call import Identity
from ivr.dialog.events import Replied
from ivr.dialog.turns import Request
from ivr.flows.services import Level
from ivr.prompts.values import Date, YesNo
from ivr.services.payments import OFFER, offer
from ivr.store import drafts, tables
from tests.builders import NOW, account, call, context
from tests.services.enrolments import DUE, TODAY, enrolled, method

TOLD = ("autopay", "draft-soon", "draft-twice")


def offered(connection: Connection, owner: int, day: date = TODAY) -> Replied:
    now = NOW + (day - TODAY)
    who = Identity(Level.MATCHED, owner, owner)
    return offer(context(connection, call(identity=who), now=now), Request(OFFER))


def told(reply: Replied) -> tuple[str | None, date | None]:
    """Which of the yes/no fields is yes, at most one, and the day."""
    found = [name for name in TOLD if reply.fields[name] == YesNo(True)]
    assert len(found) <= 1
    day = reply.fields.get("draft-date") or reply.fields.get("twice-date")
    return (found[0] if found else None), (day.day if isinstance(day, Date) else None)


def in_days(count: int) -> date:
    return TODAY + timedelta(days=count)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, (None, None)),
        ({"autopay": True, "due_date": None}, ("autopay", None)),
        ({"autopay": True, "due_date": in_days(3)}, ("autopay", None)),
        ({"autopay": True, "due_date": in_days(2)}, ("draft-twice", in_days(2))),
        ({"autopay": True, "due_date": TODAY}, ("draft-twice", TODAY)),
        ({"autopay": True, "due_date": in_days(-1)}, ("autopay", None)),
        ({"autopay": True, "due_date": TODAY, "past_due_cents": 1}, (None, None)),
    ],
)
def test_what_the_billing_system_takes_soon_would_be_paid_twice(
    sqlite_database: Engine, values: dict[str, Any], said: tuple[str | None, date | None]
) -> None:
    with sqlite_database.begin() as connection:
        owner = account(connection, "84.20", **values)
        assert told(offered(connection, owner)) == said


def ours(connection: Connection, due: date | None, take_on: date | None = None) -> int:
    """Somebody enrolled by phone, perhaps with a draft."""
    owner = account(connection, "84.20", due_date=due)
    autopay = enrolled(connection, owner, method(connection, owner))
    if due and take_on:
        drafts.announce(connection, owner, autopay, due, 8420, take_on, NOW)
    return owner


@pytest.mark.parametrize(
    ("due", "take_on", "day", "said"),
    [
        (DUE, DUE, TODAY, ("autopay", None)),
        (DUE, DUE, DUE - timedelta(days=3), ("autopay", None)),
        (DUE, DUE, DUE - timedelta(days=2), ("draft-soon", DUE)),
        (DUE, DUE, DUE + timedelta(days=1), ("draft-soon", DUE)),  # the run is late
        (in_days(2), in_days(10), TODAY, ("draft-soon", in_days(10))),  # after it is due
        (DUE, None, TODAY, ("autopay", None)),
        (in_days(1), None, TODAY, ("draft-soon", in_days(1))),
        (in_days(-1), None, TODAY, (None, None)),
        (None, None, TODAY, (None, None)),
    ],
)
def test_our_own_autopay_takes_what_is_left_and_says_when(
    sqlite_database: Engine,
    due: date | None,
    take_on: date | None,
    day: date,
    said: tuple[str | None, date | None],
) -> None:
    with sqlite_database.begin() as connection:
        assert told(offered(connection, ours(connection, due, take_on), day)) == said


@pytest.mark.parametrize("status", ["failed", "skipped", "taken"])
def test_a_draft_that_is_over_pays_nothing_any_more(sqlite_database: Engine, status: str) -> None:
    with sqlite_database.begin() as connection:
        owner = ours(connection, DUE, DUE)
        connection.execute(update(tables.drafts).values(status=status))
        assert told(offered(connection, owner)) == (None, None)


@pytest.mark.parametrize("status", ["suspended", "closed"])
def test_what_autopay_will_not_announce_it_is_not_said_to_pay(
    sqlite_database: Engine, status: str
) -> None:
    with sqlite_database.begin() as connection:
        owner = ours(connection, DUE)
        assert told(offered(connection, owner)) == ("autopay", None)
        connection.execute(update(tables.accounts).values(status=status))
        assert told(offered(connection, owner)) == (None, None)


def test_what_autopay_does_not_take_whole_it_is_not_said_to_pay(sqlite_database: Engine) -> None:
    with sqlite_database.begin() as connection:
        owner = ours(connection, in_days(9), in_days(9))
        assert told(offered(connection, owner)) == ("autopay", None)
        connection.execute(update(tables.accounts).values(balance_cents=8421))
        assert told(offered(connection, owner)) == (None, None)

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert, select, update

from ivr.dialog.call import Identity
from ivr.dialog.events import Replied
from ivr.dialog.turns import Request
from ivr.flows.model import OpeningHours
from ivr.flows.services import Level
from ivr.prompts.values import Hours, Phone, YesNo
from ivr.services.people import FIND, HOURS, KEEP_CALLBACK, find, hours, keep_callback
from ivr.store.tables import callbacks, offers, transfers
from tests.builders import CALLER, NOW, account, agent, book, call, context

TYPED = "+13125550117"
SUNDAY = NOW + timedelta(days=2)


def found(connection: Connection, now: datetime = NOW, queue: str = "billing", **state: Any) -> str:
    asked = Request(FIND, words={"queue": queue})
    return find(context(connection, call(**state), now=now), asked).outcome


def talk(connection: Connection, who: int) -> None:
    """That agent is at a call."""
    row = {"call_sid": "CA9", "turn": 1, "queue": "billing", "level": "unknown", "language": "en"}
    made = insert(transfers).values(**row, created_at=NOW).returning(transfers.c.id)
    transfer = connection.execute(made).scalar_one()
    connection.execute(
        insert(offers).values(
            transfer_id=transfer, agent_id=who, position=1, status="accepted", rung_at=NOW
        )
    )


def keep(
    connection: Connection,
    sid: str = "CA1",
    number: str | None = None,
    mark: str | None = None,
    now: datetime = NOW,
    **state: Any,
) -> Replied:
    words = {"queue": "billing"} | ({"mark": mark} if mark else {})
    asked = Request(KEEP_CALLBACK, {"number": Phone(number)} if number else {}, words)
    return keep_callback(context(connection, call(sid, **state), now=now), asked)


def test_a_ready_agent_who_speaks_the_language_is_found(database: Engine) -> None:
    with database.begin() as connection:
        agent(connection, "ana", "+12025550170")
        asked = Request(FIND, words={"queue": "billing"})
        reply = find(context(connection, call()), asked)
    assert reply == Replied("ready", {"has-number": YesNo(True), "number": Phone(CALLER)})


@pytest.mark.parametrize("caller", [None, "+18765550142", "+18005550199"])
def test_no_callback_number_is_named_where_the_caller_cannot_be_rung(
    database: Engine, caller: str | None
) -> None:
    with database.begin() as connection:
        asked = Request(FIND, words={"queue": "billing"})
        reply = find(context(connection, call(caller=caller)), asked)
    assert reply.fields == {"has-number": YesNo(False)}


def test_only_agents_of_another_language_are_told_apart(database: Engine) -> None:
    with database.begin() as connection:
        agent(connection, "ana", "+12025550170")
        assert found(connection, language="es") == "other-language"
        agent(connection, "luis", "+12025550171", languages="en;es")
        assert found(connection, language="es") == "ready"


@pytest.mark.parametrize("values", [{"state": "away"}, {"queues": "repair;billing-2"}])
def test_agents_who_are_away_or_of_another_queue_are_nobody(
    database: Engine, values: dict[str, str]
) -> None:
    with database.begin() as connection:
        agent(connection, "ana", "+12025550170", **values)
        assert found(connection) == "nobody"


def test_an_agent_of_several_queues_is_found_in_each(database: Engine) -> None:
    with database.begin() as connection:
        agent(connection, "ana", "+12025550170", queues="repair;billing")
        assert [found(connection, queue=queue) for queue in ("repair", "billing")] == ["ready"] * 2


def test_an_agent_at_a_call_is_nobody_until_it_ends(database: Engine) -> None:
    with database.begin() as connection:
        talk(connection, agent(connection, "ana", "+12025550170"))
        assert found(connection) == "nobody"
        connection.execute(update(offers).values(ended_at=NOW))
        assert found(connection) == "ready"


@pytest.mark.parametrize("status", ["ringing", "screening"])
def test_an_agent_whose_ring_was_never_decided_is_found_after_a_minute(
    database: Engine, status: str
) -> None:
    with database.begin() as connection:
        talk(connection, agent(connection, "ana", "+12025550170"))
        assert found(connection, now=NOW + timedelta(hours=1)) == "nobody"
        connection.execute(update(offers).values(status=status))
        assert found(connection, now=NOW + timedelta(seconds=59)) == "nobody"
        assert found(connection, now=NOW + timedelta(seconds=60)) == "ready"


def test_out_of_hours_the_hours_are_told(database: Engine) -> None:
    with database.begin() as connection:
        agent(connection, "ana", "+12025550170")
        asked = Request(FIND, words={"queue": "billing"})
        reply = find(context(connection, call(), now=SUNDAY), asked)
        week = hours(context(connection, call()), Request(HOURS, words={"queue": "billing"}))
    assert reply.outcome == "closed"
    assert reply.fields["hours"] == week.fields["hours"]
    assert isinstance(week.fields["hours"], Hours)
    assert len(week.fields["hours"].openings) == 2


def test_hours_are_those_of_the_lines_place(database: Engine) -> None:
    early = NOW.replace(hour=13, minute=30)  # 7:30 in Chicago, 8:30 in New York
    with database.begin() as connection:
        agent(connection, "ana", "+12025550170")
        assert found(connection, now=early) == "closed"
        there = book(hours=OpeningHours("America/New_York", book().hours.week, frozenset()))
        asked = Request(FIND, words={"queue": "billing"})
        assert find(context(connection, call(), now=early, book=there), asked).outcome == "ready"


def test_on_a_holiday_nobody_is_there(database: Engine) -> None:
    holiday = OpeningHours("America/Chicago", book().hours.week, frozenset({date(2026, 11, 20)}))
    with database.begin() as connection:
        asked = Request(FIND, words={"queue": "billing"})
        reply = find(context(connection, call(), book=book(hours=holiday)), asked)
    assert reply.outcome == "closed"


def test_a_callback_is_kept_to_the_callers_number(database: Engine) -> None:
    with database.begin() as connection:
        who = Identity(Level.MATCHED, account=account(connection))
        reply = keep(connection, identity=who, reason="pay", language="es")
        row = connection.execute(select(callbacks)).one()
    assert reply == Replied("kept", {"number": Phone(CALLER)})
    assert (row.call_sid, row.number, row.account_id) == ("CA1", CALLER, who.account)
    assert (row.queue, row.reason, row.language) == ("billing", "pay", "es")
    assert (row.no_key, row.created_at, row.done_at) == (False, NOW, None)


@pytest.mark.parametrize("caller", [None, "+18765550142", "+18005550199"])
def test_a_caller_who_cannot_be_rung_is_asked_for_a_number(
    database: Engine, caller: str | None
) -> None:
    with database.begin() as connection:
        assert keep(connection, caller=caller) == Replied("number-needed")
        kept = Replied("kept", {"number": Phone(TYPED)})
        assert keep(connection, number=TYPED, caller=caller) == kept


def test_a_typed_number_that_cannot_be_rung_is_not_kept(database: Engine) -> None:
    with database.begin() as connection:
        assert keep(connection, number="+19005550117").outcome == "number-needed"
        assert connection.execute(select(callbacks)).all() == []


def test_a_call_has_one_callback_and_a_typed_number_replaces_its_own(database: Engine) -> None:
    with database.begin() as connection:
        keep(connection, reason="pay")
        keep(connection, number=TYPED, reason="callback")
        again = keep(connection)
        rows = connection.execute(select(callbacks)).all()
    assert again.fields == {"number": Phone(TYPED)}
    assert [(row.number, row.reason) for row in rows] == [(TYPED, "pay")]


def test_asked_for_again_a_callback_already_made_is_owed_again(database: Engine) -> None:
    with database.begin() as connection:
        keep(connection)
        connection.execute(update(callbacks).values(done_at=NOW))
        keep(connection)
        assert connection.scalar(select(callbacks.c.done_at)) is None


def test_silence_is_marked_until_a_key_is_pressed(database: Engine) -> None:
    with database.begin() as connection:
        keep(connection, mark="silent")
        assert connection.scalar(select(callbacks.c.no_key))
        keep(connection)
        assert not connection.scalar(select(callbacks.c.no_key))
        keep(connection, mark="silent")
        assert not connection.scalar(select(callbacks.c.no_key))


def test_a_number_gets_three_callbacks_in_a_day_of_the_line(database: Engine) -> None:
    evening = NOW + timedelta(hours=8)  # 8 PM in Chicago, the next day in UTC
    with database.begin() as connection:
        kept = [keep(connection, f"CA{count}", now=evening).outcome for count in range(4)]
        assert kept == ["kept", "kept", "kept", "refused"]
        assert keep(connection, "CA5", now=evening, caller=TYPED).outcome == "kept"
        late = evening + timedelta(hours=3, minutes=59)
        assert keep(connection, "CA6", now=late).outcome == "refused"
        assert keep(connection, "CA7", now=evening + timedelta(hours=4)).outcome == "kept"


def test_an_account_gets_three_callbacks_in_a_day_whatever_the_number(database: Engine) -> None:
    with database.begin() as connection:
        who = Identity(Level.MATCHED, account=account(connection))
        kept = [
            keep(connection, f"CA{n}", f"+1202555015{n}", identity=who).outcome for n in range(4)
        ]
    assert kept == ["kept", "kept", "kept", "refused"]


def test_a_kept_callback_stays_kept_when_its_account_has_enough(database: Engine) -> None:
    with database.begin() as connection:
        who = Identity(Level.MATCHED, account=account(connection))
        keep(connection, "CA1")
        for count in range(3):
            keep(connection, f"CA9{count}", f"+1202555015{count}", identity=who)
        assert keep(connection, "CA1", identity=who).outcome == "kept"
        assert keep(connection, "CA1", TYPED, identity=who).outcome == "refused"


def test_the_callback_of_a_call_does_not_count_against_its_new_number(database: Engine) -> None:
    with database.begin() as connection:
        who = Identity(Level.MATCHED, account=account(connection))
        for count in range(3):
            keep(connection, f"CA{count}", f"+1202555015{count}", identity=who)
        assert keep(connection, "CA0", TYPED, identity=who).outcome == "kept"

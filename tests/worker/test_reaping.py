from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert, select

from ivr.carrier.rest import RestServer
from ivr.config import Settings
from ivr.gateways.calls import Calls
from ivr.gateways.rest import connect, disconnect
from ivr.store import reaping
from ivr.store.tables import calls, turns
from ivr.worker.reaping import deadline, reap
from tests.builders import NOW, call, stored_call

GATHER = b"<Response><Gather><Say>One moment.</Say></Gather></Response>"
PAY = b"<Response><Pay/></Response>"
RECORD = b"<Response><Record/><Redirect>/voice</Redirect></Response>"
DIAL = b"<Response><Dial><Number>+12025550170</Number></Dial></Response>"


def silent(connection: Connection, reply: bytes, sid: str = "CA1", **values: Any) -> None:
    """A call that was left with this document, at its fourth turn, and not heard of since."""
    stored_call(connection, call(sid, turn=4), **values)
    for number, body in ((2, PAY if reply != PAY else GATHER), (3, reply)):
        row = {"call_sid": sid, "number": number, "digest": "d", "reply": body, "answered_at": NOW}
        connection.execute(insert(turns).values(row))


def after(minutes: float) -> Any:
    return lambda: NOW + timedelta(minutes=minutes)


def row(engine: Engine) -> Any:
    with engine.begin() as connection:
        return connection.execute(select(calls)).one()


@pytest.mark.parametrize(
    ("reply", "minutes"),
    [(GATHER, 5), (RECORD, 5), (PAY, 15), (DIAL, 60), (b"<Response/>", 60), (b"", 60)],
)
def test_a_call_may_be_silent_as_long_as_its_document_can_last(reply: bytes, minutes: int) -> None:
    assert deadline(reply) == timedelta(minutes=minutes)


@pytest.mark.parametrize(("reply", "minutes"), [(GATHER, 5), (PAY, 15), (DIAL, 60)])
def test_where_nobody_can_be_asked_a_call_past_its_deadline_is_lost(
    database: Engine, reply: bytes, minutes: int
) -> None:
    with database.begin() as connection:
        silent(connection, reply)
    assert reap(database, None, after(minutes)) == {}
    assert row(database).status == "active"
    assert reap(database, None, after(minutes + 0.1)) == {"lost": 1}
    assert row(database).status == "lost"
    assert row(database).ended_at == after(minutes + 0.1)()


def test_a_call_that_never_got_an_answer_is_lost_after_an_hour(database: Engine) -> None:
    with database.begin() as connection:
        stored_call(connection, call())
    assert reap(database, None, after(59)) == {}
    assert reap(database, None, after(61)) == {"lost": 1}


@pytest.mark.parametrize("status", ["completed", "busy", "failed", "no-answer", "canceled"])
def test_a_call_the_carrier_says_is_over_is_completed(
    database: Engine, client: Any, carrier: RestServer, status: str
) -> None:
    with database.begin() as connection:
        silent(connection, GATHER)
    carrier.calls["CA1"] = status
    assert reap(database, Calls(client), after(6)) == {"completed": 1}
    assert row(database).status == "completed"


def test_a_call_the_carrier_does_not_know_is_lost(database: Engine, client: Any) -> None:
    with database.begin() as connection:
        silent(connection, GATHER)
    assert reap(database, Calls(client), after(6)) == {"lost": 1}


def test_a_call_that_goes_on_is_asked_about_again_only_after_another_deadline(
    database: Engine, client: Any, carrier: RestServer
) -> None:
    with database.begin() as connection:
        silent(connection, GATHER)
    carrier.calls["CA1"] = "in-progress"
    assert reap(database, Calls(client), after(6)) == {"going on": 1}
    assert reap(database, Calls(client), after(7)) == {}
    assert row(database).status == "active"
    carrier.calls["CA1"] = "completed"
    assert reap(database, Calls(client), after(12)) == {"completed": 1}


def test_a_carrier_that_does_not_answer_ends_no_call(database: Engine, settings: Settings) -> None:
    with database.begin() as connection:
        silent(connection, GATHER)
    client = connect(replace(settings, twilio_api_url="http://127.0.0.1:1"))
    assert reap(database, Calls(client), after(600)) == {}
    disconnect(client)
    assert row(database).status == "active"


def test_calls_that_are_over_are_left_alone(database: Engine) -> None:
    with database.begin() as connection:
        silent(connection, GATHER, status="completed", ended_at=NOW)
    assert reap(database, None, after(600)) == {}
    assert row(database).ended_at == NOW


@pytest.mark.parametrize("change", ["end", "extend"])
def test_a_call_heard_of_meanwhile_is_not_touched(database: Engine, change: str) -> None:
    heard = NOW + timedelta(minutes=6)
    with database.begin() as connection:
        silent(connection, GATHER, seen_at=heard)
        before = reaping.Silent("CA1", NOW, GATHER)
        if change == "end":
            assert not reaping.end(connection, before, "lost", heard)
        else:
            assert not reaping.extend(connection, before, datetime.max.replace(tzinfo=NOW.tzinfo))
    assert (row(database).status, row(database).seen_at) == ("active", heard)

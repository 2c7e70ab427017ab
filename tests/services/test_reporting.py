import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillWaiting

import pytest
from sqlalchemy import Connection, Engine, select

from ivr.config import Settings
from ivr.dialog.call import Call, Identity
from ivr.dialog.turns import Request
from ivr.errors import StoreError
from ivr.flows.services import Level
from ivr.services import incidents, reporting, texts
from ivr.store import outages as store
from ivr.store.tables import reports
from tests.builders import NOW, account, call, context, stored_call

WAITING = 0.3  # seconds in which what is not kept from going on would be done


def caller(connection: Connection, number: int) -> Call:
    """Somebody matched to an account of their own at N12."""
    premise = account(connection, number=str(number), node="N12", services="internet;tv")
    identity = Identity(Level.MATCHED, account=premise)
    return stored_call(connection, call(f"CA{number}", identity=identity))


def file(connection: Connection, state: Call, service: str = "tv") -> tuple[str, str]:
    premise = store.read_premise(connection, state.identity.account or 0)
    assert premise
    return reporting.file(context(connection, state), premise, service)


def draws(numbers: list[int]) -> Callable[[int], int]:
    """A source of chance that gives these numbers, then the last one for ever."""
    return lambda below: numbers.pop(0) if len(numbers) > 1 else numbers[0]


def test_a_reference_that_is_taken_is_drawn_again(
    database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "randbelow", draws([7, 7, 7, 123456]))
    with database.begin() as connection:
        first = file(connection, caller(connection, 1))
        second = file(connection, caller(connection, 2))
        kept = set(connection.scalars(select(reports.c.reference)))
    assert (first, second) == (("reported", "000007"), ("reported", "123456"))
    assert kept == {"000007", "123456"}


def test_where_no_reference_is_free_nothing_is_promised(
    database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "randbelow", draws([7]))
    with database.begin() as connection:
        file(connection, caller(connection, 1))
        with pytest.raises(StoreError, match="no free reference"):
            file(connection, caller(connection, 2))


def test_homes_that_report_at_once_propose_one_incident(database: Engine) -> None:
    with database.begin() as connection:
        callers = [caller(connection, number) for number in range(8)]

    def ring(state: Call) -> None:
        with database.begin() as connection:
            file(connection, state)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(ring, callers))
    with database.begin() as connection:
        (incident,) = incidents.list_incidents(connection)
    assert (incident.status, incident.reports) == ("suspected", 8)


def test_a_report_waits_for_the_one_before_it_from_the_same_node(database: Engine) -> None:
    with database.begin() as connection:
        for number in range(2):
            file(connection, caller(connection, number))
        third, fourth = caller(connection, 3), caller(connection, 4)

    def ring() -> None:
        with database.begin() as connection:
            file(connection, fourth)

    with ThreadPoolExecutor(1) as pool:
        with database.begin() as connection:
            file(connection, third)
            ringing = pool.submit(ring)
            with pytest.raises(StillWaiting):
                ringing.result(WAITING)
        ringing.result(10)
    with database.begin() as connection:
        assert len(incidents.list_incidents(connection)) == 1


def test_a_text_asked_for_while_the_outage_is_closed_is_owed(database: Engine) -> None:
    with database.begin() as connection:
        incident = incidents.open_incident(connection, ["N12"], ["tv"], NOW)
        state = caller(connection, 1)
        file(connection, state)

    def close() -> int:
        with database.begin() as connection:
            return incidents.close_incident(connection, incident, NOW, lambda language: "Back.")

    with ThreadPoolExecutor(1) as pool:
        with database.begin() as connection:
            given = context(connection, state, settings=Settings(text_from="+12025550100"), turn=2)
            assert texts.keep(given, Request(texts.KEEP)).outcome == "kept"
            closing = pool.submit(close)
            with pytest.raises(StillWaiting):
                closing.result(WAITING)
        assert closing.result(10) == 1

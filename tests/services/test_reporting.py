import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillWaiting
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select

from ivr.config import Settings
from ivr.dialog.call import Call
from ivr.dialog.events import Replied
from ivr.dialog.turns import Request
from ivr.errors import StoreError
from ivr.services import incidents, reporting, texts
from ivr.services.incidents import close_incident, list_incidents, open_incident
from ivr.store import outages as store
from ivr.store.tables import reports
from tests.builders import NOW, call, context
from tests.services.premises import caller, home, reference, report, rows

WAITING = 0.3  # seconds in which what is not kept from going on would be done


def neighbour(connection: Connection, number: int) -> Call:
    """Somebody matched to an account of their own at N12."""
    return caller(connection, home(connection, str(number)), f"CA{number}")


def file(connection: Connection, state: Call, service: str = "tv") -> tuple[str, str]:
    premise = store.read_premise(connection, state.identity.account or 0)
    assert premise
    return reporting.file(context(connection, state), premise, service)


def draws(numbers: list[int]) -> Callable[[int], int]:
    """A source of chance that gives these numbers, then the last one for ever."""
    return lambda below: numbers.pop(0) if len(numbers) > 1 else numbers[0]


def test_a_report_is_kept_and_its_reference_told(database: Engine) -> None:
    with database.begin() as connection:
        premise = home(connection)
        reply = report(connection, caller(connection, premise), "internet", turn=4)
        (row,) = rows(connection)
    assert reply.outcome == "reported"
    assert row.reference == reference(reply)
    assert len(row.reference) == 6
    assert row.reference.isdigit()
    assert (row.account_id, row.node, row.service) == (premise, "N12", "internet")
    assert (row.call_sid, row.turn, row.created_at) == ("CA1", 4, NOW)
    assert (row.incident_id, row.danger, row.still_out) == (None, False, False)


def test_a_turn_that_runs_twice_files_once(database: Engine) -> None:
    with database.begin() as connection:
        state = caller(connection, home(connection))
        first = report(connection, state, "internet")
        assert report(connection, state, "internet", now=NOW + timedelta(seconds=20)) == first
        (row,) = rows(connection)
    assert row.touches == 1


def test_reporting_needs_a_premise(database: Engine) -> None:
    with database.begin() as connection:
        assert report(connection, call(), "internet") == Replied("where")
        assert rows(connection) == []


def test_a_premise_reports_a_thing_once_and_a_repeat_call_touches_it(database: Engine) -> None:
    with database.begin() as connection:
        premise = home(connection)
        first = report(connection, caller(connection, premise), "internet")
        later = NOW + timedelta(hours=1)
        again = caller(connection, premise, "CA2", started_at=later)
        reply = report(connection, again, "internet", now=later)
        repeated = report(connection, again, "internet", now=later, turn=9)
        (row,) = rows(connection)
    assert reply.outcome == repeated.outcome == "already"
    assert reference(reply) == reference(repeated) == reference(first)
    assert (row.touches, row.last_touch_at) == (2, later)


def test_who_reported_everything_has_reported_each_thing(database: Engine) -> None:
    with database.begin() as connection:
        premise = home(connection)
        report(connection, caller(connection, premise), "all")
        later = caller(connection, premise, "CA2")
        assert report(connection, later, "tv").outcome == "already"


def test_another_thing_is_another_report(database: Engine) -> None:
    with database.begin() as connection:
        state = caller(connection, home(connection))
        report(connection, state, "internet", turn=1)
        assert report(connection, state, "tv", turn=2).outcome == "reported"
        assert report(connection, state, "all", turn=3).outcome == "reported"
        assert [row.service for row in rows(connection)] == ["internet", "tv", "all"]


@pytest.mark.parametrize("status", ["confirmed", "suspected"])
@pytest.mark.parametrize("service", ["tv", "all"])
def test_a_report_joins_the_incident_that_explains_it(
    database: Engine, status: str, service: str
) -> None:
    with database.begin() as connection:
        incident = open_incident(connection, ["N12"], ["tv"], NOW, status=status)
        reply = report(connection, caller(connection, home(connection)), service)
        (row,) = rows(connection)
    assert reply.outcome == "joined"
    assert row.incident_id == incident


def test_a_report_of_another_service_does_not_join(database: Engine) -> None:
    with database.begin() as connection:
        open_incident(connection, ["N12"], ["tv"], NOW)
        reply = report(connection, caller(connection, home(connection)), "internet")
        (row,) = rows(connection)
    assert reply.outcome == "reported"
    assert row.incident_id is None


@pytest.mark.parametrize(("hours", "outcome"), [(23, "reopened"), (25, "reported")])
def test_a_report_soon_after_the_closure_says_it_is_still_out(
    database: Engine, hours: int, outcome: str
) -> None:
    with database.begin() as connection:
        premise = home(connection)
        incident = open_incident(connection, ["N12"], ["tv"], NOW)
        first = report(connection, caller(connection, premise), "tv")
        close_incident(connection, incident, NOW, str)
        later = NOW + timedelta(hours=hours)
        again = caller(connection, premise, "CA2", started_at=later)
        reply = report(connection, again, "tv", now=later)
        repeated = report(connection, again, "tv", now=later)
        old, new = rows(connection)
        open_ones = list_incidents(connection)
    assert reply.outcome == repeated.outcome == outcome
    assert reference(reply) != reference(first)
    assert old.closed_at == NOW
    assert (new.still_out, new.incident_id) == (outcome == "reopened", None)
    assert open_ones == []


def test_a_service_nobody_knows_is_refused(database: Engine) -> None:
    with database.begin() as connection:
        state = caller(connection, home(connection))
        with pytest.raises(ValueError, match=r"outages\.look"):
            report(connection, state, "telegraph")


# Four homes


def homes_report(connection: Connection, count: int, service: str = "tv", **values: Any) -> None:
    """So many homes report, a minute apart."""
    for number in range(count):
        premise = home(connection, f"2{number}", **values)
        at = NOW + timedelta(minutes=number)
        state = caller(connection, premise, f"CA2{number}", started_at=at)
        report(connection, state, service, now=at)


def test_four_homes_in_half_an_hour_propose_an_incident(database: Engine) -> None:
    with database.begin() as connection:
        homes_report(connection, 3)
        assert list_incidents(connection) == []
        premise = home(connection)
        reply = report(connection, caller(connection, premise), "tv", now=NOW)
        (incident,) = list_incidents(connection)
        after = report(connection, caller(connection, home(connection, "5"), "CA5"), "tv")
    assert reply.outcome == "reported"
    assert (incident.status, incident.nodes, incident.services) == ("suspected", ("N12",), ("tv",))
    assert incident.reports == 4
    assert after.outcome == "joined"


def test_one_home_that_reports_often_is_one(database: Engine) -> None:
    with database.begin() as connection:
        homes_report(connection, 2)
        state = caller(connection, home(connection))
        for turn, service in enumerate(("tv", "internet", "all")):
            report(connection, state, service, turn=turn)
        assert list_incidents(connection) == []


def test_homes_at_other_nodes_do_not_count(database: Engine) -> None:
    with database.begin() as connection:
        homes_report(connection, 3, node="N31")
        report(connection, caller(connection, home(connection)), "tv")
        assert list_incidents(connection) == []


def test_reports_older_than_half_an_hour_do_not_count(database: Engine) -> None:
    with database.begin() as connection:
        homes_report(connection, 3)
        late = NOW + timedelta(minutes=30)
        report(connection, caller(connection, home(connection), started_at=late), "tv", now=late)
        assert list_incidents(connection) == []


def test_everything_counts_as_each_service_of_that_home(database: Engine) -> None:
    with database.begin() as connection:
        homes_report(connection, 3, "all", services="internet;tv")
        report(connection, caller(connection, home(connection)), "tv")
        (incident,) = list_incidents(connection)
    assert incident.services == ("tv",)


def test_different_services_are_different_outages(database: Engine) -> None:
    with database.begin() as connection:
        homes_report(connection, 3, "internet")
        report(connection, caller(connection, home(connection)), "tv")
        assert list_incidents(connection) == []


def test_homes_without_a_node_propose_nothing(database: Engine) -> None:
    with database.begin() as connection:
        homes_report(connection, 4, node=None)
        assert list_incidents(connection) == []
        assert len(rows(connection)) == 4


# Chance, and others at once


def test_a_reference_that_is_taken_is_drawn_again(
    database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "randbelow", draws([7, 7, 7, 123456]))
    with database.begin() as connection:
        first = file(connection, neighbour(connection, 1))
        second = file(connection, neighbour(connection, 2))
        kept = set(connection.scalars(select(reports.c.reference)))
    assert (first, second) == (("reported", "000007"), ("reported", "123456"))
    assert kept == {"000007", "123456"}


def test_where_no_reference_is_free_nothing_is_promised(
    database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "randbelow", draws([7]))
    with database.begin() as connection:
        file(connection, neighbour(connection, 1))
        with pytest.raises(StoreError, match="no free reference"):
            file(connection, neighbour(connection, 2))


def test_homes_that_report_at_once_propose_one_incident(database: Engine) -> None:
    with database.begin() as connection:
        callers = [neighbour(connection, number) for number in range(8)]

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
            file(connection, neighbour(connection, number))
        third, fourth = neighbour(connection, 3), neighbour(connection, 4)

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
        state = neighbour(connection, 1)
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

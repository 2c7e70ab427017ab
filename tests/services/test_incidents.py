from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert, select

from ivr.errors import StoreError
from ivr.services.incidents import (
    Change,
    close_incident,
    confirm_incident,
    list_incidents,
    open_incident,
    reject_incident,
    update_incident,
)
from ivr.store.tables import accounts, incidents, numbers, opt_outs, reports, texts

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=2)


def report(connection: Connection, reference: str, **values: Any) -> int:
    """A report from an account of its own; returns its id."""
    account = insert(accounts).values(
        number=reference,
        name="Ana",
        zip="60601",
        balance_cents=0,
        balance_as_of=NOON,
        language=values.pop("language", None),
    )
    row = insert(reports).values(
        account_id=connection.execute(account.returning(accounts.c.id)).scalar_one(),
        reference=reference,
        call_sid=f"CA{reference}",
        turn=1,
        created_at=NOON,
        last_touch_at=NOON,
        **{"node": "N12", "service": "internet", **values},
    )
    return int(connection.execute(row.returning(reports.c.id)).scalar_one())


def incident_of(connection: Connection, reference: str) -> int | None:
    return connection.scalar(select(reports.c.incident_id).where(reports.c.reference == reference))


def say(language: str) -> str:
    return {"en": "Back.", "es": "Ya volvió."}[language]


def test_an_open_incident_is_listed_with_what_it_covers(database: Engine) -> None:
    with database.begin() as connection:
        first = open_incident(connection, ["N13", "N12"], ["tv", "internet"], NOON, eta=LATER)
        second = open_incident(connection, ["N31"], ["tv"], NOON, cause="ice", status="suspected")
        found = list_incidents(connection)
    assert [incident.id for incident in found] == [second, first]
    assert found[1].nodes == ("N12", "N13")
    assert found[1].services == ("internet", "tv")
    assert (found[1].status, found[1].eta, found[1].opened_at) == ("confirmed", LATER, NOON)
    assert (found[0].status, found[0].eta, found[0].cause) == ("suspected", None, "ice")


def test_a_time_past_is_taken_and_one_long_past_is_a_slip(database: Engine) -> None:
    last_year = NOON - timedelta(days=365)
    with database.begin() as connection:
        incident = open_incident(connection, ["N12"], ["tv"], NOON, eta=NOON - timedelta(hours=2))
        update_incident(connection, incident, LATER, Change(eta=NOON))
        assert list_incidents(connection)[0].eta == NOON
        with pytest.raises(StoreError, match="long past"):
            open_incident(connection, ["N31"], ["tv"], NOON, eta=last_year)
        with pytest.raises(StoreError, match="long past"):
            update_incident(connection, incident, LATER, Change(eta=last_year))


def test_an_incident_takes_the_open_reports_it_explains(database: Engine) -> None:
    with database.begin() as connection:
        report(connection, "100001")
        report(connection, "100002", service="all")
        report(connection, "100003", service="voice")
        report(connection, "100004", node="N31")
        report(connection, "100005", closed_at=NOON)
        report(connection, "100006", node=None)
        incident = open_incident(connection, ["N12"], ["internet", "tv"], NOON)
        found = [incident_of(connection, f"10000{last}") for last in range(1, 7)]
        assert found == [incident, incident, None, None, None, None]
        assert list_incidents(connection)[0].reports == 2


def test_an_update_changes_only_what_it_names(database: Engine) -> None:
    with database.begin() as connection:
        incident = open_incident(connection, ["N12"], ["tv"], NOON, cause="ice", eta=LATER)
        report(connection, "100001")
        update_incident(connection, incident, LATER - timedelta(hours=1), Change(cause="a truck"))
        [found] = list_incidents(connection)
        assert (found.cause, found.eta, found.nodes) == ("a truck", LATER, ("N12",))
        assert found.reports == 0
        change = Change(nodes=["N12", "N13"], services=["internet"], no_eta=True)
        update_incident(connection, incident, LATER, change)
        [found] = list_incidents(connection)
        assert (found.cause, found.eta, found.nodes) == ("a truck", None, ("N12", "N13"))
        assert (found.services, found.reports) == (("internet",), 1)
        row = connection.execute(select(incidents.c.updated_at)).scalar_one()
        assert row == LATER


def test_closing_texts_everyone_who_asked_in_their_language(database: Engine) -> None:
    with database.begin() as connection:
        spanish = report(connection, "100001", language="es", text_to="+12025550101")
        by_number = report(connection, "100002", text_to="+12025550102")
        default = report(connection, "100003", text_to="+12025550103")
        report(connection, "100004")
        report(connection, "100005", text_to="+12025550105")
        report(connection, "100006", node="N99", text_to="+12025550106")
        connection.execute(insert(numbers).values(number="+12025550102", language="es"))
        connection.execute(insert(opt_outs).values(number="+12025550105", at=NOON))
        incident = open_incident(connection, ["N12"], ["internet"], NOON)
        assert list_incidents(connection)[0].texts == 4
        assert close_incident(connection, incident, LATER, say) == 3
        rows = connection.execute(select(texts).order_by(texts.c.id)).all()
    assert [(row.key, row.number, row.body) for row in rows] == [
        (f"restored:{incident}:{spanish}", "+12025550101", "Ya volvió. (100001)"),
        (f"restored:{incident}:{by_number}", "+12025550102", "Ya volvió. (100002)"),
        (f"restored:{incident}:{default}", "+12025550103", "Back. (100003)"),
    ]
    assert {(row.status, row.next_at, row.attempts) for row in rows} == {("pending", LATER, 0)}
    assert [row.language for row in rows] == ["es", "es", "en"]


def test_closing_closes_the_reports_of_the_incident_alone(database: Engine) -> None:
    with database.begin() as connection:
        report(connection, "100001")
        report(connection, "100002", node="N31")
        incident = open_incident(connection, ["N12"], ["internet"], NOON)
        close_incident(connection, incident, LATER, say)
        closed = select(reports.c.closed_at).order_by(reports.c.reference)
        assert list(connection.scalars(closed)) == [LATER, None]
        assert list_incidents(connection) == []
        [found] = list_incidents(connection, everything=True)
        assert (found.status, found.closed_at) == ("closed", LATER)


def test_an_incident_closes_once(database: Engine) -> None:
    with database.begin() as connection:
        report(connection, "100001", text_to="+12025550101")
        incident = open_incident(connection, ["N12"], ["internet"], NOON)
        close_incident(connection, incident, LATER, say)
        with pytest.raises(StoreError, match=f"incident {incident} is closed, not"):
            close_incident(connection, incident, LATER, say)
        assert len(connection.execute(select(texts)).all()) == 1


def test_an_incident_nobody_knows_is_refused(database: Engine) -> None:
    with database.begin() as connection:
        for act in (confirm_incident, reject_incident):
            with pytest.raises(StoreError, match="there is no incident 7; ivr outages list"):
                act(connection, 7, NOON)


def test_a_suspicion_is_confirmed_once(database: Engine) -> None:
    with database.begin() as connection:
        incident = open_incident(connection, ["N12"], ["tv"], NOON, status="suspected")
        confirm_incident(connection, incident, LATER)
        assert list_incidents(connection)[0].status == "confirmed"
        with pytest.raises(StoreError, match="is confirmed, not suspected"):
            confirm_incident(connection, incident, LATER)


def test_a_rejected_suspicion_gives_its_reports_back_open(database: Engine) -> None:
    with database.begin() as connection:
        report(connection, "100001")
        first = open_incident(connection, ["N12"], ["internet"], NOON, status="suspected")
        reject_incident(connection, first, LATER)
        assert incident_of(connection, "100001") is None
        second = open_incident(connection, ["N12"], ["internet"], LATER)
        assert incident_of(connection, "100001") == second
        statuses = [found.status for found in list_incidents(connection, everything=True)]
        assert statuses == ["confirmed", "rejected"]

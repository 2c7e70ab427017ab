"""Outages as the network desk knows them: incidents, the nodes they cover, who hears the end.

Callers hear of confirmed incidents only. Closing one writes a text to everyone who asked for it
on a report, in the same transaction, so that a text is owed exactly when service is back.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from ivr.errors import StoreError
from ivr.store.outages import OPEN
from ivr.store.tables import (
    accounts,
    incident_nodes,
    incidents,
    numbers,
    opt_outs,
    reports,
    texts,
)

Say = Callable[[str], str]

LONG_PAST = timedelta(days=1)
"""No desk says that an outage was to end before that."""


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident: `services` and `nodes` sorted; `texts` is how many asked to be told."""

    id: int
    status: str
    nodes: tuple[str, ...]
    services: tuple[str, ...]
    cause: str | None
    eta: datetime | None
    opened_at: datetime
    closed_at: datetime | None
    reports: int
    texts: int


@dataclass(frozen=True, slots=True)
class Change:
    """What the desk now knows; None leaves a value as it is, `no_eta` takes the time away."""

    nodes: Sequence[str] | None = None
    services: Sequence[str] | None = None
    cause: str | None = None
    eta: datetime | None = None
    no_eta: bool = False


def open_incident(
    connection: Connection,
    nodes: Sequence[str],
    services: Sequence[str],
    now: datetime,
    *,
    cause: str | None = None,
    eta: datetime | None = None,
    status: str = "confirmed",
) -> int:
    """Open an incident and return its id; open reports that it explains become its own.

    A time past means that it takes longer than expected, as callers are then told. Raises
    `StoreError` for one so long past that it must be a slip.
    """
    _check_eta(eta, now)
    row = insert(incidents).values(
        services=";".join(sorted(set(services))),
        status=status,
        cause=cause,
        eta=eta,
        opened_at=now,
        updated_at=now,
    )
    incident = int(connection.execute(row.returning(incidents.c.id)).scalar_one())
    _cover(connection, incident, nodes)
    _adopt(connection, incident)
    return incident


def update_incident(connection: Connection, incident: int, now: datetime, change: Change) -> None:
    """Write down what the desk learned.

    Raises `StoreError` where there is no such open incident, or for a time long past.
    """
    _expect(connection, incident, OPEN)
    _check_eta(change.eta, now)
    values: dict[str, Any] = {"updated_at": now}
    if change.services is not None:
        values["services"] = ";".join(sorted(set(change.services)))
    if change.cause is not None:
        values["cause"] = change.cause
    if change.eta is not None or change.no_eta:
        values["eta"] = change.eta
    connection.execute(update(incidents).where(incidents.c.id == incident).values(values))
    if change.nodes is not None:
        _cover(connection, incident, change.nodes)
    _adopt(connection, incident)


def confirm_incident(connection: Connection, incident: int, now: datetime) -> None:
    """Let callers hear of a suspected incident. Raises `StoreError` where it is not suspected."""
    _expect(connection, incident, ("suspected",))
    _set_status(connection, incident, now, "confirmed")


def reject_incident(connection: Connection, incident: int, now: datetime) -> None:
    """A suspicion that was none; its reports stay open, each for itself.

    Raises `StoreError` where the incident is not suspected.
    """
    _expect(connection, incident, ("suspected",))
    _set_status(connection, incident, now, "rejected", closed_at=now)
    theirs = reports.c.incident_id == incident
    connection.execute(update(reports).where(theirs).values(incident_id=None))


def close_incident(
    connection: Connection, incident: int, now: datetime, say: Say, language: str = "en"
) -> int:
    """Service is back: close the incident and its reports; returns how many texts are now owed.

    `say(language)` gives the text's words, `language` is for those who chose none. Who opted out
    gets no text. Raises `StoreError` where there is no such open incident.
    """
    _expect(connection, incident, OPEN)
    owed = [
        _text(row, incident, now, say, row.language or language)
        for row in connection.execute(_asked(incident))
    ]
    if owed:
        connection.execute(insert(texts), owed)
    _set_status(connection, incident, now, "closed", closed_at=now)
    mine = (reports.c.incident_id == incident) & reports.c.closed_at.is_(None)
    connection.execute(update(reports).where(mine).values(closed_at=now))
    return len(owed)


def list_incidents(connection: Connection, *, everything: bool = False) -> list[Incident]:
    """Incidents still open, or all there ever were, newest first."""
    counted = (
        select(
            reports.c.incident_id,
            func.count().label("reports"),
            func.count(reports.c.text_to).label("texts"),
        )
        .group_by(reports.c.incident_id)
        .subquery()
    )
    query = select(incidents, counted.c.reports, counted.c.texts).outerjoin(
        counted, counted.c.incident_id == incidents.c.id
    )
    if not everything:
        query = query.where(incidents.c.status.in_(OPEN))
    found = connection.execute(query.order_by(incidents.c.id.desc())).all()
    covered = _nodes(connection, [row.id for row in found])
    return [_incident(row, tuple(covered.get(row.id, ()))) for row in found]


def _incident(row: Row[Any], nodes: tuple[str, ...]) -> Incident:
    return Incident(
        id=row.id,
        status=row.status,
        nodes=nodes,
        services=tuple(row.services.split(";")),
        cause=row.cause,
        eta=row.eta,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        reports=row.reports or 0,
        texts=row.texts or 0,
    )


def _nodes(connection: Connection, wanted: list[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    query = select(incident_nodes).where(incident_nodes.c.incident_id.in_(wanted))
    for incident, node in connection.execute(query.order_by(incident_nodes.c.node)):
        found.setdefault(incident, []).append(node)
    return found


def _check_eta(eta: datetime | None, now: datetime) -> None:
    if eta is not None and eta < now - LONG_PAST:
        raise StoreError(f"{eta.isoformat()} is long past; give a time to come, or none")


def _expect(connection: Connection, incident: int, wanted: Sequence[str]) -> None:
    # Locked, so that two who close it at once do not both write its texts.
    query = select(incidents.c.status).where(incidents.c.id == incident).with_for_update()
    status = connection.scalar(query)
    if status is None:
        raise StoreError(f"there is no incident {incident}; ivr outages list shows them")
    if status not in wanted:
        raise StoreError(f"incident {incident} is {status}, not {' or '.join(wanted)}")


def _set_status(
    connection: Connection,
    incident: int,
    now: datetime,
    status: str,
    closed_at: datetime | None = None,
) -> None:
    values = {"status": status, "updated_at": now, "closed_at": closed_at}
    connection.execute(update(incidents).where(incidents.c.id == incident).values(values))


def _cover(connection: Connection, incident: int, nodes: Sequence[str]) -> None:
    mine = incident_nodes.c.incident_id == incident
    connection.execute(delete(incident_nodes).where(mine))
    rows = [{"incident_id": incident, "node": node} for node in sorted(set(nodes))]
    connection.execute(insert(incident_nodes), rows)


def _adopt(connection: Connection, incident: int) -> None:
    """Open reports of these nodes and services belong to the incident from now on."""
    services = connection.scalar(select(incidents.c.services).where(incidents.c.id == incident))
    covered = select(incident_nodes.c.node).where(incident_nodes.c.incident_id == incident)
    connection.execute(
        update(reports)
        .where(
            reports.c.node.in_(covered),
            reports.c.service.in_([*(services or "").split(";"), "all"]),
            reports.c.incident_id.is_(None),
            reports.c.closed_at.is_(None),
        )
        .values(incident_id=incident)
    )


def _asked(incident: int) -> Select[Any]:
    """Open reports with a number to text, and the language of the account or of the number."""
    opted_out = select(opt_outs.c.number).where(opt_outs.c.number == reports.c.text_to).exists()
    language = func.coalesce(accounts.c.language, numbers.c.language).label("language")
    return (
        select(reports.c.id, reports.c.reference, reports.c.text_to, language)
        .outerjoin(accounts, accounts.c.id == reports.c.account_id)
        .outerjoin(numbers, numbers.c.number == reports.c.text_to)
        .where(
            reports.c.incident_id == incident,
            reports.c.closed_at.is_(None),
            reports.c.text_to.is_not(None),
            ~opted_out,
        )
        .order_by(reports.c.id)
    )


def _text(
    report: Row[Any], incident: int, now: datetime, say: Say, language: str
) -> dict[str, Any]:
    return {
        "key": f"restored:{incident}:{report.id}",
        "number": report.text_to,
        # The reference the caller was given; it is also how a text whose fate is unknown is found.
        "body": f"{say(language)} ({report.reference})",
        "reference": report.reference,
        "language": language,
        "next_at": now,
        "created_at": now,
    }

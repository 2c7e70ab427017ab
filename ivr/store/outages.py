"""Outages as one caller's address meets them: what is known there, and what was reported.

How the network desk opens and closes incidents stands in ivr.services.incidents.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, func, or_, select, update

from ivr.store.inserts import on_each, run
from ivr.store.tables import accounts, calls, incident_nodes, incidents, reports

OPEN = ("suspected", "confirmed")
EVERYTHING = "all"  # what a report names where more than one service is out
# Any number will do, as long as no other advisory lock has the same.
PLACE_LOCK = 55_501


@dataclass(frozen=True, slots=True)
class Premise:
    """What an account has, and where on the network; `status` is the account's."""

    account: int
    node: str | None
    services: tuple[str, ...]
    status: str


@dataclass(frozen=True, slots=True)
class Known:
    """A confirmed incident. `changed` tells that it did so since this caller last rang about it."""

    incident: int
    services: tuple[str, ...]
    eta: datetime | None
    changed: bool


@dataclass(frozen=True, slots=True)
class Report:
    """One report of a premise; `this_call` tells that this call made or touched it."""

    id: int
    reference: str
    service: str
    incident: int | None
    call_sid: str
    turn: int
    open: bool
    still_out: bool
    text_to: str | None
    this_call: bool


# The caller's call before this one, in the same incident.
_HEARD = (
    select(func.max(calls.c.started_at))
    .where(
        calls.c.caller == bindparam("caller"),
        calls.c.sid != bindparam("sid"),
        calls.c.started_at >= incidents.c.opened_at,
    )
    .scalar_subquery()
)
_INCIDENT = (
    incidents.c.id.label("incident"),
    incidents.c.services.label("out"),
    incidents.c.eta,
    and_(_HEARD.is_not(None), incidents.c.updated_at > _HEARD).label("changed"),
)
_CONFIRMED = incident_nodes.join(
    incidents,
    and_(incidents.c.id == incident_nodes.c.incident_id, incidents.c.status == "confirmed"),
)
_AT_NODE = (
    select(*_INCIDENT)
    .select_from(_CONFIRMED)
    .where(incident_nodes.c.node == bindparam("node"))
    .order_by(incidents.c.id.desc())
)
_PREMISE = (accounts.c.id, accounts.c.node, accounts.c.services, accounts.c.status)
_READ_PREMISE = select(*_PREMISE).where(accounts.c.id == bindparam("account"))
_LOOK = (
    select(*_PREMISE, *_INCIDENT)
    .select_from(accounts.outerjoin(_CONFIRMED, incident_nodes.c.node == accounts.c.node))
    .where(accounts.c.id == bindparam("account"))
    .order_by(incidents.c.id.desc())
)
# Locked for sharing, so that none is closed between this look and the commit of its report.
_COVERING = (
    select(incidents.c.id, incidents.c.services)
    .join(incident_nodes, incident_nodes.c.incident_id == incidents.c.id)
    .where(incident_nodes.c.node == bindparam("node"), incidents.c.status.in_(OPEN))
    .order_by(incidents.c.status, incidents.c.id.desc())  # confirmed before suspected
    .with_for_update(read=True, of=incidents)
)
_HOLD = (
    select(incidents.c.id)
    .where(incidents.c.id == bindparam("incident"), incidents.c.status.in_(OPEN))
    .with_for_update(read=True)
)
_BEGAN = select(calls.c.started_at).where(calls.c.sid == bindparam("sid")).scalar_subquery()
_REPORTS = (
    select(
        reports.c.id,
        reports.c.reference,
        reports.c.service,
        reports.c.incident_id,
        reports.c.call_sid,
        reports.c.turn,
        reports.c.closed_at.is_(None).label("open"),
        reports.c.still_out,
        reports.c.text_to,
        (reports.c.last_touch_at >= _BEGAN).label("this_call"),
    )
    .where(
        reports.c.account_id == bindparam("account"),
        reports.c.danger.is_(False),
        or_(reports.c.closed_at.is_(None), reports.c.closed_at > bindparam("since")),
    )
    .order_by(reports.c.last_touch_at.desc(), reports.c.id.desc())
)
_TOUCH = (
    update(reports)
    .where(reports.c.id == bindparam("report"))
    .values(touches=reports.c.touches + 1, last_touch_at=bindparam("now"))
)
_DANGER = select(reports.c.id).where(
    reports.c.call_sid == bindparam("sid"), reports.c.danger.is_(True)
)
_RECENT = (
    select(reports.c.account_id, reports.c.service, accounts.c.services)
    .join(accounts, accounts.c.id == reports.c.account_id)
    .where(
        reports.c.node == bindparam("node"),
        reports.c.created_at > bindparam("since"),
        reports.c.closed_at.is_(None),
        reports.c.incident_id.is_(None),
        reports.c.danger.is_(False),
    )
)
_PLACE = select(func.pg_advisory_xact_lock(PLACE_LOCK, func.hashtext(bindparam("place"))))
_NEW = on_each(
    lambda insert: (
        insert(reports).on_conflict_do_nothing(index_elements=["reference"]).returning(reports.c.id)
    )
)


def read_premise(connection: Connection, account: int) -> Premise | None:
    """An account's premise."""
    row = connection.execute(_READ_PREMISE, {"account": account}).one_or_none()
    return _premise(row) if row else None


def look(
    connection: Connection, account: int, caller: str | None, sid: str
) -> tuple[Premise, list[Known]] | None:
    """A premise and the confirmed incidents at its node, newest first, in one statement."""
    values = {"account": account, "caller": caller, "sid": sid}
    rows = connection.execute(_LOOK, values).all()
    if not rows:
        return None
    return _premise(rows[0]), [_known(row) for row in rows if row.incident is not None]


def known_at(connection: Connection, node: str, caller: str | None, sid: str) -> list[Known]:
    """The confirmed incidents at a node, newest first."""
    rows = connection.execute(_AT_NODE, {"node": node, "caller": caller, "sid": sid})
    return [_known(row) for row in rows]


def hold_place(connection: Connection, place: str) -> None:
    """Let reports from one place take turns until this transaction ends, so that each of them
    sees those before it; SQLite lets all writers take turns anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(_PLACE, {"place": place})


def hold_incident(connection: Connection, incident: int) -> bool:
    """Keep an incident from being closed until this transaction ends; False where it is over."""
    return connection.scalar(_HOLD, {"incident": incident}) is not None


def covering(connection: Connection, node: str, services: Iterable[str]) -> int | None:
    """The open incident, suspected ones too, that explains one of these services at a node."""
    wanted = set(services)
    for incident, out in connection.execute(_COVERING, {"node": node}):
        if wanted.intersection(out.split(";")):
            return int(incident)
    return None


def reports_of(connection: Connection, account: int, sid: str, since: datetime) -> list[Report]:
    """Reports of a premise that are open or were closed after `since`, the last touched first.

    `sid` is the call that asks. Reports of danger are not among them.
    """
    values = {"account": account, "sid": sid, "since": since}
    return [_report(row) for row in connection.execute(_REPORTS, values)]


def touch(connection: Connection, report: int, now: datetime) -> None:
    """Note that a premise reported the same thing again."""
    connection.execute(_TOUCH, {"report": report, "now": now})


def has_danger(connection: Connection, sid: str) -> bool:
    """Whether this call told of danger already."""
    return connection.scalar(_DANGER, {"sid": sid}) is not None


def add_report(connection: Connection, row: dict[str, Any]) -> bool:
    """Write a report; False where its reference is taken."""
    return run(connection, _NEW, row).one_or_none() is not None


def recent(
    connection: Connection, node: str, since: datetime
) -> list[tuple[int, str, tuple[str, ...]]]:
    """Open reports at a node that no incident explains: account, service, what the premise has."""
    rows = connection.execute(_RECENT, {"node": node, "since": since})
    return [(account, service, _split(has)) for account, service, has in rows]


def _premise(row: Any) -> Premise:  # the first columns of two kinds of row
    return Premise(row.id, row.node, _split(row.services), row.status)


def _known(row: Row[Any]) -> Known:
    return Known(row.incident, _split(row.out), row.eta, bool(row.changed))


def _report(row: Row[Any]) -> Report:
    return Report(
        id=row.id,
        reference=row.reference,
        service=row.service,
        incident=row.incident_id,
        call_sid=row.call_sid,
        turn=row.turn,
        open=bool(row.open),
        still_out=row.still_out,
        text_to=row.text_to,
        this_call=bool(row.this_call),
    )


def _split(words: str) -> tuple[str, ...]:
    return tuple(filter(None, words.split(";")))

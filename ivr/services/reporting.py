"""Files a report: joined to what explains it, kept once, and counted towards a new incident.

Enough reports from one node in a short time propose an incident, which the network desk confirms
or rejects: a cable operator's rule of thumb is four homes without service in one area.
"""

import secrets
from datetime import timedelta

from ivr.errors import StoreError
from ivr.services import incidents
from ivr.services.context import Context
from ivr.store import outages as store
from ivr.store.outages import EVERYTHING, Premise, Report

PREMISES = 4  # so many distinct ones
WITHIN = timedelta(minutes=30)
STILL_OUT = timedelta(hours=24)  # a report this soon after the last was closed says it was not
MOST_DRAWS = 30


def file(context: Context, premise: Premise, service: str) -> tuple[str, str]:
    """File `service` (or `all`) as out; gives the outcome and the report's reference.

    `reported`, `joined` (an open incident explains it), `already` (this premise reported it
    before) or `reopened` (it was said to be fixed within the last day).
    """
    store.hold_place(context.connection, premise.node or f"account {premise.account}")
    since = context.now - STILL_OUT
    theirs = store.reports_of(context.connection, premise.account, context.call.sid, since)
    if filed := _filed_by(context, theirs):
        return filed
    if before := _before(theirs, service):
        if not before.this_call:
            store.touch(context.connection, before.id, context.now)
        return "already", before.reference
    incident = _explained_by(context, premise, service)
    if incident is not None:
        return "joined", write(context, premise, service, incident=incident)
    still_out = any(not one.open and _overlap(one.service, service) for one in theirs)
    reference = write(context, premise, service, still_out=still_out)
    _suspect(context, premise, service)
    return ("reopened" if still_out else "reported"), reference


def write(
    context: Context,
    premise: Premise | None,
    service: str,
    *,
    incident: int | None = None,
    still_out: bool = False,
    text_to: str | None = None,
    danger: bool = False,
) -> str:
    """Write a report of this turn; gives its reference, six digits that no other report has."""
    row = {
        "account_id": premise.account if premise else None,
        "node": premise.node if premise else None,
        "service": service,
        "incident_id": incident,
        "call_sid": context.call.sid,
        "turn": context.turn,
        "created_at": context.now,
        "last_touch_at": context.now,
        "still_out": still_out,
        "text_to": text_to,
        "danger": danger,
    }
    for _ in range(MOST_DRAWS):
        reference = f"{secrets.randbelow(1_000_000):06}"
        if store.add_report(context.connection, {"reference": reference, **row}):
            return reference
    raise StoreError("no free reference was found: nearly every number of six digits is taken")


def _filed_by(context: Context, theirs: list[Report]) -> tuple[str, str] | None:
    """What this very turn filed, when it runs a second time."""
    for one in theirs:
        if (one.call_sid, one.turn) == (context.call.sid, context.turn):
            outcome = "reopened" if one.still_out else "joined" if one.incident else "reported"
            return outcome, one.reference
    return None


def _before(theirs: list[Report], service: str) -> Report | None:
    """The open report that says this already."""
    said = (one for one in theirs if one.open and one.service in (service, EVERYTHING))
    return next(said, None)


def _overlap(one: str, other: str) -> bool:
    return one == other or EVERYTHING in (one, other)


def _meant(service: str, has: tuple[str, ...]) -> tuple[str, ...]:
    """The services a report is about."""
    return has if service == EVERYTHING else (service,)


def _explained_by(context: Context, premise: Premise, service: str) -> int | None:
    if premise.node is None:
        return None
    wanted = _meant(service, premise.services)
    return store.covering(context.connection, premise.node, wanted)


def _suspect(context: Context, premise: Premise, service: str) -> None:
    """Propose an incident where this report is one too many to be a matter of one home."""
    if premise.node is None:
        return
    near = store.recent(context.connection, premise.node, context.now - WITHIN)
    homes: dict[str, set[int]] = {name: set() for name in _meant(service, premise.services)}
    for account, reported, has in near:
        for name in homes.keys() & _meant(reported, has):
            homes[name].add(account)
    out = [name for name, accounts in homes.items() if len(accounts) >= PREMISES]
    if out:
        incidents.open_incident(
            context.connection, [premise.node], out, context.now, status="suspected"
        )

"""Offers: every ring of an agent's phone is a row, and each change of it a compare-and-set."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Executable, and_, bindparam, case, or_, select, text, update

from ivr.store.inserts import on_each, run
from ivr.store.tables import LIVE_OFFER, agents, calls, offers, transfers

LONGEST_RING = timedelta(seconds=60)
"""No phone rings and is screened for longer: 15 s, the 5 s the carrier may add, and the whisper.

An offer undecided for that long is dead, its webhooks lost
(https://www.twilio.com/docs/voice/twiml/dial#timeout).
"""


@dataclass(frozen=True, slots=True)
class Offer:
    """One ring as the agent's leg needs it: whose call it is about, and the agent's languages.

    `child` is the carrier's name for the leg that was answered. `over` tells that the ring, its
    transfer or the caller's call has ended. `tried` is JSON.
    """

    id: int
    status: str
    child: str | None
    over: bool
    queue: str
    level: str
    language: str
    reason: str | None
    tried: str
    book: str
    agent_languages: str | None


ENDED = {
    "status": case(
        (offers.c.status.in_(("ringing", "screening")), "no-answer"), else_=offers.c.status
    ),
    "ended_at": bindparam("now"),
}
"""What becomes of a ring when it is over: what the agent decided stays."""

_NEW = on_each(lambda insert: insert(offers).on_conflict_do_nothing().returning(offers.c.id))
_READ = (
    select(
        offers.c.id,
        offers.c.status,
        offers.c.child_sid,
        or_(
            offers.c.ended_at.is_not(None),
            transfers.c.status != "open",
            calls.c.status != "active",
        ),
        transfers.c.queue,
        transfers.c.level,
        transfers.c.language,
        transfers.c.reason,
        transfers.c.tried,
        calls.c.book,
        agents.c.languages,
    )
    .select_from(
        offers.join(transfers).join(calls, calls.c.sid == transfers.c.call_sid).outerjoin(agents)
    )
    .where(offers.c.id == bindparam("offer"))
)
_THIS = and_(offers.c.id == bindparam("of_offer"), offers.c.ended_at.is_(None))
_LEG = offers.c.child_sid == bindparam("leg")
_SCREENED = and_(_THIS, offers.c.status == "screening", _LEG)
_SCREEN = (
    update(offers)
    .where(_THIS, offers.c.status == "ringing")
    .values(status="screening", child_sid=bindparam("leg"), answered_at=bindparam("now"))
)
_ACCEPT = update(offers).where(_SCREENED).values(status="accepted")
_DECLINE = update(offers).where(_SCREENED).values(status="declined", ended_at=bindparam("now"))
_END = (
    update(offers)
    .where(offers.c.transfer_id == bindparam("of_transfer"), offers.c.ended_at.is_(None))
    .values(ENDED)
)
_END_LEG = update(offers).where(_THIS, or_(offers.c.child_sid.is_(None), _LEG)).values(ENDED)
_END_DEAD = (
    update(offers)
    # The first condition is the index's own, so that only live offers are looked at.
    .where(
        text(LIVE_OFFER), offers.c.status != "accepted", offers.c.rung_at <= bindparam("rung_by")
    )
    .values(ENDED)
)
_END_DEAD_OF_AGENT = _END_DEAD.where(offers.c.agent_id == bindparam("of_agent"))


def ring(
    connection: Connection, transfer: int, agent: int, position: int, now: datetime
) -> int | None:
    """Write down a ring and return its id; None where another call rings that agent already.

    A dead offer of that agent is ended first, for an agent has one live offer at most.
    """
    dead = {"of_agent": agent, "rung_by": now - LONGEST_RING, "now": now}
    connection.execute(_END_DEAD_OF_AGENT, dead)
    row = {
        "transfer_id": transfer,
        "agent_id": agent,
        "position": position,
        "status": "ringing",
        "rung_at": now,
    }
    return run(connection, _NEW, row).scalar()


def read(connection: Connection, offer: int) -> Offer | None:
    """One ring with what its agent may be told."""
    row = connection.execute(_READ, {"offer": offer}).one_or_none()
    return Offer(*row) if row else None


def screen(connection: Connection, offer: int, leg: str, now: datetime) -> bool:
    """ringing -> screening: the phone was answered, by the carrier's leg `leg`."""
    return _moved(connection, _SCREEN, {"of_offer": offer, "leg": leg, "now": now})


def accept(connection: Connection, offer: int, leg: str) -> bool:
    """screening -> accepted: the agent takes the call."""
    return _moved(connection, _ACCEPT, {"of_offer": offer, "leg": leg})


def decline(connection: Connection, offer: int, leg: str, now: datetime) -> bool:
    """screening -> declined."""
    return _moved(connection, _DECLINE, {"of_offer": offer, "leg": leg, "now": now})


def end(connection: Connection, transfer: int, now: datetime) -> None:
    """ringing, screening -> no-answer; a talk is over. The transfer's agent can be rung again."""
    connection.execute(_END, {"of_transfer": transfer, "now": now})


def end_leg(connection: Connection, offer: int, leg: str, now: datetime) -> None:
    """The same for one ring, unless `leg` is another leg than the one that was answered."""
    connection.execute(_END_LEG, {"of_offer": offer, "leg": leg, "now": now})


def end_dead(connection: Connection, now: datetime) -> int:
    """The same for every ring undecided for `LONGEST_RING`; returns how many there were."""
    return connection.execute(_END_DEAD, {"rung_by": now - LONGEST_RING, "now": now}).rowcount


def _moved(connection: Connection, statement: Executable, row: dict[str, Any]) -> bool:
    return bool(connection.execute(statement, row).rowcount)

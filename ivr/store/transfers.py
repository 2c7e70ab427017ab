"""Transfers: a caller's way to an agent, ring after ring. The rings themselves are offers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, case, exists, func, insert, select, update

from ivr.store.offers import ENDED
from ivr.store.tables import agents, calls, offers, transfers


@dataclass(frozen=True, slots=True)
class Transfer:
    """A transfer, begun at `turn` of its call, with its last ring.

    `position` counts the rings so far; without one it is 0 and the last three fields are None.
    `phone` is also None where the agent has been removed since.
    """

    id: int
    turn: int
    queue: str
    status: str
    created_at: datetime
    position: int
    offer: int | None
    offer_status: str | None
    phone: str | None


_LATEST = (
    select(
        transfers.c.id,
        transfers.c.turn,
        transfers.c.queue,
        transfers.c.status,
        transfers.c.created_at,
        func.coalesce(offers.c.position, 0),
        offers.c.id,
        offers.c.status,
        agents.c.phone,
    )
    .select_from(transfers.outerjoin(offers).outerjoin(agents))
    .where(transfers.c.call_sid == bindparam("sid"))
    .order_by(transfers.c.id.desc(), offers.c.position.desc())
    .limit(1)
)
_BEGIN = insert(transfers).returning(transfers.c.id)
_FINISH = (
    update(transfers)
    .where(transfers.c.id == bindparam("of_transfer"), transfers.c.status == "open")
    .values(status=bindparam("result"), ended_at=bindparam("now"))
)
_OPEN_OF_CALL = and_(transfers.c.call_sid == bindparam("of_sid"), transfers.c.status == "open")
_END_OFFERS = (
    update(offers)
    .where(
        offers.c.transfer_id.in_(select(transfers.c.id).where(_OPEN_OF_CALL)),
        offers.c.ended_at.is_(None),
    )
    .values(ENDED)
)
_TALKED = exists().where(offers.c.transfer_id == transfers.c.id, offers.c.status == "accepted")
_LEAVE = (
    update(transfers)
    .where(_OPEN_OF_CALL)
    .values(status=case((_TALKED, "accepted"), else_="abandoned"), ended_at=bindparam("now"))
)
_STALE = (
    select(transfers.c.call_sid)
    .join(calls, calls.c.sid == transfers.c.call_sid)
    .where(transfers.c.status == "open", calls.c.status != "active")
    .distinct()
)


def latest(connection: Connection, sid: str) -> Transfer | None:
    """The newest transfer of a call with its last ring."""
    row = connection.execute(_LATEST, {"sid": sid}).one_or_none()
    return Transfer(*row) if row else None


def begin(connection: Connection, row: dict[str, Any]) -> int:
    """Begin a transfer; returns its id."""
    return int(connection.execute(_BEGIN, row).scalar_one())


def finish(connection: Connection, transfer: int, result: str, now: datetime) -> None:
    """End an open transfer as `accepted` or `failed`."""
    connection.execute(_FINISH, {"of_transfer": transfer, "result": result, "now": now})


def leave(connection: Connection, sid: str, now: datetime) -> None:
    """The caller is no longer on their way to an agent: end the call's open transfers and rings."""
    connection.execute(_END_OFFERS, {"of_sid": sid, "now": now})
    connection.execute(_LEAVE, {"of_sid": sid, "now": now})


def left_open(connection: Connection) -> list[str]:
    """The calls that ended while a transfer of theirs was open."""
    return list(connection.execute(_STALE).scalars())

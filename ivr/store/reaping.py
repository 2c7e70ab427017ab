"""Calls whose end was never told, found by how long nothing was heard of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, select, update

from ivr.store.tables import calls, turns

MOST = 1000  # looked at in one go, the longest silent first


@dataclass(frozen=True, slots=True)
class Silent:
    """An open call, when it was last heard of, and the document it was left with."""

    sid: str
    seen_at: datetime
    reply: bytes


_SILENT = (
    select(calls.c.sid, calls.c.seen_at, turns.c.reply)
    .outerjoin(turns, and_(turns.c.call_sid == calls.c.sid, turns.c.number == calls.c.turn - 1))
    .where(calls.c.status == "active", calls.c.seen_at < bindparam("before"))
    .order_by(calls.c.seen_at)
    .limit(MOST)
)
# A webhook that came meanwhile has moved seen_at on: then the call is not silent any more.
_CHANGE = update(calls).where(
    calls.c.sid == bindparam("of_sid"),
    calls.c.status == "active",
    calls.c.seen_at == bindparam("last_seen"),
)


def silent_since(connection: Connection, before: datetime) -> list[Silent]:
    """Open calls nothing was heard of since `before`, the longest silent first."""
    rows = connection.execute(_SILENT, {"before": before})
    return [Silent(row.sid, row.seen_at, row.reply or b"") for row in rows]


def end(connection: Connection, call: Silent, status: str, now: datetime) -> bool:
    """End a call as `completed` or `lost`; False where it was heard of after all."""
    return _change(connection, call, {"status": status, "ended_at": now})


def extend(connection: Connection, call: Silent, now: datetime) -> bool:
    """The call goes on; False where it was heard of anyway."""
    return _change(connection, call, {"seen_at": now})


def _change(connection: Connection, call: Silent, values: dict[str, Any]) -> bool:
    row = {"of_sid": call.sid, "last_seen": call.seen_at, **values}
    return connection.execute(_CHANGE, row).rowcount == 1

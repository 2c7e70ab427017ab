"""How calls end: what the carrier reports, in whatever order and however often it does."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, bindparam, update

from ivr.store.tables import calls
from ivr.store.transfers import leave

ENDED = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
"""Statuses of a call or a leg that is over (https://www.twilio.com/docs/voice/api/call-resource)."""

# Only an open call can end, so that a late or repeated report changes nothing.
_END = (
    update(calls)
    .where(calls.c.sid == bindparam("of_sid"), calls.c.ended_at.is_(None))
    .values(status="completed", ended_at=bindparam("now"), duration=bindparam("seconds"))
)


def note(connection: Connection, form: Mapping[str, str], now: datetime) -> None:
    """Take a status callback's form; anything but the end of a call we know does nothing."""
    if form.get("CallStatus") not in ENDED:
        return
    seconds = form.get("CallDuration", "")
    connection.execute(
        _END,
        {
            "of_sid": form["CallSid"],
            "now": now,
            "seconds": int(seconds[:9]) if seconds.isascii() and seconds.isdigit() else None,
        },
    )
    leave(connection, form["CallSid"], now)

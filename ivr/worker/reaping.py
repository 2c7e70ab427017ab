"""Ends calls whose end the carrier never told.

Silence alone proves nothing: past a deadline that depends on what the call was left waiting for,
the carrier is asked, where it can be. Only without its REST API is a silent call taken for lost.
"""

import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Engine

from ivr.errors import GatewayError
from ivr.gateways.calls import Calls
from ivr.store import reaping
from ivr.store.call_ends import ENDED
from ivr.store.engine import reading
from ivr.store.reaping import Silent
from ivr.telemetry import count

log = logging.getLogger(__name__)

# How long after a document with this verb the next webhook is certainly overdue.
DEADLINES = (
    (b"<Pay", timedelta(minutes=15)),
    (b"<Dial", timedelta(hours=1)),
    (b"<Gather", timedelta(minutes=5)),
    (b"<Record", timedelta(minutes=5)),
)
ANY_OTHER = timedelta(hours=1)
SHORTEST = min(deadline for _, deadline in DEADLINES)


def reap(engine: Engine, calls: Calls | None, now: Callable[[], datetime]) -> Counter[str]:
    """Look at every overdue call; how many were found completed, lost or going on."""
    done: Counter[str] = Counter()
    with reading(engine) as connection:
        silent = reaping.silent_since(connection, now() - SHORTEST)
    for call in silent:
        if call.seen_at + deadline(call.reply) >= now():
            continue
        try:
            standing = _standing(calls, call.sid)
        except GatewayError:
            count("calls not reaped")
            log.warning("the carrier does not tell how calls stand")
            break
        if _keep(engine, call, standing, now()):
            done[standing] += 1
            log.info("silent call", extra={"fields": {"call": call.sid, "standing": standing}})
    return done


def deadline(reply: bytes) -> timedelta:
    """How long a call may stay silent that was last answered with this document."""
    return next((time for verb, time in DEADLINES if verb in reply), ANY_OTHER)


def _standing(calls: Calls | None, sid: str) -> str:
    status = calls.status(sid) if calls else None
    if status is None:
        return "lost"
    return "completed" if status in ENDED else "going on"


def _keep(engine: Engine, call: Silent, standing: str, now: datetime) -> bool:
    with engine.begin() as connection:
        if standing == "going on":
            return reaping.extend(connection, call, now)
        return reaping.end(connection, call, standing, now)

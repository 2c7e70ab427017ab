"""What is kept of a turn: the identity of its event, and a line for everything that happened."""

import hashlib
import json
from datetime import datetime
from typing import Any

from ivr.dialog.codec import dump_values
from ivr.dialog.events import (
    Answered,
    Arrived,
    CardTaken,
    Event,
    Rang,
    Recorded,
    Replied,
    Silent,
)


def describe(event: Event, secret: bool) -> dict[str, Any]:
    """An event as JSON; of a secret answer only that there was one.

    A hash of a four-digit PIN is the PIN, so it has no hash either.
    """
    match event:
        case Arrived():
            return {"kind": "arrived"}
        case Silent():
            return {"kind": "silent"}
        case Rang():
            return {"kind": "rang", "bridged": event.bridged}
        case CardTaken():
            return {"kind": "card", "outcome": event.outcome}
        case Answered() if secret:
            return {"kind": "answered", "secret": True}
        case Answered():
            return {
                "kind": "answered",
                "text": event.text.reveal(),
                "finished": event.finished,
                "by": event.by,
            }
        case Recorded():
            spoken = {"reference": event.reference, "seconds": event.seconds}
            return {"kind": "recorded", **spoken}
        case Replied():
            return {"kind": "replied", **_reply(event)}


def _reply(reply: Replied) -> dict[str, Any]:
    described: dict[str, Any] = {"outcome": reply.outcome, "fields": dump_values(reply.fields)}
    if reply.identity:
        who = reply.identity
        described["identity"] = [who.level, who.account, who.premise]
    if reply.language:
        described["language"] = reply.language
    if reply.pace:
        described["pace"] = reply.pace
    return described


def digest(described: dict[str, Any]) -> str:
    """Names what happened, so that a copy of a webhook is known from another answer."""
    text = json.dumps(described, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class Record:
    """The events of one turn, in order."""

    def __init__(self, sid: str, number: int, at: datetime) -> None:
        self._key = {"call_sid": sid, "turn": number, "at": at}
        self.rows: list[dict[str, Any]] = []

    def add(self, described: dict[str, Any], **more: Any) -> None:
        """Note what happened next."""
        kind = described["kind"]
        data = {**described, **more}
        del data["kind"]
        self.rows.append(
            {**self._key, "seq": len(self.rows), "kind": kind, "data": json.dumps(data)}
        )

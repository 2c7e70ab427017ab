"""A transfer while it rings: a service says whose phone is next, the carrier how a ring ended."""

from typing import TYPE_CHECKING

from ivr.dialog.events import Replied
from ivr.dialog.turns import AwaitAgent, Request, Turn
from ivr.errors import CallError
from ivr.flows.model import Ref, Transfer
from ivr.flows.services import RING
from ivr.prompts.values import Count, Phone

if TYPE_CHECKING:
    from ivr.dialog.walk import Walk

OFFER = "(transfer)"
"""Where the live offer is remembered; no name in a book can read like this."""


def ring(walk: "Walk") -> Turn:
    """Ask whose phone is next. Raises `CallError` where the call is not at a transfer."""
    step = walk.step()
    if not isinstance(step, Transfer):
        raise CallError(f"no transfer at {walk.spot}")
    return walk.await_reply(Request(RING, words={"queue": step.queue}))


def rung(walk: "Walk", step: Transfer, reply: Replied) -> Turn:
    """Ring that phone, or go on as the transfer ended."""
    if reply.outcome == "talked" and step.finishes:
        walk.finish_job(step.finishes)
    if reply.outcome not in {"ring", "next"}:
        return walk.branch(step.when[reply.outcome])
    if reply.outcome == "next":
        walk.say(step.ringing)
    walk.memory.keep(OFFER, reply.fields)
    return walk.finish(live_offer(walk))


def live_offer(walk: "Walk") -> AwaitAgent:
    """The ring that is under way. Raises `CallError` where there is none."""
    number = walk.memory.value(Ref(OFFER, "number"))
    offer = walk.memory.value(Ref(OFFER, "offer"))
    if not (isinstance(number, Phone) and isinstance(offer, Count)):
        raise CallError("a ring without a number")
    return AwaitAgent(number.number, offer.number)

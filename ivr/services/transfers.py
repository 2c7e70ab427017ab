"""Transfers: one agent's phone after the other, each ring an offer with its own small automaton.

    ringing ──answered──► screening ──key 1──► accepted (ends when the talk does)
       │                      ├──other key──► declined
       └──────no answer───────┴──────────────► no-answer

Every arrow is a compare-and-set in ivr/store/offers.py, so that webhooks may come late, twice or
together; where they never come, the ring is dead after a while. Whether a caller talked is decided
by two signs that must agree: our own accept mark, and the carrier's DialBridged
(https://www.twilio.com/docs/voice/twiml/dial#action). A bridge without the mark was a voicemail; a
mark without a bridge was an agent who hung up too early.
"""

from datetime import datetime

from sqlalchemy import Connection

from ivr.dialog.events import Replied
from ivr.dialog.turns import Request
from ivr.prompts.values import Count, Phone
from ivr.services.briefing import tried
from ivr.services.context import Context
from ivr.store import offers, people, transfers
from ivr.store.call_ends import ENDED
from ivr.store.offers import Offer
from ivr.store.transfers import Transfer
from ivr.store.tried import tries

ACCEPT_KEY = "1"


def ring(context: Context, request: Request) -> Replied:
    """Whose phone rings next, or how the transfer ended.

    A transfer is asked once a turn, at turns that follow each other, so that the turn tells a
    repetition (the same answer again) from the next ask, and a gap from both: the caller was
    elsewhere and comes anew. `bridged` among the words is how the last ring ended, "" at first.
    """
    queue, last = request.words["queue"], transfers.latest(context.connection, context.call.sid)
    if last is None or last.queue != queue or context.turn > _asked_at(last) + 1:
        return _begin(context, queue, last)
    if last.status != "open":
        return Replied("talked" if last.status == "accepted" else "nobody")
    if context.turn <= _asked_at(last):
        return _again(last)
    return _go_on(context, last, request.words.get("bridged", ""))


def _asked_at(last: Transfer) -> int:
    """The turn at which the last ring was answered with; before the first where none was."""
    return last.turn + last.position - 1


def _again(last: Transfer) -> Replied:
    if last.offer is None or last.phone is None:
        return Replied("nobody")  # the agent was removed in the very moment
    return _rings(last.position, last.offer, last.phone)


def _begin(context: Context, queue: str, last: Transfer | None) -> Replied:
    call = context.call
    if last and last.status == "open":
        transfers.leave(context.connection, call.sid, context.now)
    row = {
        "call_sid": call.sid,
        "turn": context.turn,
        "queue": queue,
        "account_id": call.identity.account,
        "level": call.identity.level.name.lower(),
        "language": call.language,
        "reason": call.reason or None,
        "tried": tried(tries(context.connection, call.sid)),
        "created_at": context.now,
    }
    return _next(context, transfers.begin(context.connection, row), queue, 1)


def _go_on(context: Context, last: Transfer, bridged: str) -> Replied:
    """The last ring is over: they talked, or the next phone rings, for as long as callers wait."""
    offers.end(context.connection, last.id, context.now)
    if last.offer_status == "accepted" and bridged == "yes":
        return _finish(context, last.id, "accepted")
    times = context.settings.times
    waited = (context.now - last.created_at).total_seconds()
    if last.position >= times.rings or waited >= times.ringing:
        return _finish(context, last.id, "failed")
    return _next(context, last.id, last.queue, last.position + 1)


def _next(context: Context, transfer: int, queue: str, position: int) -> Replied:
    """Ring the best agent not yet rung; who was taken by another call meanwhile is passed over."""
    connection, language, now = context.connection, context.call.language, context.now
    for agent in people.free_agents(connection, queue, language, now, transfer):
        offer = offers.ring(connection, transfer, agent.id, position, now)
        if offer is not None:
            return _rings(position, offer, agent.phone)
    return _finish(context, transfer, "failed")


def _rings(position: int, offer: int, phone: str) -> Replied:
    outcome = "ring" if position == 1 else "next"
    return Replied(outcome, {"number": Phone(phone), "offer": Count(offer)})


def _finish(context: Context, transfer: int, result: str) -> Replied:
    transfers.finish(context.connection, transfer, result, context.now)
    return Replied("talked" if result == "accepted" else "nobody")


# The agent's leg


def answer(connection: Connection, offer: int, leg: str, now: datetime) -> Offer | None:
    """The phone was answered; the offer, or None where there is nothing left to offer.

    `leg` is the carrier's name for this ring; a second leg of one offer gets nothing.
    """
    found = offers.read(connection, offer)
    if found is None or found.over:
        return None
    if found.status == "screening":
        return found if found.child == leg else None
    return found if offers.screen(connection, offer, leg, now) else None


def decide(connection: Connection, offer: int, leg: str, key: str, now: datetime) -> Offer | None:
    """The agent pressed a key: the offer they took, or None where they did not or no longer could.

    The same key of the same leg, told twice, gets the same answer.
    """
    found = offers.read(connection, offer)
    if found is None or found.over or found.child != leg:
        return None
    if found.status == "accepted":
        return found
    if key != ACCEPT_KEY:
        offers.decline(connection, offer, leg, now)
        return None
    return found if offers.accept(connection, offer, leg) else None


def leg_ended(connection: Connection, offer: int, leg: str, status: str, now: datetime) -> None:
    """The carrier tells how a leg stands; one that is over frees its agent, in any order."""
    if status in ENDED:
        offers.end_leg(connection, offer, leg, now)


# When the caller is gone


def close_stale_offers(connection: Connection, now: datetime) -> int:
    """End the transfers of calls that are over, and the rings whose webhooks were lost.

    Returns how many calls and rings that were.
    """
    gone = transfers.left_open(connection)
    for sid in gone:
        transfers.leave(connection, sid, now)
    return len(gone) + offers.end_dead(connection, now)

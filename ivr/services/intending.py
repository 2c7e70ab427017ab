"""The caller's yes: written down with its key, and opened where the gateway wants that first.

The intent is committed before the gateway hears of it, and the gateway's reference before any card
can charge it. A gateway that opens nothing costs no second transaction here.
"""

import logging
from dataclasses import dataclass

from ivr.dialog.events import Replied
from ivr.dialog.turns import Request
from ivr.errors import NotSent
from ivr.gateways.payments import PaymentGateway
from ivr.services.balance import bill_of
from ivr.services.context import Context, Remote
from ivr.services.payments import amount_of, refusal
from ivr.services.settling import intent_of
from ivr.store import payments
from ivr.store.engine import durable
from ivr.store.payments import STOPPED, Payment

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Opening:
    """An intent to open."""

    payment: Payment
    gateway: PaymentGateway


@dataclass(frozen=True, slots=True)
class Opened:
    """What came of it. Without a reference it may or may not be open, unless `refused`."""

    reference: str | None = None
    refused: bool = False


def _prepare(context: Context, request: Request) -> Opening | Replied:
    """Write down the yes, with the key under which it will be charged.

    The bill may have been paid while they listened: what is owed no more is not taken.
    """
    bill, cents = bill_of(context), amount_of(request)
    if refused := refusal(context, bill):
        return Replied(refused)
    if not 0 < cents <= bill.balance_cents:
        return Replied("unavailable")
    _intend(context, bill.account, cents)
    return _opening(context) if context.gateway.opens else Replied("intended")


def _intend(context: Context, account: int, cents: int) -> None:
    sid, turn = context.call.sid, context.turn
    durable(context.connection)
    payments.cancel_open(context.connection, sid, STOPPED, context.now, keep=turn)
    intent = {
        "account_id": account,
        "call_sid": sid,
        "turn": turn,
        "amount_cents": cents,
        "status": "intended" if context.gateway.opens else "awaiting-method",
        "idempotency_key": f"{sid}-{turn}",
        "created_at": context.now,
        "updated_at": context.now,
    }
    payments.add_intent(context.connection, intent)


def _opening(context: Context) -> Opening | Replied:
    """The intent just written, unless an earlier try of this turn has opened it."""
    payment = payments.newest(context.connection, context.call.sid)
    if payment is None or payment.reference:
        return Replied("intended")
    return Opening(payment, context.gateway)


def _work(opening: Opening) -> Opened:
    """Open it; never raises. Silence is no hindrance: with the card it is opened once more."""
    try:
        return Opened(opening.gateway.open(intent_of(opening.payment)))
    except NotSent as error:
        log.warning("the gateway opens no payments: %s", error)
        return Opened(refused=True)
    except Exception as error:
        log.warning("the gateway gave no answer: %s", type(error).__name__)
        return Opened()


def _settle(context: Context, request: Request, opening: Opening, opened: Opened) -> Replied:
    """Keep the reference. Who cannot be charged now is told before they key a card."""
    durable(context.connection)
    if opened.refused:
        payments.cancel_open(context.connection, context.call.sid, STOPPED, context.now)
        return Replied("unavailable")
    if opened.reference:
        payments.opened(context.connection, opening.payment.id, opened.reference)
    return Replied("intended")


intend = Remote(_prepare, _work, _settle)
"""What `payments.intend` does."""

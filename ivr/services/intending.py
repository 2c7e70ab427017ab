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
from ivr.services.methods import chosen_of
from ivr.services.payments import amount_of, most, refusal
from ivr.services.settling import intent_of
from ivr.store import payments
from ivr.store.accounts import Bill
from ivr.store.engine import durable
from ivr.store.methods import Method
from ivr.store.payments import STOPPED, WITHOUT_METHOD, Payment

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

    The bill may have been paid while they listened: what is owed no more is not taken, and no
    more than was owed beyond what they heard would stay as a credit.
    """
    if _is_begun(context):
        return Replied("intended")
    bill, rules = bill_of(context), context.book.payments
    if refused := refusal(context, bill):
        return Replied(refused)
    cents = amount_of(request) - rules.fee
    over = amount_of(request, "over") if "over" in request.values else 0
    if not 0 < cents <= min(most(bill, rules), bill.balance_cents + over):
        return Replied("unavailable")
    _intend(context, bill, cents, _method(context, request))
    return _opening(context) if context.gateway.opens else Replied("intended")


def _is_begun(context: Context) -> bool:
    """Whether this turn was taken over after its charge began, or even ended: a stored method is
    charged in the turn of the yes, and `payments.charge-stored` tells what became of it."""
    payment = payments.newest(context.connection, context.call.sid)
    if payment is None or payment.key != _key(context):
        return False
    return payment.status not in WITHOUT_METHOD


def _key(context: Context) -> str:
    return f"{context.call.sid}-{context.turn}"


def _method(context: Context, request: Request) -> Method | None:
    """The stored method that is to be charged, if it is to be one."""
    return chosen_of(context, request) if "method" in request.values else None


def _intend(context: Context, bill: Bill, cents: int, method: Method | None) -> None:
    sid, turn = context.call.sid, context.turn
    durable(context.connection)
    payments.cancel_open(context.connection, sid, STOPPED, context.now, keep=turn)
    intent = {
        "account_id": bill.account,
        "call_sid": sid,
        "turn": turn,
        "amount_cents": cents,
        "status": "intended" if context.gateway.opens else "awaiting-method",
        "fee_cents": context.book.payments.fee,
        "over_cents": max(0, cents - bill.balance_cents),
        "method": method.kind if method else "card",
        "method_id": method.id if method else None,
        "idempotency_key": _key(context),
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

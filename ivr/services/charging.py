"""The charge itself, in three parts, so that it happens once however often the turn runs.

First the payment is marked as charging, with its token, and that is committed. Then the gateway
is asked, under a key that was stored with the caller's yes. Then the answer is written down in
the same transaction as what the caller hears.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from typing import Any

from ivr.dialog.events import Card, Replied
from ivr.dialog.turns import Request
from ivr.errors import CallError, NotSent
from ivr.flows.model import PayMethod
from ivr.gateways.payments import PaymentGateway
from ivr.prompts.values import Money, Reference, Value, YesNo
from ivr.services import receipts, restoring
from ivr.services.agreeing import copy_told
from ivr.services.context import Context, Remote
from ivr.services.debiting import authorize
from ivr.services.payments import DEBIT, standing_today
from ivr.services.settling import Found, charge_of, intent_of, record, still_owed
from ivr.store import methods, payments
from ivr.store.accounts import PAID, read_bill
from ivr.store.engine import durable
from ivr.store.methods import Method
from ivr.store.payments import LIMIT, OVERTAKEN, PENDING, WITHOUT_METHOD, Payment

log = logging.getLogger(__name__)

DECLINED = {
    "funds": "declined-funds",
    "expired-card": "declined-expired",
    "details": "declined-details",
    "call-bank": "declined-bank",
}
"""What a caller is told by the reason of a decline; of all others only that it was one."""
CANCELED = {OVERTAKEN: "overtaken", LIMIT: "limit", "not-charged": "down"}
"""What a caller is told by the reason of a cancellation; otherwise the payment had ended before."""


@dataclass(frozen=True, slots=True)
class Job:
    """One charge to ask for.

    `first` tells that nobody can have asked for it before, `fresh` that the yes still holds.
    """

    payment: Payment
    gateway: PaymentGateway
    first: bool
    fresh: bool = True


def _prepare(context: Context, request: Request) -> Job | Replied:
    """Mark the call's payment as charging; one that has its end already is only told.

    A turn that was taken over comes without the card: its token stands in the store since then.
    """
    payment = payments.newest(context.connection, context.call.sid)
    if payment is None:
        raise CallError("a charge was asked for that nobody said yes to")
    if payment.status in WITHOUT_METHOD:
        return _begin(context, request, payment)
    if payment.status in PENDING:
        marked = replace(payment, stamp=context.now)
        fresh = payment.created_at >= context.now - timedelta(seconds=context.settings.times.intent)
        job = Job(marked, context.gateway, first=False, fresh=fresh)
        return _mark(context, request, payment, job, {})
    return _reply(context, request, payment)


def _begin(context: Context, request: Request, payment: Payment) -> Job | Replied:
    given = _given(context, request, payment)
    if hindered := _hindrance(context, payment):
        told = {"updated_at": context.now, "charge_turn": context.turn, "decline_code": hindered}
        payments.move(context.connection, payment.id, "canceled", told)
        return Replied(CANCELED[hindered])
    marked = replace(payment, token=given.token, stamp=context.now)
    job = Job(marked, context.gateway, first=True)
    known: dict[str, Any] = {
        "token": given.token.reveal(),
        "brand": given.brand,
        "last4": given.last4,
        "asked_at": context.now,
    }
    if _is_debit(request):
        known["consent_id"] = authorize(context, request, payment)
    return _mark(context, request, payment, job, known)


def _given(context: Context, request: Request, payment: Payment) -> Card | Method:
    """What to charge: the stored method of the yes, the bank account that waits for the yes said
    aloud, or else the card that was just keyed."""
    if payment.method is not None:
        return methods.read(context.connection, payment.method)
    if _is_debit(request) and payment.token:
        return Card(payment.token, "", payment.ending, PayMethod.BANK)
    card = request.secrets.get("card")
    if not isinstance(card, Card) or not card.token.reveal():
        raise CallError("a charge was asked for without a card")
    return card


def _is_debit(request: Request) -> bool:
    return request.service.name == DEBIT.name


def _hindrance(context: Context, payment: Payment) -> str | None:
    """What happened on the account while this card was keyed that keeps it from being charged.

    A household has more than one phone, and each of them heard the same balance; and whoever tries
    out cards has several too.
    """
    payments.hold_account(context.connection, payment.account)
    standing = standing_today(context, payment.account)
    # In this order: what is charged in between is pending to the first look or paid to the second.
    if standing.pending or not still_owed(context.connection, payment):
        return OVERTAKEN
    return LIMIT if standing.asked >= context.book.payments.tries else None


def _mark(
    context: Context, request: Request, payment: Payment, job: Job, known: Mapping[str, Any]
) -> Job | Replied:
    """Own the payment from here on; where somebody moved it meanwhile, look again."""
    durable(context.connection)
    values = {"updated_at": context.now, "charge_turn": context.turn, **known}
    moved = payments.move(context.connection, payment.id, "charging", values, payment.stamp)
    return job if moved else _prepare(context, request)


def _work(job: Job) -> Found:
    """Ask the gateway; never raises, since the answer must be written down whatever it is."""
    try:
        return _ask(job)
    except NotSent as error:
        log.warning("the gateway was not reached: %s", error)
        # An earlier try of this turn may have been sent before its worker died.
        return "not-charged" if job.first else "unknown"
    except Exception as error:
        log.warning("the gateway gave no answer: %s", type(error).__name__)
        return "unknown"


def _ask(job: Job) -> Found:
    """What became of an earlier try comes before a new one. Keys are forgotten after a day
    (https://docs.stripe.com/api/idempotent_requests), so an old yes is only asked about."""
    if not job.first and (found := job.gateway.find(intent_of(job.payment))):
        return found
    return job.gateway.charge(charge_of(job.payment)) if job.fresh else "unknown"


def _settle(context: Context, request: Request, job: Job, found: Found) -> Replied:
    """Write the answer down; what is told is what stands in the store then."""
    record(context.connection, job.payment, found, context.now, context.turn)
    payment = payments.read(context.connection, job.payment.id)
    if payment.status in PAID:
        receipts.with_charge(context, payment)
    return _reply(context, request, payment)


def _reply(context: Context, request: Request, payment: Payment) -> Replied:
    if payment.status in PAID and payment.confirmation:
        told = copy_told(context) if _is_debit(request) else {}
        return _receipt(context, payment, payment.confirmation, told)
    if payment.status == "declined":
        outcome = DECLINED.get(payment.reason or "", "declined")
        return Replied(outcome if outcome in request.service.outcomes else "declined")
    if payment.status == "canceled":
        return Replied(CANCELED.get(payment.reason or "", "expired"))
    return Replied("unknown")


def _receipt(
    context: Context, payment: Payment, confirmation: str, told: Mapping[str, Value]
) -> Replied:
    cents, total = payment.amount_cents, payment.total_cents
    bill = read_bill(context.connection, payment.account, UTC)
    restores = bill is not None and bill.before(cents).restored_by(cents)
    asked = restoring.under_way(context, bill) if bill and restores else None
    fields: dict[str, Value] = {
        "amount": Money(total),
        "confirmation": Reference(confirmation),
        "restores": YesNo(restores),
        **restoring.back(context, payment.account, asked),
        **told,
    }
    return Replied("charged", fields)


charge = Remote(_prepare, _work, _settle)
"""What `payments.charge` does."""
charge_stored = Remote(_prepare, _work, _settle)
"""What `payments.charge-stored` does: the same, with a method that its yes named."""
debit = Remote(_prepare, _work, _settle)
"""What `payments.debit` does: the same, with a bank account and a yes that was said aloud."""

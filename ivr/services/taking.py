"""One draft of AutoPay taken: charged as a caller's payment is, though nobody is on the line.

The intent with its key is committed before the gateway is asked, and an answer that did not come
leaves the payment unknown. Whoever finds it so, the worker or the next run, asks by that key.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy import Connection, Engine

from ivr.errors import StoreError
from ivr.gateways.payments import PaymentGateway
from ivr.prompts.values import Money, Text, Value
from ivr.services.announcing import Sender, write
from ivr.services.settling import Found, charge_of, record
from ivr.services.spoken import TEXT_DRAFT_FAILED
from ivr.store import accounts, autopays, drafts, methods, payments
from ivr.store.accounts import Bill
from ivr.store.drafts import Draft
from ivr.store.engine import durable
from ivr.store.methods import Method
from ivr.store.payments import PENDING, UNATTENDED, Payment

log = logging.getLogger(__name__)

FAILED = "draft-failed:"
"""How the key of a text begins that says a bill was not taken; its reference follows."""
MOVED = ("charged", "posted", "returned", "refunded")
"""The states of a payment that was charged, whatever came after."""

Outcome = Literal["taken", "failed", "skipped", "waiting", "unknown", "done"]
"""What came of a draft. `waiting`: another payment of its account has no answer yet. `done`:
another run was there first."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run for the bills of `day`, a day at the line's place. `clock` gives the instant."""

    engine: Engine
    gateway: PaymentGateway
    sender: Sender
    clock: Callable[[], datetime]
    day: date


@dataclass(frozen=True, slots=True)
class Job:
    """A charge that nobody can have asked for before."""

    payment: Payment
    method: Method


def take(run: Run, draft: int) -> Outcome:
    """Take a draft whose day has come."""
    with run.engine.begin() as connection:
        job = _prepare(connection, run, draft)
    if not isinstance(job, Job):
        return job
    found = _ask(run.gateway, job)
    with run.engine.begin() as connection:
        record(connection, job.payment, found, run.clock(), None)
        return finish(connection, run, drafts.read(connection, draft))


def finish(connection: Connection, run: Run, draft: Draft) -> Outcome:
    """Write down what became of a draft that has a payment, if that is known."""
    if draft.payment is None:
        raise StoreError(f"draft {draft.id} has no payment yet")
    status = payments.read(connection, draft.payment).status
    if status in PENDING:
        return "unknown"
    if status in MOVED:
        return "taken" if drafts.end(connection, draft.id, "taken") else "done"
    if _is_over(connection, draft, _bill(connection, run, draft)):
        return _skip(connection, draft)
    return _fail(connection, run, draft)


def _prepare(connection: Connection, run: Run, number: int) -> Job | Outcome:
    """Mark the draft's payment as charging, where there still is something to take."""
    durable(connection)
    payments.hold_account(connection, drafts.read(connection, number).account)
    draft = drafts.read(connection, number)
    if draft.status != "announced" or draft.payment is not None:
        return "done"
    now = run.clock()
    # Before the bill is read: a payment may be charged in between, and must not be missed by both.
    if payments.standing(connection, draft.account, now, now).pending:
        return "waiting"
    bill = _bill(connection, run, draft)
    if _is_over(connection, draft, bill):
        return _skip(connection, draft)
    method = _method(connection, run, draft)
    if method is None:
        return _fail(connection, run, draft)
    cents = min(draft.amount_cents, bill.balance_cents)
    return Job(_begin(connection, draft, method, cents, now), method)


def _is_over(connection: Connection, draft: Draft, bill: Bill) -> bool:
    """Whether nothing is to be taken any more: AutoPay was canceled, or nothing is owed."""
    is_canceled = autopays.read(connection, draft.autopay).canceled_at is not None
    return is_canceled or bill.balance_cents <= 0


def _skip(connection: Connection, draft: Draft) -> Outcome:
    return "skipped" if drafts.end(connection, draft.id, "skipped") else "done"


def _method(connection: Connection, run: Run, draft: Draft) -> Method | None:
    """What the enrolment pays with, unless that was removed or is accepted no more."""
    wanted = autopays.read(connection, draft.autopay).method
    kept = methods.kept(connection, draft.account)
    usable = (one for one in kept if one.kind in run.gateway.accepts)
    return next((one for one in usable if one.id == wanted), None)


def _begin(
    connection: Connection, draft: Draft, method: Method, cents: int, now: datetime
) -> Payment:
    sid, turn = f"{UNATTENDED}{draft.autopay}", int(draft.due.strftime("%Y%m%d"))
    intent = {
        "account_id": draft.account,
        "call_sid": sid,
        "turn": turn,
        "amount_cents": cents,
        "status": "awaiting-method",
        "idempotency_key": f"{sid}-{turn}",
        "method": method.kind,
        "brand": method.brand,
        "last4": method.last4,
        "method_id": method.id,
        "consent_id": autopays.read(connection, draft.autopay).consent,
        "created_at": now,
        "updated_at": now,
    }
    payments.add_intent(connection, intent)
    made = payments.newest(connection, sid)
    if made is None or made.key != intent["idempotency_key"]:
        raise StoreError(f"the payment of draft {draft.id} was not written")
    given = {"token": method.token.reveal(), "asked_at": now, "updated_at": now}
    payments.move(connection, made.id, "charging", given)
    drafts.begin(connection, draft.id, made.id)
    return payments.read(connection, made.id)


def _ask(gateway: PaymentGateway, job: Job) -> Found:
    """Ask the gateway; never raises.

    A gateway that was not reached is asked again later under the same key: the yes to AutoPay
    stands, so a bad hour is no reason to let a bill go unpaid.
    """
    try:
        return gateway.charge(charge_of(job.payment))
    except Exception as error:
        log.warning("the gateway gave no answer: %s", type(error).__name__)
        return "unknown"


def _fail(connection: Connection, run: Run, draft: Draft) -> Outcome:
    """A draft that will not be taken any more; its customer is told, once."""
    if not drafts.end(connection, draft.id, "failed"):
        return "done"
    method = methods.read(connection, autopays.read(connection, draft.autopay).method)
    named = f"F{draft.id:07}"
    values: dict[str, Value] = {
        "amount": Money(draft.amount_cents),
        "ending": Text(method.last4),
        "reference": Text(named),
    }
    bill, key = _bill(connection, run, draft), f"{FAILED}{named}"
    write(connection, run.sender, bill, key, TEXT_DRAFT_FAILED, values, run.clock())
    return "failed"


def _bill(connection: Connection, run: Run, draft: Draft) -> Bill:
    bill = accounts.read_bill(connection, draft.account, run.sender.zone)
    if bill is None:
        raise StoreError(f"draft {draft.id} has no account")
    return bill

"""What became of a charge: written down when the gateway says it, asked for when it did not.

Only a gateway knows whether money moved. So a payment without an answer is never tried anew
under another key, never called failed, and is asked about until the gateway has said.
"""

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Engine

from ivr.config import Times
from ivr.gateways.payments import Charge, Charged, Declined, Intent, PaymentGateway
from ivr.services import restoring
from ivr.services.drawing import confirmations
from ivr.store import accounts, consents, payments, unsettled
from ivr.store.engine import durable, reading
from ivr.store.payments import Payment
from ivr.store.unsettled import Due
from ivr.telemetry import Secret, count

log = logging.getLogger(__name__)
STANDING_YES = timedelta(hours=23)
"""How long what AutoPay asked for may still be charged: gateways remember a key for a day
(https://docs.stripe.com/api/idempotent_requests)."""

Found = Charged | Declined | Literal["not-charged", "unknown"]
"""What is known of a charge. `not-charged` says for certain that nothing moved."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What one round learned: how many payments turned out how, and `expired` intents.

    `unknown` is how many are still open, whoever is at them, and `since` when the gateway was
    first asked for the oldest of them.
    """

    charged: int
    declined: int
    canceled: int
    expired: int
    unknown: int
    since: datetime | None


def record(
    connection: Connection, payment: Payment, found: Found, now: datetime, turn: int | None
) -> None:
    """Write down what the gateway said of a payment that is charging.

    Money moved or refused is true whoever asked; that nothing was charged, or that nobody knows,
    only whoever still owns the payment may say. `turn` is the caller's turn in which they hear
    it, None where they hear nothing. Raises `StoreError` where no confirmation number is free.
    """
    durable(connection)
    ended: dict[str, Any] = {"updated_at": now, "charge_turn": turn}
    match found:
        case Charged(reference):
            moved = {**ended, "charged_at": now, "reference": reference}
            _confirm(connection, payment.id, moved)
            restoring.ask_if_paid(connection, payment, now)
        case Declined(reason):
            declined = {**ended, "decline_code": reason}
            if payments.move(connection, payment.id, "declined", declined):
                consents.end_debit(connection, payment.id, now)
        case "not-charged":
            canceled = {**ended, "decline_code": found}
            if payments.move(connection, payment.id, "canceled", canceled, payment.stamp):
                consents.end_debit(connection, payment.id, now)
        case "unknown":
            payments.move(connection, payment.id, found, {"updated_at": now}, payment.stamp)
    count(f"payments {found if isinstance(found, str) else type(found).__name__.lower()}")


def _confirm(connection: Connection, payment: int, values: dict[str, Any]) -> None:
    """Give the caller eight digits that no other payment has."""
    for confirmation in confirmations():
        if payments.confirm(connection, payment, {**values, "confirmation": confirmation}):
            return


def settle_unknown(
    engine: Engine,
    gateway: PaymentGateway,
    times: Times,
    clock: Callable[[], datetime],
    *,
    patiently: bool = False,
) -> Settled:
    """Ask the gateway once about every payment without an answer, and cancel forgotten intents.

    `clock` gives the instant, in UTC. Who asks again and again does so `patiently`: then a payment
    has its turn after ever longer waits. Any number of processes may do this at once, and calls may
    go on meanwhile: a payment is owned for a lease by whoever asks, and no transaction is open
    while the network is.
    """
    with engine.begin() as connection:
        begun = clock()
        expired = unsettled.expire(connection, begun - timedelta(seconds=times.intent), begun)
        found = unsettled.due(connection, begun - timedelta(seconds=times.lease))
    due = [one for one in found if not patiently or one.at <= begun]
    counts = Counter(_settle(engine, gateway, times, clock, one) for one in due)
    with reading(engine) as connection:
        unknown, since = unsettled.still_open(connection)
    return Settled(
        charged=counts["charged"],
        declined=counts["declined"],
        canceled=counts["canceled"],
        expired=expired,
        unknown=unknown,
        since=since,
    )


def _settle(
    engine: Engine,
    gateway: PaymentGateway,
    times: Times,
    clock: Callable[[], datetime],
    due: Due,
) -> str:
    """Settle one payment if it can be; returns its state."""
    with engine.begin() as connection:
        now = clock()
        payment = unsettled.take(connection, due, now)
    if payment is None:
        return "taken"
    longest = timedelta(seconds=times.intent) if payment.attended else STANDING_YES
    found = _ask(engine, gateway, payment, now - longest)
    with engine.begin() as connection:
        record(connection, payment, found, clock(), None)
        status = payments.read(connection, payment.id).status
    log.info("a payment was asked about", extra={"fields": {"id": payment.id, "status": status}})
    return status


def _ask(engine: Engine, gateway: PaymentGateway, payment: Payment, oldest: datetime) -> Found:
    """What the gateway knows; what it never saw is charged only while the yes still holds."""
    try:
        found = gateway.find(intent_of(payment))
        if found is not None:
            return found
        with reading(engine) as connection:
            young = payment.created_at >= oldest and payment.token is not None
            agreed = unsettled.still_agreed(connection, payment.id)
            holds = young and agreed and still_owed(connection, payment)
        if holds:
            return gateway.charge(charge_of(payment))
        return gateway.cancel(intent_of(payment)) or "not-charged"
    except Exception as error:  # whatever broke, the next payment must have its turn
        log.warning("the gateway gave no answer: %s", type(error).__name__)
        return "unknown"


def intent_of(payment: Payment) -> Intent:
    """What the gateway knows a payment by, card or no card."""
    return Intent(
        payment.key,
        payment.total_cents,
        payment.created_at,
        payment.reference,
        payment.currency,
        payment.customer,
    )


def charge_of(payment: Payment) -> Charge:
    """What to ask the gateway for a payment whose card was given, or that has a stored one."""
    return Charge(
        payment.key,
        payment.token or Secret(""),
        payment.total_cents,
        payment.currency,
        payment.reference,
        payment.customer,
        payment.attended,
    )


def still_owed(connection: Connection, payment: Payment) -> bool:
    """Whether the amount, but for the credit agreed to, is still owed, and nothing was paid since
    the caller said yes."""
    if unsettled.paid_since(connection, payment.account, payment.created_at):
        return False
    bill = accounts.read_bill(connection, payment.account, UTC)
    return bill is not None and bill.balance_cents >= payment.amount_cents - payment.over_cents

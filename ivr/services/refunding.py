"""Canceling today's payment: all of it goes back, once, however often it is asked for.

That the gateway is to be asked is committed first. Where it does not answer, the payment stays one
that is being canceled, and the reconciler asks until it says.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, Engine

from ivr.config import Times
from ivr.dialog.events import Replied
from ivr.dialog.turns import Request
from ivr.errors import CallError, NotSent
from ivr.flows.services import Field, Level, Service
from ivr.gateways.payments import PaymentGateway, Refund
from ivr.prompts.values import Kind, Money, Reference
from ivr.services.context import Context, Remote
from ivr.services.received import account_of, can_cancel, last_of
from ivr.store import consents, history, payments, restores
from ivr.store.engine import durable, reading
from ivr.store.history import Made
from ivr.telemetry import count

log = logging.getLogger(__name__)

VERIFIED = Level.VERIFIED
BACK = {
    "amount": Field(Kind.MONEY, VERIFIED),
    "confirmation": Field(Kind.REFERENCE, Level.MATCHED),
}

OFFER = Service("refunds.offer", level=VERIFIED, outcomes={"possible": BACK, "too-late": {}})
MAKE = Service(
    name="refunds.make",
    level=VERIFIED,
    takes={"confirmation": Kind.REFERENCE},
    outcomes={"refunded": BACK, "too-late": {}, "unknown": {}},
    settles=frozenset({"refunded", "unknown"}),
)

AGAIN = timedelta(minutes=1)
"""How long who asks again and again leaves a gateway alone that did not answer."""

Found = Literal["refunded", "too-late", "not-sent", "unknown"]
"""What is known of a refund. `not-sent` says for certain that nobody ever asked for it."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A payment to give back, as it stands in the store while the gateway is asked.

    `first` tells that nobody can have asked for it before.
    """

    made: Made
    gateway: PaymentGateway
    first: bool


@dataclass(frozen=True, slots=True)
class Settled:
    """What one round learned: how many payments went back, and how many are being asked about."""

    refunded: int
    asked: int


def offer(context: Context, request: Request) -> Replied:
    """The payment that may be canceled, with all that would go back."""
    last = last_of(context)
    if last and last.made and can_cancel(context, last.made):
        return _told("possible", last.made)
    return Replied("too-late")


def _told(outcome: str, made: Made) -> Replied:
    number = Reference(made.confirmation or "")
    return Replied(outcome, {"amount": Money(made.total_cents), "confirmation": number})


def _prepare(context: Context, request: Request) -> Asking | Replied:
    """Note that the gateway is asked; what went back already is only told."""
    made = _named(context, request)
    first = made.refund_asked_at is None
    if made.status == "refunded":
        return _told("refunded", made)
    if first and not can_cancel(context, made):
        return Replied("too-late")
    durable(context.connection)
    asked = history.ask_refund(context.connection, made.id, made.refund_asked_at, context.now)
    if not asked:  # somebody moved it meanwhile
        return _prepare(context, request)
    return Asking(replace(made, refund_asked_at=context.now), context.gateway, first)


def _named(context: Context, request: Request) -> Made:
    number = request.values["confirmation"]
    account = account_of(context)
    made = isinstance(number, Reference) and history.confirmed(
        context.connection, account, number.text
    )
    if not made:
        raise CallError("a payment was to be canceled that is none of this account")
    return made


def _work(asking: Asking) -> Found:
    """Ask the gateway; never raises, since the answer must be written down whatever it is."""
    made = asking.made
    try:
        refund = Refund(made.key, made.total_cents, made.reference)
        return "refunded" if asking.gateway.refund(refund) else "too-late"
    except NotSent as error:
        log.warning("the gateway was not reached: %s", error)
        return "not-sent" if asking.first else "unknown"
    except Exception as error:
        log.warning("the gateway gave no answer: %s", type(error).__name__)
        return "unknown"


def _settle(context: Context, request: Request, asking: Asking, found: Found) -> Replied:
    """Write the answer down; what is told is what stands in the store then."""
    record(context.connection, asking.made, found, context.now)
    made = _named(context, request)
    if made.status == "refunded":
        return _told("refunded", made)
    return Replied("unavailable" if found == "not-sent" else found)


make = Remote(_prepare, _work, _settle)
"""What `refunds.make` does."""


def record(connection: Connection, made: Made, found: Found, now: datetime) -> None:
    """Write down what the gateway said of a payment that is being canceled.

    That money went back is true whoever says so; that it does not, only who asked last may say.
    """
    durable(connection)
    match found:
        case "refunded":
            gone = {"updated_at": now, "refunded_at": now}
            if payments.move(connection, made.id, "refunded", gone):
                consents.end_debit(connection, made.id, now)
                restores.money_back(connection, made.id, now)
        case "too-late" | "not-sent":
            history.ask_refund(connection, made.id, made.refund_asked_at, None)
        case "unknown":
            pass
    count(f"refunds {found}")


def settle_refunds(
    engine: Engine,
    gateway: PaymentGateway,
    times: Times,
    clock: Callable[[], datetime],
    *,
    patiently: bool = False,
) -> Settled:
    """Ask the gateway once about every payment that is being canceled, as `settle_unknown` does."""
    wait = AGAIN if patiently else timedelta(seconds=times.lease)
    with reading(engine) as connection:
        due = history.refunds_due(connection, clock() - wait)
    done = sum(_settle_one(engine, gateway, clock, made) for made in due)
    with reading(engine) as connection:
        return Settled(done, history.refunds_open(connection))


def _settle_one(
    engine: Engine, gateway: PaymentGateway, clock: Callable[[], datetime], made: Made
) -> bool:
    """Settle one, if it can be; whether its money went back."""
    now = clock()
    with engine.begin() as connection:
        if not history.ask_refund(connection, made.id, made.refund_asked_at, now):
            return False
    asking = Asking(replace(made, refund_asked_at=now), gateway, first=False)
    found = _work(asking)
    with engine.begin() as connection:
        record(connection, asking.made, found, clock())
    log.info("a refund was asked about", extra={"fields": {"id": made.id, "found": found}})
    return found == "refunded"

"""Keeping a card or bank account for later: written down, set up at the gateway, then usable.

What the carrier gave is committed before the gateway is asked, so that a turn which is taken over
asks for the same thing under the same key. Until the gateway has said yes the row counts as
removed, and whatever is removed the gateway is made to forget.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from ivr.dialog.events import Card, Replied
from ivr.dialog.turns import Request
from ivr.errors import CallError, GatewayError
from ivr.flows.services import Field, Level, Service
from ivr.gateways.payments import Declined, Keeping, Kept, PaymentGateway
from ivr.prompts.values import Count, Digits, Kind, Value
from ivr.services.agreeing import COPY, agree, copy_told
from ivr.services.context import Context, Remote
from ivr.services.methods import MAY_AUTOPAY, NAMES, account_of, drop, may_autopay, words
from ivr.services.payments import standing_today
from ivr.store import methods, payments
from ivr.store.engine import reading
from ivr.store.methods import Method

log = logging.getLogger(__name__)

KEEP = Service(
    name="methods.keep",
    level=Level.VERIFIED,
    takes={"card": Kind.TEXT, "replaces": Kind.COUNT},
    optional=frozenset({"replaces"}),
    secrets=frozenset({"card"}),
    outcomes={
        "kept": {
            "method": Field(Kind.WORDS, Level.VERIFIED, NAMES),
            "ending": Field(Kind.DIGITS, Level.VERIFIED),
            **MAY_AUTOPAY,
            **COPY,
        },
        "declined": {},
        "limit": {},
        "down": {},
    },
    settles=frozenset({"kept"}),
)
TERMS = "keep-card-terms"
"""The prompt a caller says yes to before a method is kept."""
AUTOPAY_TERMS = "autopay-uses-it"
"""The prompt they heard before that where AutoPay took from the one that is replaced."""

Found = Kept | Declined | None
"""What the gateway said; None where it could not be asked, or did not say."""
FORGOTTEN_AFTER = timedelta(days=1)
"""How long a removed method may still be asked about: no charge of it is repeated any more then."""


@dataclass(frozen=True, slots=True)
class Job:
    """One method to keep."""

    method: Method
    keeping: Keeping
    gateway: PaymentGateway


def _prepare(context: Context, request: Request) -> Job | Replied:
    begun = methods.begun(context.connection, context.call.sid, context.turn)
    if begun is None and _too_often(context):
        return Replied("limit")
    method, is_kept = begun or (_begin(context, request), False)
    if is_kept:
        return _reply(context, method)
    customer = methods.customer_of(context.connection, method.account)
    key = f"{context.call.sid}-{context.turn}-keep"
    return Job(method, Keeping(key, method.token, customer), context.gateway)


def _too_often(context: Context) -> bool:
    """Nobody is to try out stolen cards here either."""
    tried = standing_today(context, account_of(context)).asked
    return tried >= context.book.payments.tries


def _begin(context: Context, request: Request) -> Method:
    card = request.secrets["card"]
    if not isinstance(card, Card) or not card.token.reveal():
        raise CallError("a method was to be kept that nobody gave")
    row = {
        "account_id": account_of(context),
        "kind": card.method.value,
        "brand": card.brand,
        "last4": card.last4,
        "expires": card.expires or None,
        "token": card.token.reveal(),
        "call_sid": context.call.sid,
        "turn": context.turn,
        "created_at": context.now,
    }
    return methods.begin(context.connection, row)


def _work(job: Job) -> Found:
    """Ask the gateway; never raises. What nobody knows is not kept: it will be forgotten there."""
    try:
        return job.gateway.keep(job.keeping)
    except Exception as error:
        log.warning("the gateway kept no method: %s", type(error).__name__)
        return None


def _settle(context: Context, request: Request, job: Job, found: Found) -> Replied:
    """Use it from here on, in place of those it replaces."""
    if not isinstance(found, Kept):
        return Replied("declined" if found else "down")
    payments.hold_account(context.connection, job.method.account)  # AutoPay may just choose one
    replaced = _replaced(context, request, job.method)
    heard = _heard(context, request, replaced)
    consent = agree(context, job.method.account, "stored-method", heard, {})
    methods.keep(context.connection, job.method.id, found.customer, consent)
    for old in replaced:
        _replace(context, old, job.method)
    return _reply(context, job.method)


def _replaced(context: Context, request: Request, new: Method) -> list[Method]:
    """The one the caller named, and such as cannot be told from the new one by ear."""
    named = _named(context, request)
    alike = (new.kind, new.brand, new.last4)
    found = methods.kept(context.connection, new.account)
    return [one for one in found if one.id == named or (one.kind, one.brand, one.last4) == alike]


def _named(context: Context, request: Request) -> int | None:
    """The one that is to be replaced, if it is still there."""
    which = request.values.get("replaces")
    return which.number if isinstance(which, Count) else None


def _heard(context: Context, request: Request, replaced: list[Method]) -> tuple[str, ...]:
    """What the caller said yes to; of AutoPay they heard only where they named its card.

    It is one consent, which ends with the method: AutoPay's own stays the one it was begun with.
    """
    named = _named(context, request)
    pays = any(
        methods.pays_drafts(context.connection, old.id) for old in replaced if old.id == named
    )
    return (AUTOPAY_TERMS, TERMS) if pays else (TERMS,)


def _replace(context: Context, old: Method, new: Method) -> None:
    """Let AutoPay take from the new one what it took from the old one, which is removed."""
    methods.take_over(context.connection, old.id, new.id)
    drop(context, old)


def _reply(context: Context, method: Method) -> Replied:
    named: dict[str, Value] = {"method": words(method), "ending": Digits(method.last4)}
    return Replied("kept", {**named, **may_autopay(context), **copy_told(context)})


keep = Remote(_prepare, _work, _settle)
"""What `methods.keep` does."""


def forget_removed(engine: Engine, gateway: PaymentGateway, now: datetime) -> int:
    """Make the gateway forget what was removed a day ago; how many it has forgotten now.

    Any number of processes may do this at once: forgetting twice is no error. One that fails is
    tried next time.
    """
    with reading(engine) as connection:
        found = methods.to_forget(connection, now - FORGOTTEN_AFTER)
    return sum(_forget(engine, gateway, method) for method in found)


def _forget(engine: Engine, gateway: PaymentGateway, method: Method) -> bool:
    try:
        gateway.forget(Kept(method.token, method.customer))
    except GatewayError as error:
        log.warning("the gateway forgot no method: %s", error)
        return False
    with engine.begin() as connection:
        methods.forget(connection, method.id)
    return True

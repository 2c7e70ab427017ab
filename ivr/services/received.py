"""Was my payment received? The last payment, the same for whoever asks, truthfully.

Its day and its confirmation number are for whoever is matched; amounts and last fours are for
whoever gave their PIN.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from ivr.dialog.events import Replied
from ivr.dialog.turns import Request
from ivr.errors import CallError
from ivr.flows.services import Field, Level, Service
from ivr.prompts.values import (
    Count,
    Date,
    Digits,
    Kind,
    Money,
    Reference,
    Value,
    Words,
    YesNo,
)
from ivr.services.context import Context
from ivr.store import history
from ivr.store.accounts import PAID
from ivr.store.history import Imported, Made

MATCHED, VERIFIED = Level.MATCHED, Level.VERIFIED

State = Literal[
    "received", "pending", "under-way", "returned", "refunded", "refund-asked", "unknown"
]
STATE_WORDS = {
    "received": "was-received",
    "pending": "was-received-lately",
    "under-way": "is-under-way",  # a bank moves money over days
    "returned": "was-returned",
    "refunded": "was-canceled",
    "refund-asked": "is-being-canceled",
}
METHOD_WORDS = {"card": "method-card", "bank": "method-bank"}

NEWS = {
    "date": Field(Kind.DATE, MATCHED),
    "confirmation": Field(Kind.REFERENCE, MATCHED, maybe=True, there="has-confirmation"),
    "has-confirmation": Field(Kind.YES_NO, MATCHED),
}
AMOUNT = {"amount": Field(Kind.MONEY, VERIFIED), "date": Field(Kind.DATE, MATCHED)}


def entry(prefix: str = "") -> dict[str, Field]:
    """The fields that tell one payment by phone, each name after a prefix."""
    fields = {
        **AMOUNT,
        "method": Field(Kind.WORDS, VERIFIED, prompts=tuple(METHOD_WORDS.values())),
        "ending": Field(Kind.DIGITS, VERIFIED),
        "state": Field(Kind.WORDS, VERIFIED, prompts=tuple(STATE_WORDS.values())),
    }
    return {f"{prefix}{name}": field for name, field in fields.items()}


RECEIVED = Service(
    name="payments.received",
    level=MATCHED,
    outcomes={
        "received": NEWS,
        "pending": NEWS,
        "under-way": NEWS,
        "returned": NEWS,
        "refunded": NEWS,
        "refund-asked": NEWS,
        "unknown": {},
        "none": {},
    },
)
EARLIER = {"has-earlier": Field(Kind.YES_NO, VERIFIED)}
DETAILS = Service(
    name="balance.details",
    level=VERIFIED,
    outcomes={
        "paid": {**AMOUNT, **EARLIER},
        "by-phone": {
            **entry(),
            **EARLIER,
            "confirmation": Field(Kind.REFERENCE, MATCHED),
            "can-cancel": Field(Kind.YES_NO, VERIFIED),
        },
        "returned": {**AMOUNT, **EARLIER},
        "unknown": {},
        "none": EARLIER,
    },
)
AT_ONCE = 3
NEWER_THAN_ALL = 2**31 - 1
"""More than any row's id."""
PLACES = ("first-", "second-", "third-")
ONE, TWO, THREE = (
    {name: field for place in PLACES[:many] for name, field in entry(place).items()}
    for many in (1, 2, 3)
)
HISTORY = Service(
    name="payments.history",
    level=VERIFIED,
    takes={"after": Kind.COUNT},
    optional=frozenset({"after"}),
    outcomes={
        "one": ONE,
        "two": TWO,
        "three": {
            **THREE,
            "has-more": Field(Kind.YES_NO, VERIFIED),
            "last": Field(Kind.COUNT, VERIFIED),
        },
    },
)


@dataclass(frozen=True, slots=True)
class Last:
    """The last payment, whoever took it. `made` is the one by phone, where it was that."""

    state: State
    on: date
    cents: int | None
    made: Made | None


def last_of(context: Context) -> Last | None:
    """The matched caller's last payment: by phone, unless billing knows of a later day's.

    Raises `CallError` where nobody is matched.
    """
    account = account_of(context)
    made = history.newest(context.connection, account)
    billed = history.imported(context.connection, account)
    if made and (billed is None or day_of(context, made) >= billed.on):
        return Last(state_of(made), day_of(context, made), made.amount_cents, made)
    return Last(_imported_state(billed), billed.on, billed.amount_cents, None) if billed else None


def account_of(context: Context) -> int:
    """The matched caller's account; raises `CallError` where nobody is matched."""
    account = context.call.identity.account
    if account is None:
        raise CallError("a payment was asked about without an account")
    return account


def day_of(context: Context, made: Made) -> date:
    """The day of a payment at the line's place."""
    return made.at.astimezone(context.local.tzinfo).date()


def state_of(made: Made) -> State:
    """What became of a payment by phone. What an import has counted is on the bill."""
    match made.status:
        case "returned":
            return "returned"
        case "refunded":
            return "refunded"
        case status if status not in PAID:
            return "unknown"
    if made.refund_asked_at:
        return "refund-asked"
    if made.status == "posted" or made.billed:
        return "received"
    return "under-way" if made.method == "bank" else "pending"


def _imported_state(billed: Imported) -> State:
    match billed.status:
        case "pending":
            return "pending"
        case "returned":
            return "returned"
        case _:
            return "received"


def received(context: Context, request: Request) -> Replied:
    """What became of the last payment, without its amount."""
    last = last_of(context)
    if last is None or last.state == "unknown":
        return Replied(last.state if last else "none")
    confirmation = last.made.confirmation if last.made else None
    fields: dict[str, Value] = {
        "date": Date(last.on),
        "has-confirmation": YesNo(confirmation is not None),
    }
    if confirmation:
        fields["confirmation"] = Reference(confirmation)
    return Replied(last.state, fields)


def details(context: Context, request: Request) -> Replied:
    """The last payment with its amount, for a caller who gave their PIN."""
    last = last_of(context)
    if last and last.state == "unknown":
        return Replied("unknown")
    found = history.past(context.connection, account_of(context), _id(last), 1)
    earlier: dict[str, Value] = {"has-earlier": YesNo(bool(found))}
    if last and last.made and last.made.confirmation and last.made.last4:
        return Replied("by-phone", {**earlier, **_by_phone(context, last.made)})
    if last is None or last.cents is None:
        return Replied("none", earlier)
    outcome = "returned" if last.state == "returned" else "paid"
    return Replied(outcome, {**earlier, "amount": Money(last.cents), "date": Date(last.on)})


def _id(last: Last | None) -> int:
    """What payments by phone before the last payment are older than."""
    return last.made.id if last and last.made else NEWER_THAN_ALL


def _by_phone(context: Context, made: Made) -> dict[str, Value]:
    return {
        **told(context, made),
        "confirmation": Reference(made.confirmation or ""),
        "can-cancel": YesNo(can_cancel(context, made)),
    }


def can_cancel(context: Context, made: Made) -> bool:
    """Whether a payment may still be given back: it was made today, at the line's place, and
    neither billing nor anybody's wish has touched it since."""
    today = day_of(context, made) == context.local.date()
    return today and made.status == "charged" and made.refund_asked_at is None


def told(context: Context, made: Made, prefix: str = "") -> dict[str, Value]:
    """One payment by phone as `entry` declares it, fee and all: what their bank shows them."""
    fields: dict[str, Value] = {
        "amount": Money(made.total_cents),
        "date": Date(day_of(context, made)),
        "method": Words((METHOD_WORDS[made.method],)),
        "ending": Digits(made.last4),
        "state": Words((STATE_WORDS[state_of(made)],)),
    }
    return {f"{prefix}{name}": value for name, value in fields.items()}


def earlier(context: Context, request: Request) -> Replied:
    """Payments by phone before the last one, three at a time; `after` is the `last` of before.

    Raises `CallError` where there are none, of which the reply before has told.
    """
    after = request.values.get("after")
    before = after.number if isinstance(after, Count) else _id(last_of(context))
    found = history.past(context.connection, account_of(context), before, AT_ONCE + 1)
    heard = found[:AT_ONCE]
    if not heard:
        raise CallError("earlier payments were asked for, and there are none")
    fields: dict[str, Value] = {}
    for place, made in zip(PLACES, heard, strict=False):
        fields |= told(context, made, place)
    if len(heard) == AT_ONCE:
        fields |= {"has-more": YesNo(len(found) > AT_ONCE), "last": Count(heard[-1].id)}
    return Replied(("one", "two", "three")[len(heard) - 1], fields)

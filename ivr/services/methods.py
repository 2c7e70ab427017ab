"""Stored cards and bank accounts: whether there are any, what they are called, and choosing one.

Only brand, last four and expiry are ever said, and those only to a caller who gave their PIN.
"""

from collections.abc import Sequence
from datetime import date

from ivr.dialog.events import Replied
from ivr.dialog.turns import Request
from ivr.errors import CallError
from ivr.flows.services import Field, Level, Service
from ivr.prompts.values import Choice, Choices, Count, Digits, Kind, Text, Value, Words, YesNo
from ivr.services.balance import bill_of
from ivr.services.context import Context
from ivr.store import consents, methods, payments
from ivr.store.methods import Method

MATCHED, VERIFIED = Level.MATCHED, Level.VERIFIED
BRANDS = ("visa", "mastercard", "amex", "discover")
"""What the carrier calls the brands that have a prompt of their own; others are just a card."""
NAMES = (*BRANDS, "card", "bank")
"""The prompts that name a method; each has another with its last digits, as in visa-ending."""
ENDINGS = tuple(f"{name}-ending" for name in NAMES)
MOST = 4
"""How many an account may keep, so that all of them can be listened to at once."""
NEVER = 1200
"""Months."""
ORDER = ("first", "second", "third", "fourth")

EXPIRES = ("has-expired", "expires-this-month", "expires-next-month")
"""The prompts that tell of a card which needs replacing, by the months it is still valid."""

CHOSEN = {
    "which": Field(Kind.COUNT, VERIFIED),
    "method": Field(Kind.WORDS, VERIFIED, NAMES),
    "ending": Field(Kind.DIGITS, VERIFIED),
    "expires-soon": Field(Kind.YES_NO, VERIFIED),
    "expires": Field(Kind.WORDS, VERIFIED, EXPIRES),
    "autopay": Field(Kind.YES_NO, VERIFIED),  # AutoPay takes its drafts from it
}
LISTED = {
    "methods": Field(Kind.CHOICES, VERIFIED, ENDINGS),
    **{name: Field(Kind.WORDS, VERIFIED, NAMES) for name in ORDER},
    **{f"{name}-ending": Field(Kind.DIGITS, VERIFIED) for name in ORDER},
    **{f"has-{name}": Field(Kind.YES_NO, VERIFIED) for name in ORDER[1:]},
    "has-room": Field(Kind.YES_NO, VERIFIED),
    "method": Field(Kind.WORDS, VERIFIED, NAMES),  # the one that expires first
    "ending": Field(Kind.DIGITS, VERIFIED),
    "expires-soon": Field(Kind.YES_NO, VERIFIED),
    "expires": Field(Kind.WORDS, VERIFIED, EXPIRES),
}

MAY_AUTOPAY = {"may-autopay": Field(Kind.YES_NO, MATCHED)}
"""Whether there will be bills that AutoPay could pay: a closed account has none."""

OFFER = Service(
    name="methods.offer",
    level=VERIFIED,
    outcomes={
        "one": CHOSEN,
        "several": {"methods": Field(Kind.CHOICES, VERIFIED, ENDINGS)},
        "none": {},
    },
)
CHOOSE = Service(
    name="methods.choose",
    level=VERIFIED,
    takes={"method": Kind.TEXT},
    outcomes={"chosen": CHOSEN},
)
REMOVE = Service(
    name="methods.remove",
    level=VERIFIED,
    takes={"method": Kind.COUNT},
    outcomes={"removed": MAY_AUTOPAY, "in-use": {}},
    settles=frozenset({"removed"}),
)
LIST = Service(
    name="methods.list",
    level=VERIFIED,
    outcomes={"some": LISTED, "none": {}},
)


def offer(context: Context, request: Request) -> Replied:
    """What can be charged now, the newest first; one alone needs no choosing."""
    found = usable(context)
    if len(found) == 1:
        return Replied("one", _chosen(context, found[0]))
    return Replied("several", {"methods": _choices(found)}) if found else Replied("none")


def choose(context: Context, request: Request) -> Replied:
    """What is to be known of the method that was chosen."""
    return Replied("chosen", _chosen(context, chosen_of(context, request)))


def listed(context: Context, request: Request) -> Replied:
    """All that is stored, the newest first, and what expires first.

    What there are fewer of is said to be the first one again, which `has-…` keeps unsaid.
    """
    found = methods.kept(context.connection, account_of(context))[:MOST]
    if not found:
        return Replied("none")
    fields: dict[str, Value] = {"methods": _choices(found), "has-room": YesNo(len(found) < MOST)}
    for place, name in enumerate(ORDER):
        method = found[place] if place < len(found) else found[0]
        fields |= {name: words(method), f"{name}-ending": Digits(method.last4)}
        if place:
            fields[f"has-{name}"] = YesNo(place < len(found))
    today = context.local.date()
    first = min(found, key=lambda it: months_left(it, today))
    return Replied("some", {**fields, **_named(first), **_expiry(first, today)})


def remove(context: Context, request: Request) -> Replied:
    """Never use a method again. One that AutoPay takes its drafts from stays until that has
    another; the gateway is made to forget it by the worker, which can ask more than once."""
    payments.hold_account(context.connection, account_of(context))  # AutoPay may just choose it
    method = chosen_of(context, request)
    if methods.pays_drafts(context.connection, method.id):
        return Replied("in-use")
    drop(context, method)
    return Replied("removed", may_autopay(context))


def may_autopay(context: Context) -> dict[str, Value]:
    """The field of `MAY_AUTOPAY`."""
    return {"may-autopay": YesNo(bill_of(context).is_open)}


def drop(context: Context, method: Method) -> None:
    """Remove a method, and end the consent to keep it."""
    methods.remove(context.connection, method.id, context.now)
    if method.consent is not None:
        consents.revoke(context.connection, method.consent, context.now)


def account_of(context: Context) -> int:
    """The matched caller's account. Raises `CallError` where nobody is matched."""
    account = context.call.identity.account
    if account is None:
        raise CallError("stored methods were asked for without an account")
    return account


def chosen_of(context: Context, request: Request, name: str = "method") -> Method:
    """The stored method that a request names. Raises `CallError` where it is not, or not any
    more, this caller's."""
    match request.values.get(name):
        case Text(text) if text.isdecimal():
            number = int(text)
        case Count(number):
            pass
        case _:
            raise CallError("no stored method was named")
    for method in methods.kept(context.connection, account_of(context)):
        if method.id == number:
            return method
    raise CallError("a stored method was named that is not theirs")


def words(method: Method) -> Words:
    """What a method is called, without its digits."""
    return Words((_name(method),))


def _name(method: Method) -> str:
    if method.kind == "bank":
        return "bank"
    return method.brand if method.brand in BRANDS else "card"


def usable(context: Context) -> list[Method]:
    """The stored methods that can be charged now, the newest first."""
    today, accepts = context.local.date(), context.gateway.accepts
    found = methods.kept(context.connection, account_of(context))[:MOST]
    return [one for one in found if one.kind in accepts and months_left(one, today) > 0]


def _choices(found: Sequence[Method]) -> Choices:
    return Choices(
        tuple(
            Choice(str(one.id), f"{_name(one)}-ending", (("ending", Digits(one.last4)),))
            for one in found
        )
    )


def _chosen(context: Context, method: Method) -> dict[str, Value]:
    return {
        "which": Count(method.id),
        **_named(method),
        **_expiry(method, context.local.date()),
        "autopay": YesNo(methods.pays_drafts(context.connection, method.id)),
    }


def _named(method: Method) -> dict[str, Value]:
    return {"method": words(method), "ending": Digits(method.last4)}


def _expiry(method: Method, today: date) -> dict[str, Value]:
    """Whether it has expired or does so this month or next, and how that is said."""
    months = min(max(0, months_left(method, today)), len(EXPIRES))
    soon = months < len(EXPIRES)
    return {"expires-soon": YesNo(soon), "expires": Words((EXPIRES[months if soon else -1],))}


def months_left(method: Method, today: date) -> int:
    """In how many months it is no longer valid: 1 in its last one, many where it never ends."""
    if method.expires is None:
        return NEVER
    return (method.expires.year - today.year) * 12 + method.expires.month - today.month

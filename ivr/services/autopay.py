"""AutoPay by phone: whether it is on, its terms, and enrolling, changing and canceling it.

What the caller agrees to holds what Regulation E asks of a preauthorized debit (12 CFR
1005.10(b) to (d)): the amount, when, from where, ten days' notice, and how to stop it. Card rules
for recurring charges ask for the same.
"""

from collections.abc import Mapping, Sequence

from ivr.dialog.events import Replied
from ivr.dialog.turns import Request
from ivr.errors import CallError
from ivr.flows.services import Field, Level, Service
from ivr.prompts.values import (
    Choice,
    Choices,
    Date,
    Digits,
    Kind,
    Money,
    Text,
    Value,
    Words,
    YesNo,
)
from ivr.services.agreeing import COPY, agree, copy_told
from ivr.services.announcing import Sender, announce
from ivr.services.balance import bill_of
from ivr.services.context import Context
from ivr.services.methods import months_left
from ivr.store import autopays, consents, drafts, methods, payments
from ivr.store.accounts import Bill
from ivr.store.autopays import Autopay
from ivr.store.drafts import Draft
from ivr.store.methods import Method

VERIFIED = Level.VERIFIED
TERMS_PROMPTS = ("autopay-terms", "autopay-notice", "autopay-revocation")
"""What is said before the yes, and kept word for word as the consent."""
CHOICE = {"card": "autopay-card", "bank": "autopay-bank"}
"""What a method is called where it is offered, by its kind."""
NAMED = {"card": "your-card", "bank": "your-bank-account"}
"""What a method is called inside a sentence."""
MOST_LISTED = 6

PAYS = {
    "what": Field(Kind.WORDS, VERIFIED, prompts=tuple(NAMED.values())),
    "ending": Field(Kind.DIGITS, VERIFIED),
}
NEXT = {
    "has-next": Field(Kind.YES_NO, VERIFIED, apart="next"),
    "amount": Field(Kind.MONEY, VERIFIED, maybe=True, there="has-next"),
    "date": Field(Kind.DATE, VERIFIED, maybe=True, there="has-next"),
}
OWES = {"owes-past-due": Field(Kind.YES_NO, VERIFIED, apart="next")}
"""Whether money is past due of which AutoPay takes nothing.

A draft takes the whole balance, what is past due along with the rest, but nobody announces one
of a bill whose due date has passed, or while service is off.
"""
METHODS = {"methods": Field(Kind.CHOICES, VERIFIED, prompts=tuple(CHOICE.values()))}

READ = Service(
    name="autopay.read",
    level=VERIFIED,
    outcomes={
        "on": {**PAYS, **NEXT, **OWES, **METHODS, "can-change": Field(Kind.YES_NO, VERIFIED)},
        "off": METHODS,
        "no-method": {},
        "elsewhere": {},
        "closed": {},
    },
)
TERMS = Service(
    name="autopay.terms",
    level=VERIFIED,
    takes={"method": Kind.TEXT},
    outcomes={"terms": PAYS},
)
ENROL = Service(
    name="autopay.enrol",
    level=VERIFIED,
    takes={"method": Kind.TEXT},
    outcomes={"enrolled": {**NEXT, **OWES, "late": Field(Kind.YES_NO, VERIFIED), **COPY}},
    settles=frozenset({"enrolled"}),
)
CANCEL = Service(
    name="autopay.cancel",
    level=VERIFIED,
    outcomes={"canceled": {"under-way": Field(Kind.YES_NO, VERIFIED)}},
    settles=frozenset({"canceled"}),
)


def read(context: Context, request: Request) -> Replied:
    """Whether AutoPay is on, or what it could take bills from."""
    bill = bill_of(context)
    enrolled = autopays.enrolled(context.connection, bill.account)
    usable = _usable(context, bill)
    if enrolled:
        return _on(context, bill, enrolled, usable)
    if not bill.is_open:
        return Replied("closed")
    if bill.autopay:
        return Replied("elsewhere")
    return Replied("off", {"methods": _choices(usable)}) if usable else Replied("no-method")


def _on(context: Context, bill: Bill, enrolled: Autopay, usable: Sequence[Method]) -> Replied:
    method = methods.read(context.connection, enrolled.method)
    others = [one for one in usable if one.id != method.id]
    coming = drafts.next_of(context.connection, enrolled.account)
    fields: dict[str, Value] = {
        **_pays(method),
        **_next(coming),
        **_owes(bill, coming),
        "methods": _choices(others or [method]),
        "can-change": YesNo(bool(others)),
    }
    return Replied("on", fields)


def terms(context: Context, request: Request) -> Replied:
    """What they would agree to, with the method they chose."""
    method = _chosen(context, request)
    return Replied("terms", _pays(method)) if method else Replied("unavailable")


def enrol(context: Context, request: Request) -> Replied:
    """Turn AutoPay on, or have it take bills from another method; keeps what was agreed to.

    The bill there is now is announced at once, so that its amount and day can be said.
    """
    bill = bill_of(context)
    payments.hold_account(context.connection, bill.account)
    method = _chosen(context, request)
    if method is None or bill.status == "closed":
        return Replied("unavailable")
    enrolled = _enrol(context, bill.account, method)
    sender = Sender(context.book, context.settings.text_from is not None)
    today = context.local.date()
    announce(context.connection, sender, enrolled, bill, today, context.now)
    coming = drafts.next_of(context.connection, bill.account)
    late = coming is not None and coming.take_on > coming.due
    told = {**_next(coming), **_owes(bill, coming), **copy_told(context)}
    return Replied("enrolled", {**told, "late": YesNo(late)})


def _enrol(context: Context, account: int, method: Method) -> Autopay:
    before = autopays.enrolled(context.connection, account)
    consent = agree(context, account, "autopay", TERMS_PROMPTS, _pays(method))
    if before is None:
        row = {
            "account_id": account,
            "method_id": method.id,
            "consent_id": consent,
            "call_sid": context.call.sid,
            "turn": context.turn,
            "enrolled_at": context.now,
        }
        autopays.enrol(context.connection, row)
    elif before.consent != consent:
        autopays.change(context.connection, before.id, method.id, consent)
        consents.revoke(context.connection, before.consent, context.now)
    enrolled = autopays.enrolled(context.connection, account)
    if enrolled is None:
        raise CallError("this turn enrolled before, and was canceled since")
    return enrolled


def cancel(context: Context, request: Request) -> Replied:
    """Turn AutoPay off: nothing that was announced is taken any more.

    Only a payment that the gateway is asked about right now can still go through.
    """
    account = bill_of(context).account
    payments.hold_account(context.connection, account)
    coming = drafts.next_of(context.connection, account)
    enrolled = autopays.enrolled(context.connection, account)
    if enrolled:
        autopays.cancel(context.connection, enrolled.id, context.now)
        drafts.skip(context.connection, enrolled.id)
        consents.revoke(context.connection, enrolled.consent, context.now)
    under_way = coming is not None and coming.payment is not None
    return Replied("canceled", {"under-way": YesNo(under_way)})


def _usable(context: Context, bill: Bill) -> list[Method]:
    """The stored methods that the gateway accepts and that have not expired, the newest first."""
    kept, today = methods.kept(context.connection, bill.account), context.local.date()
    accepts = context.gateway.accepts
    return [one for one in kept if one.kind in accepts and months_left(one, today) > 0]


def _chosen(context: Context, request: Request) -> Method | None:
    """The method they chose, unless it was removed since."""
    chosen = request.values["method"]
    if not isinstance(chosen, Text):
        raise CallError("AutoPay takes one of the methods that autopay.read offers")
    usable = _usable(context, bill_of(context))
    return next((one for one in usable if str(one.id) == chosen.text), None)


def _choices(found: Sequence[Method]) -> Choices:
    return Choices(tuple(_choice(one) for one in found[:MOST_LISTED]))


def _choice(method: Method) -> Choice:
    return Choice(str(method.id), CHOICE[method.kind], (("ending", Digits(method.last4)),))


def _pays(method: Method) -> Mapping[str, Value]:
    return {"what": Words((NAMED[method.kind],)), "ending": Digits(method.last4)}


def _next(coming: Draft | None) -> Mapping[str, Value]:
    if coming is None:
        return {"has-next": YesNo(False)}
    return {
        "has-next": YesNo(True),
        "amount": Money(coming.amount_cents),
        "date": Date(coming.take_on),
    }


def _owes(bill: Bill, coming: Draft | None) -> Mapping[str, Value]:
    return {"owes-past-due": YesNo(bill.past_due_cents > 0 and coming is None)}

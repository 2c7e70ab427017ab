"""Paying by keypad: what the line may be asked about it, and what may be paid at all."""

from dataclasses import replace
from datetime import datetime, timedelta

from ivr.dialog.events import Replied
from ivr.dialog.turns import Request
from ivr.errors import CallError
from ivr.flows.rules import PaymentRules
from ivr.flows.services import Field, Level, Service
from ivr.prompts.values import Kind, Money, Value, YesNo
from ivr.services import restoring, shut_off
from ivr.services.agreeing import COPY
from ivr.services.balance import bill_of
from ivr.services.context import Context
from ivr.services.doubling import FIELDS as DRAFTED
from ivr.services.doubling import drafted
from ivr.services.methods import usable
from ivr.store import methods, payments
from ivr.store.accounts import Bill
from ivr.store.payments import Standing

MATCHED = Level.MATCHED
BILL = {
    "balance": Field(Kind.MONEY, MATCHED),
    "past-due": Field(Kind.MONEY, MATCHED),
    "has-past-due": Field(Kind.YES_NO, MATCHED),
    "can-pay-full": Field(Kind.YES_NO, MATCHED, apart="full"),
    "limited": Field(Kind.YES_NO, MATCHED, apart="full"),  # more is owed than may be paid at a time
    "can-choose": Field(Kind.YES_NO, MATCHED),
    "may-autopay": Field(Kind.YES_NO, MATCHED),  # or turn it off
    "may-promise": Field(Kind.YES_NO, MATCHED),
    "least": Field(Kind.MONEY, MATCHED),
    "most": Field(Kind.MONEY, MATCHED),
    **DRAFTED,
    "has-fee": Field(Kind.YES_NO, MATCHED),
    "fee": Field(Kind.MONEY, MATCHED),
}
QUOTED = {
    "amount": Field(Kind.MONEY, MATCHED),
    "has-fee": Field(Kind.YES_NO, MATCHED),
    "fee": Field(Kind.MONEY, MATCHED),
    "total": Field(Kind.MONEY, MATCHED),  # the amount and its fee: what is charged
    "over-owed": Field(Kind.YES_NO, MATCHED),
    "over": Field(Kind.MONEY, MATCHED),  # how much more than is owed
    "restores": Field(Kind.YES_NO, MATCHED, apart="service"),
    "leaves-suspended": Field(Kind.YES_NO, MATCHED, apart="service"),
    **shut_off.EFFECT,
    "again": Field(Kind.YES_NO, MATCHED),  # the same amount was paid within a day
    "has-saved": Field(Kind.YES_NO, MATCHED),
    "takes-bank": Field(Kind.YES_NO, MATCHED),
}

OFFER = Service(
    name="payments.offer",
    level=MATCHED,
    outcomes={
        "owes": BILL,
        "nothing-due": {},
        "credit": {"balance": Field(Kind.MONEY, MATCHED)},
        "pending": {},
        "limit": {},
        "agent-only": {},
    },
)
QUOTE = Service(
    name="payments.quote",
    level=MATCHED,
    takes={"amount": Kind.MONEY},
    outcomes={"quoted": QUOTED, "saved": QUOTED},  # saved: a stored method can pay it
)
INTEND = Service(
    name="payments.intend",
    level=MATCHED,
    # The amount with its fee, as it was heard; the stored method as methods.choose names it.
    takes={"amount": Kind.MONEY, "over": Kind.MONEY, "method": Kind.COUNT},
    optional=frozenset({"over", "method"}),
    outcomes={"intended": {}, "pending": {}, "limit": {}},
    agreed=("amount", "intended"),
)
CHARGE = Service(
    name="payments.charge",
    level=MATCHED,
    takes={"card": Kind.TEXT},
    secrets=frozenset({"card"}),
    outcomes={
        "charged": {
            "amount": Field(Kind.MONEY, MATCHED),
            "confirmation": Field(Kind.REFERENCE, MATCHED),
            "restores": Field(Kind.YES_NO, MATCHED),
            **restoring.BACK,
        },
        "declined": {},
        "declined-funds": {},
        "declined-expired": {},
        "declined-details": {},
        "declined-bank": {},
        "overtaken": {},
        "limit": {},
        "expired": {},
        "down": {},
        "unknown": {},
    },
    settles=frozenset({"charged", "unknown"}),
    charges=True,
)
CHARGE_STORED = replace(
    CHARGE, name="payments.charge-stored", takes={}, secrets=frozenset(), level=Level.VERIFIED
)
"""The charge of a stored method, which the yes named: nothing is keyed."""
_CARDS_ONLY = {"declined-expired", "declined-details", "declined-bank"}
DEBIT = replace(
    CHARGE,
    name="payments.debit",
    takes={"authorization": Kind.TEXT},
    secrets=frozenset(),
    outcomes={
        **{name: it for name, it in CHARGE.outcomes.items() if name not in _CARDS_ONLY},
        "charged": {**CHARGE.outcomes["charged"], **COPY},
    },
)
"""The debit of a bank account that `payments.hold` keeps; `authorization` is the recorded yes."""
CANCEL = Service(
    name="payments.cancel",
    level=MATCHED,
    takes={"mark": Kind.TEXT},  # `hung-up`: the caller cannot hear that nothing was charged
    optional=frozenset({"mark"}),
    outcomes={"canceled": {}},
)

SAME_AGAIN = timedelta(hours=24)
"""For how long after a payment the same amount is asked about before it is paid again."""


def offer(context: Context, request: Request) -> Replied:
    """What may be paid now. A closed account that owes nothing is a matter for a person."""
    bill = bill_of(context)
    if refused := refusal(context, bill):
        return Replied(refused)
    if bill.balance_cents > 0:
        return Replied("owes", {**_payable(bill, context.book.payments), **drafted(context, bill)})
    if not bill.is_open:
        return Replied("agent-only")
    if bill.balance_cents < 0:
        return Replied("credit", {"balance": Money(-bill.balance_cents)})
    return Replied("nothing-due")


def _payable(bill: Bill, rules: PaymentRules) -> dict[str, Value]:
    owed, past_due = bill.balance_cents, bill.past_due_cents
    return {
        "balance": Money(owed),
        "past-due": Money(past_due),
        "has-past-due": YesNo(0 < past_due < owed and past_due <= rules.most),
        "can-pay-full": YesNo(owed <= rules.most),
        "limited": YesNo(owed > rules.most),
        "can-choose": YesNo(owed > rules.least),
        "may-autopay": YesNo(bill.is_open or bill.enrolled),
        "may-promise": YesNo(bill.is_open),
        "least": Money(min(owed, rules.least)),
        "most": Money(most(bill, rules)),
        "has-fee": YesNo(rules.fee > 0),
        "fee": Money(rules.fee),
    }


def most(bill: Bill, rules: PaymentRules) -> int:
    """The most that one payment may be, in cents. A closed account has no use for a credit."""
    over = rules.over if bill.is_open else 0
    return min(bill.balance_cents + over, rules.most)


def refusal(context: Context, bill: Bill) -> str | None:
    """`pending` while an earlier payment has no answer, `limit` after too many tries today."""
    standing = standing_today(context, bill.account)
    if standing.pending:
        return "pending"
    return "limit" if standing.asked >= context.book.payments.tries else None


def standing_today(context: Context, account: int) -> Standing:
    """How an account stands with the gateway, on this day at the line's place.

    A card given to be kept counts as one it was asked for: both can try out stolen ones.
    """
    midnight = datetime.combine(context.local.date(), datetime.min.time(), context.local.tzinfo)
    standing = payments.standing(context.connection, account, midnight, context.now)
    given = methods.begun_since(context.connection, account, midnight)
    return replace(standing, asked=standing.asked + given)


def quote(context: Context, request: Request) -> Replied:
    """What paying this amount costs, leaves as a credit, and does for service."""
    bill, cents, fee = bill_of(context), amount_of(request), context.book.payments.fee
    over, saved = max(0, cents - bill.balance_cents), bool(usable(context))
    fields: dict[str, Value] = {
        "amount": Money(cents),
        "has-fee": YesNo(fee > 0),
        "fee": Money(fee),
        "total": Money(cents + fee),
        "over-owed": YesNo(over > 0),
        "over": Money(over),
        "restores": YesNo(bill.restored_by(cents)),
        "leaves-suspended": YesNo(bill.status == "suspended" and cents < bill.past_due_cents),
        **shut_off.effect(context, bill, cents),
        "again": YesNo(_paid_lately(context, bill, cents)),
        "has-saved": YesNo(saved),
        "takes-bank": YesNo("bank" in context.gateway.accepts),
    }
    return Replied("saved" if saved else "quoted", fields)


def _paid_lately(context: Context, bill: Bill, cents: int) -> bool:
    since = context.now - SAME_AGAIN
    return payments.paid_lately(context.connection, bill.account, cents, since)


def amount_of(request: Request, name: str = "amount") -> int:
    """An amount a request is about, in cents; raises `CallError` where it names none."""
    amount = request.values[name]
    if not isinstance(amount, Money):
        raise CallError("a payment was asked for without an amount")
    return amount.cents


def cancel(context: Context, request: Request) -> Replied:
    """Give up every intent of this call that has no card."""
    mark = request.words.get("mark")
    reason = payments.HUNG_UP if mark == "hung-up" else payments.STOPPED
    payments.cancel_open(context.connection, context.call.sid, reason, context.now)
    return Replied("canceled")

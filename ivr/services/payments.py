"""Paying by keypad: what the line may be asked about it, and what may be paid at all."""

from dataclasses import replace
from datetime import datetime

from ivr.dialog.events import Replied
from ivr.dialog.turns import Request
from ivr.errors import CallError
from ivr.flows.services import Field, Level, Service
from ivr.prompts.values import Kind, Money, Value, YesNo
from ivr.services.balance import bill_of
from ivr.services.context import Context
from ivr.store import payments
from ivr.store.accounts import Bill

MATCHED = Level.MATCHED
BILL = {
    "balance": Field(Kind.MONEY, MATCHED),
    "past-due": Field(Kind.MONEY, MATCHED),
    "has-past-due": Field(Kind.YES_NO, MATCHED),
    "can-choose": Field(Kind.YES_NO, MATCHED),
    "least": Field(Kind.MONEY, MATCHED),
    "most": Field(Kind.MONEY, MATCHED),
    "autopay": Field(Kind.YES_NO, MATCHED),
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
    outcomes={
        "quoted": {
            "amount": Field(Kind.MONEY, MATCHED),
            "restores": Field(Kind.YES_NO, MATCHED),
            "leaves-suspended": Field(Kind.YES_NO, MATCHED),
        }
    },
)
INTEND = Service(
    name="payments.intend",
    level=MATCHED,
    takes={"amount": Kind.MONEY, "method": Kind.COUNT},
    optional=frozenset({"method"}),  # a stored one, as methods.choose names it
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
        },
        "declined": {},
        "declined-funds": {},
        "overtaken": {},
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
CANCEL = Service(
    name="payments.cancel",
    level=MATCHED,
    takes={"mark": Kind.TEXT},  # `hung-up`: the caller cannot hear that nothing was charged
    optional=frozenset({"mark"}),
    outcomes={"canceled": {}},
)

LEAST_CENTS = 100
MOST_A_DAY = 6
"""How often a day the gateway is asked for one account, so that nobody tries out stolen cards."""


def offer(context: Context, request: Request) -> Replied:
    """What may be paid now. A closed account that owes nothing is a matter for a person."""
    bill = bill_of(context)
    if refused := refusal(context, bill):
        return Replied(refused)
    if bill.balance_cents > 0:
        return Replied("owes", _payable(bill))
    if bill.status == "closed":
        return Replied("agent-only")
    if bill.balance_cents < 0:
        return Replied("credit", {"balance": Money(-bill.balance_cents)})
    return Replied("nothing-due")


def _payable(bill: Bill) -> dict[str, Value]:
    owed, past_due = bill.balance_cents, bill.past_due_cents
    return {
        "balance": Money(owed),
        "past-due": Money(past_due),
        "has-past-due": YesNo(0 < past_due < owed),
        "can-choose": YesNo(owed > LEAST_CENTS),
        "least": Money(min(owed, LEAST_CENTS)),
        "most": Money(owed),
        # What is past due, AutoPay has failed to pay.
        "autopay": YesNo(bill.autopay and past_due <= 0),
    }


def refusal(context: Context, bill: Bill) -> str | None:
    """`pending` while an earlier payment has no answer, `limit` after too many tries today."""
    midnight = datetime.combine(context.local.date(), datetime.min.time(), context.local.tzinfo)
    standing = payments.standing(context.connection, bill.account, midnight, context.now)
    if standing.pending:
        return "pending"
    return "limit" if standing.asked >= MOST_A_DAY else None


def quote(context: Context, request: Request) -> Replied:
    """What paying this amount does for a suspended account."""
    bill, cents = bill_of(context), amount_of(request)
    fields: dict[str, Value] = {
        "amount": Money(cents),
        "restores": YesNo(bill.restored_by(cents)),
        "leaves-suspended": YesNo(bill.status == "suspended" and cents < bill.past_due_cents),
    }
    return Replied("quoted", fields)


def amount_of(request: Request) -> int:
    """The amount a request is about, in cents; raises `CallError` where it names none."""
    amount = request.values["amount"]
    if not isinstance(amount, Money):
        raise CallError("a payment was asked for without an amount")
    return amount.cents


def cancel(context: Context, request: Request) -> Replied:
    """Give up every intent of this call that has no card."""
    mark = request.words.get("mark")
    reason = payments.HUNG_UP if mark == "hung-up" else payments.STOPPED
    payments.cancel_open(context.connection, context.call.sid, reason, context.now)
    return Replied("canceled")

"""Paying by keypad: what may be paid, the intent, the charge, and what became of it."""

from ivr.flows.services import Field, Level, Service
from ivr.prompts.values import Kind

MATCHED = Level.MATCHED
BILL = {
    "balance": Field(Kind.MONEY, MATCHED),
    "past-due": Field(Kind.MONEY, MATCHED),
    "has-past-due": Field(Kind.YES_NO, MATCHED),
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
    takes={"amount": Kind.MONEY},
    outcomes={"intended": {}, "pending": {}, "limit": {}},
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
        "down": {},
        "unknown": {},
    },
    settles=frozenset({"charged", "unknown"}),
)
CANCEL = Service(name="payments.cancel", level=MATCHED, outcomes={"canceled": {}})

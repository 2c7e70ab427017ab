"""What is owed, and what was last paid."""

from ivr.flows.services import Field, Level, Service
from ivr.prompts.values import Kind

MATCHED, VERIFIED = Level.MATCHED, Level.VERIFIED

BILL = {
    "balance": Field(Kind.MONEY, MATCHED),
    "due": Field(Kind.DATE, MATCHED),
    "has-due": Field(Kind.YES_NO, MATCHED),
    "has-no-due": Field(Kind.YES_NO, MATCHED),
    "past-due": Field(Kind.MONEY, MATCHED),
    "has-past-due": Field(Kind.YES_NO, MATCHED),
    "last-payment": Field(Kind.DATE, MATCHED),
    "has-last-payment": Field(Kind.YES_NO, MATCHED),
    "autopay": Field(Kind.YES_NO, MATCHED),
    "can-pay": Field(Kind.YES_NO, MATCHED),
}

READ = Service(
    name="balance.read",
    level=MATCHED,
    outcomes={
        "owes": BILL,
        "credit": BILL,
        "nothing-due": BILL,
        "no-bill": BILL,
        "suspended": BILL,
        "closed-owing": BILL,
        "closed": BILL,
    },
)
DETAILS = Service(
    name="balance.details",
    level=VERIFIED,
    outcomes={
        "paid": {"amount": Field(Kind.MONEY, VERIFIED), "date": Field(Kind.DATE, MATCHED)},
        "none": {},
    },
)

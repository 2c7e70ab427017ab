"""The day on which service stops, and what must be paid so that it does not."""

from ivr.flows.services import Field, Level
from ivr.prompts.values import Date, Kind, Money, Value, YesNo
from ivr.services.context import Context
from ivr.store import promises
from ivr.store.accounts import Bill

MATCHED = Level.MATCHED
NEWS = {
    "shut-off": Field(Kind.DATE, MATCHED, maybe=True, there="has-shut-off"),
    "keeps-on": Field(Kind.MONEY, MATCHED),
    "has-shut-off": Field(Kind.YES_NO, MATCHED, apart="shut-off"),
    "shut-off-passed": Field(Kind.YES_NO, MATCHED, apart="shut-off"),
}
"""What threatens: a day to come, or one that has passed while service is still on."""
EFFECT = {
    "keeps-service": Field(Kind.YES_NO, MATCHED, apart="service"),
    "leaves-shut-off": Field(Kind.YES_NO, MATCHED, apart="service"),
}
"""What a payment does about it."""


def news(context: Context, bill: Bill) -> dict[str, Value]:
    """The fields of `NEWS`."""
    cents, passed = must_pay(context, bill), _passed(context, bill)
    fields: dict[str, Value] = {
        "has-shut-off": YesNo(cents > 0 and not passed),
        "shut-off-passed": YesNo(cents > 0 and passed),
        "keeps-on": Money(cents),
    }
    if cents > 0 and not passed and bill.disconnect_date:
        fields["shut-off"] = Date(bill.disconnect_date)
    return fields


def effect(context: Context, bill: Bill, cents: int) -> dict[str, Value]:
    """The fields of `EFFECT` for a payment of so many cents."""
    must = must_pay(context, bill)
    return {"keeps-service": YesNo(0 < must <= cents), "leaves-shut-off": YesNo(cents < must)}


def must_pay(context: Context, bill: Bill) -> int:
    """The cents without which service stops; zero where it does not, or a promise covers them."""
    cents = bill.keeps_service_cents
    if cents <= 0:
        return 0
    last = promises.newest(context.connection, bill.account)
    covered = last and last.open_on(context.local.date()) and last.amount_cents >= cents
    return 0 if covered else cents


def _passed(context: Context, bill: Bill) -> bool:
    return bill.disconnect_date is not None and bill.disconnect_date < context.local.date()

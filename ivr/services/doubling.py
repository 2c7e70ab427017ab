"""Whether AutoPay is about to pay what a caller wants to pay now."""

from datetime import date, timedelta

from ivr.flows.services import Field, Level
from ivr.prompts.values import Date, Kind, Value, YesNo
from ivr.services.context import Context
from ivr.store import drafts
from ivr.store.accounts import Bill
from ivr.store.drafts import Draft

SOON = timedelta(days=2)
"""How near a draft must be for a payment made now to meet it."""

MATCHED = Level.MATCHED
FIELDS = {
    "autopay": Field(Kind.YES_NO, MATCHED, apart="autopay"),
    "draft-soon": Field(Kind.YES_NO, MATCHED, apart="autopay"),
    "draft-twice": Field(Kind.YES_NO, MATCHED, apart="autopay"),
    "draft-date": Field(Kind.DATE, MATCHED, maybe=True, there="draft-soon"),
    "twice-date": Field(Kind.DATE, MATCHED, maybe=True, there="draft-twice"),
}
"""At most one of them is yes. `autopay` will pay this bill some day; `draft-soon` within two days
or only after it is due, less what is paid now; `draft-twice` within two days and whatever is paid
now, as the billing system's own does."""


def drafted(context: Context, bill: Bill) -> dict[str, Value]:
    """What AutoPay does with a bill that may be paid now; never its amount."""
    coming = drafts.next_of(context.connection, bill.account) if bill.enrolled else None
    day = _ours(context, bill, coming) if bill.enrolled else _theirs(context, bill)
    # A bill that grew is not announced again, so that a part of it is left to pay.
    is_all = coming is None or coming.amount_cents >= bill.balance_cents
    soon = day is not None and (day <= context.local.date() + SOON or _is_late(bill, day))
    # The billing system's pays bills whose day we do not know; what is past due it has failed to.
    theirs = not bill.enrolled and bill.autopay and bill.past_due_cents <= 0
    fields: dict[str, Value] = {
        "autopay": YesNo(not soon and (day is not None or theirs) and is_all),
        "draft-soon": YesNo(soon and bill.enrolled),
        "draft-twice": YesNo(soon and not bill.enrolled),
    }
    named = "draft-date" if bill.enrolled else "twice-date"
    return {**fields, named: Date(day)} if day and soon else fields


def _is_late(bill: Bill, day: date) -> bool:
    return bill.due_date is not None and day > bill.due_date


def _ours(context: Context, bill: Bill, coming: Draft | None) -> date | None:
    """The day of what was announced, or that of a bill to be announced yet."""
    if coming:
        return coming.take_on
    due = bill.due_date
    if due is None or due < context.local.date() or bill.status != "active":  # as in `announce`
        return None
    return None if drafts.of_bill(context.connection, bill.account, due) else due


def _theirs(context: Context, bill: Bill) -> date | None:
    """The day on which the billing system takes a bill: that on which it is due."""
    due = bill.due_date
    failed = not bill.autopay or bill.past_due_cents > 0
    return None if failed or due is None or due < context.local.date() else due

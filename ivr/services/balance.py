"""What is owed."""

from zoneinfo import ZoneInfo

from ivr.dialog.events import Replied
from ivr.dialog.turns import Request
from ivr.errors import CallError
from ivr.flows.services import Field, Level, Service
from ivr.prompts.values import Date, Kind, Money, Value, YesNo
from ivr.services import restoring, shut_off
from ivr.services.context import Context
from ivr.store import accounts
from ivr.store.accounts import Bill

MATCHED = Level.MATCHED

BILL = {
    "balance": Field(Kind.MONEY, MATCHED),
    "due": Field(Kind.DATE, MATCHED, maybe=True, there="has-due"),
    "has-due": Field(Kind.YES_NO, MATCHED, apart="due"),
    "has-no-due": Field(Kind.YES_NO, MATCHED, apart="due"),
    "past-due": Field(Kind.MONEY, MATCHED),
    "has-past-due": Field(Kind.YES_NO, MATCHED),
    "part-past-due": Field(Kind.YES_NO, MATCHED, apart="past-due"),
    "all-past-due": Field(Kind.YES_NO, MATCHED, apart="past-due"),
    "last-payment": Field(Kind.DATE, MATCHED, maybe=True, there="has-last-payment"),
    "has-last-payment": Field(Kind.YES_NO, MATCHED),
    "has-payment-news": Field(Kind.YES_NO, MATCHED),
    "autopay": Field(Kind.YES_NO, MATCHED),
    "can-pay": Field(Kind.YES_NO, MATCHED),
    "closed": Field(Kind.YES_NO, MATCHED),
    **shut_off.NEWS,
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
        "restoring": {**BILL, **restoring.BACK, "owes-nothing": Field(Kind.YES_NO, MATCHED)},
        "closed-owing": BILL,
        "closed": BILL,
    },
)


def read(context: Context, request: Request) -> Replied:
    """The bill, as the outcome that says it properly."""
    bill = bill_of(context)
    fields = _fields(bill) | shut_off.news(context, bill)
    if asked := restoring.under_way(context, bill):
        fields["owes-nothing"] = YesNo(bill.balance_cents <= 0)
        return Replied("restoring", fields | restoring.back(context, bill.account, asked))
    return Replied(_outcome(bill), fields)


def bill_of(context: Context) -> Bill:
    """The matched caller's bill. Raises `CallError` where nobody is matched."""
    account = context.call.identity.account
    zone = ZoneInfo(context.book.hours.zone)
    bill = accounts.read_bill(context.connection, account, zone) if account else None
    if bill is None:
        raise CallError("a bill was asked for without an account")
    return bill


def _outcome(bill: Bill) -> str:
    owes = bill.balance_cents > 0
    if not bill.is_open:
        return "closed-owing" if owes else "closed"
    if bill.status == "suspended" and owes:
        return "suspended"
    if owes:
        return "owes"
    if bill.balance_cents < 0:
        return "credit"
    return "nothing-due" if bill.billed else "no-bill"


def _fields(bill: Bill) -> dict[str, Value]:
    """Only what there is; a credit is spoken as the amount it is."""
    owes, returned = bill.balance_cents > 0, bill.last_payment_status == "returned"
    fields: dict[str, Value] = {
        "balance": Money(abs(bill.balance_cents)),
        "has-due": YesNo(owes and bill.due_date is not None),
        "has-no-due": YesNo(owes and bill.due_date is None),
        "past-due": Money(bill.past_due_cents),
        "has-past-due": YesNo(bill.past_due_cents > 0),
        "part-past-due": YesNo(0 < bill.past_due_cents < bill.balance_cents),
        "all-past-due": YesNo(owes and bill.past_due_cents == bill.balance_cents),
        "has-last-payment": YesNo(bill.last_payment_date is not None and not returned),
        "has-payment-news": YesNo(bill.last_payment_date is not None or bill.troubled),
        # Beside what is past due or closed it would sound as if nothing had to be done.
        "autopay": YesNo(bill.autopay and bill.is_open and bill.past_due_cents <= 0),
        "can-pay": YesNo(owes),
        "closed": YesNo(not bill.is_open),
    }
    if owes and bill.due_date:
        fields["due"] = Date(bill.due_date)
    if bill.last_payment_date and not returned:
        fields["last-payment"] = Date(bill.last_payment_date)
    return fields

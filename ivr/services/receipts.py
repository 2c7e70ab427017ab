"""A receipt by text, where the caller agrees: asked once, then sent with every payment.

The first time they are asked once the payment is over, and the yes puts the text into the outbox.
From then on it is put there in the transaction that records the charge, so that there is no payment
without its receipt, and the caller is only told of it. Whoever has had enough answers STOP.
"""

from datetime import timedelta

from ivr.dialog.events import Replied
from ivr.dialog.phones import us_phone
from ivr.dialog.turns import Request
from ivr.errors import CallError
from ivr.flows.services import Field, Level, Service
from ivr.prompts.values import Date, Kind, Money, Phone, Text, Value
from ivr.services.agreeing import words
from ivr.services.context import Context
from ivr.services.outages import number_to_text
from ivr.services.spoken import TEXT_RECEIPT
from ivr.store import payments, receipts, texts
from ivr.store.accounts import PAID
from ivr.store.payments import Payment
from ivr.store.receipts import RECEIPT, Reach

MATCHED = Level.MATCHED
NUMBER = {"number": Field(Kind.PHONE, MATCHED)}

OFFER = Service(
    name="receipts.offer",
    level=MATCHED,
    outcomes={"possible": NUMBER, "landline": {}, "sending": NUMBER, "impossible": {}},
)
KEEP = Service("receipts.keep", level=MATCHED, outcomes={"kept": NUMBER, "impossible": {}})
# Only the account's own people may name a number, and they are asked for their PIN before it.
ELSEWHERE = Service("receipts.elsewhere", level=Level.VERIFIED, outcomes={"possible": {}})
SEND_TO = Service(
    name="receipts.send-to",
    level=Level.VERIFIED,
    takes={"number": Kind.PHONE},
    outcomes={"kept": NUMBER, "landline": {}, "impossible": {}},
)

A_DAY = timedelta(hours=24)
A_YEAR = timedelta(days=365)
MOST_A_DAY = 5  # receipts to one number; an account has no more than its payments
IMPOSSIBLE = Replied("impossible")


def offer(context: Context, request: Request) -> Replied:
    """Whether this call's payment can have a receipt, or has one on its way already."""
    payment = _paid(context)
    if sent := receipts.sent_to(context.connection, payment.confirmation or ""):
        return Replied("sending", {"number": Phone(sent)})
    number = number_to_text(context)
    if number is None:
        return IMPOSSIBLE
    reach = _reach(context, payment.account, number)
    if reach.landline:
        return Replied("landline")
    return Replied("possible", {"number": Phone(number)}) if _may(reach) else IMPOSSIBLE


def keep(context: Context, request: Request) -> Replied:
    """Send the receipt to the number they call from."""
    number = number_to_text(context)
    return _send(context, _paid(context), number) if number else IMPOSSIBLE


def elsewhere(context: Context, request: Request) -> Replied:
    """Whether a number may be named: there is a payment, and whoever is asked gave their PIN."""
    _paid(context)
    return Replied("possible")


def send_to(context: Context, request: Request) -> Replied:
    """Send the receipt to a number they typed; told of a landline, they may type another."""
    typed = request.values["number"]
    number = us_phone(typed.number) if isinstance(typed, Phone) else None
    if number is None:
        return IMPOSSIBLE
    payment = _paid(context)
    if _reach(context, payment.account, number).landline:
        return Replied("landline")
    return _send(context, payment, number)


def with_charge(context: Context, payment: Payment) -> None:
    """Put the receipt of a payment just charged into the outbox, where the caller's number had one
    of this account within a year."""
    number = number_to_text(context)
    if number is None:
        return
    reach = _reach(context, payment.account, number)
    if reach.agreed and not reach.landline and _may(reach):
        _write(context, payment, number)


def _paid(context: Context) -> Payment:
    payment = payments.newest(context.connection, context.call.sid)
    if payment is None or payment.status not in PAID:
        raise CallError("a receipt was asked for without a payment")
    return payment


def _reach(context: Context, account: int, number: str) -> Reach:
    lately, since = context.now - A_DAY, context.now - A_YEAR
    return receipts.reach(context.connection, number, account, lately, since)


def _may(reach: Reach) -> bool:
    return not reach.opted_out and reach.lately < MOST_A_DAY


def _send(context: Context, payment: Payment, number: str) -> Replied:
    """Write the receipt once; where there is one already, that is the one that is sent."""
    if not receipts.sent_to(context.connection, payment.confirmation or ""):
        if not _may(_reach(context, payment.account, number)):
            return IMPOSSIBLE
        _write(context, payment, number)
    sent = receipts.sent_to(context.connection, payment.confirmation or "")
    return Replied("kept", {"number": Phone(sent or number)})


def _write(context: Context, payment: Payment, number: str) -> None:
    confirmation = payment.confirmation or ""
    values: dict[str, Value] = {
        "amount": Money(payment.total_cents),
        "date": Date(context.local.date()),
        "confirmation": Text(confirmation),
    }
    body, key = words(context, TEXT_RECEIPT, values), f"{RECEIPT}{confirmation}"
    texts.put(context.connection, key, number, body, context.call.language, context.now)

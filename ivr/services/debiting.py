"""A bank account for one debit: what its owner is told, and the yes that they say aloud.

Nacha's rules for debits authorized by telephone (Operating Rules, TEL) want the amount, the date,
the account, how to take it back and whom to call said, the spoken yes recorded or the words
sent, and both kept for two years. https://www.nacha.org/rules
"""

from collections.abc import Mapping

from ivr.dialog.events import Card, Replied
from ivr.dialog.turns import Request
from ivr.errors import CallError
from ivr.flows.services import Field, Level, Service
from ivr.prompts.values import Date, Digits, Kind, Money, Text, Value
from ivr.services.agreeing import agree
from ivr.services.context import Context
from ivr.store import payments
from ivr.store.engine import durable
from ivr.store.payments import Payment

MATCHED = Level.MATCHED
TERMS = ("bank-terms", "bank-revoke")
"""The prompts that say what is agreed to; the words of both are kept."""

HOLD = Service(
    name="payments.hold",
    level=MATCHED,
    takes={"account": Kind.TEXT},
    secrets=frozenset({"account"}),
    outcomes={
        "held": {
            "amount": Field(Kind.MONEY, MATCHED),
            "date": Field(Kind.DATE),
            "ending": Field(Kind.DIGITS, MATCHED),
            "line": Field(Kind.TEXT),
        },
        "expired": {},
    },
)


def hold(context: Context, request: Request) -> Replied:
    """Keep an account's token beside the yes it was keyed for.

    Nothing is charged by that: the debit needs a yes that was said aloud.
    """
    account = request.secrets["account"]
    payment = payments.newest(context.connection, context.call.sid)
    if not isinstance(account, Card) or not account.token.reveal() or payment is None:
        raise CallError("a bank account was to be kept that nobody gave")
    durable(context.connection)
    if not payments.hold(context.connection, payment.id, account.token, account.last4):
        return Replied("expired")
    return Replied("held", terms(context, payment, account.last4))


def terms(context: Context, payment: Payment, ending: str) -> Mapping[str, Value]:
    """What is agreed to: how much, on which day, of which account, and whom to call about it."""
    day = payment.created_at.astimezone(context.local.tzinfo).date()
    return {
        "amount": Money(payment.total_cents),
        "date": Date(day),
        "ending": Digits(ending),
        "line": Text(_dialled(context.call.line)),
    }


def _dialled(line: str) -> str:
    """The number of a line in groups, digit by digit: "8 0 0, 5 5 5, 0 1 9 9"."""
    digits = line.removeprefix("+1")
    groups = (digits[:3], digits[3:6], digits[6:]) if len(digits) == 10 else (digits,)
    return ", ".join(" ".join(group) for group in groups)


def authorize(context: Context, request: Request, payment: Payment) -> int:
    """Write down the yes that was said aloud, and return the consent's id.

    Raises `CallError` where nothing was recorded.
    """
    spoken = request.values.get("authorization")
    if not isinstance(spoken, Text):
        raise CallError("a debit was asked for without a yes that was said aloud")
    values = terms(context, payment, payment.ending)
    return agree(context, payment.account, "bank-debit", TERMS, values, spoken.text)

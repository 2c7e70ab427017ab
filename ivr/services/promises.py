"""Promises to pay later: who may make one by the book's rules, its terms, and making it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from ivr.dialog.events import Replied
from ivr.dialog.turns import Request
from ivr.errors import CallError
from ivr.flows.rules import Covers, PromiseRules
from ivr.flows.services import Field, Level, Service
from ivr.prompts.values import Choice, Choices, Date, Kind, Money, Reference, Text, Value, YesNo
from ivr.services.balance import bill_of
from ivr.services.context import Context
from ivr.services.drawing import confirmations
from ivr.services.methods import account_of
from ivr.services.payments import amount_of
from ivr.store import payments, promises
from ivr.store.accounts import Bill
from ivr.store.promises import Promise

VERIFIED = Level.VERIFIED
AMOUNT = {"amount": Field(Kind.MONEY, VERIFIED)}
DAY = {**AMOUNT, "date": Field(Kind.DATE, VERIFIED)}
BY_DAY = "promise-day"
SOONER = (3, 7)
"""The days from now that are offered beside the latest one."""

OFFER = Service(
    name="promises.offer",
    level=VERIFIED,
    outcomes={
        "possible": {**AMOUNT, "days": Field(Kind.CHOICES, VERIFIED, prompts=(BY_DAY,))},
        "already": DAY,
        "nothing-due": {},
        "too-much": {"most": Field(Kind.MONEY, VERIFIED)},
        "too-soon": {"again": Field(Kind.DATE, VERIFIED)},
        "too-late": {},
        "never-paid": {},
        "new-customer": {},
        "returned-payment": {},
        "suspended": {},
        "closed": {},
        "not-offered": {},
    },
)
TERMS = Service(
    name="promises.terms",
    level=VERIFIED,
    takes={"day": Kind.TEXT},
    outcomes={
        "stated": {
            **DAY,
            "keeps-on": Field(Kind.YES_NO, VERIFIED),
            "stays-off": Field(Kind.YES_NO, VERIFIED),
        },
    },
)
MAKE = Service(
    name="promises.make",
    level=VERIFIED,
    takes={"amount": Kind.MONEY, "day": Kind.DATE},
    outcomes={"made": {**DAY, "confirmation": Field(Kind.REFERENCE, VERIFIED)}, "refused": {}},
    settles=frozenset({"made"}),
)


def offer(context: Context, request: Request) -> Replied:
    """What may be promised and by which days, or the first of the rules that forbids it."""
    asked = _asked(context)
    if asked is None:
        return Replied("not-offered")
    for refuses in _REFUSALS:
        if refused := refuses(asked):
            return refused
    days = Choices(tuple(_choice(day) for day in asked.days))
    return Replied("possible", {"amount": Money(asked.cents), "days": days})


def _choice(day: date) -> Choice:
    return Choice(day.isoformat(), BY_DAY, (("day", Date(day)),))


@dataclass(frozen=True, slots=True)
class _Asked:
    """Who asks for more time, and the rules. `returned` are payments that came back lately."""

    rules: PromiseRules
    bill: Bill
    last: Promise | None
    returned: int
    today: date
    last_made: date | None

    @property
    def cents(self) -> int:
        """What would be promised."""
        if self.rules.covers is Covers.BALANCE:
            return self.bill.balance_cents
        # Less than what keeps service on would not, while the caller hears that it stays on.
        return max(self.bill.past_due_cents, self.bill.keeps_service_cents)

    @property
    def days(self) -> list[date]:
        """The days to choose from, the latest one last: none where it would be too late."""
        latest = self.today + timedelta(days=self.rules.days)
        if self.bill.keeps_service_cents > 0 and self.bill.disconnect_date:
            grace = timedelta(days=self.rules.past_shut_off)
            latest = min(latest, self.bill.disconnect_date + grace)
        sooner = [self.today + timedelta(days=days) for days in SOONER]
        return [*(day for day in sooner if day < latest), *([latest] * (latest > self.today))]


def _asked(context: Context) -> _Asked | None:
    rules, bill = context.book.promises, bill_of(context)
    if rules is None:
        return None
    imported = bill.returned_payments
    last = promises.newest(context.connection, bill.account)
    return _Asked(
        rules=rules,
        bill=bill,
        last=last,
        returned=promises.returned(context.connection, bill.account, imported, context.now),
        today=context.local.date(),
        last_made=last.made_at.astimezone(context.local.tzinfo).date() if last else None,
    )


def _closed(asked: _Asked) -> Replied | None:
    return None if asked.bill.is_open else Replied("closed")


def _nothing_due(asked: _Asked) -> Replied | None:
    return Replied("nothing-due") if asked.cents <= 0 else None


def _already(asked: _Asked) -> Replied | None:
    last = asked.last
    if last is None or not last.open_on(asked.today):
        return None
    return Replied("already", {"amount": Money(last.amount_cents), "date": Date(last.due)})


def _suspended(asked: _Asked) -> Replied | None:
    refused = asked.bill.status == "suspended" and not asked.rules.suspended
    return Replied("suspended") if refused else None


def _history(asked: _Asked) -> Replied | None:
    if asked.bill.last_payment_date is None:
        return Replied("never-paid")
    since = asked.bill.customer_since
    if since and asked.today < since + timedelta(days=asked.rules.customer_for):
        return Replied("new-customer")
    return Replied("returned-payment") if asked.returned > asked.rules.returned else None


def _too_soon(asked: _Asked) -> Replied | None:
    if asked.last_made is None:
        return None
    again = asked.last_made + timedelta(days=asked.rules.between)
    return Replied("too-soon", {"again": Date(again)}) if asked.today < again else None


def _too_much(asked: _Asked) -> Replied | None:
    most = asked.rules.ceiling
    return Replied("too-much", {"most": Money(most)}) if asked.cents > most else None


def _too_late(asked: _Asked) -> Replied | None:
    return None if asked.days else Replied("too-late")


_REFUSALS: tuple[Callable[[_Asked], Replied | None], ...] = (
    _closed,
    _nothing_due,
    _already,
    _suspended,
    _history,
    _too_soon,
    _too_much,
    _too_late,
)
"""Asked in this order: what a caller cannot change comes before what they may wait for."""


def terms(context: Context, request: Request) -> Replied:
    """What the caller promises with the day they chose, before their yes.

    Raises `CallError` where the day is none that was offered.
    """
    asked, day = _asked(context), request.values["day"]
    days = {it.isoformat(): it for it in asked.days} if asked else {}
    if asked is None or not isinstance(day, Text) or day.text not in days:
        raise CallError("a day was chosen that was not offered")
    active = asked.bill.status == "active"
    fields: dict[str, Value] = {"keeps-on": YesNo(active), "stays-off": YesNo(not active)}
    return Replied("stated", fields | _of(asked.cents, days[day.text]))


def make(context: Context, request: Request) -> Replied:
    """Write the promise down, once for a turn; `refused` where what they agreed to is over."""
    payments.hold_account(context.connection, account_of(context))  # or two calls promise at once
    made = promises.of_turn(context.connection, context.call.sid, context.turn)
    if made:
        return _made(made)
    asked, day = _asked(context), request.values["day"]
    if asked is None or not isinstance(day, Date) or not _holds(asked, amount_of(request), day.day):
        return Replied("refused")
    return _write(context, asked, day.day)


def _holds(asked: _Asked, cents: int, day: date) -> bool:
    """Whether the rules still allow just this: somebody may have paid while they listened."""
    allowed = not any(refuses(asked) for refuses in _REFUSALS)
    return allowed and cents == asked.cents and day in asked.days


def _write(context: Context, asked: _Asked, day: date) -> Replied:
    row = {
        "account_id": asked.bill.account,
        "amount_cents": asked.cents,
        "due_date": day,
        "call_sid": context.call.sid,
        "turn": context.turn,
        "created_at": context.now,
    }
    for confirmation in confirmations():
        if promises.add(context.connection, {**row, "confirmation": confirmation}):
            break
    return Replied("made", _of(asked.cents, day) | {"confirmation": Reference(confirmation)})


def _made(made: Promise) -> Replied:
    confirmation: dict[str, Value] = {"confirmation": Reference(made.confirmation)}
    return Replied("made", _of(made.amount_cents, made.due) | confirmation)


def _of(cents: int, day: date) -> dict[str, Value]:
    return {"amount": Money(cents), "date": Date(day)}

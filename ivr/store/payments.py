"""Payments from the yes to the money: one row an intent, moved only along `TRANSITIONS`.

Every move is compare-and-set on the state it leaves. A payment that is `charging` belongs to
whoever moved it there, for a lease that begins at `updated_at`; that instant is the stamp which
a later owner changes, so that an earlier one can no longer say that nothing was charged.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Row, bindparam, exists, func, null, select, update
from sqlalchemy.exc import IntegrityError

from ivr.store.accounts import PAID
from ivr.store.inserts import run, unless_there
from ivr.store.tables import accounts, calls, methods, payments
from ivr.telemetry import Secret

TRANSITIONS: Mapping[str, frozenset[str]] = {
    "intended": frozenset({"awaiting-method", "charging", "canceled"}),
    "awaiting-method": frozenset({"charging", "canceled"}),
    "charging": frozenset({"charging", "charged", "declined", "unknown", "canceled"}),
    "unknown": frozenset({"charging", "charged", "declined"}),
    # Should a gateway ever report money for what we gave up, the money is what is true.
    "canceled": frozenset({"charged"}),
    "charged": frozenset({"posted", "returned", "refunded"}),
    "posted": frozenset({"returned", "refunded"}),
    "declined": frozenset(),
    "returned": frozenset(),
    "refunded": frozenset(),
}
"""What may become of a payment in each state."""

WITHOUT_METHOD = ("intended", "awaiting-method")
"""The states in which nobody has said what to charge; a payment begins in one of them.

It is `intended` until a gateway that opens payments has opened it, and `awaiting-method` from the
yes on where there is nothing to open.
"""

PENDING = ("charging", "unknown")
"""The states in which money may have moved and nobody knows it yet."""

UNKNOWN_FOR = timedelta(hours=24)
"""How long a payment without an answer keeps others of its account from being made."""

STOPPED = "stopped"
"""Why an intent was canceled whose caller heard that nothing was charged."""
OVERTAKEN = "overtaken"
"""Why an intent was canceled: another payment of the account was there first."""
LIMIT = "limit"
"""Why an intent was canceled: other cards were tried for the account too often that day."""
HUNG_UP = "hung-up"
"""Why an intent was canceled whose caller was gone."""
UNATTENDED = "autopay-"
"""How the `call_sid` of a payment begins that no call made: AutoPay's, with the enrolment's id."""
LONGEST_CALL = timedelta(hours=3)
"""How long before its payment a call can have begun that may have been cut off in it."""

SEEN_AFTER = timedelta(seconds=5)
"""How long after a payment's last move every new call surely sees it.

A move is dated when its turn begins, but seen once its transaction is committed, which may wait
four seconds for a lock (ivr/store/engine.py). A call that began in between heard nothing of it;
one that did hear the news so early lets it be told once more, which is no harm.
"""


@dataclass(frozen=True, slots=True)
class Payment:
    """One intent. `reason` is why it was declined or canceled; `stamp` changes with every move.

    `amount_cents` is what the account is credited with, `over_cents` the part of it that was more
    than was owed; `fee_cents` is charged on top.
    """

    id: int
    account: int
    call_sid: str
    amount_cents: int
    fee_cents: int
    over_cents: int
    currency: str
    status: str
    key: str
    reference: str | None
    token: Secret | None
    confirmation: str | None
    reason: str | None
    created_at: datetime
    stamp: datetime
    method: int | None = None
    customer: str | None = None
    ending: str = ""

    @property
    def total_cents(self) -> int:
        """What is charged."""
        return self.amount_cents + self.fee_cents

    @property
    def attended(self) -> bool:
        """Whether a caller said yes to it on the line, and not to AutoPay long before."""
        return not self.call_sid.startswith(UNATTENDED)


@dataclass(frozen=True, slots=True)
class Standing:
    """How often the gateway was asked for an account, and how many answers are still open."""

    asked: int
    pending: int


@dataclass(frozen=True, slots=True)
class CutOff:
    """A payment whose end its caller did not hear, and what became of it."""

    status: Literal["charged", "unknown", "canceled"]
    confirmation: str | None = None


def _from(state: str) -> tuple[str, ...]:
    return tuple(before for before, after in TRANSITIONS.items() if state in after)


def _written(state: str) -> dict[str, Any]:
    """What every move to a state writes: where nothing is charged any more, no token is needed."""
    return {"status": state} if state in PENDING else {"status": state, "token": null()}


_MOVE = {
    state: update(payments)
    .where(payments.c.id == bindparam("of_id"), payments.c.status.in_(_from(state)))
    .values(_written(state))
    for state in {state for after in TRANSITIONS.values() for state in after}
}
_OWNED = {
    state: statement.where(payments.c.updated_at == bindparam("of_stamp"))
    for state, statement in _MOVE.items()
}
_CANCEL_OPEN = (
    update(payments)
    .where(
        payments.c.call_sid == bindparam("of_sid"),
        payments.c.turn != bindparam("of_turn"),
        payments.c.status.in_(WITHOUT_METHOD),
    )
    .values(
        status="canceled",
        decline_code=bindparam("reason"),
        updated_at=bindparam("now"),
        token=null(),
    )
)
_customer = (
    select(methods.c.customer)
    .where(methods.c.id == payments.c.method_id)
    .correlate(payments)
    .scalar_subquery()
    .label("customer")
)
WHOLE = (*payments.c, _customer)
"""What `payment_of` reads."""
_HELD = update(payments).where(
    payments.c.id == bindparam("of_id"), payments.c.status.in_(WITHOUT_METHOD)
)
_NEWEST = (
    select(*WHOLE)
    .where(payments.c.call_sid == bindparam("sid"))
    .order_by(payments.c.id.desc())
    .limit(1)
)
_READ = select(*WHOLE).where(payments.c.id == bindparam("of_id"))
# Not against rows that only refer to the account, which other turns write meanwhile.
_HOLD = (
    select(accounts.c.id)
    .where(accounts.c.id == bindparam("account"))
    .with_for_update(key_share=True)
)
_STANDING = select(
    func.count().filter(
        payments.c.asked_at >= bindparam("midnight"), payments.c.status != "canceled"
    ),
    func.count().filter(
        payments.c.status.in_(PENDING), payments.c.created_at > bindparam("day_ago")
    ),
).where(payments.c.account_id == bindparam("account"))
_PAID_LATELY = select(
    exists().where(
        payments.c.account_id == bindparam("account"),
        payments.c.amount_cents == bindparam("cents"),
        payments.c.status.in_(PAID),
        payments.c.charged_at > bindparam("since"),
    )
)
_later = calls.alias("later")
_CUT_OFF = (
    select(
        payments,
        calls.c.turn.label("call_turn"),
        select(func.max(_later.c.started_at))
        .where(
            _later.c.caller == bindparam("caller"),
            _later.c.sid != payments.c.call_sid,
            _later.c.turn > 1,
        )
        .scalar_subquery()
        .label("newest_call"),
    )
    .join(calls, calls.c.sid == payments.c.call_sid)
    .where(
        calls.c.caller == bindparam("caller"),
        calls.c.started_at >= bindparam("began"),
        payments.c.created_at >= bindparam("since"),
    )
    .order_by(payments.c.id.desc())
    .limit(1)
)
_NEW = unless_there(payments)


def add_intent(connection: Connection, row: Mapping[str, Any]) -> None:
    """Write down a caller's yes, with its first status; the one that a call's turn wrote before
    stays as it is."""
    run(connection, _NEW, row)


def opened(connection: Connection, payment: int, reference: str) -> None:
    """Have an intent that the gateway has opened await its card; the first name of it stays."""
    move(connection, payment, "awaiting-method", {"reference": reference})


def hold(connection: Connection, payment: int, token: Secret, ending: str) -> bool:
    """Keep the token of a bank account beside its yes; no where that was given up meanwhile."""
    row = {"of_id": payment, "token": token.reveal(), "last4": ending, "method": "bank"}
    return connection.execute(_HELD, row).rowcount == 1


def cancel_open(
    connection: Connection, sid: str, reason: str, now: datetime, keep: int = -1
) -> None:
    """Cancel a call's intents that have no card yet, but for the one of turn `keep`."""
    row = {"of_sid": sid, "of_turn": keep, "reason": reason, "now": now}
    connection.execute(_CANCEL_OPEN, row)


def newest(connection: Connection, sid: str) -> Payment | None:
    """A call's newest payment."""
    row = connection.execute(_NEWEST, {"sid": sid}).one_or_none()
    return payment_of(row) if row else None


def read(connection: Connection, payment: int) -> Payment:
    """A payment by its id, which must be one."""
    return payment_of(connection.execute(_READ, {"of_id": payment}).one())


def hold_account(connection: Connection, account: int) -> None:
    """Let payments of one account go to the gateway one after the other: others wait here until
    this transaction ends. On SQLite all writers take turns anyway."""
    connection.execute(_HOLD, {"account": account})


def standing(connection: Connection, account: int, midnight: datetime, now: datetime) -> Standing:
    """How often the gateway was asked since midnight, and what is open of the last day."""
    row = {"account": account, "midnight": midnight, "day_ago": now - UNKNOWN_FOR}
    asked, pending = connection.execute(_STANDING, row).one()
    return Standing(asked, pending)


def paid_lately(connection: Connection, account: int, cents: int, since: datetime) -> bool:
    """Whether just this amount was paid by phone on an account since an instant."""
    row = {"account": account, "cents": cents, "since": since}
    return bool(connection.execute(_PAID_LATELY, row).scalar_one())


def move(
    connection: Connection,
    payment: int,
    to: str,
    values: Mapping[str, Any],
    stamp: datetime | None = None,
) -> bool:
    """Move a payment to another state; False where `TRANSITIONS` does not lead there any more.

    `values` are columns to write with it, among them `updated_at`, the new stamp. With a `stamp`
    it only moves if nobody has moved it since.
    """
    row = {"of_id": payment, **values}
    if stamp is None:
        return connection.execute(_MOVE[to], row).rowcount == 1
    return connection.execute(_OWNED[to], {"of_stamp": stamp, **row}).rowcount == 1


def confirm(connection: Connection, payment: int, values: Mapping[str, Any]) -> bool:
    """Move a payment to charged; False where another payment has its confirmation number."""
    try:
        with connection.begin_nested():
            move(connection, payment, "charged", values)
    except IntegrityError:
        return False
    return True


def cut_off(connection: Connection, caller: str, since: datetime) -> CutOff | None:
    """The newest payment begun since then by calls from this number, if its end went unheard.

    A card entry that is still open is canceled here, so that "nothing was charged" stays true.
    """
    row = {"caller": caller, "since": since, "began": since - LONGEST_CALL}
    found = connection.execute(_CUT_OFF, row).one_or_none()
    if found is None or not _unheard(found):
        return None
    if found.status in PENDING:
        return CutOff("unknown")
    if found.status in PAID:
        return CutOff("charged", found.confirmation)
    if found.status in WITHOUT_METHOD:
        # The time of the last move stays, so that this very call counts as having told it.
        gone = {
            "of_id": found.id,
            "of_stamp": found.updated_at,
            "decline_code": HUNG_UP,
        }
        if not connection.execute(_OWNED["canceled"], gone).rowcount:
            return cut_off(connection, caller, since)
    return CutOff("canceled")


def _unheard(row: Row[Any]) -> bool:
    """Whether the caller was gone before they could hear how it ended.

    They heard what was said at the turn of the charge if they answered the question after it.
    Without a turn nobody said it: the card never came, or its end was learned after the call.
    """
    if row.status in PENDING:
        return True
    over = row.status in ("returned", "refunded") or row.decline_code == STOPPED
    if over or _told(row):
        return False
    return row.charge_turn is None or row.call_turn <= row.charge_turn + 1


def _told(row: Row[Any]) -> bool:
    """Whether a later call of theirs that got past its first question began with the news."""
    return row.newest_call is not None and row.newest_call >= row.updated_at + SEEN_AFTER


def payment_of(row: Row[Any]) -> Payment:
    """A row of `WHOLE` as a payment."""
    return Payment(
        id=row.id,
        account=row.account_id,
        call_sid=row.call_sid,
        amount_cents=row.amount_cents,
        fee_cents=row.fee_cents,
        over_cents=row.over_cents,
        currency=row.currency,
        status=row.status,
        key=row.idempotency_key,
        reference=row.reference,
        token=Secret(row.token) if row.token else None,
        confirmation=row.confirmation,
        reason=row.decline_code,
        created_at=row.created_at,
        stamp=row.updated_at,
        method=row.method_id,
        customer=row.customer,
        ending=row.last4 or "",
    )

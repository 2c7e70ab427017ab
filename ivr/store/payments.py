"""Payments from the yes to the money: one row an intent, moved only along `TRANSITIONS`.

Every move is compare-and-set on the state it leaves. A payment that is `charging` belongs to
whoever moved it there, for a lease that begins at `updated_at`; that instant is the stamp which
a later owner changes, so that an earlier one can no longer say that nothing was charged.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from ivr.store.accounts import PAID
from ivr.store.tables import payments
from ivr.telemetry import Secret

TRANSITIONS: Mapping[str, frozenset[str]] = {
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

PENDING = ("charging", "unknown")
"""The states in which money may have moved and nobody knows it yet."""


@dataclass(frozen=True, slots=True)
class Payment:
    """One intent. `reason` is why it was declined or canceled; `stamp` changes with every move."""

    id: int
    account: int
    call_sid: str
    amount_cents: int
    currency: str
    status: str
    key: str
    token: Secret | None
    confirmation: str | None
    reason: str | None
    created_at: datetime
    stamp: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """How often the gateway was asked for an account, and how many answers are still open."""

    asked: int
    pending: int


def _from(state: str) -> tuple[str, ...]:
    return tuple(before for before, after in TRANSITIONS.items() if state in after)


_MOVE = {
    state: update(payments)
    .where(payments.c.id == bindparam("of_id"), payments.c.status.in_(_from(state)))
    .values(status=state)
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
        payments.c.status == "awaiting-method",
    )
    .values(status="canceled", decline_code=bindparam("reason"), updated_at=bindparam("now"))
)
_EXPIRE = (
    update(payments)
    .where(payments.c.status == "awaiting-method", payments.c.created_at < bindparam("before"))
    .values(status="canceled", decline_code="expired", updated_at=bindparam("now"))
)
# Locked, so that what is read here is what the move that follows finds.
_NEWEST = (
    select(payments)
    .where(payments.c.call_sid == bindparam("sid"))
    .order_by(payments.c.id.desc())
    .limit(1)
    .with_for_update()
)
_READ = select(payments).where(payments.c.id == bindparam("of_id"))
_STANDING = select(
    func.count().filter(
        payments.c.asked_at >= bindparam("midnight"), payments.c.status != "canceled"
    ),
    func.count().filter(
        payments.c.status.in_(PENDING), payments.c.created_at > bindparam("day_ago")
    ),
).where(payments.c.account_id == bindparam("account"))
_LEFT_ALONE = or_(
    payments.c.status == "unknown",
    and_(payments.c.status == "charging", payments.c.updated_at < bindparam("before")),
)
_DUE = select(payments.c.id).where(_LEFT_ALONE).order_by(payments.c.id)
_TAKE = (
    update(payments)
    .where(payments.c.id == bindparam("of_id"), _LEFT_ALONE)
    .values(status="charging", updated_at=bindparam("now"))
    .returning(*payments.c)
)
_OPEN = select(func.count(), func.min(payments.c.asked_at)).where(payments.c.status.in_(PENDING))
_PAID_SINCE = select(func.count()).where(
    payments.c.account_id == bindparam("account"),
    payments.c.status.in_(PAID),
    payments.c.charged_at >= bindparam("since"),
)
_NEW = {
    "sqlite": sqlite.insert(payments).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(payments).on_conflict_do_nothing(),
}


def add_intent(connection: Connection, row: Mapping[str, Any]) -> None:
    """Write down a caller's yes; the one that a call's turn wrote before stays as it is."""
    connection.execute(_NEW[connection.dialect.name], {"status": "awaiting-method", **row})


def cancel_open(
    connection: Connection, sid: str, reason: str, now: datetime, keep: int = -1
) -> None:
    """Cancel a call's intents that have no card yet, but for the one of turn `keep`."""
    row = {"of_sid": sid, "of_turn": keep, "reason": reason, "now": now}
    connection.execute(_CANCEL_OPEN, row)


def expire(connection: Connection, before: datetime, now: datetime) -> int:
    """Cancel every intent without a card from before an instant; returns how many."""
    return connection.execute(_EXPIRE, {"before": before, "now": now}).rowcount


def newest(connection: Connection, sid: str) -> Payment | None:
    """A call's newest payment, locked until the transaction ends."""
    row = connection.execute(_NEWEST, {"sid": sid}).one_or_none()
    return _payment(row) if row else None


def read(connection: Connection, payment: int) -> Payment:
    """A payment by its id, which must be one."""
    return _payment(connection.execute(_READ, {"of_id": payment}).one())


def standing(
    connection: Connection, account: int, midnight: datetime, day_ago: datetime
) -> Standing:
    """How often the gateway was asked since midnight, and what is open of the last day."""
    row = {"account": account, "midnight": midnight, "day_ago": day_ago}
    asked, pending = connection.execute(_STANDING, row).one()
    return Standing(asked, pending)


def move(
    connection: Connection,
    payment: int,
    to: str,
    now: datetime,
    stamp: datetime | None = None,
    **values: Any,
) -> bool:
    """Move a payment to another state; False where `TRANSITIONS` does not lead there any more.

    With a `stamp` it only moves if nobody has moved it since.
    """
    row = {"of_id": payment, "updated_at": now, **values}
    if stamp is None:
        return connection.execute(_MOVE[to], row).rowcount == 1
    return connection.execute(_OWNED[to], {"of_stamp": stamp, **row}).rowcount == 1


def confirm(
    connection: Connection, payment: int, confirmation: str, now: datetime, **values: Any
) -> bool | None:
    """Move a payment to charged under a confirmation number.

    False as from `move`; None where another payment has that number.
    """
    try:
        with connection.begin_nested():
            more = {"confirmation": confirmation, "charged_at": now, "token": None, **values}
            return move(connection, payment, "charged", now, **more)
    except IntegrityError:
        return None


def due(connection: Connection, before: datetime) -> list[int]:
    """Payments nobody knows the end of: unknown, or charging under a lease from before `before`."""
    return list(connection.execute(_DUE, {"before": before}).scalars())


def take(connection: Connection, payment: int, before: datetime, now: datetime) -> Payment | None:
    """Own a payment that is due, or None where somebody else took or settled it."""
    row = {"of_id": payment, "before": before, "now": now}
    taken = connection.execute(_TAKE, row).one_or_none()
    return _payment(taken) if taken else None


def still_open(connection: Connection) -> tuple[int, datetime | None]:
    """How many payments may have been charged without our knowing, and since when at the most."""
    count, since = connection.execute(_OPEN).one()
    return count, since


def paid_since(connection: Connection, account: int, since: datetime) -> bool:
    """Whether anything was paid by phone on an account since an instant."""
    row = {"account": account, "since": since}
    return connection.execute(_PAID_SINCE, row).scalar_one() > 0


def _payment(row: Row[Any]) -> Payment:
    return Payment(
        id=row.id,
        account=row.account_id,
        call_sid=row.call_sid,
        amount_cents=row.amount_cents,
        currency=row.currency,
        status=row.status,
        key=row.idempotency_key,
        token=Secret(row.token) if row.token else None,
        confirmation=row.confirmation,
        reason=row.decline_code,
        created_at=row.created_at,
        stamp=row.updated_at,
    )

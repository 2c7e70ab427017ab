"""Payments whose end nobody knows, for whoever asks the gateway later."""

from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, func, or_, select, update

from ivr.store.accounts import PAID
from ivr.store.payments import PENDING, Payment, payment_of
from ivr.store.tables import payments

_EXPIRE = (
    update(payments)
    .where(payments.c.status == "awaiting-method", payments.c.created_at < bindparam("before"))
    .values(status="canceled", decline_code="expired", updated_at=bindparam("now"))
)
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


def expire(connection: Connection, before: datetime, now: datetime) -> int:
    """Cancel every intent without a card from before an instant; returns how many."""
    return connection.execute(_EXPIRE, {"before": before, "now": now}).rowcount


def due(connection: Connection, before: datetime) -> list[int]:
    """Ids of payments that are unknown, or charging under a lease begun before `before`."""
    return list(connection.execute(_DUE, {"before": before}).scalars())


def take(connection: Connection, payment: int, before: datetime, now: datetime) -> Payment | None:
    """Own a payment that is due, or None where somebody else took or settled it."""
    row = {"of_id": payment, "before": before, "now": now}
    taken = connection.execute(_TAKE, row).one_or_none()
    return payment_of(taken) if taken else None


def still_open(connection: Connection) -> tuple[int, datetime | None]:
    """How many payments may have been charged without our knowing, the oldest asked when."""
    count, since = connection.execute(_OPEN).one()
    return count, since


def paid_since(connection: Connection, account: int, since: datetime) -> bool:
    """Whether anything was paid by phone on an account since an instant."""
    row = {"account": account, "since": since}
    return connection.execute(_PAID_SINCE, row).scalar_one() > 0

"""Payments whose end nobody knows, for whoever asks the gateway later."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, bindparam, exists, func, null, or_, select, update

from ivr.store.accounts import PAID
from ivr.store.payments import PENDING, WHOLE, WITHOUT_METHOD, Payment, payment_of
from ivr.store.tables import calls, consents, payments


@dataclass(frozen=True, slots=True)
class Due:
    """A payment to ask about, as it was when last moved, and when it is its turn again."""

    payment: int
    stamp: datetime
    at: datetime


LONGEST_WAIT = timedelta(hours=1)
"""How long at most between two questions about a payment."""

# A caller who is still on the line may be keying the card.
_ON_THE_LINE = exists().where(calls.c.sid == payments.c.call_sid, calls.c.status == "active")
_EXPIRE = (
    update(payments)
    .where(
        payments.c.status.in_(WITHOUT_METHOD),
        payments.c.created_at < bindparam("before"),
        ~_ON_THE_LINE,
    )
    .values(status="canceled", decline_code="expired", updated_at=bindparam("now"), token=null())
)
_DUE = (
    select(payments.c.id, payments.c.asked_at, payments.c.updated_at)
    .where(
        or_(
            payments.c.status == "unknown",
            and_(payments.c.status == "charging", payments.c.updated_at < bindparam("before")),
        )
    )
    .order_by(payments.c.id)
)
_TAKE = (
    update(payments)
    .where(
        payments.c.id == bindparam("of_id"),
        payments.c.status.in_(PENDING),
        payments.c.updated_at == bindparam("of_stamp"),
    )
    .values(status="charging", updated_at=bindparam("now"))
    .returning(*WHOLE)
)
_OPEN = select(func.count(), func.min(payments.c.asked_at)).where(payments.c.status.in_(PENDING))
_REVOKED = (
    select(func.count())
    .select_from(payments.join(consents, consents.c.id == payments.c.consent_id))
    .where(payments.c.id == bindparam("payment"), consents.c.revoked_at.is_not(None))
)
_PAID_SINCE = select(func.count()).where(
    payments.c.account_id == bindparam("account"),
    payments.c.status.in_(PAID),
    payments.c.charged_at >= bindparam("since"),
)


def still_agreed(connection: Connection, payment: int) -> bool:
    """Whether nobody has taken back what a payment was agreed to in; most need no such consent."""
    return connection.execute(_REVOKED, {"payment": payment}).scalar_one() == 0


def expire(connection: Connection, before: datetime, now: datetime) -> int:
    """Cancel every intent without a card from before an instant whose call is over.

    Returns how many.
    """
    return connection.execute(_EXPIRE, {"before": before, "now": now}).rowcount


def due(connection: Connection, before: datetime) -> list[Due]:
    """Payments that are unknown, or charging under a lease begun before `before`."""
    rows = connection.execute(_DUE, {"before": before})
    return [Due(row.id, row.updated_at, _next(row.asked_at, row.updated_at)) for row in rows]


def _next(first: datetime | None, last: datetime) -> datetime:
    """When to ask about a payment again.

    After each silence as long again as it has been unknown by then: the waits double, and nothing
    but two instants has to be kept for it.
    """
    return last + min(last - first, LONGEST_WAIT) if first else last


def take(connection: Connection, due: Due, now: datetime) -> Payment | None:
    """Own a payment that is due, or None where somebody else took or settled it."""
    row = {"of_id": due.payment, "of_stamp": due.stamp, "now": now}
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

"""Payments already made, as callers ask about them: the last one, the ones before, today's."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, bindparam, func, select, update

from ivr.store.accounts import PAID
from ivr.store.payments import PENDING
from ivr.store.tables import accounts, payments

OVER = ("returned", "refunded")
"""The states of a payment whose money was here and went back."""
MADE = (*PAID, *OVER)


@dataclass(frozen=True, slots=True)
class Made:
    """A payment by phone for which a card or account was given, in integer cents.

    `at` is when it was charged or, while nobody knows, when the gateway was first asked. `billed`
    tells that the imported balance has it already. `total_cents` is what the gateway took, with
    its fee.
    """

    id: int
    account: int
    status: str
    amount_cents: int
    total_cents: int
    at: datetime
    billed: bool
    method: str
    last4: str
    confirmation: str | None
    key: str
    reference: str
    refund_asked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Imported:
    """The last payment as billing has it; `status` is pending, posted, returned or not known."""

    on: date
    amount_cents: int | None
    status: str | None


_WHOLE = (payments, accounts.c.balance_as_of)
_BY_ACCOUNT = payments.c.account_id == bindparam("account")


def _of_account(*which: ColumnElement[bool]) -> Select[Any]:
    return (
        select(*_WHOLE)
        .join(accounts, accounts.c.id == payments.c.account_id)
        .where(_BY_ACCOUNT, *which)
        .order_by(payments.c.id.desc())
    )


_NEWEST = _of_account(payments.c.status.in_((*PENDING, *MADE))).limit(1)
_PAST = _of_account(
    payments.c.status.in_(MADE), payments.c.id < bindparam("before"), payments.c.last4 != ""
).limit(bindparam("most"))
_CONFIRMED = _of_account(payments.c.confirmation == bindparam("confirmation"))
_IMPORTED = select(
    accounts.c.last_payment_date, accounts.c.last_payment_cents, accounts.c.last_payment_status
).where(accounts.c.id == bindparam("account"))
_ASKED = (
    update(payments)
    .where(
        payments.c.id == bindparam("of_id"),
        payments.c.status.in_(PAID),
        payments.c.refund_asked_at.is_not_distinct_from(bindparam("of_stamp")),
    )
    .values(refund_asked_at=bindparam("stamp"))
)
_OPEN = and_(payments.c.status.in_(PAID), payments.c.refund_asked_at.is_not(None))
_REFUNDS_DUE = (
    select(*_WHOLE)
    .join(accounts, accounts.c.id == payments.c.account_id)
    .where(_OPEN, payments.c.refund_asked_at < bindparam("before"))
    .order_by(payments.c.id)
)
_REFUNDS_OPEN = select(func.count()).where(_OPEN)


def newest(connection: Connection, account: int) -> Made | None:
    """The account's newest payment by phone that took money, or may have."""
    return _first(connection, _NEWEST, {"account": account})


def past(connection: Connection, account: int, before: int, most: int) -> list[Made]:
    """At most so many payments by phone made before the one with id `before`, the newest first."""
    row = {"account": account, "before": before, "most": most}
    return [_made(found) for found in connection.execute(_PAST, row)]


def confirmed(connection: Connection, account: int, confirmation: str) -> Made | None:
    """The account's payment with this confirmation number."""
    return _first(connection, _CONFIRMED, {"account": account, "confirmation": confirmation})


def imported(connection: Connection, account: int) -> Imported | None:
    """The last payment as the last import has it."""
    row = connection.execute(_IMPORTED, {"account": account}).one_or_none()
    return Imported(*row) if row and row[0] else None


def ask_refund(
    connection: Connection, payment: int, last: datetime | None, stamp: datetime | None
) -> bool:
    """Note that the gateway is asked at `stamp` to give a payment back; None: it is not any more.

    False where it is no payment to give back, or somebody else asked since `last`.
    """
    row = {"of_id": payment, "of_stamp": last, "stamp": stamp}
    return connection.execute(_ASKED, row).rowcount == 1


def refunds_due(connection: Connection, before: datetime) -> list[Made]:
    """Payments to be given back whose gateway was last asked before an instant."""
    return [_made(found) for found in connection.execute(_REFUNDS_DUE, {"before": before})]


def refunds_open(connection: Connection) -> int:
    """How many payments are to be given back and nobody knows whether they were."""
    return int(connection.execute(_REFUNDS_OPEN).scalar_one())


def _first(connection: Connection, query: Select[Any], row: dict[str, Any]) -> Made | None:
    found = connection.execute(query, row).one_or_none()
    return _made(found) if found else None


def _made(row: Row[Any]) -> Made:
    charged: datetime | None = row.charged_at
    return Made(
        id=row.id,
        account=row.account_id,
        status=row.status,
        amount_cents=row.amount_cents,
        total_cents=row.amount_cents + row.fee_cents,
        at=charged or row.asked_at or row.created_at,
        billed=charged is not None and charged < row.balance_as_of,
        method=row.method,
        last4=row.last4 or "",
        confirmation=row.confirmation,
        key=row.idempotency_key,
        reference=row.reference or "",
        refund_asked_at=row.refund_asked_at,
    )

"""Cards and bank accounts that callers had us keep: what the gateway calls them, never numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, bindparam, select, update

from ivr.store.inserts import run, unless_there
from ivr.store.tables import methods, payments
from ivr.telemetry import Secret


@dataclass(frozen=True, slots=True)
class Method:
    """A stored method. `expires` is the first day on which a card is no longer valid."""

    id: int
    account: int
    kind: Literal["card", "bank"]
    brand: str
    last4: str
    expires: date | None
    token: Secret
    customer: str | None
    consent: int | None


_KEPT = methods.c.removed_at.is_(None)
_OF_ACCOUNT = (
    select(methods)
    .where(methods.c.account_id == bindparam("account"), _KEPT)
    .order_by(methods.c.id.desc())
)
_READ = select(methods).where(methods.c.id == bindparam("of_id"))
_MADE = select(methods.c.id).where(
    methods.c.call_sid == bindparam("sid"), methods.c.turn == bindparam("number")
)
_REMOVE = (
    update(methods)
    .where(methods.c.id == bindparam("of_id"), _KEPT)
    .values(removed_at=bindparam("now"))
)
_PAID_WITH = (
    select(methods.c.customer)
    .join(payments, payments.c.method_id == methods.c.id)
    .where(payments.c.id == bindparam("payment"))
)
_NEW = unless_there(methods)


def kept(connection: Connection, account: int) -> list[Method]:
    """An account's stored methods, the newest first."""
    return [_method(row) for row in connection.execute(_OF_ACCOUNT, {"account": account})]


def read(connection: Connection, method: int) -> Method:
    """A method by its id, which must be one; it may have been removed since."""
    return _method(connection.execute(_READ, {"of_id": method}).one())


def add(connection: Connection, row: Mapping[str, Any]) -> int:
    """Keep a method, once for each turn of a call, and return its id."""
    run(connection, _NEW, row)
    made = {"sid": row["call_sid"], "number": row["turn"]}
    return int(connection.execute(_MADE, made).scalar_one())


def customer_of(connection: Connection, payment: int) -> str | None:
    """The gateway's name for whose stored method a payment is made with, where it has one."""
    return connection.execute(_PAID_WITH, {"payment": payment}).scalar_one_or_none()


def remove(connection: Connection, method: int, now: datetime) -> bool:
    """Never use a method again; no where that was so already."""
    return connection.execute(_REMOVE, {"of_id": method, "now": now}).rowcount == 1


def _method(row: Row[Any]) -> Method:
    return Method(
        id=row.id,
        account=row.account_id,
        kind=row.kind,
        brand=row.brand,
        last4=row.last4,
        expires=_after(row.expires) if row.expires else None,
        token=Secret(row.token),
        customer=row.customer,
        consent=row.consent_id,
    )


def _after(month: str) -> date:
    """The day after a month like 2027-04 has ended: a card is valid to its last day."""
    year, number = map(int, month.split("-"))
    return date(year + number // 12, number % 12 + 1, 1)

"""What an account owes, with what was paid by phone since the books were last imported."""

from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    or_,
    select,
)

from ivr.store.tables import accounts, autopays, payments

PAID = ("charged", "posted")
"""The states of a payment whose money is here."""


@dataclass(frozen=True, slots=True)
class Bill:
    """An account and its money, in integer cents; a credit is negative.

    `imported_*` is what the last import said, `paid_cents` what was paid by phone since. The
    last payment is the newer of the two, on its day at the line's place. `billed` is no where
    there never was anything to pay. `autopay` is on where the billing system says so or the caller
    enrolled by phone, which is `enrolled`. `troubled` is on where a payment by phone is not known
    yet, was returned or was given back: there is news of it even where no money is here.
    """

    account: int
    number: str
    name: str
    language: str | None
    node: str | None
    services: tuple[str, ...]
    status: str
    autopay: bool
    enrolled: bool
    due_date: date | None
    disconnect_date: date | None
    disconnect_cents: int | None
    customer_since: date | None
    returned_payments: int
    imported_balance_cents: int
    imported_past_due_cents: int
    paid_cents: int
    last_payment_date: date | None
    last_payment_cents: int | None
    last_payment_status: str | None
    troubled: bool

    @property
    def is_open(self) -> bool:
        """Whether there will be bills to come."""
        return self.status != "closed"

    @property
    def balance_cents(self) -> int:
        """What is owed now."""
        return self.imported_balance_cents - self.paid_cents

    @property
    def past_due_cents(self) -> int:
        """The part of it that is past due: never below zero, never more than is owed."""
        left = self.imported_past_due_cents - self.paid_cents
        return max(0, min(left, self.balance_cents))

    @property
    def billed(self) -> bool:
        """Whether there ever was a bill."""
        known = (self.due_date, self.last_payment_date)
        return self.imported_balance_cents != 0 or any(day is not None for day in known)

    def restored_by(self, cents: int) -> bool:
        """Whether paying this much brings suspended service back: all that is past due does."""
        return self.status == "suspended" and 0 < self.past_due_cents <= cents

    @property
    def keeps_service_cents(self) -> int:
        """What must be paid so that service is not disconnected; zero where no date is set."""
        if self.disconnect_date is None or self.status != "active":
            return 0
        asked = self.disconnect_cents
        asked = self.imported_past_due_cents if asked is None else asked
        return max(0, min(asked - self.paid_cents, self.balance_cents))

    def before(self, cents: int) -> "Bill":
        """The bill as it was before a payment of `cents` by phone."""
        return replace(self, paid_cents=self.paid_cents - cents)


_last = payments.alias("last")
# Written out, since a list of parameters is put together anew for every turn.
_HERE = payments.c.status.in_([literal_column(f"'{status}'") for status in PAID])
_TROUBLED = payments.c.status.in_(
    [literal_column(f"'{status}'") for status in ("charging", "unknown", "returned", "refunded")]
)
_GONE = payments.c.status.in_([literal_column("'returned'"), literal_column("'refunded'")])
# What the import has not heard of yet: money that came since, and money that went back since.
_came = and_(_HERE, payments.c.charged_at >= accounts.c.balance_as_of)
_went = and_(
    _GONE,
    payments.c.charged_at < accounts.c.balance_as_of,
    func.coalesce(payments.c.returned_at, payments.c.refunded_at) >= accounts.c.balance_as_of,
)
_paid = (
    select(
        func.coalesce(
            func.sum(case((_HERE, payments.c.amount_cents), else_=-payments.c.amount_cents)), 0
        )
    )
    .where(payments.c.account_id == accounts.c.id, or_(_came, _went))
    .correlate(accounts)
    .scalar_subquery()
)
_newest = (
    select(payments.c.id)
    .where(payments.c.account_id == accounts.c.id, _HERE)
    .order_by(payments.c.charged_at.desc(), payments.c.id.desc())
    .limit(1)
    .correlate(accounts)
    .scalar_subquery()
)
_BILL = (
    select(
        accounts,
        _paid.label("paid_cents"),
        exists()
        .where(autopays.c.account_id == accounts.c.id, autopays.c.canceled_at.is_(None))
        .label("enrolled"),
        exists().where(payments.c.account_id == accounts.c.id, _TROUBLED).label("troubled"),
        _last.c.charged_at.label("paid_at"),
        _last.c.amount_cents.label("paid_last_cents"),
    )
    .select_from(accounts.outerjoin(_last, _last.c.id == _newest))
    .where(accounts.c.id == bindparam("account"))
)


def read_bill(connection: Connection, account: int, zone: tzinfo) -> Bill | None:
    """The bill of an account, or None where there is no such account.

    `zone` is the line's: it says on which day a payment by phone was made.
    """
    row = connection.execute(_BILL, {"account": account}).one_or_none()
    return _bill(row, zone) if row else None


def _bill(row: Row[Any], zone: tzinfo) -> Bill:
    last_date, last_cents, last_status = _last_payment(row, zone)
    return Bill(
        account=row.id,
        number=row.number,
        name=row.name,
        language=row.language,
        node=row.node,
        services=tuple(filter(None, row.services.split(";"))),
        status=row.status,
        autopay=row.autopay or row.enrolled,
        enrolled=row.enrolled,
        due_date=row.due_date,
        disconnect_date=row.disconnect_date,
        disconnect_cents=row.disconnect_cents,
        customer_since=row.customer_since,
        returned_payments=row.returned_payments,
        imported_balance_cents=row.balance_cents,
        imported_past_due_cents=row.past_due_cents,
        paid_cents=int(row.paid_cents),
        last_payment_date=last_date,
        last_payment_cents=last_cents,
        last_payment_status=last_status,
        troubled=row.troubled,
    )


def _last_payment(row: Row[Any], zone: tzinfo) -> tuple[date | None, int | None, str | None]:
    """Its day, its amount, and what the billing system says of it, where it knows it."""
    paid_at: datetime | None = row.paid_at
    imported: date | None = row.last_payment_date
    by_phone = paid_at.astimezone(zone).date() if paid_at else None
    if by_phone and (imported is None or by_phone >= imported):
        return by_phone, row.paid_last_cents, None
    return imported, row.last_payment_cents, row.last_payment_status

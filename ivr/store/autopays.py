"""Who enrolled in AutoPay by phone, and with which stored method."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from ivr.store.inserts import run, unless_there
from ivr.store.tables import accounts, autopays


@dataclass(frozen=True, slots=True)
class Autopay:
    """An enrolment: bills are taken from `method`, as agreed to in `consent`."""

    id: int
    account: int
    method: int
    consent: int
    enrolled_at: datetime
    canceled_at: datetime | None


_ON = autopays.c.canceled_at.is_(None)
_OF_ACCOUNT = select(autopays).where(autopays.c.account_id == bindparam("account"), _ON)
_READ = select(autopays).where(autopays.c.id == bindparam("of_id"))
_ACTIVE = (
    select(autopays)
    .join(accounts)
    .where(_ON, accounts.c.status == "active")
    .order_by(autopays.c.id)
)
_CHANGE = (
    update(autopays)
    .where(autopays.c.id == bindparam("of_id"), _ON)
    .values(method_id=bindparam("method"), consent_id=bindparam("consent"))
)
_CANCEL = (
    update(autopays)
    .where(autopays.c.id == bindparam("of_id"), _ON)
    .values(canceled_at=bindparam("now"))
)
_NEW = unless_there(autopays)


def enrolled(connection: Connection, account: int) -> Autopay | None:
    """An account's enrolment, if it has one."""
    row = connection.execute(_OF_ACCOUNT, {"account": account}).one_or_none()
    return _autopay(row) if row else None


def read(connection: Connection, autopay: int) -> Autopay:
    """An enrolment by its id, which must be one; it may have ended."""
    return _autopay(connection.execute(_READ, {"of_id": autopay}).one())


def active(connection: Connection) -> list[Autopay]:
    """Every enrolment of an account whose service is on."""
    return [_autopay(row) for row in connection.execute(_ACTIVE)]


def enrol(connection: Connection, row: Mapping[str, Any]) -> None:
    """Enrol an account, once for each turn of a call, and once in all while it lasts.

    `row` holds account_id, method_id, consent_id, call_sid, turn and enrolled_at.
    """
    run(connection, _NEW, row)


def change(connection: Connection, autopay: int, method: int, consent: int) -> None:
    """Take bills from another method from now on, as agreed to in another consent."""
    connection.execute(_CHANGE, {"of_id": autopay, "method": method, "consent": consent})


def cancel(connection: Connection, autopay: int, now: datetime) -> None:
    """End an enrolment; the first time it ended stays."""
    connection.execute(_CANCEL, {"of_id": autopay, "now": now})


def _autopay(row: Row[Any]) -> Autopay:
    return Autopay(
        id=row.id,
        account=row.account_id,
        method=row.method_id,
        consent=row.consent_id,
        enrolled_at=row.enrolled_at,
        canceled_at=row.canceled_at,
    )

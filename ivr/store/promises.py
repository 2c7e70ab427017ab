"""Promises to pay: how much by which day, and what was paid by phone since."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, select

from ivr.store.accounts import PAID, read_bill
from ivr.store.inserts import run, unless_there
from ivr.store.tables import accounts, payments, promises


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise of `amount_cents` until the end of `due`, a day at the line's place."""

    account: int
    amount_cents: int
    due: date
    confirmation: str
    made_at: datetime
    paid_cents: int

    def open_on(self, today: date) -> bool:
        """Whether it is still to be kept."""
        return today <= self.due and self.paid_cents < self.amount_cents


class State(StrEnum):
    """What became of a promise."""

    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Listed:
    """A promise as those who collect see it; `paid_cents` was paid in time."""

    number: str
    name: str
    promise: Promise
    state: State


_PAID = (
    select(func.coalesce(func.sum(payments.c.amount_cents), 0))
    .where(
        payments.c.account_id == promises.c.account_id,
        payments.c.status.in_(PAID),
        payments.c.charged_at >= promises.c.created_at,
    )
    .scalar_subquery()
)
_NEWEST = (
    select(promises, _PAID.label("paid_cents"))
    .where(promises.c.account_id == bindparam("account"))
    .order_by(promises.c.id.desc())
    .limit(1)
)
_OF_TURN = select(promises, _PAID.label("paid_cents")).where(
    promises.c.call_sid == bindparam("sid"), promises.c.turn == bindparam("number")
)
_RETURNED = select(
    func.count().filter(payments.c.returned_at >= bindparam("year_ago")),
    func.count().filter(payments.c.returned_at >= accounts.c.balance_as_of),
).where(payments.c.account_id == accounts.c.id, accounts.c.id == bindparam("account"))
_NEW = unless_there(promises)
YEAR = timedelta(days=365)


def newest(connection: Connection, account: int) -> Promise | None:
    """An account's newest promise, with all that was paid by phone since."""
    return _one(connection.execute(_NEWEST, {"account": account}).one_or_none())


def of_turn(connection: Connection, sid: str, turn: int) -> Promise | None:
    """What was promised at a turn of a call."""
    return _one(connection.execute(_OF_TURN, {"sid": sid, "number": turn}).one_or_none())


def add(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Write a promise down; False where its confirmation number is taken, or its turn has one."""
    return run(connection, _NEW, row).rowcount == 1


def returned(connection: Connection, account: int, imported: int, now: datetime) -> int:
    """How many payments came back within a year, of those paid by phone and of those `imported`.

    What came back before the last import may be among those that it counted.
    """
    row = {"account": account, "year_ago": now - YEAR}
    within_year, since_import = connection.execute(_RETURNED, row).one()
    return max(int(within_year), imported + int(since_import))


def every(connection: Connection, zone: tzinfo, now: datetime) -> list[Listed]:
    """All promises, those due first at the top. `zone` is the line's: there their days end."""
    paid: dict[int, int] = {}
    found: dict[int, Row[Any]] = {}
    for row in connection.execute(_every()):
        found[row.id] = row
        in_time = row.charged_at and row.charged_at.astimezone(zone).date() <= row.due_date
        paid[row.id] = paid.get(row.id, 0) + (row.paid if in_time else 0)
    today = now.astimezone(zone).date()
    listed = [_listed(row, paid[number], today) for number, row in found.items()]
    return [_as_billed(connection, one, zone) for one in listed]


def _every() -> Select[Any]:
    """A row for each promise and each payment by phone since."""
    since = (
        (payments.c.account_id == promises.c.account_id)
        & payments.c.status.in_(PAID)
        & (payments.c.charged_at >= promises.c.created_at)
    )
    return (
        select(
            promises,
            accounts.c.number,
            accounts.c.name,
            payments.c.charged_at,
            payments.c.amount_cents.label("paid"),
        )
        .select_from(promises.join(accounts).outerjoin(payments, since))
        .order_by(promises.c.due_date, promises.c.id)
    )


def _listed(row: Row[Any], paid: int, today: date) -> Listed:
    promise = _promise(row, paid)
    if promise.open_on(today):
        state = State.OPEN
    else:
        state = State.KEPT if paid >= promise.amount_cents else State.BROKEN
    return Listed(row.number, row.name, promise, state)


def _as_billed(connection: Connection, listed: Listed, zone: tzinfo) -> Listed:
    """A promise that was kept by mail or at a counter is known by the bill alone."""
    if listed.state is not State.BROKEN:
        return listed
    bill = read_bill(connection, listed.promise.account, zone)
    settled = bill is not None and bill.past_due_cents == 0
    return replace(listed, state=State.KEPT) if settled else listed


def _one(row: Row[Any] | None) -> Promise | None:
    return _promise(row, int(row.paid_cents)) if row else None


def _promise(row: Row[Any], paid: int) -> Promise:
    return Promise(
        account=row.account_id,
        amount_cents=row.amount_cents,
        due=row.due_date,
        confirmation=row.confirmation,
        made_at=row.created_at,
        paid_cents=paid,
    )

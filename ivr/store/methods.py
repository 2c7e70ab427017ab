"""Cards and bank accounts that callers had us keep: what the gateway calls them, never numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, bindparam, exists, func, select, update

from ivr.store.inserts import run, unless_there
from ivr.store.tables import autopays, methods
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
_NEW = unless_there(methods)
_OF_TURN = select(methods).where(
    methods.c.call_sid == bindparam("sid"), methods.c.turn == bindparam("number")
)
_BEGUN_SINCE = select(func.count()).where(
    methods.c.account_id == bindparam("account"), methods.c.created_at >= bindparam("since")
)
_KEEP = (
    update(methods)
    .where(methods.c.id == bindparam("of_id"))
    .values(removed_at=None, customer=bindparam("whose"), consent_id=bindparam("consent"))
)
_CUSTOMER = (
    select(methods.c.customer)
    .where(methods.c.account_id == bindparam("account"), methods.c.customer.is_not(None))
    .order_by(methods.c.id.desc())
    .limit(1)
)
_ENROLLED = (autopays.c.method_id == bindparam("of_id"), autopays.c.canceled_at.is_(None))
_PAYS_DRAFTS = select(exists().where(*_ENROLLED))
_TAKE_OVER = update(autopays).where(*_ENROLLED).values(method_id=bindparam("other"))
_TO_FORGET = (
    select(methods)
    .where(methods.c.removed_at < bindparam("before"), methods.c.token != "")
    .order_by(methods.c.id)
)
_FORGET = update(methods).where(methods.c.id == bindparam("of_id"), ~_KEPT).values(token="")


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


def begin(connection: Connection, row: Mapping[str, Any]) -> Method:
    """Write down a method that the gateway is yet to be asked about, once for each turn of a call:
    until `keep` it counts as removed, at its `created_at`."""
    return read(connection, add(connection, {**row, "removed_at": row["created_at"]}))


def begun(connection: Connection, sid: str, turn: int) -> tuple[Method, bool] | None:
    """What `begin` wrote at a turn of a call, and whether it is kept by now."""
    found = connection.execute(_OF_TURN, {"sid": sid, "number": turn}).one_or_none()
    return (_method(found), found.removed_at is None) if found else None


def begun_since(connection: Connection, account: int, since: datetime) -> int:
    """How many methods were given for an account since an instant, kept or not."""
    row = {"account": account, "since": since}
    return int(connection.execute(_BEGUN_SINCE, row).scalar_one())


def keep(connection: Connection, method: int, customer: str | None, consent: int) -> None:
    """Let a method that was begun be used from here on."""
    connection.execute(_KEEP, {"of_id": method, "whose": customer, "consent": consent})


def customer_of(connection: Connection, account: int) -> str | None:
    """What the gateway calls an account's customer, if it ever kept a method of theirs."""
    found: str | None = connection.execute(_CUSTOMER, {"account": account}).scalar_one_or_none()
    return found


def pays_drafts(connection: Connection, method: int) -> bool:
    """Whether AutoPay takes its drafts from a method."""
    return bool(connection.execute(_PAYS_DRAFTS, {"of_id": method}).scalar_one())


def take_over(connection: Connection, old: int, new: int) -> None:
    """Let AutoPay take from `new` what it took from `old`."""
    connection.execute(_TAKE_OVER, {"of_id": old, "other": new})


def to_forget(connection: Connection, before: datetime) -> list[Method]:
    """Methods removed before an instant that the gateway may still have."""
    return [_method(row) for row in connection.execute(_TO_FORGET, {"before": before})]


def forget(connection: Connection, method: int) -> None:
    """Drop the token of a removed method: the gateway has forgotten it, too."""
    connection.execute(_FORGET, {"of_id": method})


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

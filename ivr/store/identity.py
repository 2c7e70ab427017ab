"""Whose phone this is, which account a number names, and how often somebody may guess."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, func, or_, select, update

from ivr.store.inserts import run, unless_there
from ivr.store.tables import accounts, lookups, numbers, phones, pin_tries, pins


@dataclass(frozen=True, slots=True)
class Owner:
    """An account as far as finding it goes."""

    id: int
    number: str
    language: str | None
    pace: str | None
    status: str
    node: str | None
    services: str


@dataclass(frozen=True, slots=True)
class Pin:
    """An account's PIN: its hash, wrong tries since the last right one, and a lock's end."""

    hash: str
    wrong: int
    locked_until: datetime | None


_OWNER = (
    accounts.c.id,
    accounts.c.number,
    accounts.c.language,
    accounts.c.pace,
    accounts.c.status,
    accounts.c.node,
    accounts.c.services,
)
MOST_ACCOUNTS = 7
"""One more than a list can offer."""

_BY_PHONE = (
    select(*_OWNER)
    .join(phones, phones.c.account_id == accounts.c.id)
    .where(phones.c.number == bindparam("phone"))
    .order_by(accounts.c.id)
    .limit(MOST_ACCOUNTS)
)
_BY_PHONE_AND_ZIP = _BY_PHONE.where(accounts.c.zip == bindparam("zip"))
_BY_NUMBER = select(*_OWNER, accounts.c.zip).where(accounts.c.number == bindparam("number"))
_BY_ID_AND_PHONE = _BY_PHONE.where(accounts.c.id == bindparam("account_id"))
_PREFERENCE = select(numbers.c.language, numbers.c.pace).where(
    numbers.c.number == bindparam("number")
)
_MISSES = select(
    func.count()
    .filter(or_(lookups.c.caller == bindparam("caller"), lookups.c.call_sid == bindparam("sid")))
    .label("caller"),
    func.count().filter(lookups.c.account_id == bindparam("account_id")).label("account"),
).where(
    lookups.c.found.is_(False),
    lookups.c.at > bindparam("since"),
    or_(
        lookups.c.caller == bindparam("caller"),
        lookups.c.call_sid == bindparam("sid"),
        lookups.c.account_id == bindparam("account_id"),
    ),
)
_PIN = select(pins.c.hash, pins.c.wrong, pins.c.locked_until).where(
    pins.c.account_id == bindparam("account_id")
)
_COUNT_TRY = (
    update(pins)
    .where(pins.c.account_id == bindparam("of_account"))
    .values(wrong=pins.c.wrong + 1)
    .returning(pins.c.wrong)
)
_SET_TRIES = (
    update(pins)
    .where(pins.c.account_id == bindparam("of_account"))
    .values(wrong=bindparam("wrong"), locked_until=bindparam("until"))
)
_NEW_TRY, _NEW_LOOKUP = unless_there(pin_tries), unless_there(lookups)


def owners(connection: Connection, phone: str) -> Sequence[Owner]:
    """The accounts a phone number stands on, at most `MOST_ACCOUNTS`."""
    return [Owner(*row) for row in connection.execute(_BY_PHONE, {"phone": phone})]


def owners_at(connection: Connection, phone: str, zip_code: str) -> Sequence[Owner]:
    """Those of them at a ZIP code."""
    found = connection.execute(_BY_PHONE_AND_ZIP, {"phone": phone, "zip": zip_code})
    return [Owner(*row) for row in found]


def owned(connection: Connection, account_id: int, phone: str) -> bool:
    """Whether the account stands on this phone number."""
    key = {"account_id": account_id, "phone": phone}
    return connection.execute(_BY_ID_AND_PHONE, key).first() is not None


def by_number(connection: Connection, number: str) -> tuple[Owner, str] | None:
    """The account with this number, and its ZIP code."""
    row = connection.execute(_BY_NUMBER, {"number": number}).one_or_none()
    return (Owner(*row[:-1]), row[-1]) if row else None


def preference(connection: Connection, phone: str) -> tuple[str | None, str | None]:
    """The language and pace kept for a number that stands on no account."""
    row = connection.execute(_PREFERENCE, {"number": phone}).one_or_none()
    return (row[0], row[1]) if row else (None, None)


def misses(
    connection: Connection, sid: str, caller: str | None, account_id: int | None, since: datetime
) -> tuple[int, int]:
    """How often this caller, and anybody for this account, guessed wrong since then."""
    key = {"sid": sid, "caller": caller, "account_id": account_id, "since": since}
    row = connection.execute(_MISSES, key).one()
    return row[0], row[1]


def note_lookup(connection: Connection, row: dict[str, Any]) -> None:
    """Remember a try at an account number, once a turn."""
    run(connection, _NEW_LOOKUP, row)


def pin(connection: Connection, account_id: int) -> Pin | None:
    """An account's PIN, or None where it has none."""
    row = connection.execute(_PIN, {"account_id": account_id}).one_or_none()
    return Pin(*row) if row else None


def count_pin_try(
    connection: Connection, sid: str, turn: int, account_id: int, now: datetime
) -> int | None:
    """Count a try before it is checked, once a turn: wrong tries so far with this one.

    None where this turn was counted already.
    """
    row = {"call_sid": sid, "turn": turn, "account_id": account_id, "at": now}
    if run(connection, _NEW_TRY, row).rowcount == 0:
        return None
    wrong: int = connection.execute(_COUNT_TRY, {"of_account": account_id}).scalar_one()
    return wrong


def pin_was_right(connection: Connection, account_id: int) -> None:
    """Forget the wrong tries."""
    connection.execute(_SET_TRIES, {"of_account": account_id, "wrong": 0, "until": None})


def lock_pin(connection: Connection, account_id: int, now: datetime, minutes: int) -> None:
    """Lock a PIN for a while; afterwards counting starts anew."""
    until = now + timedelta(minutes=minutes)
    connection.execute(_SET_TRIES, {"of_account": account_id, "wrong": 0, "until": until})

"""Households that owe $84.20, with what their errand needs to be there already."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, insert, update

from faults.kinds import Errand
from ivr.store import autopays, consents, methods
from ivr.store.pins import set_pin
from ivr.store.tables import accounts, drafts, phones
from ivr.store.tables import autopays as enrolments

OWED = 8420
FIRST, SECOND = 1_000_000_000, 500_000_000
"""An area code never begins with 1, so numbers from here on ring nowhere."""


@dataclass(frozen=True, slots=True)
class Customer:
    """A household that has two phones."""

    account: int
    phone: str
    second: str


def add(connection: Connection, number: int, pin_hash: str, errand: Errand, token: str) -> Customer:
    """A new customer; where their errand needs a stored card, it is the one of `token`."""
    now, digits = datetime.now(UTC), str(FIRST + number)
    row = {
        "number": digits,
        "name": "Dana Reyes",
        "zip": "60601",
        "balance_cents": OWED,
        "balance_as_of": now,
        "last_payment_cents": 3000,
        "last_payment_date": date(2026, 11, 4),
    }
    added = insert(accounts).values(row).returning(accounts.c.id)
    account = int(connection.execute(added).scalar_one())
    both = f"+1{digits}", f"+1{int(digits) + SECOND}"
    rows = [{"account_id": account, "number": phone} for phone in both]
    connection.execute(insert(phones), rows)
    set_pin(connection, account, pin_hash)
    said = {"account_id": account, "call_sid": f"CA-earlier-{account}", "turn": 1}
    if errand in (Errand.STORED, Errand.AUTOPAY):
        method = _stored(connection, said, token, now)
        if errand is Errand.AUTOPAY:
            _drafted(connection, said, method, now)
    return Customer(account, *both)


def leave(connection: Connection, customer: Customer) -> None:
    """End what this household has AutoPay do, so that no later run meets it."""
    mine = enrolments.c.account_id == customer.account
    connection.execute(update(enrolments).where(mine).values(canceled_at=datetime.now(UTC)))


def _stored(connection: Connection, said: dict[str, Any], token: str, now: datetime) -> int:
    card = {"kind": "card", "brand": "visa", "last4": "4242", "token": token, "created_at": now}
    return methods.add(connection, {**said, **card})


def _drafted(connection: Connection, said: dict[str, Any], method: int, now: datetime) -> None:
    """The bill was announced, and is to be taken today."""
    agreed = {"kind": "autopay", "language": "en", "words": "On each due date.", "given_at": now}
    consent = consents.give(connection, {**said, **agreed})
    terms = {"method_id": method, "consent_id": consent, "enrolled_at": now}
    autopays.enrol(connection, {**said, **terms})
    enrolled = autopays.enrolled(connection, said["account_id"])
    if enrolled is None:
        raise RuntimeError("a customer was not enrolled")
    draft = {
        "account_id": enrolled.account,
        "autopay_id": enrolled.id,
        "due_date": now.date(),
        "amount_cents": OWED,
        "take_on": now.date(),
        "announced_at": now,
    }
    connection.execute(insert(drafts).values(draft))

"""Accounts whose bills AutoPay takes, and the runs that take them."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, select

from ivr.config import Times
from ivr.gateways.payments import PaymentGateway
from ivr.gateways.sandbox import SandboxGateway
from ivr.services.announcing import Sender
from ivr.services.drafting import Ran, draft_all
from ivr.services.taking import Run
from ivr.store import autopays, consents, methods, tables
from tests.builders import NOW, account, book

VISA = "pm_card_visa"
DECLINED = "pm_card_visa_chargeDeclined"
SILENT = "pm_sandbox_timeout"
DOWN = "pm_sandbox_down"
TODAY = date(2026, 11, 20)
DUE = date(2026, 12, 5)
TIMES = Times(lease=2.0, gateway=0.01)


def method(connection: Connection, owner: int, last4: str = "4242", **values: Any) -> int:
    """A stored Visa of an account, kept by a call of its own; returns its id."""
    row = {
        "account_id": owner,
        "kind": "card",
        "brand": "visa",
        "last4": last4,
        "token": VISA,
        "call_sid": f"CA-kept-{owner}-{last4}",
        "turn": 1,
        "created_at": NOW,
        **values,
    }
    return methods.add(connection, row)


def enrolled(connection: Connection, owner: int, paying: int, at: datetime = NOW) -> int:
    """Enrol an account; returns the enrolment's id."""
    said = {"call_sid": f"CA-enrolled-{owner}-{at:%Y%m%d%H%M}", "turn": 1, "account_id": owner}
    agreed = {"kind": "autopay", "language": "en", "words": "On each due date.", "given_at": at}
    consent = consents.give(connection, {**said, **agreed})
    made = {**said, "method_id": paying, "consent_id": consent, "enrolled_at": at}
    autopays.enrol(connection, made)
    found = autopays.enrolled(connection, owner)
    assert found
    return found.id


@dataclass
class Desk:
    """A billing desk with its own clock, that has AutoPay run."""

    engine: Engine
    gateway: PaymentGateway
    ledger: Path
    now: datetime = NOW
    texts_on: bool = True
    customers: int = 0

    def customer(self, balance: str = "84.20", token: str = VISA, **values: Any) -> int:
        """A new account that is enrolled, with a bill due on `DUE`; returns its id."""
        self.customers += 1
        number = f"2000{self.customers:06}"
        given = {"number": number, "due_date": DUE, "phone": "+12025550142", **values}
        with self.engine.begin() as connection:
            owner = account(connection, balance, **given)
            enrolled(connection, owner, method(connection, owner, token=token))
        return owner

    def of(self, day: date = TODAY) -> Run:
        """A run for a day."""
        sender = Sender(book(), self.texts_on)
        return Run(self.engine, self.gateway, sender, lambda: self.now, day)

    def run(self, day: date = TODAY) -> Ran:
        """Run it for a day."""
        return draft_all(self.of(day), TIMES, lambda done, total: None)

    def later(self, **duration: float) -> None:
        """Let time pass."""
        self.now += timedelta(**duration)

    @property
    def charges(self) -> list[tuple[str, int, str]]:
        """Key, cents and status of every charge in the gateway's own ledger."""
        with closing(sqlite3.connect(self.ledger)) as ledger:
            query = "SELECT idempotency_key, amount_cents, status FROM charges ORDER BY rowid"
            return list(ledger.execute(query))

    def rows(self, table: str) -> list[Any]:
        """Every row of a table."""
        found = tables.metadata.tables[table]
        with self.engine.begin() as connection:
            return list(connection.execute(select(found).order_by(*found.primary_key)))

    def states(self, table: str) -> list[str]:
        """The status of every row of a table."""
        return [row.status for row in self.rows(table)]


def desk(engine: Engine, folder: Path) -> Desk:
    """A desk at the sandbox, whose ledger lies in a folder."""
    gateway = SandboxGateway(folder / "sandbox.db", timeout=0.01)
    gateway.make()
    return Desk(engine, gateway, folder / "sandbox.db")

"""A line to be harmed: gunicorn with two workers, a reconciler, a database and a gateway."""

import itertools
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Row, create_engine, select, text

from faults import customers, processes, reconciler
from faults.control import Control
from faults.customers import Customer
from faults.kinds import Errand, Gateway
from faults.processes import PEPPER
from faults.stripe_process import forget_keys, held
from ivr.store.accounts import read_bill
from ivr.store.engine import connect, reading
from ivr.store.pins import hash_pin
from ivr.store.schema import upgrade
from ivr.store.tables import drafts, payments

LINE = "+18005550199"
PIN = "80614297"
"""The PIN of every customer here, which stands nowhere else."""
CHARGES = """
SELECT idempotency_key, charges.amount_cents, status, coalesce(refunds.amount_cents, 0)
FROM charges LEFT JOIN refunds USING (idempotency_key) ORDER BY charges.rowid
"""
MIGRATING = threading.Lock()
"""Alembic keeps the migration under way in globals."""


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """What the gateway did for a key: `charged`, `declined` or, so far, nothing (`open`); and how
    many cents of it went back."""

    key: str
    cents: int
    status: str
    refunded: int = 0


@dataclass
class Line:
    """A running line. `kind` is its database, `stripe` the port of its gateway if it is Stripe."""

    kind: str
    gateway: Gateway
    port: int
    stripe: int
    database_url: str
    folder: Path
    engine: Engine
    control: Control
    pin_hash: str
    numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def log(self) -> Path:
        """What its workers wrote."""
        return self.folder / processes.WORKERS_LOG

    def reconcile(self, late: bool = False, name: str = "") -> int | None:
        """A round of the reconciler, whose points are counted by `name`: how many payments are
        unknown still, or None where it was killed."""
        return self._round(reconciler.RECONCILE, late, name)

    def draft(self, late: bool = False, name: str = "") -> int | None:
        """A run of AutoPay, likewise."""
        return self._round(reconciler.DRAFT, late, name)

    def _round(self, what: str, late: bool, name: str) -> int | None:
        asked = reconciler.Asked(what, name or "nobody", late)
        return reconciler.ask(self.folder / processes.RECONCILER, asked)

    def let_a_day_pass(self) -> None:
        """Stripe forgets keys after a day (https://docs.stripe.com/api/idempotent_requests)."""
        if self.stripe:
            forget_keys(self.stripe)

    @property
    def environ(self) -> dict[str, str]:
        """The settings it runs by."""
        return processes.environment(
            self.database_url, self.folder, "right", self.port, self.stripe
        )

    def customer(self, errand: Errand = Errand.CARD, token: str = "pm_card_visa") -> Customer:
        """A new customer, with what an errand needs to be there."""
        with self.engine.begin() as connection:
            number = next(self.numbers)
            return customers.add(connection, number, self.pin_hash, errand, token)

    def leave(self, customer: Customer) -> None:
        """No later run of AutoPay is to meet a customer."""
        with self.engine.begin() as connection:
            customers.leave(connection, customer)

    def drafts(self, customer: Customer) -> list[str]:
        """The states of what AutoPay was to take from a customer."""
        states = select(drafts.c.status).where(drafts.c.account_id == customer.account)
        with reading(self.engine) as connection:
            return list(connection.execute(states).scalars())

    def payments(self, customer: Customer) -> list[Row[Any]]:
        """A customer's rows of the table of payments, oldest first."""
        rows = select(payments).where(payments.c.account_id == customer.account)
        with reading(self.engine) as connection:
            return list(connection.execute(rows.order_by(payments.c.id)))

    def balance(self, customer: Customer) -> int:
        """What a customer still owes as callers hear it, in cents."""
        with reading(self.engine) as connection:
            bill = read_bill(connection, customer.account, UTC)
        if bill is None:
            raise RuntimeError("a customer is gone")
        return bill.balance_cents

    def charges(self) -> list[LedgerRow]:
        """All that the gateway has on record, oldest first."""
        if self.gateway == "stripe":
            given = held(self.stripe, "refunds")
            return [_ledger_row(intent, given) for intent in held(self.stripe, "intents")]
        with closing(sqlite3.connect(self.folder / processes.LEDGER, timeout=5)) as ledger:
            return [LedgerRow(*row) for row in ledger.execute(CHARGES)]


def _ledger_row(intent: dict[str, Any], given: list[dict[str, Any]]) -> LedgerRow:
    """A PaymentIntent (https://docs.stripe.com/payments/paymentintents/lifecycle)."""
    refunded = sum(one["amount"] for one in given if one["payment_intent"] == intent["id"])
    is_declined = intent["last_payment_error"] is not None
    status = "declined" if is_declined else "open"
    status = "charged" if intent["status"] == "succeeded" else status
    return LedgerRow(intent["metadata"]["ivr_key"], intent["amount"], status, refunded)


@contextmanager
def serving(
    kind: str, url: str, folder: Path, build: str = "right", gateway: Gateway = "sandbox"
) -> Iterator[Line]:
    """A migrated, empty line of a build; gone when the block ends, with all its processes."""
    (folder / "control").mkdir(parents=True)
    with MIGRATING:
        upgrade(url)
    with ExitStack() as cleanup:
        engine = connect(url)
        cleanup.callback(engine.dispose)
        stripe = processes.free_port() if gateway == "stripe" else 0
        port, control = processes.free_port(), Control(folder / "control")
        line = Line(kind, gateway, port, stripe, url, folder, engine, control, _pin_hash())
        cleanup.enter_context(processes.running(url, folder, build, port, stripe))
        cleanup.callback(control.disarm)
        yield line


@cache
def _pin_hash() -> str:
    return hash_pin(PIN, PEPPER)


def databases(server: str, names: Sequence[str]) -> list[str]:
    """URLs of new databases on a PostgreSQL server."""
    driver = server.replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(driver, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for name in names:
            connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return [server.replace("/postgres?", f"/{name}?", 1) for name in names]

"""Charging a stored method: in the turn of the yes, once, wherever its worker dies."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from ivr.config import Settings, Times
from ivr.dialog.call import Identity
from ivr.dialog.events import Replied
from ivr.dialog.turns import Request
from ivr.errors import CallError
from ivr.flows.services import Level
from ivr.gateways.payments import Keeping, Kept, PaymentGateway
from ivr.gateways.sandbox import SandboxGateway
from ivr.gateways.stripe import StripeGateway
from ivr.prompts.values import Count, Money, Value
from ivr.services.charging import charge_stored
from ivr.services.context import Remote
from ivr.services.intending import intend
from ivr.services.payments import CHARGE_STORED, INTEND
from ivr.services.settling import settle_unknown
from ivr.store import methods, tables
from ivr.telemetry import Secret
from tests.builders import NOW, account, call, context
from tests.gateways.stripe_server import API_KEY, Stripe, serving
from tests.services.enrolments import method

TIMES = Times(gateway=5.0)
VISA = "pm_card_visa"
DEATHS = (
    "",
    "intend prepared",
    "intend worked",
    "charge prepared",
    "charge worked",
)
"""After which part of which service the first worker dies; never, at first."""


class Died(Exception):
    """The worker was killed."""


@dataclass
class Caller:
    """Somebody who owes $84.20, has a stored Visa, and says yes to $32.10 with it at turn 5."""

    engine: Engine
    gateway: PaymentGateway
    account: int
    stored: int
    now: datetime = NOW

    def says_yes(self, dies: str = "") -> str:
        """The whole turn; the outcome of the charge, or of the intent where that ends it."""
        values: dict[str, Value] = {"amount": Money(3210), "method": Count(self.stored)}
        intended = self._ask("intend", intend, Request(INTEND, values), dies)
        if intended != "intended":
            return intended
        return self._ask("charge", charge_stored, Request(CHARGE_STORED), dies)

    def _ask(self, name: str, service: Remote, asked: Request, dies: str) -> str:
        with self.engine.begin() as connection:
            job = service.prepare(self._context(connection), asked)
        if isinstance(job, Replied):
            return job.outcome
        if dies == f"{name} prepared":
            raise Died
        found = service.work(job)
        if dies == f"{name} worked":
            raise Died
        with self.engine.begin() as connection:
            return service.settle(self._context(connection), asked, job, found).outcome

    def _context(self, connection: Any) -> Any:
        who = call(identity=Identity(Level.VERIFIED, self.account, self.account))
        return context(connection, who, turn=5, now=self.now, gateway=self.gateway)

    @property
    def row(self) -> Any:
        with self.engine.begin() as connection:
            return connection.execute(select(tables.payments)).one()


@pytest.fixture
def stripe() -> Iterator[Stripe]:
    with serving() as server:
        server.now = int(NOW.timestamp())
        yield server


@pytest.fixture
def at_stripe(database: Engine, stripe: Stripe) -> Caller:
    gateway = StripeGateway(
        Settings(stripe_api_key=API_KEY, stripe_api_url=stripe.url, times=TIMES)
    )
    made = gateway.keep(Keeping("CA0-7-keep", Secret(VISA)))
    assert isinstance(made, Kept)
    with database.begin() as connection:
        owner = account(connection, "84.20")
        stored = method(connection, owner, token=VISA, customer=made.customer)
    return Caller(database, gateway, owner, stored)


@pytest.fixture
def at_sandbox(database: Engine, tmp_path: Path) -> Caller:
    with database.begin() as connection:
        owner = account(connection, "84.20")
        stored = method(connection, owner)
    return Caller(database, SandboxGateway(tmp_path / "sandbox.db", 0.01), owner, stored)


def test_a_stored_card_is_charged_for_its_customer(at_stripe: Caller, stripe: Stripe) -> None:
    assert at_stripe.says_yes() == "charged"
    assert stripe.charged == [("CA1-5", 3210)]
    assert stripe.intents["pi_1"]["customer"] == "cus_1"
    row = at_stripe.row
    assert (row.method_id, row.method, row.brand, row.last4) == (
        at_stripe.stored,
        "card",
        "visa",
        "4242",
    )
    assert row.token is None


@pytest.mark.parametrize("dies", DEATHS)
def test_wherever_the_worker_dies_who_takes_over_charges_once(
    at_stripe: Caller, stripe: Stripe, dies: str
) -> None:
    if dies:
        with pytest.raises(Died):
            at_stripe.says_yes(dies)
    at_stripe.now += timedelta(seconds=13)
    assert at_stripe.says_yes() == "charged"
    assert stripe.charged == [("CA1-5", 3210)]


@pytest.mark.parametrize("dies", ["charge prepared", "charge worked"])
def test_where_nobody_takes_over_the_worker_settles_it(
    at_stripe: Caller, stripe: Stripe, dies: str
) -> None:
    with pytest.raises(Died):
        at_stripe.says_yes(dies)
    at_stripe.now += timedelta(seconds=13)
    settled = settle_unknown(at_stripe.engine, at_stripe.gateway, TIMES, lambda: at_stripe.now)
    assert settled.charged == 1
    assert stripe.charged == [("CA1-5", 3210)]
    assert at_stripe.row.status == "charged"


def test_at_the_sandbox_yes_and_charge_are_one(at_sandbox: Caller) -> None:
    with pytest.raises(Died):
        at_sandbox.says_yes("charge worked")
    assert at_sandbox.says_yes() == "charged"
    assert at_sandbox.row.status == "charged"


def test_a_bank_account_is_charged_as_one(at_sandbox: Caller) -> None:
    with at_sandbox.engine.begin() as connection:
        owner = at_sandbox.account
        at_sandbox.stored = method(connection, owner, "67", kind="bank", brand="")
    assert at_sandbox.says_yes() == "charged"
    assert (at_sandbox.row.method, at_sandbox.row.last4) == ("bank", "67")


def test_what_is_removed_before_the_yes_is_not_charged(at_sandbox: Caller) -> None:
    with at_sandbox.engine.begin() as connection:
        methods.remove(connection, at_sandbox.stored, NOW)
    with pytest.raises(CallError):
        at_sandbox.says_yes()


def test_another_ones_method_is_not_charged(at_sandbox: Caller) -> None:
    with at_sandbox.engine.begin() as connection:
        other = account(connection, "84.20", number="2000000001")
        theirs = method(connection, other, "1881")
    with pytest.raises(CallError):
        replace(at_sandbox, stored=theirs).says_yes()

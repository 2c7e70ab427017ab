from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from ivr.config import Times
from ivr.errors import NoAnswer, NotSent
from ivr.gateways.payments import Charge, Charged, Declined, Intent, PaymentGateway
from ivr.gateways.sandbox import SandboxGateway
from ivr.services.settling import Settled, settle_unknown
from ivr.store import tables
from ivr.store.payments import WITHOUT_METHOD
from ivr.telemetry import Secret
from tests.builders import NOW, NoGateway, account, call, payment, stored_call

TIMES = Times()
LEASE = timedelta(seconds=TIMES.lease)
INTENT = timedelta(seconds=TIMES.intent)
SECOND = timedelta(seconds=1)
VISA = "pm_card_visa"


@dataclass
class Office:
    """A store with one account that owes $84.20, and a sandbox."""

    engine: Engine
    gateway: PaymentGateway
    account: int
    now: datetime = NOW + timedelta(minutes=1)

    def settle(self, patiently: bool = False) -> Settled:
        return settle_unknown(
            self.engine, self.gateway, TIMES, lambda: self.now, patiently=patiently
        )

    def found(self, key: str = "CA1-5") -> Charged | Declined | None:
        """What the gateway knows of a key."""
        return self.gateway.find(Intent(key, 3210, NOW))

    def asked(self, status: str = "unknown", **values: Any) -> int:
        """A payment that the gateway was asked about, with its token."""
        known = {"token": VISA, "asked_at": NOW, "charge_turn": 6}
        with self.engine.begin() as connection:
            return payment(connection, self.account, status=status, **{**known, **values})

    def charge(self, token: str = VISA) -> Charged | Declined:
        return self.gateway.charge(Charge("CA1-5", Secret(token), 3210))

    def row(self, number: int) -> Any:
        query = select(tables.payments).where(tables.payments.c.id == number)
        with self.engine.begin() as connection:
            return connection.execute(query).one()


@dataclass
class Unreachable(NoGateway):
    """A gateway that fails as told, and remembers what it was asked to charge."""

    error: Callable[[], Exception]
    finds: bool = False
    charges: list[Charge] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def charge(self, charge: Charge) -> Charged | Declined:
        self.charges.append(charge)
        raise self.error()

    def find(self, intent: Intent) -> Charged | Declined | None:
        self.asked.append(intent.key)
        if self.finds:
            return None
        raise self.error()


@pytest.fixture
def office(database: Engine, tmp_path: Path) -> Office:
    with database.begin() as connection:
        number = account(connection, "84.20")
    return Office(database, SandboxGateway(tmp_path / "sandbox.db", 0.01), number)


def test_where_all_is_known_nothing_is_done(office: Office) -> None:
    assert office.settle() == Settled(0, 0, 0, 0, 0, None)


@pytest.mark.parametrize("status", ["unknown", "charging"])
def test_a_charge_that_was_taken_is_found_and_gets_its_number(office: Office, status: str) -> None:
    number = office.asked(status)
    office.charge()
    assert office.settle() == Settled(1, 0, 0, 0, 0, None)
    row = office.row(number)
    assert (row.status, row.charged_at, row.token) == ("charged", office.now, None)
    assert len(row.confirmation) == 8
    assert row.charge_turn is None  # no turn of the call told it
    assert office.settle() == Settled(0, 0, 0, 0, 0, None)


def test_a_charge_that_was_refused_is_found_declined(office: Office) -> None:
    number = office.asked()
    office.charge("pm_card_visa_chargeDeclinedInsufficientFunds")
    assert office.settle() == Settled(0, 1, 0, 0, 0, None)
    row = office.row(number)
    assert (row.status, row.decline_code) == ("declined", "funds")


def test_a_charge_just_begun_is_left_to_its_worker(office: Office) -> None:
    office.charge()
    number = office.asked("charging", updated_at=office.now - LEASE)
    assert office.settle() == Settled(0, 0, 0, 0, 1, NOW)
    office.now += SECOND
    assert office.settle().charged == 1
    assert office.row(number).status == "charged"


def test_a_charge_never_sent_is_made_while_the_yes_is_fresh(office: Office) -> None:
    office.now = NOW + INTENT
    number = office.asked("charging")
    assert office.settle().charged == 1
    assert office.row(number).status == "charged"
    assert isinstance(office.found(), Charged)


def paid_meanwhile(office: Office) -> None:
    with office.engine.begin() as connection:
        other = {"call_sid": "CA2", "status": "charged", "charged_at": NOW, "amount_cents": 100}
        payment(connection, office.account, **other)


def imported_meanwhile(office: Office) -> None:
    with office.engine.begin() as connection:
        connection.execute(update(tables.accounts).values(balance_cents=3209))


def too_late(office: Office) -> None:
    office.now = NOW + INTENT + SECOND


def without_token(office: Office) -> None:
    with office.engine.begin() as connection:
        connection.execute(update(tables.payments).values(token=None))


@pytest.mark.parametrize("happens", [paid_meanwhile, imported_meanwhile, too_late, without_token])
def test_a_charge_never_sent_and_not_wanted_any_more_is_canceled(
    office: Office, happens: Callable[[Office], None]
) -> None:
    number = office.asked()
    happens(office)
    assert office.settle() == Settled(0, 0, 1, 0, 0, None)
    row = office.row(number)
    assert (row.status, row.decline_code, row.token) == ("canceled", "not-charged", None)
    assert office.found() is None


@pytest.mark.parametrize("finds", [True, False])
@pytest.mark.parametrize("error", [NotSent, NoAnswer, ZeroDivisionError])
def test_a_gateway_that_does_not_answer_is_asked_again_next_time(
    office: Office, error: type[Exception], finds: bool
) -> None:
    first, second = office.asked("charging"), office.asked(turn=6)
    sandbox, office.gateway = office.gateway, Unreachable(error, finds)
    assert office.settle() == Settled(0, 0, 0, 0, 2, NOW)
    assert [office.row(number).status for number in (first, second)] == ["unknown"] * 2
    office.gateway = sandbox
    office.charge()
    assert office.settle().unknown == 0
    assert office.row(first).status == "charged"


@pytest.mark.parametrize("status", WITHOUT_METHOD)
def test_an_intent_without_a_card_expires(office: Office, status: str) -> None:
    with office.engine.begin() as connection:
        old = payment(connection, office.account, status=status, created_at=NOW)
        new = payment(connection, office.account, turn=6, created_at=NOW + 2 * SECOND)
    office.now = NOW + INTENT + SECOND
    assert office.settle() == Settled(0, 0, 0, 1, 0, None)
    row = office.row(old)
    assert (row.status, row.decline_code) == ("canceled", "expired")
    assert office.row(new).status == "awaiting-method"


def test_an_intent_whose_caller_is_still_on_the_line_does_not_expire(office: Office) -> None:
    """They may be keying the card: what they are told then must fit."""
    with office.engine.begin() as connection:
        stored_call(connection, call("CA1"))
        stored_call(connection, call("CA2"), status="completed")
        payment(connection, office.account)
        payment(connection, office.account, call_sid="CA2")
    office.now = NOW + INTENT + SECOND
    assert office.settle().expired == 1
    with office.engine.begin() as connection:
        connection.execute(update(tables.calls).values(status="lost"))
    assert office.settle().expired == 1


def test_who_asks_again_and_again_waits_longer_each_time(office: Office) -> None:
    office.asked(updated_at=NOW + 3 * SECOND)
    office.gateway = gateway = Unreachable(NoAnswer)
    asked_after = []
    for second in range(3, 200):
        office.now = NOW + second * SECOND
        before = len(gateway.asked)
        office.settle(patiently=True)
        if len(gateway.asked) > before:
            asked_after.append(second)
    assert asked_after == [6, 12, 24, 48, 96, 192]


@pytest.mark.parametrize(("minutes", "asks"), [(59, 0), (60, 1)])
def test_nobody_is_forgotten_for_longer_than_an_hour(
    office: Office, minutes: int, asks: int
) -> None:
    last = NOW + timedelta(days=2)
    office.asked(updated_at=last)
    office.gateway = gateway = Unreachable(NoAnswer)
    office.now = last + timedelta(minutes=minutes)
    office.settle(patiently=True)
    assert len(gateway.asked) == asks


def test_who_asks_once_asks_about_all(office: Office) -> None:
    office.asked(updated_at=office.now - SECOND)
    office.gateway = gateway = Unreachable(NoAnswer)
    assert office.settle(patiently=True).unknown == 1
    assert gateway.asked == []
    office.settle()
    assert gateway.asked == ["CA1-5"]


def test_many_who_settle_at_once_charge_once(office: Office) -> None:
    numbers = [office.asked(call_sid=f"CA{call}", amount_cents=100) for call in range(4)]
    together = Barrier(3)

    def at_once(_: int) -> int:
        together.wait(5)
        return office.settle().charged

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(at_once, range(3)))
    office.settle()
    statuses = [office.row(number).status for number in numbers]
    # The first one charged is a payment since the others' yes.
    assert statuses.count("charged") + statuses.count("canceled") == 4
    for number, status in zip(numbers, statuses, strict=True):
        found = office.found(office.row(number).idempotency_key)
        assert isinstance(found, Charged) is (status == "charged")


@dataclass
class Meanwhile(NoGateway):
    """A gateway where something happens while it is asked."""

    happens: Callable[[], object]
    answer: Charged | Declined | None
    late: Charged | Declined | None = None

    def find(self, intent: Intent) -> Charged | Declined | None:
        self.happens()
        return self.answer

    def cancel(self, intent: Intent) -> Charged | Declined | None:
        return self.late


def test_a_payment_taken_over_meanwhile_is_not_canceled(office: Office) -> None:
    number = office.asked(created_at=NOW - INTENT)

    def renewed() -> None:
        with office.engine.begin() as connection:
            connection.execute(update(tables.payments).values(updated_at=NOW + 5 * SECOND))

    office.gateway = Meanwhile(renewed, None)
    assert office.settle() == Settled(0, 0, 0, 0, 1, NOW)
    assert office.row(number).status == "charging"


def test_a_payment_settled_meanwhile_keeps_its_number(office: Office) -> None:
    number = office.asked()

    def settled() -> None:
        with office.engine.begin() as connection:
            now_known = {"status": "charged", "confirmation": "40278815"}
            connection.execute(update(tables.payments).values(now_known))

    office.gateway = Meanwhile(settled, Charged("sandbox-1"))
    office.settle()
    assert office.row(number).confirmation == "40278815"


def test_a_payment_taken_between_two_looks_is_left_alone(office: Office) -> None:
    first, second = office.asked(), office.asked(turn=6)

    def taken() -> None:
        with office.engine.begin() as connection:
            other = update(tables.payments).where(tables.payments.c.id == second)
            connection.execute(other.values(status="charged", confirmation="40278815"))

    office.gateway = Meanwhile(taken, Declined("declined"))
    assert office.settle() == Settled(0, 1, 0, 0, 0, None)
    assert [office.row(number).status for number in (first, second)] == ["declined", "charged"]


def test_a_charge_that_came_through_while_it_was_given_up_is_charged(office: Office) -> None:
    number = office.asked(created_at=NOW - INTENT)
    office.gateway = Meanwhile(lambda: None, None, Charged("late"))
    assert office.settle() == Settled(1, 0, 0, 0, 0, None)
    assert (office.row(number).status, office.row(number).reference) == ("charged", "late")


def test_a_payment_somebody_else_began_to_ask_about_is_left_to_them(office: Office) -> None:
    first, second = office.asked(), office.asked(turn=6)

    def begun() -> None:
        with office.engine.begin() as connection:
            other = update(tables.payments).where(tables.payments.c.id == second)
            connection.execute(other.values(status="charging", updated_at=office.now))

    office.gateway = Meanwhile(begun, Declined("declined"))
    assert office.settle() == Settled(0, 1, 0, 0, 1, NOW)
    assert [office.row(number).status for number in (first, second)] == ["declined", "charging"]

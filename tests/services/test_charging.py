import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from ivr.dialog.call import Call, Identity
from ivr.dialog.events import Card, Replied
from ivr.dialog.turns import Request
from ivr.errors import CallError, StoreError
from ivr.flows.services import Level
from ivr.gateways.payments import Charge, Charged, Declined, Intent, PaymentGateway
from ivr.gateways.sandbox import SandboxGateway
from ivr.prompts.values import Money, Reference, YesNo
from ivr.services import settling
from ivr.services.charging import Job, charge
from ivr.services.context import Context
from ivr.services.payments import CHARGE
from ivr.store import payments, tables
from ivr.telemetry import Secret
from tests.builders import NOW, NoGateway, account, call, context, payment

VISA = "pm_card_visa"
DECLINED = "pm_card_visa_chargeDeclined"
NO_FUNDS = "pm_card_visa_chargeDeclinedInsufficientFunds"
EXPIRED = "pm_card_chargeDeclinedExpiredCard"
BAD_CODE = "pm_card_chargeDeclinedIncorrectCvc"
TOO_OFTEN = "pm_card_visa_chargeDeclinedVelocityLimitExceeded"
SILENT = "pm_sandbox_timeout"
DOWN = "pm_sandbox_down"
LATER = NOW + timedelta(seconds=2)


def request(token: str) -> Request:
    return Request(CHARGE, secrets={"card": Card(Secret(token), "visa", "4242")})


TAKEN_OVER = Request(CHARGE, secrets={"card": Card(Secret(""), "", "")})


@dataclass
class Line:
    """A call that said yes to $32.10 at turn 5 and gives a card at turn 6."""

    engine: Engine
    gateway: PaymentGateway
    ledger: Path
    call: Call

    def prepare(self, asked: Request) -> Job | Replied:
        with self.engine.begin() as connection:
            job: Job | Replied = charge.prepare(self.context(connection), asked)
        return job

    def settle(self, job: Job, found: settling.Found) -> Replied:
        with self.engine.begin() as connection:
            given = replace(self.context(connection), now=LATER)
            return charge.settle(given, request(VISA), job, found)

    def context(self, connection: Any) -> Context:
        return context(connection, self.call, turn=6, gateway=self.gateway)

    def pay(self, asked: Request) -> Replied:
        """What the switchboard does with the service."""
        job = self.prepare(asked)
        return job if isinstance(job, Replied) else self.settle(job, charge.work(job))

    @property
    def row(self) -> Any:
        with self.engine.begin() as connection:
            return connection.execute(select(tables.payments)).one()

    @property
    def charged(self) -> list[str]:
        """The status of every charge in the gateway's own ledger."""
        with closing(sqlite3.connect(self.ledger)) as ledger:
            return [status for (status,) in ledger.execute("SELECT status FROM charges")]

    def write(self, **values: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(update(tables.payments).values(values))


@pytest.fixture
def line(database: Engine, tmp_path: Path) -> Line:
    with database.begin() as connection:
        number = account(connection, "84.20", past_due_cents=3210, status="suspended")
        payment(connection, number)
    ledger = tmp_path / "sandbox.db"
    gateway = SandboxGateway(ledger, timeout=0.01)
    gateway.make()
    state = call(identity=Identity(Level.MATCHED, number, number))
    return Line(database, gateway, ledger, state)


@dataclass
class Broken(NoGateway):
    """A gateway that fails in a way nobody foresaw."""

    def charge(self, charge: Charge) -> Charged | Declined:
        raise ZeroDivisionError

    def find(self, intent: Intent) -> Charged | Declined | None:
        raise ZeroDivisionError


def test_a_charge_gives_a_confirmation_number_that_is_in_the_store(line: Line) -> None:
    reply = line.pay(request(VISA))
    row = line.row
    assert reply.outcome == "charged"
    assert reply.fields == {
        "amount": Money(3210),
        "confirmation": Reference(row.confirmation),
        "restores": YesNo(True),
        "has-back-by": YesNo(False),
        "late": YesNo(False),
    }
    assert len(row.confirmation) == 8
    assert row.confirmation.isdigit()
    assert row.confirmation[0] != "0"
    assert (row.status, row.brand, row.last4) == ("charged", "visa", "4242")
    assert (row.asked_at, row.charged_at, row.charge_turn) == (NOW, LATER, 6)
    assert row.token is None
    assert line.charged == ["charged"]


def test_before_the_gateway_is_asked_the_token_is_in_the_store(line: Line) -> None:
    job = line.prepare(request(VISA))
    assert isinstance(job, Job)
    row = line.row
    assert (row.status, row.token, row.asked_at) == ("charging", VISA, NOW)
    assert line.charged == []
    assert VISA not in repr(job)


@pytest.mark.parametrize(
    ("token", "outcome", "status", "reason", "ledger"),
    [
        (DECLINED, "declined", "declined", "declined", ["declined"]),
        (NO_FUNDS, "declined-funds", "declined", "funds", ["declined"]),
        (EXPIRED, "declined-expired", "declined", "expired-card", ["declined"]),
        (BAD_CODE, "declined-details", "declined", "details", ["declined"]),
        (TOO_OFTEN, "declined-bank", "declined", "call-bank", ["declined"]),
        (DOWN, "down", "canceled", "not-charged", []),
        (SILENT, "unknown", "unknown", None, ["charged"]),
    ],
)
def test_a_charge_that_fails_says_how(
    line: Line, token: str, outcome: str, status: str, reason: str | None, ledger: list[str]
) -> None:
    reply = line.pay(request(token))
    assert (reply.outcome, reply.fields) == (outcome, {})
    row = line.row
    assert (row.status, row.decline_code, row.charge_turn) == (status, reason, 6)
    assert (row.confirmation, row.charged_at) == (None, None)
    assert line.charged == ledger
    assert (row.token is None) is (status != "unknown")


def test_a_gateway_that_breaks_leaves_the_charge_unknown(line: Line) -> None:
    line.gateway = Broken()
    assert line.pay(request(VISA)).outcome == "unknown"


@pytest.mark.parametrize(
    ("token", "outcome"),
    [(VISA, "charged"), (DECLINED, "declined"), (NO_FUNDS, "declined-funds"), (DOWN, "down")],
)
def test_a_turn_that_runs_again_tells_the_same(line: Line, token: str, outcome: str) -> None:
    first = line.pay(request(token))
    before = line.row
    assert line.pay(request(token)) == line.pay(TAKEN_OVER) == first
    assert first.outcome == outcome
    assert line.row == before
    assert len(line.charged) == (token != DOWN)


@pytest.mark.parametrize("sent", [True, False])
def test_a_turn_taken_over_from_a_dead_worker_charges_once(line: Line, sent: bool) -> None:
    job = line.prepare(request(VISA))
    if sent:
        charge.work(job)
    assert line.pay(TAKEN_OVER).outcome == "charged"
    assert line.charged == ["charged"]
    assert line.row.last4 == "4242"


def test_a_silent_charge_is_known_once_its_turn_runs_again(line: Line) -> None:
    assert line.pay(request(SILENT)).outcome == "unknown"
    assert line.pay(TAKEN_OVER).outcome == "charged"
    assert line.charged == ["charged"]


def test_a_gateway_that_is_down_proves_nothing_where_an_earlier_try_may_have_been_sent(
    line: Line,
) -> None:
    line.prepare(request(DOWN))
    assert line.pay(TAKEN_OVER).outcome == "unknown"
    assert line.row.status == "unknown"


def test_two_workers_at_one_turn_charge_once_and_say_the_same(line: Line) -> None:
    together = Barrier(2)

    def at_once(asked: Request) -> Replied:
        job = line.prepare(asked)
        assert isinstance(job, Job)
        together.wait(5)
        return line.settle(job, charge.work(job))

    line.prepare(request(VISA))
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(at_once, [TAKEN_OVER, TAKEN_OVER])
    assert first == second
    assert first.outcome == "charged"
    assert line.charged == ["charged"]


def of_another_call(line: Line, **values: Any) -> Line:
    """Another telephone of the same household, whose caller said yes as well."""
    with line.engine.begin() as connection:
        account = line.call.identity.account or 0
        payment(connection, account, call_sid="CA2", **values)
    return replace(line, call=replace(line.call, sid="CA2"))


def status_of(line: Line) -> tuple[str, str | None]:
    with line.engine.begin() as connection:
        newest = payments.newest(connection, line.call.sid)
    assert newest is not None
    return newest.status, newest.reason


@pytest.mark.parametrize(
    "other",
    [
        {"status": "charged", "charged_at": NOW, "amount_cents": 100},
        {"status": "charging", "asked_at": NOW},
        {"status": "unknown", "asked_at": NOW},
    ],
)
def test_a_card_is_not_charged_where_another_payment_of_the_account_was_there_first(
    line: Line, other: dict[str, Any]
) -> None:
    of_another_call(line, **other)
    assert line.pay(request(VISA)) == line.pay(request(VISA)) == Replied("overtaken")
    assert status_of(line) == ("canceled", payments.OVERTAKEN)
    assert line.charged == []


def test_cards_tried_on_other_phones_meanwhile_count_for_this_one(line: Line) -> None:
    for turn in range(5):
        of_another_call(line, turn=turn, status="declined", asked_at=NOW)
    assert line.pay(request(DECLINED)).outcome == "declined"
    other = of_another_call(line, turn=7)
    assert other.pay(request(VISA)) == other.pay(request(VISA)) == Replied("limit")
    assert status_of(other) == ("canceled", payments.LIMIT)
    assert line.charged == ["declined"]


def test_a_credit_agreed_to_is_no_reason_not_to_charge_but_a_balance_that_sank_is(
    line: Line,
) -> None:
    line.write(amount_cents=10000, over_cents=1580)
    sunk = update(tables.accounts).values(balance_cents=8419)
    with line.engine.begin() as connection:
        connection.execute(sunk)
    assert line.pay(request(VISA)).outcome == "overtaken"
    line.write(status="awaiting-method", over_cents=1581)
    assert line.pay(request(VISA)).outcome == "charged"


def test_a_receipt_says_what_was_charged_in_all(line: Line) -> None:
    line.write(fee_cents=200)
    assert line.pay(request(VISA)).fields["amount"] == Money(3410)
    with closing(sqlite3.connect(line.ledger)) as ledger:
        assert ledger.execute("SELECT amount_cents FROM charges").fetchall() == [(3410,)]


def test_two_calls_of_one_account_at_the_same_instant_charge_one_of_them(line: Line) -> None:
    calls = [line, of_another_call(line)]
    together = Barrier(2)

    def at_once(call: Line) -> str:
        together.wait(5)
        return call.pay(request(VISA)).outcome

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(at_once, calls)) == ["charged", "overtaken"]
    assert line.charged == ["charged"]


@pytest.mark.parametrize("reason", ["expired", "hung-up", "stopped"])
def test_an_intent_that_was_given_up_is_not_charged(line: Line, reason: str) -> None:
    line.write(status="canceled", decline_code=reason)
    assert line.pay(request(VISA)).outcome == "expired"
    assert line.charged == []


def test_whoever_lost_a_payment_can_no_longer_say_that_nothing_was_charged(line: Line) -> None:
    job = line.prepare(request(DOWN))
    assert isinstance(job, Job)
    line.write(updated_at=LATER)
    for found in ("not-charged", "unknown"):
        assert line.settle(job, found).outcome == "unknown"
        assert line.row.status == "charging"


def test_money_that_moved_is_told_even_where_it_was_given_up(line: Line) -> None:
    job = line.prepare(request(VISA))
    line.write(status="canceled")
    assert isinstance(job, Job)
    assert line.settle(job, charge.work(job)).outcome == "charged"
    assert line.row.status == "charged"


def test_a_payment_moved_between_two_looks_is_looked_at_again(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest = payments.newest

    def stale(connection: Any, sid: str) -> payments.Payment | None:
        monkeypatch.undo()
        found = newest(connection, sid)
        connection.execute(update(tables.payments).values(status="canceled", updated_at=LATER))
        return found

    monkeypatch.setattr(payments, "newest", stale)
    assert line.prepare(request(VISA)) == Replied("expired")


def test_a_confirmation_number_that_is_taken_is_drawn_again(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    draws = iter([15, 15, 7])
    monkeypatch.setattr("secrets.randbelow", lambda _: next(draws, 15))
    with line.engine.begin() as connection:
        other = account(connection, "10.00", number="2")
        payment(connection, other, call_sid="CA0", status="charged", confirmation="10000015")
    assert line.pay(request(VISA)).fields["confirmation"] == Reference("10000007")


def test_where_every_confirmation_number_is_taken_the_charge_stays_to_be_settled(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("secrets.randbelow", lambda _: 15)
    with line.engine.begin() as connection:
        other = account(connection, "10.00", number="2")
        payment(connection, other, call_sid="CA0", status="canceled", confirmation="10000015")
    with pytest.raises(StoreError, match="no free confirmation"):
        line.pay(request(VISA))
    with line.engine.begin() as connection:
        mine = payments.newest(connection, "CA1")
    assert mine is not None
    assert (mine.status, mine.confirmation) == ("charging", None)


def test_too_little_for_what_is_past_due_restores_nothing(line: Line) -> None:
    line.write(amount_cents=3209)
    assert line.pay(request(VISA)).fields["restores"] == YesNo(False)


def never(line: Line) -> None:
    with line.engine.begin() as connection:
        connection.execute(tables.payments.delete())


@pytest.mark.parametrize(
    ("before", "asked"),
    [(never, request(VISA)), (lambda line: None, TAKEN_OVER)],
)
def test_nothing_is_charged_without_a_yes_and_a_card(
    line: Line, before: Callable[[Line], None], asked: Request
) -> None:
    before(line)
    with pytest.raises(CallError):
        line.prepare(asked)
    assert line.charged == []

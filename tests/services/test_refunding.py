import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, Engine, select, update

from ivr.config import Times
from ivr.dialog.call import Call, Identity
from ivr.dialog.events import Replied
from ivr.dialog.turns import Request
from ivr.errors import CallError, NoAnswer, NotSent
from ivr.flows.services import Level
from ivr.gateways.payments import Charge, PaymentGateway, Refund
from ivr.gateways.sandbox import SandboxGateway
from ivr.prompts.values import Money, Reference, Value
from ivr.services.context import Context
from ivr.services.refunding import AGAIN, MAKE, OFFER, Asking, Settled, make, offer, settle_refunds
from ivr.store import restores, tables
from ivr.store.accounts import read_bill
from ivr.telemetry import Secret
from tests.builders import NOW, NoGateway, account, call, context, payment

NUMBER = "40278815"
BACK: dict[str, Value] = {"amount": Money(3310), "confirmation": Reference(NUMBER)}
LATER = NOW + timedelta(minutes=2)


@dataclass
class Fails(NoGateway):
    """A gateway that does as told when it is asked to give money back."""

    does: Callable[[], bool]
    asked: list[Refund] = field(default_factory=list)

    def refund(self, refund: Refund) -> bool:
        self.asked.append(refund)
        return self.does()


@dataclass
class Line:
    """A caller who paid $32.10 and a fee of $1.00 an hour ago."""

    engine: Engine
    gateway: PaymentGateway
    ledger: Path
    call: Call
    now: datetime = NOW

    def context(self, connection: Any) -> Context:
        return context(connection, self.call, turn=9, gateway=self.gateway, now=self.now)

    def prepare(self, number: str = NUMBER) -> Asking | Replied:
        with self.engine.begin() as connection:
            asked = Request(MAKE, {"confirmation": Reference(number)})
            job: Asking | Replied = make.prepare(self.context(connection), asked)
        return job

    def cancel(self) -> Replied:
        job = self.prepare()
        return job if isinstance(job, Replied) else self.settle(job, make.work(job))

    def settle(self, job: Asking, found: str) -> Replied:
        with self.engine.begin() as connection:
            asked = Request(MAKE, {"confirmation": Reference(NUMBER)})
            return make.settle(self.context(connection), asked, job, found)

    def offer(self) -> Replied:
        with self.engine.begin() as connection:
            return offer(self.context(connection), Request(OFFER))

    def reconcile(self, patiently: bool = False) -> Settled:
        return settle_refunds(
            self.engine, self.gateway, Times(), lambda: self.now, patiently=patiently
        )

    @property
    def row(self) -> Any:
        with self.engine.begin() as connection:
            return connection.execute(select(tables.payments)).one()

    @property
    def balance(self) -> int:
        with self.engine.begin() as connection:
            bill = read_bill(
                connection, self.call.identity.account or 0, ZoneInfo("America/Chicago")
            )
        assert bill
        return bill.balance_cents

    def row_id(self, connection: Connection) -> int:
        return int(connection.execute(select(tables.payments.c.id)).scalar_one())

    @property
    def waits(self) -> bool:
        """Whether the network desk is asked for their service."""
        with self.engine.begin() as connection:
            return restores.asked_at(connection, self.call.identity.account or 0) is not None

    @property
    def refunds(self) -> list[tuple[str, int]]:
        with closing(sqlite3.connect(self.ledger)) as ledger:
            return list(ledger.execute("SELECT idempotency_key, amount_cents FROM refunds"))

    def write(self, **values: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(update(tables.payments).values(values))


@pytest.fixture
def line(database: Engine, tmp_path: Path) -> Line:
    ledger = tmp_path / "sandbox.db"
    gateway = SandboxGateway(ledger, timeout=0.01)
    charged = gateway.charge(Charge("CA1-5", Secret("pm_card_visa"), 3310))
    with database.begin() as connection:
        number = account(connection, "84.20", balance_as_of=NOW - timedelta(days=1))
        payment(
            *(connection, number),
            status="charged",
            fee_cents=100,
            charged_at=NOW - timedelta(hours=1),
            confirmation=NUMBER,
            last4="4242",
            reference=getattr(charged, "reference", ""),
        )
    state = call(identity=Identity(Level.VERIFIED, number, number))
    return Line(database, gateway, ledger, state)


def fails(error: Exception) -> Callable[[], bool]:
    def refuse() -> bool:
        raise error

    return refuse


def test_a_canceled_payment_goes_back_with_its_fee_and_is_owed_again(line: Line) -> None:
    assert line.balance == 8420 - 3210
    assert line.offer() == Replied("possible", BACK)
    assert line.cancel() == Replied("refunded", BACK)
    assert (line.row.status, line.row.refunded_at) == ("refunded", NOW)
    assert line.refunds == [("CA1-5", 3310)]
    assert line.balance == 8420
    assert OFFER.level is MAKE.level is Level.VERIFIED


@pytest.mark.parametrize("answered_later", [False, True])
def test_the_service_it_was_to_restore_is_asked_for_no_more(
    line: Line, answered_later: bool
) -> None:
    with line.engine.begin() as connection:
        connection.execute(update(tables.accounts).values(status="suspended", past_due_cents=3210))
        number = line.call.identity.account or 0
        restores.ask(connection, number, line.row_id(connection), NOW)
    if answered_later:
        works, line.gateway = line.gateway, Fails(fails(NoAnswer("silent")))
        line.cancel()
        assert line.waits
        line.gateway, line.now = works, LATER
        line.reconcile()
    else:
        line.cancel()
    assert not line.waits


def test_a_refund_that_is_refused_leaves_the_request_for_service(line: Line) -> None:
    with line.engine.begin() as connection:
        restores.ask(connection, line.call.identity.account or 0, line.row_id(connection), NOW)
    line.gateway = Fails(lambda: False)
    line.cancel()
    assert line.waits


def test_however_often_it_is_canceled_it_goes_back_once(line: Line) -> None:
    job, other = line.prepare(), line.prepare()
    assert isinstance(job, Asking)
    assert isinstance(other, Asking)
    for one in (job, other):
        assert line.settle(one, make.work(one)) == Replied("refunded", BACK)
    assert line.cancel() == Replied("refunded", BACK)
    assert line.refunds == [("CA1-5", 3310)]
    assert line.offer() == Replied("too-late")


def test_that_the_gateway_is_asked_is_in_the_store_before_it_is(line: Line) -> None:
    job = line.prepare()
    assert isinstance(job, Asking)
    assert job.first
    assert line.row.refund_asked_at == NOW
    assert line.refunds == []
    assert line.offer() == Replied("too-late")


@pytest.mark.parametrize(
    "values",
    [{"charged_at": NOW - timedelta(days=1)}, {"status": "posted"}, {"status": "returned"}],
)
def test_what_is_not_todays_or_on_the_bill_stays(line: Line, values: dict[str, Any]) -> None:
    line.write(**values)
    assert line.offer() == line.cancel() == Replied("too-late")
    assert line.row.refund_asked_at is None
    assert line.refunds == []


def test_a_gateway_for_which_it_is_too_late_leaves_the_payment_as_it_was(line: Line) -> None:
    line.gateway = Fails(lambda: False)
    assert line.cancel() == Replied("too-late")
    assert (line.row.status, line.row.refund_asked_at) == ("charged", None)


def test_a_gateway_that_was_not_reached_was_not_asked(line: Line) -> None:
    line.gateway = Fails(fails(NotSent("down")))
    assert line.cancel() == Replied("unavailable")
    assert line.row.refund_asked_at is None
    assert line.offer().outcome == "possible"


@pytest.mark.parametrize("error", [NoAnswer("silent"), ZeroDivisionError()])
def test_without_an_answer_it_stays_asked_for_until_the_gateway_says(
    line: Line, error: Exception
) -> None:
    works = line.gateway
    line.gateway = Fails(fails(error))
    assert line.cancel() == Replied("unknown")
    assert line.row.refund_asked_at == NOW
    line.now = LATER
    assert line.reconcile() == Settled(0, 1)
    assert line.row.refund_asked_at == LATER
    line.gateway, line.now = works, LATER + AGAIN
    assert line.reconcile(patiently=True) == Settled(0, 1)
    line.now += timedelta(seconds=1)
    assert line.reconcile(patiently=True) == Settled(1, 0)
    assert line.row.status == "refunded"
    assert line.refunds == [("CA1-5", 3310)]
    assert line.reconcile() == Settled(0, 0)


def test_after_an_earlier_try_not_being_reached_proves_nothing(line: Line) -> None:
    line.prepare()
    line.now, line.gateway = LATER, Fails(fails(NotSent("down")))
    assert line.cancel() == Replied("unknown")
    assert line.row.refund_asked_at == LATER


def test_only_who_asked_last_may_say_that_nothing_goes_back(line: Line) -> None:
    job = line.prepare()
    assert isinstance(job, Asking)
    line.now = LATER
    line.prepare()
    assert line.settle(job, "too-late") == Replied("too-late")
    assert line.row.refund_asked_at == LATER


def test_what_went_back_meanwhile_is_told_whatever_was_found(line: Line) -> None:
    job = line.prepare()
    assert isinstance(job, Asking)
    line.write(status="refunded", refunded_at=NOW)
    assert line.settle(job, "unknown") == Replied("refunded", BACK)


def test_a_reconciler_for_which_it_is_too_late_asks_no_more(line: Line) -> None:
    line.prepare()
    line.now, line.gateway = LATER, Fails(lambda: False)
    assert line.reconcile() == Settled(0, 0)
    assert line.row.status == "charged"


def test_a_payment_of_another_account_is_a_call_error(line: Line) -> None:
    with pytest.raises(CallError, match="none of this account"):
        line.prepare("11111111")

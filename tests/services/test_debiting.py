import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from ivr.config import Settings
from ivr.dialog.call import Call, Identity
from ivr.dialog.events import Card, Replied
from ivr.dialog.turns import Request
from ivr.errors import CallError
from ivr.flows.model import PayMethod
from ivr.flows.services import Level
from ivr.gateways.sandbox import SandboxGateway
from ivr.prompts.values import Date, Digits, Money, Reference, Text
from ivr.services.charging import charge, debit
from ivr.services.context import Context
from ivr.services.debiting import HOLD, hold
from ivr.services.payments import CHARGE, DEBIT
from ivr.services.settling import settle_unknown
from ivr.store import payments, tables
from ivr.telemetry import Secret
from tests.builders import NOW, account, call, context, payment, stored_call

GIVEN = Card(Secret("pm_usBankAccount_success"), "", "89", PayMethod.BANK)
HELD = Request(HOLD, secrets={"account": GIVEN})
SPOKEN = Request(DEBIT, {"authorization": Text("RE00a1")})
TEXTS = Settings(text_from="+18005550199")


@dataclass
class Line:
    """A call that said yes to $32.10 at turn 5, keys an account, and says yes aloud."""

    engine: Engine
    ledger: Path
    call: Call

    def context(self, connection: Any, turn: int) -> Context:
        gateway = SandboxGateway(self.ledger, 0.01)
        return context(connection, self.call, turn=turn, gateway=gateway, settings=TEXTS)

    def hold(self) -> Replied:
        with self.engine.begin() as connection:
            return hold(self.context(connection, 6), HELD)

    def debit(self, asked: Request = SPOKEN) -> Replied:
        """What the switchboard does with the service."""
        with self.engine.begin() as connection:
            job = debit.prepare(self.context(connection, 7), asked)
        if isinstance(job, Replied):
            return job
        found = debit.work(job)
        with self.engine.begin() as connection:
            return debit.settle(self.context(connection, 7), asked, job, found)

    def rows(self, table: Any) -> list[Any]:
        with self.engine.begin() as connection:
            return list(connection.execute(select(table)))

    @property
    def charges(self) -> list[Any]:
        with closing(sqlite3.connect(self.ledger)) as ledger:
            return ledger.execute("SELECT token, amount_cents, status FROM charges").fetchall()


@pytest.fixture
def line(database: Engine, tmp_path: Path) -> Line:
    ledger = tmp_path / "sandbox.db"
    SandboxGateway(ledger, 0.01).make()
    with database.begin() as connection:
        owner = account(connection, "84.20")
        state = call(identity=Identity(Level.MATCHED, owner, owner))
        stored_call(connection, state, status="completed")
        payment(connection, owner)
    return Line(database, ledger, state)


def test_what_is_agreed_to_names_amount_day_account_and_a_number_to_call(line: Line) -> None:
    reply = line.hold()
    assert reply.outcome == "held"
    assert reply.fields == {
        "amount": Money(3210),
        "date": Date(date(2026, 11, 20)),
        "ending": Digits("89"),
        "line": Text("8 0 0, 5 5 5, 0 1 9 9"),
    }
    assert line.charges == []


def test_a_yes_said_aloud_is_charged_once_and_kept_with_its_words(line: Line) -> None:
    line.hold()
    reply, again = line.debit(), line.debit()
    assert reply == again
    assert reply.outcome == "charged"
    assert line.charges == [("pm_usBankAccount_success", 3210, "charged")]
    (consent,), (paid,) = line.rows(tables.consents), line.rows(tables.payments)
    assert (consent.kind, consent.recording) == ("bank-debit", "RE00a1")
    assert consent.words == (
        "Northside Cable will debit $32.10 once, on or after November 20, from the account"
        " ending 8 9. To cancel it or to ask, call 8 0 0, 5 5 5, 0 1 9 9 by the end of today."
    )
    assert (paid.method, paid.last4, paid.consent_id, paid.token) == (
        "bank",
        "89",
        consent.id,
        None,
    )
    assert reply.fields["confirmation"] == Reference(paid.confirmation)
    (copy,) = line.rows(tables.texts)
    assert consent.words in copy.body


def test_without_a_yes_said_aloud_nothing_is_charged(line: Line) -> None:
    line.hold()
    with pytest.raises(CallError, match="aloud"):
        line.debit(Request(DEBIT))
    with line.engine.begin() as connection, pytest.raises(CallError, match="without a card"):
        charge.prepare(line.context(connection, 7), Request(CHARGE))
    assert line.charges == []
    assert line.rows(tables.consents) == []


def test_who_never_says_it_is_not_charged_and_their_token_is_dropped(line: Line) -> None:
    line.hold()
    gateway, times = SandboxGateway(line.ledger, 0.01), Settings().times
    settle_unknown(line.engine, gateway, times, lambda: NOW + timedelta(hours=1))
    (paid,) = line.rows(tables.payments)
    assert (paid.status, paid.token) == ("canceled", None)
    assert line.debit().outcome == "expired"
    assert line.charges == []


def test_an_account_for_a_yes_that_was_given_up_is_not_kept(line: Line) -> None:
    with line.engine.begin() as connection:
        payments.cancel_open(connection, "CA1", payments.STOPPED, NOW)
    assert line.hold().outcome == "expired"
    (paid,) = line.rows(tables.payments)
    assert paid.token is None


def test_an_account_whose_debit_another_payment_overtook_is_not_kept(line: Line) -> None:
    line.hold()
    with line.engine.begin() as connection:
        owner = line.call.identity.account
        assert owner
        payment(connection, owner, call_sid="CA2", status="charged", charged_at=NOW)
    assert line.debit().outcome == "overtaken"
    assert [row.token for row in line.rows(tables.payments)] == [None, None]
    assert line.charges == []


def test_an_account_that_nobody_gave_is_refused(line: Line) -> None:
    nothing = Card(Secret(""), "", "", PayMethod.BANK)
    with line.engine.begin() as connection, pytest.raises(CallError, match="nobody gave"):
        hold(line.context(connection, 6), Request(HOLD, secrets={"account": nothing}))

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from ivr.errors import GatewayError, NoAnswer, NotSent
from ivr.gateways.payments import Charge, Charged, Declined, Intent
from ivr.gateways.sandbox import SandboxGateway
from ivr.telemetry import Secret

VISA = "pm_card_visa"
DECLINED = "pm_card_visa_chargeDeclined"
NO_FUNDS = "pm_card_visa_chargeDeclinedInsufficientFunds"


def charge(token: str = VISA, key: str = "CA1-5", cents: int = 3210) -> Charge:
    return Charge(key, Secret(token), cents)


def intent(key: str = "CA1-5") -> Intent:
    return Intent(key, 3210, datetime(2026, 11, 20, tzinfo=UTC))


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return tmp_path / "books" / "sandbox.db"


@pytest.fixture
def sandbox(ledger: Path) -> SandboxGateway:
    return SandboxGateway(ledger, timeout=0.01)


def rows(ledger: Path) -> list[Any]:
    with closing(sqlite3.connect(ledger)) as connection:
        return connection.execute("SELECT * FROM charges").fetchall()


def test_a_charge_is_written_into_the_sandboxs_own_ledger(
    sandbox: SandboxGateway, ledger: Path
) -> None:
    assert isinstance(sandbox.charge(charge()), Charged)
    [(key, token, cents, currency, status, created_at)] = rows(ledger)
    assert (key, token, cents, currency, status) == ("CA1-5", VISA, 3210, "usd", "charged")
    at = datetime.fromisoformat(created_at)
    assert at.utcoffset() == timedelta(0)
    assert datetime.now(UTC) - at < timedelta(minutes=1)


def test_any_token_it_does_not_know_charges(sandbox: SandboxGateway) -> None:
    assert isinstance(sandbox.charge(charge("pm_1234")), Charged)


@pytest.mark.parametrize(
    ("token", "answer"),
    [
        (DECLINED, Declined("declined")),
        (NO_FUNDS, Declined("funds")),
        ("pm_card_chargeDeclinedExpiredCard", Declined("expired-card")),
        ("pm_card_visa_chargeDeclinedExpiredCard", Declined("expired-card")),
        ("pm_card_chargeDeclinedIncorrectCvc", Declined("details")),
        ("pm_card_visa_chargeDeclinedVelocityLimitExceeded", Declined("call-bank")),
    ],
)
def test_a_declined_card_is_declined_again_and_found_declined(
    sandbox: SandboxGateway, ledger: Path, token: str, answer: Declined
) -> None:
    asked = [
        sandbox.charge(charge(token)),
        sandbox.charge(charge(token)),
        sandbox.find(intent("CA1-5")),
    ]
    assert asked == [answer] * 3
    assert [row[4] for row in rows(ledger)] == ["declined"]


def test_the_same_key_gives_the_first_answer_and_charges_nothing_more(
    sandbox: SandboxGateway, ledger: Path
) -> None:
    first = sandbox.charge(charge())
    assert sandbox.charge(charge()) == first
    assert sandbox.charge(charge(DECLINED)) == first
    assert len(rows(ledger)) == 1


def test_a_key_used_for_another_amount_is_an_error(sandbox: SandboxGateway, ledger: Path) -> None:
    sandbox.charge(charge())
    with pytest.raises(GatewayError, match="another amount"):
        sandbox.charge(charge(cents=3211))
    assert [row[2] for row in rows(ledger)] == [3210]


def test_a_silent_charge_is_taken_though_nobody_is_told(
    sandbox: SandboxGateway, ledger: Path
) -> None:
    with pytest.raises(NoAnswer):
        sandbox.charge(charge("pm_sandbox_timeout"))
    assert [row[4] for row in rows(ledger)] == ["charged"]
    assert sandbox.find(intent("CA1-5")) == sandbox.charge(charge("pm_sandbox_timeout"))
    assert len(rows(ledger)) == 1


def test_a_gateway_that_is_down_saw_nothing(sandbox: SandboxGateway) -> None:
    with pytest.raises(NotSent):
        sandbox.charge(charge("pm_sandbox_down"))
    assert sandbox.find(intent("CA1-5")) is None


def test_a_key_never_used_is_not_found(sandbox: SandboxGateway) -> None:
    sandbox.charge(charge(key="CA1-5"))
    assert sandbox.find(intent("CA1-7")) is None


def test_charges_of_one_key_at_once_are_one_charge(sandbox: SandboxGateway, ledger: Path) -> None:
    together = Barrier(8)

    def at_once(key: str) -> Charged | Declined:
        together.wait(5)
        return sandbox.charge(charge(key=key))

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(at_once, ["CA1-5"] * 6 + ["CA2-5", "CA3-5"]))
    assert len(set(answers[:6])) == 1
    assert len(set(answers)) == 3
    assert sorted(row[0] for row in rows(ledger)) == ["CA1-5", "CA2-5", "CA3-5"]


@pytest.mark.parametrize(
    "ask", [lambda one: one.charge(charge()), lambda one: one.find(intent("CA1-5"))]
)
def test_a_ledger_that_cannot_be_used_took_nothing(
    tmp_path: Path, ask: Callable[[SandboxGateway], object]
) -> None:
    (tmp_path / "not-a-folder").write_text("")
    with pytest.raises(NotSent, match="cannot open"):
        ask(SandboxGateway(tmp_path / "not-a-folder" / "sandbox.db", 0.01))
    (tmp_path / "not-a-database").write_text("these are no charges at all " * 40)
    with pytest.raises(NotSent, match="cannot use"):
        ask(SandboxGateway(tmp_path / "not-a-database", 0.01))


def test_an_empty_file_becomes_a_ledger(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    sandbox = SandboxGateway(tmp_path / "empty.db", 0.01)
    assert sandbox.find(intent("CA1-5")) is None
    assert isinstance(sandbox.charge(charge()), Charged)


def test_a_ledger_that_takes_no_more_leaves_the_charge_unknown(ledger: Path) -> None:
    sandbox = SandboxGateway(ledger, 0.01)
    sandbox.find(intent("CA1-5"))
    with closing(sqlite3.connect(ledger)) as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON charges BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
    with pytest.raises(NoAnswer):
        sandbox.charge(charge())
    assert rows(ledger) == []


def test_the_sandbox_takes_cards_and_banks_in_one_step(sandbox: SandboxGateway) -> None:
    assert sandbox.accepts == {"card", "bank"}
    assert not sandbox.opens


def test_opening_and_canceling_leave_its_ledger_alone(
    sandbox: SandboxGateway, ledger: Path
) -> None:
    assert sandbox.open(intent()) == sandbox.open(intent())
    assert sandbox.cancel(intent()) is None
    assert rows(ledger) == []
    sandbox.charge(charge())
    assert isinstance(sandbox.cancel(intent()), Charged)

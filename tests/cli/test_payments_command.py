import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, update

from ivr.cli.payments import payments
from ivr.gateways.payments import Charge
from ivr.gateways.sandbox import SandboxGateway
from ivr.store.tables import payments as table
from ivr.telemetry import Secret
from tests.builders import account, payment
from tests.cli.conftest import Run
from tests.line import ROOT

ASKED = datetime.now(UTC) - timedelta(minutes=1)


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SANDBOX_LEDGER", str(tmp_path / "sandbox.db"))
    return tmp_path / "sandbox.db"


def unknown(database: Engine, **values: Any) -> None:
    asked = {"created_at": ASKED, "updated_at": ASKED, "asked_at": ASKED}
    with database.begin() as connection:
        number = account(connection, "84.20")
        payment(connection, number, **{"status": "unknown", "token": "t", **asked, **values})


@pytest.mark.usefixtures("ledger")
def test_where_nothing_is_unknown_reconciling_is_fine(run: Run) -> None:
    result = run(payments, "reconcile", "--json")
    assert result.exit_code == 0
    none: dict[str, Any] = dict.fromkeys(
        ("charged", "declined", "canceled", "expired", "unknown"), 0
    )
    assert json.loads(result.output) == [
        {**none, "since": None, "refunded": 0, "refunds_unknown": 0}
    ]


def test_reconciling_learns_what_the_gateway_knows(
    run: Run, database: Engine, ledger: Path
) -> None:
    unknown(database)
    SandboxGateway(ledger, 0.01).charge(Charge("CA1-5", Secret("t"), 3210))
    result = run(payments, "reconcile")
    assert result.exit_code == 0
    titles, cells = result.output.splitlines()
    assert titles.split() == [
        *("charged", "declined", "canceled", "expired", "unknown", "since"),
        *("refunded", "refunds", "unknown"),
    ]
    assert cells.split() == ["1", "0", "0", "0", "0", "-", "0", "0"]


def test_what_is_left_unknown_fails_and_says_how_many_since_when(
    run: Run, database: Engine, ledger: Path
) -> None:
    unknown(database)
    ledger.write_text("this is no ledger at all " * 40)
    result = run(payments, "reconcile", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)[0]["unknown"] == 1
    assert result.stderr == (
        f"Error: 1 payment is still unknown, since {ASKED:%Y-%m-%d %H:%M} UTC;"
        " run this again in a minute\n"
    )


@pytest.mark.usefixtures("ledger")
def test_a_charge_under_way_counts_as_unknown(run: Run, database: Engine) -> None:
    fresh = datetime.now(UTC) + timedelta(minutes=1)
    unknown(database, status="charging", updated_at=fresh)
    with database.begin() as connection:
        payment(
            *(connection, account(connection, number="2")),
            call_sid="CA2",
            status="charging",
            updated_at=fresh,
            asked_at=ASKED,
        )
    result = run(payments, "reconcile")
    assert result.exit_code == 1
    assert "2 payments are still unknown" in result.stderr


def test_the_picture_of_payments_is_drawn_checked_and_mended(run: Run, tmp_path: Path) -> None:
    drawn = run(payments, "states").output
    assert drawn.startswith("stateDiagram-v2\n")
    page = tmp_path / "page.md"
    page.write_text("<!-- state diagram: begin -->\nold\n<!-- state diagram: end -->\n")
    old = run(payments, "states", "--check", str(page))
    assert old.exit_code == 1
    mend = f"run: ivr payments states --write {page}\n"
    assert old.stderr == f"ivr: {page} has an old state diagram; {mend}"
    assert run(payments, "states", "--write", str(page)).exit_code == 0
    assert drawn in page.read_text()
    assert run(payments, "states", "--check", str(page)).exit_code == 0


def test_the_picture_in_the_docs_is_what_the_table_draws(run: Run) -> None:
    page = ROOT / "docs/decisions/money.md"
    assert run(payments, "states", "--check", str(page)).output == ""


def test_what_billing_says_of_payments_is_taken_from_a_file(
    run: Run, database: Engine, tmp_path: Path
) -> None:
    charged = datetime(2026, 1, 1, tzinfo=UTC)
    unknown(database, status="charged", charged_at=charged, confirmation="40278815")
    file = tmp_path / "posted.csv"
    file.write_text("confirmation,status,date\n40278815,posted,2026-01-02\n")
    result = run(payments, "update", str(file))
    assert (result.exit_code, result.output) == (0, "1 payments updated, 0 known before\n")
    file.write_text("confirmation,status,date\n40278815,lost,2026-01-02\n")
    result = run(payments, "update", str(file))
    assert result.exit_code == 1
    assert f'{file}:2: status: "lost" must be one of' in result.stderr


def test_a_payment_being_given_back_is_asked_about_until_the_gateway_says(
    run: Run, database: Engine, ledger: Path
) -> None:
    asked = {"refund_asked_at": ASKED, "charged_at": ASKED, "reference": "sandbox-1"}
    unknown(database, status="charged", confirmation="40278815", **asked)
    result = run(payments, "reconcile")
    assert result.exit_code == 1
    assert (
        result.stderr == "Error: 1 payment is still being given back; run this again in a minute\n"
    )
    with database.begin() as connection:
        connection.execute(update(table).values(refund_asked_at=ASKED))
    SandboxGateway(ledger, 0.01).charge(Charge("CA1-5", Secret("t"), 3210))
    result = run(payments, "reconcile", "--json")
    assert result.exit_code == 0
    (told,) = json.loads(result.output)
    assert (told["refunded"], told["refunds_unknown"]) == (1, 0)

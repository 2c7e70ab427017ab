import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from ivr.cli.autopay import autopay
from ivr.store import autopays
from tests.builders import account, payment
from tests.cli.conftest import Run
from tests.line import ROOT
from tests.services.enrolments import SILENT, VISA, enrolled, method

NOW = datetime.now(UTC)
TODAY = datetime.now(ZoneInfo("America/Chicago")).date()
DUE = TODAY + timedelta(days=12)
NONE = dict.fromkeys(("announced", "taken", "failed", "skipped", "waiting", "unknown"), 0)


@pytest.fixture(autouse=True)
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SANDBOX_LEDGER", str(tmp_path / "sandbox.db"))
    monkeypatch.setenv("IVR_BOOK", str(ROOT))
    monkeypatch.setenv("IVR_TIMES", "gateway=0.01")
    return tmp_path / "sandbox.db"


def customer(database: Engine, token: str = VISA, **values: Any) -> int:
    given = {"due_date": DUE, "balance_as_of": NOW, "phone": "+12025550142", **values}
    with database.begin() as connection:
        owner = account(connection, "84.20", **given)
        enrolled(connection, owner, method(connection, owner, token=token), NOW)
    return owner


def ran(run: Run, *arguments: str) -> dict[str, Any]:
    result = run(autopay, "run", "--json", *arguments)
    assert result.exit_code == 0, result.output
    (row,) = json.loads(result.output)
    return dict(row)


def charges(ledger: Path) -> list[tuple[str, int, str]]:
    with closing(sqlite3.connect(ledger)) as opened:
        query = "SELECT idempotency_key, amount_cents, status FROM charges"
        return list(opened.execute(query))


def test_a_run_announces_then_takes_and_does_nothing_twice(
    run: Run, database: Engine, ledger: Path
) -> None:
    customer(database)
    assert ran(run) == {**NONE, "date": TODAY.isoformat(), "announced": 1}
    day = ("--date", DUE.isoformat())
    assert ran(run, *day) == {**NONE, "date": DUE.isoformat(), "taken": 1}
    assert ran(run, *day) == {**NONE, "date": DUE.isoformat()}
    assert charges(ledger) == [(f"autopay-1-{DUE:%Y%m%d}", 8420, "charged")]


def test_what_has_no_answer_yet_fails_and_says_so(run: Run, database: Engine) -> None:
    customer(database, SILENT)
    ran(run)
    result = run(autopay, "run", "--date", DUE.isoformat())
    assert result.exit_code == 1
    assert "1 payment has no answer from the gateway yet; run this again" in result.output


def test_what_waits_for_another_payment_fails_too(run: Run, database: Engine) -> None:
    owner = customer(database)
    other = customer(database, number="2")
    ran(run)
    open_one = dict.fromkeys(("created_at", "updated_at", "asked_at"), datetime.now(UTC))
    with database.begin() as connection:
        for turn, who in enumerate((owner, other)):
            payment(connection, who, status="charging", turn=turn, **open_one)
    result = run(autopay, "run", "--date", DUE.isoformat())
    assert result.exit_code == 1
    assert "2 payments have no answer" in result.output


def test_the_list_says_who_is_enrolled_and_what_comes_next(run: Run, database: Engine) -> None:
    customer(database)
    customer(database, number="2", phone=None, due_date=None)
    (first, second) = json.loads(run(autopay, "list", "--json").output)
    assert (first["amount"], first["take_on"], first["notice"]) == (None, None, None)
    ran(run)
    (first, second) = json.loads(run(autopay, "list", "--json").output)
    assert (first["account_number"], first["method"]) == ("1000000142", "visa 4242")
    assert (first["amount"], first["take_on"]) == ("84.20", DUE.isoformat())
    assert first["notice"] == "owed"  # no texts are sent from here
    assert (second["account_number"], second["amount"]) == ("2", None)


def test_the_list_says_what_became_of_the_text(
    run: Run, database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEXT_FROM", "+18005550199")
    customer(database)
    ran(run)
    (row,) = json.loads(run(autopay, "list", "--json").output)
    assert row["notice"] == "pending"


def test_an_empty_list_says_so(run: Run) -> None:
    assert "nobody is enrolled in AutoPay" in run(autopay, "list").output


def test_who_canceled_is_not_listed(run: Run, database: Engine) -> None:
    owner = customer(database)
    with database.begin() as connection:
        mine = autopays.enrolled(connection, owner)
        assert mine
        autopays.cancel(connection, mine.id, NOW)
    assert json.loads(run(autopay, "list", "--json").output) == []


def test_a_day_that_is_none_is_refused_in_one_line(run: Run) -> None:
    result = run(autopay, "run", "--date", "tomorrow")
    assert result.exit_code == 2
    assert "does not match the format '%Y-%m-%d'" in result.output


def test_a_year_that_was_mistyped_is_refused_in_one_line(run: Run) -> None:
    result = run(autopay, "run", "--date", "9999-12-31")
    assert result.exit_code == 2
    assert "9999-12-31 is more than a year from now" in result.output


def test_without_a_book_nothing_is_run(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IVR_BOOK", str(tmp_path))
    result = run(autopay, "run")
    assert result.exit_code == 1
    assert "flows.yaml" in result.output

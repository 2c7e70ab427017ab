import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine

from ivr.cli.promises import promises
from ivr.store.promises import add
from tests.builders import account, payment
from tests.cli.conftest import Run

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


@pytest.fixture
def account_number(database: Engine) -> int:
    with database.begin() as connection:
        return account(connection, "200.00", past_due_cents=20000)


def promised(connection: Connection, number: int, confirmation: str, days: int) -> None:
    row = {"amount_cents": 6760, "call_sid": "CA1", "turn": int(confirmation[-1])}
    due = (NOW + days * DAY).date()
    made = {"due_date": due, "confirmation": confirmation, "created_at": NOW - 20 * DAY}
    assert add(connection, {"account_id": number, **row, **made})


def test_nobody_promised_anything(run: Run) -> None:
    assert run(promises, "list").output == "no promise is open\n"
    assert run(promises, "list", "--all").output == "nobody made a promise\n"
    assert json.loads(run(promises, "list", "--json").output) == []


def test_open_promises_are_listed_with_what_was_paid(
    run: Run, database: Engine, account_number: int
) -> None:
    with database.begin() as connection:
        promised(connection, account_number, "10000001", 5)
        promised(connection, account_number, "10000002", -5)
        given = {"status": "charged", "charged_at": NOW - 2 * DAY, "amount_cents": 1000}
        payment(connection, account_number, **given)
    [row] = json.loads(run(promises, "list", "--json").output)
    assert row == {
        "account": "1000000142",
        "name": "Dana Reyes",
        "amount": "67.60",
        "by": (NOW + 5 * DAY).date().isoformat(),
        "state": "open",
        "paid": "10.00",
        "confirmation": "10000001",
        "made": (NOW - 20 * DAY).isoformat(),
    }


def test_all_of_them_tell_what_became_of_them(
    run: Run, database: Engine, account_number: int
) -> None:
    with database.begin() as connection:
        promised(connection, account_number, "10000001", 5)
        promised(connection, account_number, "10000002", -5)
    titles, *lines = run(promises, "list", "--all").output.splitlines()
    assert titles.split()[:5] == ["account", "name", "amount", "by", "state"]
    assert ["broken" in line for line in lines] == [True, False]

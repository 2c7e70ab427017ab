import json

import pytest
from sqlalchemy import Engine, select, update

from ivr.cli.restores import restores
from ivr.store.restores import ask, every, money_back
from ivr.store.tables import accounts, payments
from tests.builders import NOW, account, payment
from tests.cli.conftest import Run


@pytest.fixture
def waiting(database: Engine) -> None:
    with database.begin() as connection:
        facts = {"services": "internet;tv", "node": "N12", "status": "suspended"}
        number = account(connection, **facts)
        paid = {"status": "charged", "confirmation": "40278815"}
        ask(connection, number, payment(connection, number, **paid), NOW)


def test_nobody_waits(run: Run) -> None:
    assert run(restores, "list").output == "nobody waits for service\n"


@pytest.mark.usefixtures("waiting")
def test_who_waits_is_listed_until_it_is_done(run: Run) -> None:
    [row] = json.loads(run(restores, "list", "--json").output)
    assert row == {
        "id": row["id"],
        "account": "1000000142",
        "name": "Dana Reyes",
        "services": ["internet", "tv"],
        "node": "N12",
        "status": "suspended",
        "confirmation": "40278815",
        "payment": "charged",
        "since": NOW.isoformat(),
    }
    number = str(row["id"])
    assert run(restores, "done", number).output == f"request {number} is done\n"
    assert run(restores, "done", number).output == f"request {number} was done before\n"
    assert json.loads(run(restores, "list", "--json").output) == []
    [done] = json.loads(run(restores, "list", "--all", "--json").output)
    assert done["done"] is not None


@pytest.mark.usefixtures("waiting")
def test_one_that_was_withdrawn_is_not_done(database: Engine, run: Run) -> None:
    with database.begin() as connection:
        connection.execute(update(accounts).values(past_due_cents=3210))
        connection.execute(update(payments).values(status="refunded"))
        [request] = every(connection, done_too=False)
        paid = connection.execute(select(payments.c.id)).scalar_one()
        money_back(connection, paid, NOW)
    assert run(restores, "list").output == "nobody waits for service\n"
    result = run(restores, "done", str(request.id))
    assert result.exit_code == 1
    told = "was withdrawn, since its payment went back: its service is not paid for"
    assert result.stderr == f"Error: request {request.id} {told}\n"
    [row] = json.loads(run(restores, "list", "--all", "--json").output)
    assert (row["payment"], row["done"], row["withdrawn"]) == ("refunded", None, NOW.isoformat())


def test_a_request_there_is_not_says_where_they_are(run: Run) -> None:
    result = run(restores, "done", "77")
    assert result.exit_code == 1
    assert result.stderr == "Error: there is no request 77; ivr restores list shows them\n"


@pytest.mark.usefixtures("waiting")
def test_a_table_names_account_and_services(run: Run) -> None:
    titles, line = run(restores, "list").output.splitlines()
    assert titles.split()[1:5] == ["account", "name", "services", "node"]
    assert "internet,tv" in line

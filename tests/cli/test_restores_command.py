import json

import pytest
from sqlalchemy import Engine

from ivr.cli.restores import restores
from ivr.store.restores import ask
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


def test_a_request_there_is_not_says_where_they_are(run: Run) -> None:
    result = run(restores, "done", "77")
    assert result.exit_code == 1
    assert result.stderr == "Error: there is no request 77; ivr restores list shows them\n"


@pytest.mark.usefixtures("waiting")
def test_a_table_names_account_and_services(run: Run) -> None:
    titles, line = run(restores, "list").output.splitlines()
    assert titles.split()[1:5] == ["account", "name", "services", "node"]
    assert "internet,tv" in line

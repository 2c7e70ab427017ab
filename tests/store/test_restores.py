from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ivr.store import restores
from ivr.store.imports import import_accounts
from tests.builders import NOW, account, payment

HOUR = timedelta(hours=1)


def test_a_request_is_made_once_for_a_payment_and_one_at_a_time(database: Engine) -> None:
    with database.begin() as connection:
        number, other = account(connection), account(connection, number="2")
        first, second = payment(connection, number), payment(connection, number, turn=6)
        assert restores.asked_at(connection, number) is None
        restores.ask(connection, number, first, NOW)
        restores.ask(connection, number, first, NOW + HOUR)
        restores.ask(connection, number, second, NOW + HOUR)
        assert restores.asked_at(connection, number) == NOW
        assert restores.asked_at(connection, other) is None
        [request] = restores.every(connection, done_too=True)
        assert restores.done(connection, request.id, NOW + HOUR)
        restores.ask(connection, number, first, NOW + 2 * HOUR)
        assert restores.asked_at(connection, number) is None
        restores.ask(connection, number, second, NOW + 2 * HOUR)
        assert restores.asked_at(connection, number) == NOW + 2 * HOUR


def test_the_desk_sees_open_requests_and_closes_each_once(database: Engine) -> None:
    with database.begin() as connection:
        facts = {"services": "internet;tv", "node": "N12", "status": "suspended"}
        number = account(connection, **facts)
        charged = payment(connection, number, confirmation="40278815", status="refunded")
        restores.ask(connection, number, charged, NOW)
        [request] = restores.every(connection, done_too=False)
        assert (request.number, request.name, request.status) == (
            "1000000142",
            "Dana Reyes",
            "suspended",
        )
        assert (request.services, request.node) == (("internet", "tv"), "N12")
        assert (request.confirmation, request.payment) == ("40278815", "refunded")
        assert request.asked_at == NOW
        assert restores.done(connection, request.id, NOW + HOUR) is True
        assert restores.done(connection, request.id, NOW + HOUR) is False
        assert restores.done(connection, request.id + 1, NOW) is None
        assert restores.every(connection, done_too=False) == []
        [done] = restores.every(connection, done_too=True)
    assert done.done_at == NOW + HOUR


@pytest.mark.parametrize(
    ("status", "as_of", "waits"),
    [
        ("active", NOW + HOUR, False),
        ("closed", NOW, False),
        ("suspended", NOW + HOUR, True),
        ("active", NOW - HOUR, True),
    ],
)
def test_an_import_that_says_service_is_on_again_closes_the_request(
    database: Engine, tmp_path: Path, status: str, as_of: datetime, waits: bool
) -> None:
    with database.begin() as connection:
        number, other = account(connection), account(connection, number="2")
        restores.ask(connection, number, payment(connection, number), NOW)
        restores.ask(connection, other, payment(connection, other, turn=6), NOW)
    file = tmp_path / "accounts.csv"
    head = "account_number,name,zip,balance,status,balance_as_of"
    file.write_text(f"{head}\n1000000142,Dana Reyes,60601,0,{status},{as_of.isoformat()}\n")
    import_accounts(database, file, NOW + HOUR, "pepper")
    with database.begin() as connection:
        assert (restores.asked_at(connection, number) is not None) is waits
        assert restores.asked_at(connection, other) == NOW


def test_an_import_that_says_nothing_of_service_closes_no_request(
    sqlite_database: Engine, tmp_path: Path
) -> None:
    with sqlite_database.begin() as connection:
        number = account(connection)
        restores.ask(connection, number, payment(connection, number), NOW)
    file = tmp_path / "accounts.csv"
    file.write_text("account_number,name,zip,balance\n1000000142,Dana Reyes,60601,0\n")
    import_accounts(sqlite_database, file, NOW + HOUR, "pepper")
    with sqlite_database.begin() as connection:
        assert restores.asked_at(connection, number) == NOW

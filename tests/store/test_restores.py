from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from ivr.store import payments, restores
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
        assert restores.done(connection, request.id, NOW + HOUR) == "done"
        restores.ask(connection, number, first, NOW + 2 * HOUR)
        assert restores.asked_at(connection, number) is None
        restores.ask(connection, number, second, NOW + 2 * HOUR)
        assert restores.asked_at(connection, number) == NOW + 2 * HOUR


def test_the_desk_sees_open_requests_and_closes_each_once(database: Engine) -> None:
    with database.begin() as connection:
        facts = {"services": "internet;tv", "node": "N12", "status": "suspended"}
        number = account(connection, **facts)
        charged = payment(connection, number, confirmation="40278815", status="returned")
        restores.ask(connection, number, charged, NOW)
        [request] = restores.every(connection, done_too=False)
        assert (request.number, request.name, request.status) == (
            "1000000142",
            "Dana Reyes",
            "suspended",
        )
        assert (request.services, request.node) == (("internet", "tv"), "N12")
        assert (request.confirmation, request.payment) == ("40278815", "returned")
        assert request.asked_at == NOW
        assert restores.done(connection, request.id, NOW + HOUR) == "done"
        assert restores.done(connection, request.id, NOW + HOUR) == "done-before"
        assert restores.done(connection, request.id + 1, NOW) == "unknown"
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


def suspended(connection: Connection) -> int:
    facts = {"status": "suspended", "past_due_cents": 3210, "balance_as_of": NOW - HOUR}
    return account(connection, "84.20", **facts)


def charged(connection: Connection, number: int, **values: Any) -> int:
    return payment(connection, number, **{"status": "charged", "charged_at": NOW, **values})


def refund(connection: Connection, paid: int) -> None:
    gone = {"updated_at": NOW, "refunded_at": NOW}
    assert payments.move(connection, paid, "refunded", gone)
    restores.money_back(connection, paid, NOW + HOUR)


def test_money_that_goes_back_withdraws_the_request(database: Engine) -> None:
    with database.begin() as connection:
        number = suspended(connection)
        paid = charged(connection, number)
        restores.ask(connection, number, paid, NOW)
        [request] = restores.every(connection, done_too=False)
        refund(connection, paid)
        assert restores.asked_at(connection, number) is None
        assert restores.every(connection, done_too=False) == []
        assert restores.done(connection, request.id, NOW + HOUR) == "withdrawn"
        [withdrawn] = restores.every(connection, done_too=True)
    assert (withdrawn.payment, withdrawn.done_at) == ("refunded", None)
    assert withdrawn.withdrawn_at == NOW + HOUR


def test_a_withdrawn_request_bars_no_other(database: Engine) -> None:
    with database.begin() as connection:
        number = suspended(connection)
        paid = charged(connection, number)
        restores.ask(connection, number, paid, NOW)
        refund(connection, paid)
        restores.ask(connection, number, charged(connection, number, turn=6), NOW + HOUR)
        assert restores.asked_at(connection, number) == NOW + HOUR


def test_what_is_done_stays_done_and_shows_that_the_money_is_gone(database: Engine) -> None:
    with database.begin() as connection:
        number = suspended(connection)
        paid = charged(connection, number)
        restores.ask(connection, number, paid, NOW)
        [request] = restores.every(connection, done_too=False)
        restores.done(connection, request.id, NOW)
        refund(connection, paid)
        [done] = restores.every(connection, done_too=True)
    assert (done.payment, done.done_at, done.withdrawn_at) == ("refunded", NOW, None)


def test_a_later_payment_that_covers_what_is_past_due_keeps_the_request(database: Engine) -> None:
    with database.begin() as connection:
        number = suspended(connection)
        first = charged(connection, number)
        restores.ask(connection, number, first, NOW)
        charged(connection, number, turn=6, amount_cents=5210, confirmation="22222222")
        refund(connection, charged(connection, number, turn=7, amount_cents=100))
        refund(connection, first)
        [request] = restores.every(connection, done_too=False)
    assert (request.confirmation, request.payment) == ("22222222", "charged")
    assert request.asked_at == NOW


def test_while_nobody_knows_whether_it_goes_back_the_desk_sees_that(database: Engine) -> None:
    with database.begin() as connection:
        number = suspended(connection)
        paid = charged(connection, number, refund_asked_at=NOW)
        restores.ask(connection, number, paid, NOW)
        [request] = restores.every(connection, done_too=False)
        assert request.payment == "refund-asked"
        refund(connection, paid)
        [request] = restores.every(connection, done_too=True)
    assert request.payment == "refunded"


def test_an_import_leaves_a_withdrawn_request_withdrawn(database: Engine, tmp_path: Path) -> None:
    with database.begin() as connection:
        number = suspended(connection)
        paid = charged(connection, number)
        restores.ask(connection, number, paid, NOW)
        refund(connection, paid)
    file = tmp_path / "accounts.csv"
    told = f"1000000142,Dana Reyes,60601,52.10,{(NOW + HOUR).isoformat()},active"
    file.write_text(f"account_number,name,zip,balance,balance_as_of,status\n{told}\n")
    import_accounts(database, file, NOW + HOUR, "pepper")
    with database.begin() as connection:
        [request] = restores.every(connection, done_too=True)
    assert request.done_at is None

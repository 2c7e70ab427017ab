from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, select, update

from ivr.errors import ImportRefused
from ivr.store import restores
from ivr.store.accounts import read_bill
from ivr.store.posting import Posted, post_payments
from ivr.store.tables import accounts, payments
from tests.builders import NOW, account, payment

CHICAGO = ZoneInfo("America/Chicago")
LONG_AGO = NOW - timedelta(days=9)
YESTERDAY = (NOW - timedelta(days=1)).isoformat()


def post(database: Engine, file: Path, *rows: str, columns: str = "") -> Posted:
    file.write_text("\n".join([columns or "confirmation,status,date", *rows]))
    with database.begin() as connection:
        return post_payments(connection, file, NOW, lambda: CHICAGO)


def states(database: Engine) -> dict[str, str]:
    with database.begin() as connection:
        query = select(payments.c.confirmation, payments.c.status)
        return {row.confirmation: row.status for row in connection.execute(query)}


def row(database: Engine) -> Any:
    with database.begin() as connection:
        return connection.execute(select(payments)).one()


def made(database: Engine, *confirmations: str, status: str = "charged") -> None:
    with database.begin() as connection:
        owner = account(connection, "84.20")
        for place, number in enumerate(confirmations):
            charged = {"charged_at": LONG_AGO, "confirmation": number, "turn": place}
            payment(connection, owner, status=status, **charged)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "posted.csv"


def test_each_payment_becomes_what_billing_says_and_when(database: Engine, file: Path) -> None:
    made(database, "11111111", "22222222", "33333333")
    rows = (
        f"11111111,posted,{YESTERDAY}",
        f"22222222,returned,{YESTERDAY}",
        f"33333333,refunded,{YESTERDAY}",
        f"11111111,returned,{NOW.isoformat()}",
    )
    assert post(database, file, *rows) == Posted(4, 0)
    assert states(database) == {
        "11111111": "returned",
        "22222222": "returned",
        "33333333": "refunded",
    }


def test_the_time_is_kept_and_the_same_file_again_changes_nothing(
    database: Engine, file: Path
) -> None:
    made(database, "11111111")
    rows = (f"11111111,posted,{YESTERDAY}", f"11111111,returned,{NOW.isoformat()}")
    assert post(database, file, *rows) == Posted(2, 0)
    before = row(database)
    assert (before.posted_at, before.returned_at) == (NOW - timedelta(days=1), NOW)
    assert post(database, file, *rows) == Posted(0, 2)
    assert row(database) == before


def test_a_date_alone_is_the_end_of_that_day_at_the_lines_place(
    database: Engine, file: Path
) -> None:
    made(database, "11111111")
    post(database, file, "11111111,posted,2026-11-18")
    assert row(database).posted_at == datetime(2026, 11, 18, 23, 59, 59, tzinfo=CHICAGO)


def test_what_came_back_today_is_owed_again_at_once(database: Engine, file: Path) -> None:
    made(database, "11111111")
    today = NOW.astimezone(CHICAGO).date()
    with database.begin() as connection:
        connection.execute(update(accounts).values(balance_as_of=NOW - timedelta(hours=1)))
        before = connection.scalars(select(accounts.c.id)).one()
        owed = read_bill(connection, before, CHICAGO)
    post(database, file, f"11111111,returned,{today}")
    with database.begin() as connection:
        owes = read_bill(connection, before, CHICAGO)
    assert owed is not None
    assert owes is not None
    assert owes.balance_cents == owed.balance_cents + row(database).amount_cents
    assert row(database).returned_at == NOW


def test_nothing_comes_back_before_it_was_paid(database: Engine, file: Path) -> None:
    made(database, "11111111")
    early = (LONG_AGO - timedelta(hours=1)).isoformat()
    with pytest.raises(ImportRefused) as caught:
        post(database, file, f"11111111,returned,{early}")
    assert str(caught.value).splitlines()[0] == (
        f'{file}:2: date: "{early}" must not be before payment 11111111 was made'
    )


def test_where_one_row_is_bad_every_problem_is_told_and_nothing_is_written(
    database: Engine, file: Path
) -> None:
    made(database, "11111111")
    later = (NOW + timedelta(days=1)).isoformat()
    with pytest.raises(ImportRefused) as caught:
        post(
            *(database, file),
            f"11111111,posted,{YESTERDAY}",
            f"1111111,posted,{YESTERDAY}",
            f"99999999,posted,{YESTERDAY}",
            f"11111111,charged,{YESTERDAY}",
            "11111111,returned,soon",
            f"11111111,returned,{later}",
            "11111111,returned",
        )
    assert str(caught.value).splitlines() == [
        f'{file}:3: confirmation: "1111111" is no confirmation number: they have eight digits',
        f'{file}:4: confirmation: "99999999" is no payment of ours',
        f'{file}:5: status: "charged" must be one of posted, returned, refunded',
        f'{file}:6: date: "soon" is no time: write one like 2026-12-01T06:00:00-06:00',
        f'{file}:7: date: "{later}" must not be in the future',
        f"{file}:8: row: has 2 cells, the header 3; quote cells with a comma",
        "nothing was written",
    ]
    assert states(database) == {"11111111": "charged"}


@pytest.mark.parametrize(
    ("status", "to"),
    [("returned", "posted"), ("refunded", "returned"), ("canceled", "posted")],
)
def test_a_payment_moves_only_where_payments_may(
    database: Engine, file: Path, status: str, to: str
) -> None:
    made(database, "11111111", status=status)
    with pytest.raises(ImportRefused, match=f"11111111 is {status} and cannot become {to}"):
        post(database, file, f"11111111,{to},{YESTERDAY}")


@pytest.mark.parametrize(
    ("columns", "wrong"),
    [
        ("confirmation,state,date", '"state" is no column; did you mean "status"?'),
        ("confirmation,status", "missing columns: date"),
    ],
)
def test_the_columns_must_be_these(database: Engine, file: Path, columns: str, wrong: str) -> None:
    with pytest.raises(ImportRefused) as caught:
        post(database, file, columns=columns)
    assert str(caught.value) == f"{file}:1: {wrong}"


@pytest.mark.parametrize(("status", "waits"), [("posted", 1), ("returned", 0), ("refunded", 0)])
def test_money_that_goes_back_restores_no_service(
    database: Engine, file: Path, status: str, waits: int
) -> None:
    made(database, "11111111")
    with database.begin() as connection:
        connection.execute(update(accounts).values(status="suspended", past_due_cents=3210))
        paid = connection.execute(select(payments)).one()
        restores.ask(connection, paid.account_id, paid.id, NOW)
    post(database, file, f"11111111,{status},{NOW.isoformat()}")
    with database.begin() as connection:
        assert len(restores.every(connection, done_too=False)) == waits

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, insert, select, text, update

from ivr.errors import ImportRefused, StoreError
from ivr.store import imports
from ivr.store.engine import reading
from ivr.store.exports import export_accounts, export_payments
from ivr.store.imports import import_accounts
from ivr.store.merging import Imported
from ivr.store.pins import check_pin
from ivr.store.tables import accounts, payments, phones, pins

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HEAD = "account_number,name,zip,balance"


def write(tmp_path: Path, *lines: str, encoding: str = "utf-8") -> Path:
    file = tmp_path / "accounts.csv"
    file.write_bytes("\n".join([*lines, ""]).encode(encoding))
    return file


def load(database: Engine, tmp_path: Path, *lines: str, now: datetime = NOW) -> Imported:
    return import_accounts(database, write(tmp_path, *lines), now, "pepper")


def refused(database: Engine, tmp_path: Path, *lines: str) -> str:
    with pytest.raises(ImportRefused) as caught:
        load(database, tmp_path, *lines)
    with database.begin() as connection:
        assert connection.scalar(select(func.count()).select_from(accounts)) == 0
    return str(caught.value).replace(f"{tmp_path}/", "")


def one(database: Engine, number: str = "0012") -> Any:
    with reading(database) as connection:
        return connection.execute(select(accounts).where(accounts.c.number == number)).one()


def numbers(database: Engine) -> list[str]:
    with reading(database) as connection:
        return list(connection.scalars(select(phones.c.number).order_by(phones.c.number)))


def test_the_four_required_columns_are_enough(database: Engine, tmp_path: Path) -> None:
    assert load(database, tmp_path, HEAD, "0012,Ana Ruiz,60601,84.2") == Imported(1, 0)
    row = one(database)
    assert (row.number, row.zip, row.balance_cents, row.balance_as_of) == (
        *("0012", "60601", 8420, NOW),
    )
    assert (row.status, row.services, row.past_due_cents, row.autopay) == ("active", "", 0, False)
    assert (row.due_date, row.last_payment_date, row.language) == (None, None, None)


def test_every_column_is_kept(database: Engine, tmp_path: Path) -> None:
    head = (
        "autopay,last_payment_date,last_payment_amount,due_date,past_due,balance_as_of,balance,"
        "status,plan,services,node,zip,service_address,email,language,pin,phone,name,account_number,"
        "last_payment_status,disconnect_date,disconnect_amount,customer_since,returned_payments"
    )
    line = (
        "yes,2026-11-02,80,2026-12-05,10.05,2026-11-20T03:00:00-06:00,-5,suspended,Plus,"
        'tv; internet;tv,N12,60601-1234,"1 Elm, Apt 2",a@example.com,es,0123,'
        "(202) 555-0142; 1-312-555-0101,Lucía Ruiz,0012,returned,2026-12-09,9.05,2019-05-01,2"
    )
    load(database, tmp_path, head, line)
    row = one(database)
    assert row[2:] == (
        *("Lucía Ruiz", "es", None, "a@example.com", "1 Elm, Apt 2", "60601", "N12"),
        *("tv;internet", "Plus", "suspended", -500, datetime(2026, 11, 20, 9, tzinfo=UTC), 1005),
        *(date(2026, 12, 5), 8000, date(2026, 11, 2), True),
        *("returned", date(2026, 12, 9), 905, date(2019, 5, 1), 2),
    )
    assert numbers(database) == ["+12025550142", "+13125550101"]
    with reading(database) as connection:
        stored = connection.scalar(select(pins.c.hash))
    assert check_pin("0123", stored, "pepper")


def test_a_file_from_a_spreadsheet_may_begin_with_a_byte_order_mark(
    database: Engine, tmp_path: Path
) -> None:
    file = write(tmp_path, HEAD, "0012,José,60601,1", encoding="utf-8-sig")
    assert import_accounts(database, file, NOW, "pepper").added == 1
    assert one(database).name == "José"


def test_a_column_that_is_not_there_stays_and_an_empty_cell_empties(
    database: Engine, tmp_path: Path
) -> None:
    load(database, tmp_path, f"{HEAD},node,plan,due_date", "0012,Ana,60601,1,N1,Plus,2026-12-05")
    later = NOW + timedelta(days=1)
    assert load(
        database, tmp_path, f"{HEAD},plan,due_date", "0012,Eva,60602,2,,", now=later
    ) == Imported(0, 1)
    row = one(database)
    assert (row.name, row.zip, row.balance_cents) == ("Eva", "60602", 200)
    assert (row.node, row.plan, row.due_date, row.balance_as_of) == ("N1", None, None, later)


def test_an_empty_cell_leaves_the_language_and_the_pin_which_callers_choose_too(
    database: Engine, tmp_path: Path
) -> None:
    load(database, tmp_path, f"{HEAD},language,pin", "0012,Ana,60601,1,es,1234")
    load(database, tmp_path, f"{HEAD},language,pin", "0012,Ana,60601,1,,")
    assert one(database).language == "es"
    with reading(database) as connection:
        assert check_pin("1234", connection.scalar(select(pins.c.hash)), "pepper")


def test_a_new_pin_from_a_file_ends_no_lock(database: Engine, tmp_path: Path) -> None:
    load(database, tmp_path, f"{HEAD},pin", "0012,Ana,60601,1,1234")
    with database.begin() as connection:
        connection.execute(update(pins).values(wrong=3, locked_until=NOW))
    load(database, tmp_path, f"{HEAD},pin", "0012,Ana,60601,1,9876")
    with reading(database) as connection:
        row = connection.execute(select(pins)).one()
    assert check_pin("9876", row.hash, "pepper")
    assert (row.wrong, row.locked_until) == (3, NOW)


def test_phones_are_replaced_only_where_the_file_has_them(database: Engine, tmp_path: Path) -> None:
    load(
        database, tmp_path, f"{HEAD},phone",
        "0012,Ana,60601,1,202-555-0101;202-555-0102", "0013,Bo,60601,1,202-555-0103",
    )  # fmt: skip
    load(database, tmp_path, HEAD, "0012,Ana,60601,1")
    assert numbers(database) == ["+12025550101", "+12025550102", "+12025550103"]
    load(database, tmp_path, f"{HEAD},phone", "0012,Ana,60601,1,202-555-0102;202-555-0104")
    assert numbers(database) == ["+12025550102", "+12025550103", "+12025550104"]
    load(database, tmp_path, f"{HEAD},phone", "0012,Ana,60601,1,")
    assert numbers(database) == ["+12025550103"]


def test_a_phone_that_stays_is_not_written_again(database: Engine, tmp_path: Path) -> None:
    ids = []
    for _ in range(2):
        load(database, tmp_path, f"{HEAD},phone", "0012,Ana,60601,1,202-555-0101")
        with reading(database) as connection:
            ids.append(connection.scalar(select(phones.c.id)))
    assert ids[0] == ids[1]


@pytest.mark.parametrize(
    ("column", "value", "complaint"),
    [
        ("account_number", "12_34", '"12_34" must be at most 32 letters, digits and hyphens'),
        (
            "account_number",
            "1" * 33,
            f'"{"1" * 33}" must be at most 32 letters, digits and hyphens',
        ),
        ("account_number", "", "must not be empty"),
        ("name", "", "must not be empty"),
        ("name", "a\x00b", '"a\\x00b" must be one line of at most 200 characters'),
        ("phone", "555", '"555" is no phone number: write ones like 202-555-0142, joined by ;'),
        ("pin", "123", "must be 4 to 8 digits"),
        ("pin", "²345", "must be 4 to 8 digits"),
        ("language", "Spanish", '"Spanish" must be a code like en or es'),
        ("email", "ana", '"ana" is no e-mail address'),
        ("zip", "6060", '"6060" is no ZIP code: write five digits'),
        ("services", "cable", '"cable" must hold only internet, tv, voice, mobile, joined by ;'),
        ("status", "gone", '"gone" must be one of active, suspended, closed'),
        (
            "balance",
            "1.234",
            '"1.234" is no amount: write dollars and cents like 84.20, below 10000000',
        ),
        (
            "balance",
            "99999999",
            '"99999999" is no amount: write dollars and cents like 84.20, below 10000000',
        ),
        ("balance", "", "must not be empty"),
        ("past_due", "-1", '"-1" must not be negative'),
        ("last_payment_amount", "-0.01", '"-0.01" must not be negative'),
        ("due_date", "12/05/2026", '"12/05/2026" is no date: write one like 2026-12-05'),
        ("due_date", "9999-12-31", '"9999-12-31" must be in the years 1900 to 2199'),
        (
            "balance_as_of",
            "noon",
            '"noon" is no time: write one like 2026-12-01T06:00:00-06:00',
        ),
        (
            "balance_as_of",
            "2026-12-01T00:00:00Z",
            '"2026-12-01T00:00:00+00:00" must not be in the future',
        ),
        ("autopay", "true", '"true" must be yes or no'),
    ],
)
def test_a_bad_value_names_its_place_and_what_would_be_right(
    sqlite_database: Engine, tmp_path: Path, column: str, value: str, complaint: str
) -> None:
    cells = {"account_number": "0012", "name": "Ana", "zip": "60601", "balance": "1"}
    cells[column] = value
    head = ",".join(cells)
    said = refused(sqlite_database, tmp_path, head, ",".join(cells.values()))
    assert said == f"accounts.csv:2: {column}: {complaint}\nnothing was written"


def test_a_wrong_pin_is_never_shown(sqlite_database: Engine, tmp_path: Path) -> None:
    assert "98765432109" not in refused(
        sqlite_database, tmp_path, f"{HEAD},pin", "0012,Ana,60601,1,98765432109"
    )


def test_one_bad_row_among_good_ones_writes_nothing(database: Engine, tmp_path: Path) -> None:
    said = refused(database, tmp_path, HEAD, "0012,Ana,60601,1", "0013,Bo,60601,x")
    assert said.startswith('accounts.csv:3: balance: "x"')


def test_lines_are_counted_as_an_editor_counts_them(
    sqlite_database: Engine, tmp_path: Path
) -> None:
    said = refused(sqlite_database, tmp_path, HEAD, "", '0012,"Ana\nRuiz",60601,1', "0013,Bo,1,1")
    assert said.splitlines()[:2] == [
        'accounts.csv:3: name: "Ana\\nRuiz" must be one line of at most 200 characters',
        'accounts.csv:5: zip: "1" is no ZIP code: write five digits',
    ]


def test_twenty_problems_are_shown_and_the_rest_counted(
    sqlite_database: Engine, tmp_path: Path
) -> None:
    bad = [f"{number},Ana,60601," for number in range(2500)]
    said = refused(sqlite_database, tmp_path, HEAD, *bad).splitlines()
    assert len(said) == 22
    assert said[-2:] == ["and 2480 more", "nothing was written"]


def test_the_same_account_twice_names_both_lines(database: Engine, tmp_path: Path) -> None:
    said = refused(
        database, tmp_path, HEAD, "0012,Ana,60601,1", "12,Bo,60601,1", "0012,Ana,60601,2"
    )
    assert said == (
        'accounts.csv:4: account_number: "0012" is on line 2 already\nnothing was written'
    )


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        (["acount_number,name,zip,balance"], ':1: "acount_number" is no column; did you mean'),
        ([f"{HEAD},colour"], ':1: "colour" is no column; known are account_number, name,'),
        ([f"{HEAD},zip"], ':1: the column "zip" is there twice; keep one'),
        (["name,zip"], ":1: missing columns: account_number, balance"),
        ([], " is empty; its first line must name the columns"),
        ([HEAD, "0012,Ruiz, Ana,60601,1"], ":2: row: has 5 cells, the header 4"),
        ([HEAD, '0012,"Ana,60601,1'], ":2: a broken row (unexpected end of data); check its"),
    ],
)
def test_a_file_that_is_no_list_of_accounts_is_refused(
    sqlite_database: Engine, tmp_path: Path, lines: list[str], complaint: str
) -> None:
    assert f"accounts.csv{complaint}" in refused(sqlite_database, tmp_path, *lines)


def test_a_file_in_another_encoding_is_refused(sqlite_database: Engine, tmp_path: Path) -> None:
    file = write(tmp_path, HEAD, "0012,José,60601,1", encoding="latin-1")
    with pytest.raises(ImportRefused, match=r"accounts\.csv:2: is not UTF-8; save it as CSV UTF-8"):
        import_accounts(sqlite_database, file, NOW, "pepper")


@pytest.mark.parametrize("bad", [2, 500, 999])
def test_a_line_in_another_encoding_is_named_wherever_it_stands(
    sqlite_database: Engine, tmp_path: Path, bad: int
) -> None:
    lines = [HEAD, *(f"{number},Zoë,60601,1" for number in range(2, 1000))]
    written = [line.encode("latin-1" if at == bad else "utf-8") for at, line in enumerate(lines, 1)]
    file = tmp_path / "accounts.csv"
    file.write_bytes(b"\r\n".join(written))
    with pytest.raises(ImportRefused, match=rf"accounts\.csv:{bad}: is not UTF-8"):
        import_accounts(sqlite_database, file, NOW, "pepper")


@pytest.mark.parametrize("number", ["12-34", "AB-0012", "z" * 32])
def test_an_account_number_may_hold_letters_and_hyphens(
    database: Engine, tmp_path: Path, number: str
) -> None:
    load(database, tmp_path, HEAD, f"{number},Ana,60601,1")
    assert one(database, number).name == "Ana"


def test_a_file_that_is_not_there_is_one_line(sqlite_database: Engine, tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match=r"cannot read .*none\.csv: No such file"):
        import_accounts(sqlite_database, tmp_path / "none.csv", NOW, "pepper")


def test_many_batches_arrive_whole_and_progress_is_told(
    database: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "BATCH", 7)
    told: list[int] = []
    file = write(tmp_path, HEAD, *[f"{number:04},Ana,60601,1" for number in range(50)])
    assert import_accounts(database, file, NOW, "pepper", told.append).added == 50
    assert told[-1] == file.stat().st_size
    assert told == sorted(told)


def test_callers_are_served_while_rows_are_read(
    database: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "BATCH", 1)
    load(database, tmp_path, HEAD, "0012,Ana,60601,1")

    def serve(read: int) -> None:
        with database.begin() as connection:
            connection.execute(update(accounts).values(language="es"))

    file = write(tmp_path, HEAD, "0013,Bo,60601,1", "0014,Cy,60601,1")
    assert import_accounts(database, file, NOW, "pepper", serve).added == 2


def test_a_merge_that_fails_leaves_everything_as_it_was(database: Engine, tmp_path: Path) -> None:
    load(database, tmp_path, f"{HEAD},phone", "0012,Ana,60601,1,202-555-0101")
    with database.begin() as connection:
        connection.execute(text("DROP TABLE pins"))
    try:
        with pytest.raises(Exception, match="pins"):
            load(database, tmp_path, f"{HEAD},phone,pin", "0012,Eva,60601,2,202-555-0102,1234")
    finally:
        with database.begin() as connection:
            pins.create(connection)
    assert one(database).name == "Ana"
    assert numbers(database) == ["+12025550101"]


def test_an_import_after_a_broken_off_one_starts_afresh(database: Engine, tmp_path: Path) -> None:
    with pytest.raises(ImportRefused):
        load(database, tmp_path, HEAD, *[f"{n:04},Ana,60601,1" for n in range(1500)], "x,,,")
    assert load(database, tmp_path, HEAD, "0012,Ana,60601,1") == Imported(1, 0)


def test_an_export_imports_again_to_the_same_accounts(database: Engine, tmp_path: Path) -> None:
    load(
        database, tmp_path, f"{HEAD},phone,pin,services,autopay,due_date,last_payment_amount",
        "0012,Lucía,60601,-5,202-555-0101;202-555-0102,1234,internet;tv,yes,2026-12-05,80",
        '77,"Bo, Ltd",60602,84.2,,,,no,,',
    )  # fmt: skip
    out = tmp_path / "out.csv"
    with reading(database) as connection:
        before = connection.execute(select(accounts)).all()
        assert export_accounts(connection, out) == 2
    assert out.stat().st_mode & 0o077 == 0
    assert "1234" not in out.read_text()
    first = next(csv.DictReader(out.read_text().splitlines()))
    assert (first["balance"], first["past_due"], first["autopay"]) == ("-5.00", "0.00", "yes")
    assert import_accounts(database, out, NOW, "pepper") == Imported(0, 2)
    with reading(database) as connection:
        assert connection.execute(select(accounts)).all() == before
    assert numbers(database) == ["+12025550101", "+12025550102"]


def test_a_folder_that_is_not_there_is_one_line(sqlite_database: Engine, tmp_path: Path) -> None:
    with reading(sqlite_database) as connection, pytest.raises(StoreError, match="cannot write"):
        export_accounts(connection, tmp_path / "none" / "out.csv")


def test_payments_are_written_as_billing_reads_them(database: Engine, tmp_path: Path) -> None:
    load(database, tmp_path, HEAD, "0012,Ana,60601,1")
    with database.begin() as connection:
        row = insert(payments).values(
            account_id=one(database).id, amount_cents=8420, created_at=NOW, updated_at=NOW
        )
        connection.execute(
            row.values(
                call_sid="CA1", turn=3, status="charged", idempotency_key="a",
                confirmation="12345678", last4="4242", token="pm_card_visa",
            )
        )  # fmt: skip
        connection.execute(
            row.values(call_sid="CA1", turn=5, status="canceled", idempotency_key="b")
        )
    out = tmp_path / "payments.csv"
    with reading(database) as connection:
        assert export_payments(connection, out) == 2
    assert out.read_text().splitlines() == [
        "confirmation,account_number,amount,status,method,last4,created_at",
        "12345678,0012,84.20,charged,card,4242,2026-11-20T12:00:00+00:00",
        ",0012,84.20,canceled,card,,2026-11-20T12:00:00+00:00",
    ]

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, insert, select, update

from ivr.cli.accounts import accounts
from ivr.cli.agents import agents
from ivr.cli.callbacks import callbacks
from ivr.cli.db import db
from ivr.cli.outages import outages
from ivr.cli.payments import payments
from ivr.store import tables
from ivr.store.demo_cases import CASES
from ivr.store.pins import check_pin

from .conftest import Run

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
CSV = "account_number,name,zip,balance\n"


def stored_pin(database: Engine) -> str | None:
    with database.begin() as connection:
        return connection.scalar(select(tables.pins.c.hash))


@pytest.fixture
def one_account(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "one.csv"
    file.write_text(f"{CSV}0012,Ana,60601,84.20\n")
    assert run(accounts, "import", str(file)).exit_code == 0


def test_upgrade_migrates_a_new_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/var/ivr.db")
    runner = CliRunner()
    early = runner.invoke(callbacks, ["list"])
    assert early.exit_code == 1
    assert early.stderr == "Error: the database is not up to date; run: ivr db upgrade\n"
    for _ in range(2):
        assert runner.invoke(db, ["upgrade"]).output == "the database is up to date\n"
    assert runner.invoke(callbacks, ["list"]).output == "nobody is owed a call\n"


@pytest.mark.parametrize("url", ["mysql://x", "postgresql://nobody@127.0.0.1:1/none"])
def test_a_database_out_of_reach_is_one_line(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    for command in (["upgrade"], ["demo"]):
        result = CliRunner().invoke(db, command)
        assert result.exit_code == 1
        assert result.stderr.startswith("Error: ")
        assert result.stderr.count("\n") == 1


def test_the_demo_is_loaded_once(run: Run) -> None:
    assert run(db, "demo", "--if-empty").output.startswith(f"{len(CASES)} demo accounts;")
    again = run(db, "demo", "--if-empty")
    assert (again.exit_code, again.output) == (0, "")
    refused = run(db, "demo")
    assert refused.exit_code == 1
    assert "there are accounts already" in refused.stderr


def test_the_demo_list_says_who_can_be_played() -> None:
    listed = json.loads(CliRunner().invoke(db, ["demo", "--list", "--json"]).output)
    assert len(listed) == len(CASES)
    assert listed[0] == {
        "call_from": "+12025550142",
        "account": "1000000142",
        "zip": "60601",
        "pin": "1234",
        "case": "owes $84.20, due soon",
    }
    shown = CliRunner().invoke(db, ["demo", "--list"]).output.splitlines()
    assert shown[0].split() == ["call", "from", "account", "zip", "pin", "case"]
    assert len(shown) == len(CASES) + 1


def test_accounts_go_in_and_come_out(run: Run, tmp_path: Path) -> None:
    file, out = tmp_path / "in.csv", tmp_path / "out.csv"
    file.write_text(f"{CSV}0012,Ana,60601,84.20\n0013,Bo,60601,-1\n")
    assert run(accounts, "import", str(file)).output == "2 accounts added, 0 updated\n"
    assert run(accounts, "import", str(file)).output == "0 accounts added, 2 updated\n"
    assert run(accounts, "export", str(out)).output == f"2 accounts written to {out}\n"
    assert "0012,Ana" in out.read_text()


def test_a_bad_file_of_accounts_is_refused_on_stderr(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    file.write_text(f"{CSV}0012,Ana,60601,x\n")
    result = run(accounts, "import", str(file))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f'Error: {file}:2: balance: "x" is no amount')


@pytest.mark.usefixtures("one_account")
def test_a_pin_is_asked_for_set_and_cleared(run: Run, database: Engine) -> None:
    assert run(accounts, "unlock", "0012").stderr == (
        "Error: account 0012 has no PIN; set one: ivr accounts pin\n"
    )
    result = run(accounts, "pin", "0012", typed="4711\n4711\n")
    assert result.output == "the PIN of account 0012 is set\n"
    assert check_pin("4711", stored_pin(database), "development")
    with database.begin() as connection:
        connection.execute(update(tables.pins).values(wrong=3, locked_until=NOON))
    assert run(accounts, "unlock", "0012").output == "account 0012 is unlocked\n"
    with database.begin() as connection:
        row = connection.execute(select(tables.pins)).one()
    assert (row.wrong, row.locked_until) == (0, None)
    assert run(accounts, "pin", "0012", typed="\n").output.endswith("is cleared\n")
    assert stored_pin(database) is None
    run(accounts, "pin", "0012", typed="4711\n")
    cleared = run(accounts, "pin", "0012", "--clear")
    assert cleared.output == "the PIN of account 0012 is cleared\n"
    assert stored_pin(database) is None


@pytest.mark.usefixtures("one_account")
def test_a_pin_that_is_none_is_refused_unseen(run: Run, database: Engine) -> None:
    result = run(accounts, "pin", "0012", typed="12a4\n12a4\n")
    assert (result.exit_code, result.stderr) == (*(1, "Error: a PIN must be 4 to 8 digits\n"),)
    assert stored_pin(database) is None


@pytest.mark.usefixtures("one_account")
@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ("", "no PIN was given; nothing was changed"),
        ("9999\n9998\n", "the two PINs differ; nothing was changed"),
    ],
)
def test_no_pin_or_two_different_ones_change_nothing(
    run: Run, database: Engine, typed: str, complaint: str
) -> None:
    run(accounts, "pin", "0012", typed="4711\n4711\n")
    result = run(accounts, "pin", "0012", typed=typed)
    assert (result.exit_code, result.stderr) == (1, f"Error: {complaint}\n")
    assert check_pin("4711", stored_pin(database), "development")


@pytest.mark.parametrize("command", ["pin", "unlock"])
def test_an_account_nobody_has_is_one_line(run: Run, command: str) -> None:
    result = run(accounts, command, "99", typed="1234\n")
    assert (result.exit_code, result.stderr) == (1, "Error: there is no account 99\n")


def test_an_outage_opens_changes_and_is_listed(run: Run) -> None:
    opened = run(
        outages, "open", "--node", "N12, N13", "--services", "tv,internet",
        "--eta", "2099-12-01T18:00:00-06:00", "--cause", "ice",
    )  # fmt: skip
    assert opened.output == "1\n"
    run(outages, "update", "1", "--cause", "a truck", "--no-eta", "--node", "N12")
    [listed] = json.loads(run(outages, "list", "--json").output)
    assert listed.pop("opened_at").endswith("+00:00")
    assert listed == {
        "id": 1,
        "status": "confirmed",
        "nodes": ["N12"],
        "services": ["internet", "tv"],
        "cause": "a truck",
        "eta": None,
        "closed_at": None,
        "reports": 0,
        "texts": 0,
    }
    assert "N12    internet,tv  a truck  -" in run(outages, "list").output


OPEN = ("open", "--node", "N12", "--services", "tv", "--eta")


def test_a_time_without_an_offset_is_in_the_zone_of_the_books_hours(run: Run) -> None:
    run(outages, *OPEN, "2099-12-01T18:00")
    [listed] = json.loads(run(outages, "list", "--json").output)
    assert listed["eta"] == "2099-12-02T00:00:00+00:00"
    assert "2099-12-01 18:00 CST" in run(outages, "list").output


@pytest.fixture
def no_book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("IVR_BOOK", str(tmp_path))
    return f"Error: {tmp_path} holds no book: there is no flows.yaml in it\n"


def test_without_a_book_only_a_time_without_an_offset_is_refused(run: Run, no_book: str) -> None:
    refused = run(outages, *OPEN, "2099-12-01T18:00")
    assert (refused.exit_code, refused.stderr) == (1, no_book)
    assert run(outages, *OPEN, "2099-12-01T18:00:00-06:00").output == "1\n"
    here = datetime(2099, 12, 2, tzinfo=UTC).astimezone().strftime("%Y-%m-%d %H:%M %Z")
    assert here in run(outages, "list").output


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["open", "--services", "tv"], "Missing option '--node'"),
        (["open", "--node", ",", "--services", "tv"], "name at least one, like N12,N13"),
        (["open", "--node", "N1", "--services", "fax"], "must hold only internet, tv, voice"),
        (["open", "--node", "N1", "--services", ","], "name at least one, like internet,tv"),
        (["open", "--node", "N1", "--services", "tv", "--eta", "soon"], '"soon" is no time'),
        (["open", "--node", "N1", "--services", "tv", "--eta", ""], '"" is no time'),
        (["update", "1"], "say what changed"),
        (["close", "one"], "'one' is not a valid integer"),
    ],
)
def test_an_outage_said_wrongly_is_a_usage_error(arguments: list[str], complaint: str) -> None:
    result = CliRunner().invoke(outages, arguments)
    assert result.exit_code == 2
    assert complaint in result.stderr


def test_a_suspicion_is_confirmed_or_rejected(run: Run, database: Engine) -> None:
    with database.begin() as connection:
        row = insert(tables.incidents).values(
            services="tv", status="suspected", opened_at=NOON, updated_at=NOON
        )
        for _ in range(2):
            connection.execute(row)
    assert run(outages, "confirm", "1").output == "outage 1 is confirmed\n"
    assert run(outages, "reject", "2").output == "outage 2 is rejected\n"
    assert run(outages, "reject", "1").stderr == ("Error: incident 1 is confirmed, not suspected\n")
    assert run(outages, "confirm", "7").exit_code == 1
    assert [one["id"] for one in json.loads(run(outages, "list", "--json").output)] == [1]
    assert len(json.loads(run(outages, "list", "--json", "--all").output)) == 2


def test_a_closed_outage_owes_its_texts_in_the_books_words(run: Run, database: Engine) -> None:
    run(db, "demo")
    with database.begin() as connection:
        spanish = select(tables.accounts.c.id).where(tables.accounts.c.number == "1000000134")
        row = insert(tables.reports).values(
            reference="482913", account_id=connection.scalar(spanish), node="N12", incident_id=1,
            service="tv", call_sid="CA1", turn=1, created_at=NOON, last_touch_at=NOON,
            text_to="+17735550134",
        )  # fmt: skip
        connection.execute(row)
    assert run(outages, "close", "1").output == "outage 1 is closed; texts to send: 1\n"
    with database.begin() as connection:
        text = connection.execute(select(tables.texts)).one()
    assert (text.language, text.number) == ("es", "+17735550134")
    assert text.body.endswith("(482913)")


def test_agents_come_change_and_go(run: Run) -> None:
    assert run(agents, "list").output.startswith("no agents; add one")
    added = run(
        agents, "add", "ana", "(202) 555-0170", "--queue", "billing,repair", "--language", "en,es"
    )
    assert added.output == "ana is ready at +12025550170\n"
    assert run(agents, "add", "ana", "202-555-0171", "--queue", "billing").stderr == (
        "Error: there is an agent ana already\n"
    )
    assert run(agents, "state", "ana", "away").output == "ana is away\n"
    [listed] = json.loads(run(agents, "list", "--json").output)
    assert listed.pop("since")
    assert listed == {
        "name": "ana",
        "phone": "+12025550170",
        "state": "away",
        "queues": ["billing", "repair"],
        "languages": ["en", "es"],
    }
    assert run(agents, "remove", "ana").output == "ana is removed\n"
    assert run(agents, "remove", "ana").stderr == (
        "Error: there is no agent ana; ivr agents list shows them\n"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        [" ", "202-555-0170", "--queue", "billing"],
        ["ana", "+18765550101", "--queue", "billing"],
        ["ana", "800-555-0199", "--queue", "billing"],
        ["ana", "tomorrow", "--queue", "billing"],
        ["ana", "202-555-0170", "--queue", "Billing;Repair"],
        ["ana", "202-555-0170", "--queue", "billing", "--language", "english"],
    ],
)
def test_an_agent_who_cannot_be_rung_is_refused(arguments: list[str]) -> None:
    result = CliRunner().invoke(agents, ["add", *arguments])
    assert result.exit_code == 2
    assert "must" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (
            ["bo", "202-555-0171", "--queue", "billing,sales"],
            'the book has no queue "sales" under hours; it has: billing, repair',
        ),
        (
            ["bo", "202-555-0171", "--queue", "billing", "--language", "en,fr"],
            'the book has no language "fr"; it has: en, es',
        ),
        (
            ["bo", "(202) 555-0170", "--queue", "billing"],
            "+12025550170 is the phone of agent ana already",
        ),
    ],
)
def test_an_agent_no_call_could_reach_is_refused(
    run: Run, arguments: list[str], complaint: str
) -> None:
    run(agents, "add", "ana", "202-555-0170", "--queue", "billing")
    result = run(agents, "add", *arguments)
    assert (result.exit_code, result.stderr) == (1, f"Error: {complaint}\n")
    assert [one["name"] for one in json.loads(run(agents, "list", "--json").output)] == ["ana"]


def test_no_agent_is_added_without_a_book(run: Run, no_book: str) -> None:
    result = run(agents, "add", "ana", "202-555-0170", "--queue", "billing")
    assert (result.exit_code, result.stderr) == (1, no_book)


def test_no_agent_is_added_to_a_broken_book(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IVR_BOOK", str(tmp_path))
    (tmp_path / "flows.yaml").write_text("version: 1\n")
    result = run(agents, "add", "ana", "202-555-0170", "--queue", "billing")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: the book has ")
    assert result.stderr.count("\n") == 1


def test_an_agent_on_a_call_is_not_removed(run: Run, database: Engine) -> None:
    run(agents, "add", "ana", "202-555-0170", "--queue", "billing")
    with database.begin() as connection:
        connection.execute(
            insert(tables.transfers).values(
                call_sid="CA1", turn=1, queue="billing", level="unknown", language="en",
                created_at=NOON,
            )
        )  # fmt: skip
        connection.execute(
            insert(tables.offers).values(
                transfer_id=1, agent_id=1, position=1, status="ringing", rung_at=NOON
            )
        )
    assert "ana is on a call" in run(agents, "remove", "ana").stderr
    with database.begin() as connection:
        connection.execute(update(tables.offers).values(ended_at=NOON))
    assert run(agents, "remove", "ana").exit_code == 0
    with database.begin() as connection:
        assert connection.execute(select(tables.offers.c.agent_id)).scalar_one() is None


@pytest.fixture
def two_callbacks(database: Engine, one_account: None) -> None:
    rows: list[dict[str, Any]] = [
        {"account_id": None, "call_sid": "CA1", "created_at": NOON, "number": "+12025550101"},
        {"account_id": 1, "call_sid": "CA2", "created_at": NOON, "number": "+12025550102"},
    ]
    with database.begin() as connection:
        row = insert(tables.callbacks).values(queue="billing", reason="a dispute", language="es")
        connection.execute(row, rows)


@pytest.mark.usefixtures("two_callbacks")
def test_who_is_owed_a_call_is_listed_until_it_is_made(run: Run) -> None:
    first, second = json.loads(run(callbacks, "list", "--json").output)
    assert (first["account"], second["account"], second["name"]) == (None, "0012", "Ana")
    assert second["since"] == "2026-11-20T12:00:00+00:00"
    assert (second["reason"], second["no_key_pressed"]) == ("a dispute", False)
    assert run(callbacks, "done", "1").output == "callback 1 is done\n"
    assert run(callbacks, "done", "1").output == "callback 1 was done before\n"
    assert [row["id"] for row in json.loads(run(callbacks, "list", "--json").output)] == [2]
    assert len(json.loads(run(callbacks, "list", "--all", "--json").output)) == 2
    assert "+12025550102  0012     Ana" in run(callbacks, "list").output


def test_a_callback_nobody_kept_is_one_line(run: Run) -> None:
    result = run(callbacks, "done", "9")
    assert (result.exit_code, result.stderr) == (
        *(1, "Error: there is no callback 9; ivr callbacks list shows them\n"),
    )


def test_payments_are_exported(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "payments.csv"
    assert run(payments, "export", str(out)).output == f"0 payments written to {out}\n"
    assert out.read_text().startswith("confirmation,account_number,amount,")

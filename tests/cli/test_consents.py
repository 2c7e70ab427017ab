import csv
import json
from pathlib import Path

from sqlalchemy import Connection, Engine

from ivr.cli.consents import consents
from ivr.store.consents import give
from tests.builders import NOW, account
from tests.cli.conftest import Run


def agreed(connection: Connection, number: str) -> None:
    give(
        connection,
        {
            "account_id": account(connection, number=number),
            "kind": "bank-debit",
            "language": "en",
            "words": "You authorize one debit of $32.10.",
            "recording": "RE1",
            "call_sid": f"CA{number}",
            "turn": 7,
            "given_at": NOW,
        },
    )


def test_what_was_agreed_to_is_listed_by_account(run: Run, database: Engine) -> None:
    with database.begin() as connection:
        agreed(connection, "11")
        agreed(connection, "22")
    (row,) = json.loads(run(consents, "list", "--account", "22", "--json").output)
    assert (row["account_number"], row["recording"], row["copy"]) == ("22", "RE1", "owed")
    assert row["words"] == "You authorize one debit of $32.10."


def test_every_consent_is_exported_with_its_words(
    run: Run, database: Engine, tmp_path: Path
) -> None:
    with database.begin() as connection:
        agreed(connection, "11")
    file = tmp_path / "consents.csv"
    assert run(consents, "export", str(file)).output == f"1 consents written to {file}\n"
    (row,) = csv.DictReader(file.read_text(encoding="utf-8").splitlines())
    assert row["words"] == "You authorize one debit of $32.10."
    assert (row["given_at"], row["keep_until"]) == ("2026-11-20T18:00:00+00:00", "2028-11-20")


def test_nobody_has_agreed_to_anything(run: Run) -> None:
    assert "nobody has agreed" in run(consents, "list").output

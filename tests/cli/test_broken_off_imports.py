from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ivr.cli.accounts import accounts
from ivr.cli.db import db
from ivr.store import staging
from ivr.store.imports import import_accounts

from .conftest import Run

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
FINISHED = "an import that was broken off is finished: 2 accounts added, 0 updated\n"


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.fixture
def file(database: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of two accounts, whose import died when one of them was merged."""
    monkeypatch.setattr(staging, "SLICE", 1)
    file = tmp_path / "in.csv"
    file.write_text("account_number,name,zip,balance\n0012,Ana,60601,84.20\n0013,Bo,60601,-1\n")
    with pytest.raises(Killed):
        import_accounts(database, file, NOON, "pepper", killed_beyond(file.stat().st_size // 2))
    return file


def killed_beyond(half: int) -> Callable[[int], None]:
    def told(done: int) -> None:
        if done > half:
            raise Killed

    return told


def test_upgrade_finishes_an_import_that_was_broken_off(run: Run, file: Path) -> None:
    result = run(db, "upgrade")
    assert (result.stdout, result.stderr) == ("the database is up to date\n", FINISHED)
    assert run(db, "upgrade").stderr == ""


def test_an_import_says_that_it_finished_the_one_before(run: Run, file: Path) -> None:
    result = run(accounts, "import", str(file))
    assert (result.stdout, result.stderr) == ("0 accounts added, 2 updated\n", FINISHED)

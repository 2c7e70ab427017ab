"""`ivr try`, as `make call` runs it, where an operator has set up a line of their own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ivr.cli.trial import SETTINGS
from tests.line import ROOT

COMMAND = (sys.executable, "-c", "from ivr.cli import main; main()", "try")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the shipped book, and nothing else yet."""
    for name in ("flows.yaml", "menus", "prompts", "gunicorn.conf.py"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


def documented() -> set[str]:
    """The names in the README's table of the environment."""
    table = (ROOT / "README.md").read_text(encoding="utf-8").split("## Environment")[1]
    rows = [row for row in table.split("## ")[0].splitlines() if row.startswith("| `")]
    return {name for row in rows for name in re.findall("`([A-Z_]+)`", row.split(" | ")[0])}


def test_every_setting_of_the_readme_is_left_aside() -> None:
    assert documented() <= set(SETTINGS)


def test_a_trial_touches_nothing_of_the_operators(folder: Path) -> None:
    theirs = {name: f"their {name}" for name in SETTINGS}
    theirs["DATABASE_URL"] = f"sqlite:///{folder}/theirs.db"
    theirs["PUBLIC_URL"] = "https://ivr.example.com"
    result = subprocess.run(
        [*COMMAND, "--from", "202-555-0142"],
        cwd=folder,
        env={**os.environ, **theirs},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert "You owe $84.20" in result.stdout
    assert (folder / "var" / "ivr.db").exists()
    assert not (folder / "theirs.db").exists()


def test_a_caller_who_has_no_number_is_one_line(folder: Path) -> None:
    result = subprocess.run(
        [*COMMAND, "--from", "twelve"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: 'twelve' is not a telephone number;")
    assert not (folder / "var").exists()


def test_no_worker_at_all_is_one_line(folder: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "gunicorn", "--check-config", "ivr.wsgi:app"],
        cwd=folder,
        env={**os.environ, "WEB_CONCURRENCY": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert result.stderr == "WEB_CONCURRENCY must be a whole number from 1, not 0\n"

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


def tried(folder: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    """One call, its keys scripted."""
    return subprocess.run(
        [*COMMAND, *options],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_another_book_another_line_and_a_supposed_reply_are_heard(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    book = tmp_path_factory.mktemp("book")
    for name in ("flows.yaml", "menus", "prompts"):
        (book / name).symlink_to(ROOT / name)
    words = (ROOT / "prompts" / "es.yaml").read_text(encoding="utf-8")
    (book / "prompts").unlink()
    (book / "prompts").mkdir()
    (book / "prompts" / "en.yaml").symlink_to(ROOT / "prompts" / "en.yaml")
    changed = re.sub(r"(?m)^goodbye: .*$", 'goodbye: "Hasta la vista."', words)
    (book / "prompts" / "es.yaml").write_text(changed, encoding="utf-8")
    options = ("--book", str(book), "--to", "+18005550198", "--keys", "1,")
    made = tried(folder, *options, "--suppose", "balance.read=nothing-due:-due")
    assert (made.returncode, made.stderr) == (0, "")
    assert "For English, press 8." in made.stdout
    assert "$84.20" not in made.stdout
    assert "Hasta la vista." in made.stdout


@pytest.mark.parametrize(
    ("reply", "wrong"),
    [
        ("balance.read", '"balance.read" supposes nothing; write SERVICE=OUTCOME'),
        ("luck.read=owes", 'there is no service "luck.read"; there are account.candidates'),
        ("balance.read=rich", 'balance.read has no outcome "rich"; it has owes'),
        ("balance.read=owes:luck", 'balance.read tells no "luck" with owes'),
    ],
)
def test_what_cannot_be_supposed_is_one_line(folder: Path, reply: str, wrong: str) -> None:
    made = tried(folder, "--suppose", reply)
    assert (made.returncode, made.stdout) == (2, "")
    assert made.stderr.startswith(f"ivr: {wrong}")
    assert made.stderr.count("\n") == 1
    assert not (folder / "var").exists()


def test_a_book_that_is_not_there_is_one_line(folder: Path) -> None:
    made = tried(folder, "--book", "nowhere")
    assert (made.returncode, made.stdout) == (2, "")
    assert "'nowhere' does not exist" in made.stderr

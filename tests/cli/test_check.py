"""`ivr check` as a shell runs it."""

import json
import os
import pty
import shutil
import subprocess
import sys
import wave
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ivr.cli.check import check
from ivr.errors import BookError

ROOT = Path(__file__).parents[2]
BAD_BOOKS = ROOT / "tests" / "bad_books"


def checked(*arguments: str) -> Result:
    return CliRunner().invoke(check, arguments, catch_exceptions=False)


def test_the_shipped_book_is_clean() -> None:
    result = checked(str(ROOT))
    assert result.exit_code == 0
    assert result.stdout.startswith("book is clean: ")
    assert result.stdout.endswith(" prompts in 2 languages\n")
    assert checked("--json", str(ROOT)).stdout == "[]\n"


def test_problems_are_lines_and_the_exit_is_1() -> None:
    folder = BAD_BOOKS / "yaml-syntax"
    result = checked(str(folder))
    expected = (folder / "expected.txt").read_text()
    assert result.exit_code == 1
    assert expected in result.stdout
    assert result.stderr == "ivr: 1 problem\n"


def test_problems_as_json_have_their_parts() -> None:
    result = checked("--json", str(BAD_BOOKS / "key-twice"))
    (found,) = [row for row in json.loads(result.stdout) if row["code"] == "key-twice"]
    path = "menus/main.yaml"
    assert result.exit_code == 1
    assert result.stderr == ""
    assert found == {
        "path": path,
        "line": 4,
        "column": 3,
        "code": "key-twice",
        "message": "key 1 already has a choice in this menu",
        "hint": None,
        "also": [{"path": path, "line": 3, "column": 3}],
    }


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    """A copy of the shipped book, to be changed."""
    for part in ("flows.yaml", "menus", "prompts"):
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, tmp_path / part)
    return tmp_path


def spoil(folder: Path, path: str, old: str, new: str) -> None:
    text = (folder / path).read_text()
    assert text.count(old) == 1
    (folder / path).write_text(text.replace(old, new))


def test_a_book_that_is_hard_on_the_ear_has_problems_too(shipped: Path) -> None:
    spoil(shipped, "prompts/es.yaml", "Disculpe, no oí ninguna tecla.", "Tecla inválida.")
    spoil(shipped, "menus/main.yaml", '{"0": agent}', '{"0": agent, "*": main-menu, "9": agent}')
    result = checked(str(shipped))
    found = [line.split(": ")[1] for line in result.stdout.splitlines()]
    assert result.exit_code == 1
    assert found == ["too-many-options", "blaming-words"]
    assert result.stderr == "ivr: 2 problems\n"
    (first, _) = json.loads(checked("--json", str(shipped)).stdout)
    assert (first["path"], first["code"]) == ("menus/main.yaml", "too-many-options")


def test_while_a_book_cannot_be_loaded_only_that_is_printed(shipped: Path) -> None:
    spoil(shipped, "prompts/es.yaml", "Disculpe, no oí ninguna tecla.", "Tecla inválida.")
    spoil(shipped, "menus/main.yaml", "go: flow pay-bill", "go: flow pay-bil")
    result = checked(str(shipped))
    assert [line.split(": ")[1] for line in result.stdout.splitlines()] == ["unknown-target"]


def test_agents_may_be_told_that_a_pin_was_wrong(shipped: Path) -> None:
    assert '"PIN wrong."' in (shipped / "prompts" / "en.yaml").read_text()
    assert checked(str(shipped)).exit_code == 0


def test_a_recording_counts_with_its_own_length(shipped: Path) -> None:
    folder = shipped / "prompts" / "en"
    folder.mkdir()
    with wave.open(str(folder / "goodbye.wav"), "wb") as file:
        file.setparams((1, 1, 8000, 0, "NONE", ""))
        file.writeframes(bytes(8000 * 9))
    result = checked(str(shipped))
    assert result.exit_code == 1
    assert 'long-prompt: prompt "goodbye" takes 9.0 s' in result.stdout


def test_no_book_is_an_error_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(BookError, match="holds no book"):
        checked(str(tmp_path))


def test_without_a_book_the_command_ends_with_2_and_one_line(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from ivr.cli import main; main()", "check", str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert result.stderr == f"ivr: {tmp_path} holds no book: there is no flows.yaml in it\n"
    assert result.stdout == ""


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], str]:
    """Runs the check in a child whose standard output is a terminal of 60 columns."""
    monkeypatch.setenv("COLUMNS", "60")

    def run(folder: Path) -> str:
        ours, theirs = pty.openpty()
        command = [sys.executable, "-c", "from ivr.cli import main; main()", "check", str(folder)]
        child = subprocess.Popen(command, stdout=theirs, stderr=subprocess.DEVNULL)
        os.close(theirs)
        shown = b""
        try:
            while part := os.read(ours, 4096):
                shown += part
        except OSError:
            pass  # how Linux tells that the other side of a terminal is closed
        os.close(ours)
        child.wait()
        return shown.decode()

    return run


def test_a_terminal_shows_the_line_and_a_caret(terminal: Callable[[Path], str]) -> None:
    shown = terminal(BAD_BOOKS / "unknown-target").splitlines()
    (place,) = [number for number, line in enumerate(shown) if "unknown-target" in line]
    assert "\x1b[1mmenus/main.yaml:3:30\x1b[0m: \x1b[31munknown-target\x1b[0m: " in shown[place]
    source, caret = shown[place + 1], shown[place + 2]
    assert source == '\x1b[2m      "1": {offer: an-agent, go: flow agnet}\x1b[0m'
    assert caret.index("^") == source.index("flow agnet")


def test_a_long_line_is_shown_around_the_caret(
    terminal: Callable[[Path], str], tmp_path: Path
) -> None:
    long = "x" * 200 + ": {\x1b[2J"
    (tmp_path / "flows.yaml").write_text("version: 1\n")
    (tmp_path / "menus").mkdir()
    (tmp_path / "menus" / "main.yaml").write_text(f'keys: {{"1": "{long}", "9": wrong}}\n')
    shown = terminal(tmp_path).splitlines()
    (place,) = [number for number, line in enumerate(shown) if "main.yaml" in line]
    assert all(len(line) < 70 for line in shown[place + 1 : place + 3])
    assert "\x1b[2J" not in "".join(shown)

"""`ivr map` as a shell runs it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ivr.cli.map import map as command
from ivr.errors import BookError
from tests.line import ROOT


def mapped(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments, catch_exceptions=False)


def test_the_map_is_mermaid_in_the_first_language() -> None:
    result = mapped(str(ROOT))
    assert result.exit_code == 0
    assert result.stdout.splitlines()[1] == "flowchart TD"
    assert '"1 · your balance"' in result.stdout
    assert result.stderr == ""
    assert mapped("--language", "en", str(ROOT)).stdout == result.stdout


def test_the_map_speaks_the_other_language() -> None:
    result = mapped("--language", "es", str(ROOT))
    assert '"1 · su saldo"' in result.stdout
    assert "your balance" not in result.stdout


def test_a_job_is_marked() -> None:
    assert "linkStyle" not in mapped(str(ROOT)).stdout
    assert "style flow_paid stroke:" in mapped("--job", "pay-amount", str(ROOT)).stdout


def test_svg_is_printed_on_demand() -> None:
    result = mapped("--svg", str(ROOT))
    assert result.stdout.startswith("<svg ")
    assert "your balance" in result.stdout


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--job", 'no job is named "x"; there are first-choice, balance, '),
        ("--language", 'no language is named "x"; there are en, es'),
    ],
)
def test_an_unknown_name_is_an_error_with_the_known_ones(option: str, message: str) -> None:
    with pytest.raises(BookError) as raised:
        mapped(option, "x", str(ROOT))
    assert str(raised.value).startswith(message)


def test_an_error_is_one_line_and_the_exit_is_2() -> None:
    line = [sys.executable, "-c", "from ivr.cli import main; main()", "map", "--language", "x"]
    result = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert result.stderr == 'ivr: no language is named "x"; there are en, es\n'
    assert result.stdout == ""


def test_a_book_without_jobs_says_so(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "menus", tmp_path / "menus")
    shutil.copytree(ROOT / "prompts", tmp_path / "prompts")
    text = (ROOT / "flows.yaml").read_text()
    (tmp_path / "flows.yaml").write_text(text[: text.index("\njobs:\n")])
    with pytest.raises(BookError, match='no job is named "x"; the book has none'):
        mapped("--job", "x", str(tmp_path))


def test_a_page_is_checked_and_mended(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- map: begin -->\n<!-- map: end -->\n")
    old = mapped("--check", str(page), "--language", "es", str(ROOT))
    mend = f"ivr map {ROOT} --language es --write {page}"
    assert old.exit_code == 1
    assert old.stderr == f"ivr: {page} has an old map of the book; run: {mend}\n"
    assert old.stdout == ""
    written = mapped(*mend.split()[2:])
    assert (written.exit_code, written.stdout) == (0, "")
    assert mapped("--check", str(page), "--language", "es", str(ROOT)).exit_code == 0
    assert mapped("--check", str(page), str(ROOT)).exit_code == 1


def test_help_teaches_by_examples() -> None:
    shown = mapped("--help").stdout
    assert "ivr map --language es --job balance" in shown
    assert "Thick arrows are keys" in shown
    assert "Exits with 0" in shown

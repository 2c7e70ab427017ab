"""`ivr schema` as a shell runs it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ivr.cli.schema import schema

ROOT = Path(__file__).parents[2]
NAMES = ["flows.json", "menu.json", "prompts.json"]


def ran(*arguments: str) -> Result:
    return CliRunner().invoke(schema, arguments, catch_exceptions=False)


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_schema_is_printed_as_json() -> None:
    result = ran("menu")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["properties"].keys() >= {"keys", "greet", "also"}


def test_the_schemas_in_the_repository_are_as_they_would_be_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(ROOT)
    result = ran("--check")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == f"schemas are up to date: {', '.join(NAMES)}\n"


def test_written_schemas_pass_the_check_until_they_are_changed(elsewhere: Path) -> None:
    assert ran("--write", "schemas").exit_code == 0
    assert sorted(path.name for path in (elsewhere / "schemas").iterdir()) == NAMES
    assert ran("--check").exit_code == 0
    (elsewhere / "schemas" / "menu.json").write_text("{}\n")
    (elsewhere / "schemas" / "prompts.json").unlink()
    result = ran("--check")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [
        f"ivr: {Path('schemas') / name} is out of date; run ivr schema --write schemas"
        for name in ("menu.json", "prompts.json")
    ]
    assert ran("flows", "--check").exit_code == 0


def test_one_schema_may_be_written_alone(elsewhere: Path) -> None:
    result = ran("menu", "--write", "here")
    assert result.stdout == f"written: {Path('here') / 'menu.json'}\n"
    assert [path.name for path in (elsewhere / "here").iterdir()] == ["menu.json"]


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        ((), "name one of flows, menu, prompts, or write all with --write schemas"),
        (("--check", "--write", "x"), "--check and --write exclude each other"),
        (("lines",), "'lines' is not one of 'flows', 'menu', 'prompts'"),
    ],
)
def test_what_cannot_be_done_is_said(arguments: tuple[str, ...], advice: str) -> None:
    result = ran(*arguments)
    assert result.exit_code == 2
    assert advice in result.stderr

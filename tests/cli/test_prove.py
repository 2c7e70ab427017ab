"""`ivr prove` as a shell runs it, and the calls it tells people to make."""

import json
import os
import shlex
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ivr.authoring.proof.claims import CLAIMS
from ivr.cli.prove import prove
from ivr.errors import BookError
from tests.line import ROOT

IVR = (sys.executable, "-c", "from ivr.cli import main; main()")
HUNG_UP = "a caller who stays silent is hung up on: no job finished, no callback kept"
GOODBYE = "Thanks for calling. Goodbye."


def proven(*arguments: str) -> Result:
    return CliRunner().invoke(prove, arguments, catch_exceptions=False)


@cache
def of_the_shipped_book() -> Result:
    return proven("--json", str(ROOT))


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A copy of the shipped book that hangs up where nobody is free, with one budget too tight."""
    for part in ("flows.yaml", "menus", "prompts"):
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, tmp_path / part)
    (tmp_path / "gunicorn.conf.py").symlink_to(ROOT / "gunicorn.conf.py")
    flows = (tmp_path / "flows.yaml").read_text(encoding="utf-8")
    unheard = "{say: nobody-free, go: menu callback}", "{say: nobody-free, go: flow goodbye}"
    tight = "budget: {keys: 0, en: 5", "budget: {keys: 0, en: 1"
    for old, new in (unheard, tight):
        assert old in flows
        flows = flows.replace(old, new)
    (tmp_path / "flows.yaml").write_text(flows, encoding="utf-8")
    return tmp_path


def test_all_holds_of_the_shipped_book() -> None:
    result = of_the_shipped_book()
    assert (result.exit_code, result.stderr) == (0, "")


def test_json_has_every_claim_and_every_time() -> None:
    found: dict[str, Any] = json.loads(of_the_shipped_book().stdout)
    counted = {"states", "turns", "seconds", "longest", "slowest"}
    assert set(found) == {"holds", "claims", "times", *counted}
    assert found["holds"] is True
    assert found["turns"] > found["states"] > 1000
    assert found["longest"] < 300
    assert found["longest"] < found["slowest"] < 600
    ids = [claim["id"] for claim in found["claims"]]
    assert ids == [claim.id for claim in CLAIMS]
    for claim in found["claims"]:
        section = f"docs/proof.md#{claim['id']}"
        assert (claim["holds"], claim["breaches"], claim["section"]) == (True, [], section)
        assert f"### {claim['id']}\n" in (ROOT / "docs" / "proof.md").read_text(encoding="utf-8")
    assert {time["language"] for time in found["times"]} == {"en", "es"}


def test_one_claim_can_be_asked_for_and_then_no_times_are_counted(broken: Path) -> None:
    result = proven("--json", "--claim", "silence-is-safe", str(broken))
    found = json.loads(result.stdout)
    (claim,) = found["claims"]
    (breach, *_) = claim["breaches"]
    assert (result.exit_code, found["holds"], found["times"]) == (1, False, [])
    assert (claim["id"], claim["holds"], breach["message"]) == ("silence-is-safe", False, HUNG_UP)
    assert set(breach["call"]) == {"from", "to", "keys", "suppose", "exact", "moments"}
    assert breach["call"]["keys"] == ",,"
    assert breach["call"]["exact"] is True
    assert breach["call"]["moments"][-1]["heard"][-2:] == [GOODBYE, "[the line hangs up]"]


def test_a_claim_that_fails_shows_a_call_that_can_be_made(broken: Path) -> None:
    result = proven(str(broken))
    printed = result.stdout
    assert result.exit_code == 1
    assert "FAILS  way-out" in printed
    assert "FAILS  silence-is-safe" in printed
    assert "holds  identity" in printed
    assert "over budget: " in printed
    assert " OVER" in printed
    shown = printed.split("FAILS  silence-is-safe")[1].split("make this call: ")
    said = [line.strip() for line in shown[0].splitlines()[3:] if line.startswith(" " * 13)]
    command = shlex.split(shown[1].splitlines()[0])
    assert command[:4] == ["ivr", "try", "--book", str(broken)]
    made = subprocess.run(
        [*IVR, *command[1:]],
        cwd=broken,
        env=dict(os.environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (made.returncode, made.stderr) == (0, "")
    heard = "\n".join(made.stdout.splitlines())
    at = 0
    for words in said:
        if not words.startswith("["):
            at = heard.index(words, at)
    assert at == heard.rindex(GOODBYE)


def test_what_is_no_book_is_said_in_one_go(tmp_path: Path) -> None:
    bad = ROOT / "tests" / "bad_books" / "yaml-syntax"
    for folder in (tmp_path, bad):
        ran = subprocess.run(
            [*IVR, "prove", str(folder)], capture_output=True, text=True, check=False
        )
        assert (ran.returncode, ran.stdout) == (2, "")
        assert "Traceback" not in ran.stderr
        assert ran.stderr
    with pytest.raises(BookError):
        proven(str(tmp_path))


def test_a_claim_there_is_not_is_refused() -> None:
    result = proven("--claim", "luck", str(ROOT))
    assert result.exit_code == 2
    assert "'luck' is not one of 'way-out'" in result.stderr

"""A harness that never finds anything proves nothing: here it meets what is known to be wrong."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from faults.judge import violations
from faults.lines import Line, serving
from faults.play import play
from faults.schedules import named
from faults.searching import SECRETS, hits, type_cards

DOUBLE = "16840 cents were charged, 8420 were owed"
RACES = 3
"""On a busy machine the card may come after the redial's commit, where there is nothing to see."""
CHARGED_AFTER_ALL = "a caller heard <Claim.LAST_NOTHING"
ONE_CHARGE = ("killed@6", "silent@5", "stalled@5")
"""Ways to a second try at one charge: its worker dies or stalls, or the gateway is silent."""
ONE_STATE = ("crossed@1", "reconciled@5")
"""Ways for two to move one payment: a redial gives it up as its card comes, a worker asks."""


@pytest.fixture
def url(clean_postgresql_url: str) -> str:
    """PostgreSQL, where two transactions write at once; SQLite lets one wait for the other."""
    return clean_postgresql_url


@contextmanager
def line_of(build: str, url: str, folder: Path) -> Iterator[Line]:
    with serving("PostgreSQL", url, folder / "line", build) as line:
        yield line


def played(line: Line, names: Sequence[str]) -> Mapping[str, list[str]]:
    """What was wrong in each of these schedules; each must have found its point."""
    found = {}
    for name in names:
        done = play(line, named(name))
        assert done.injected, name
        found[name] = violations(done.evidence)
    return found


def test_the_product_charges_once_and_writes_no_secret_down(url: str, tmp_path: Path) -> None:
    names = (*ONE_CHARGE, *ONE_STATE)
    with line_of("right", url, tmp_path) as line:
        type_cards(line)
        assert played(line, names) == {name: [] for name in names}
        assert list(hits(line)) == []
        with line.log.open("a") as log:
            log.write(f"card {SECRETS[0]}, pm_card_visa\n")
        found = ["a secret stands in gunicorn.log", "a card's token stands in the log"]
        assert list(hits(line)) == found


def test_a_key_made_at_the_moment_of_the_call_charges_twice(url: str, tmp_path: Path) -> None:
    with line_of("fresh-keys", url, tmp_path) as line:
        found = played(line, ONE_CHARGE)
    assert [name for name, wrong in found.items() if DOUBLE in wrong] == list(ONE_CHARGE)


def test_a_state_checked_and_then_set_charges_what_was_given_up(url: str, tmp_path: Path) -> None:
    with line_of("check-then-set", url, tmp_path) as line:
        found = [played(line, ["crossed@1"]) for _ in range(RACES)]
    wrongs = [wrong for it in found for wrong in it["crossed@1"]]
    assert any(wrong.startswith(CHARGED_AFTER_ALL) for wrong in wrongs)

"""A harness that never finds anything proves nothing: here it meets what is known to be wrong."""

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from faults.judge import violations
from faults.kinds import Gateway
from faults.lines import Line, serving
from faults.play import play
from faults.schedules import named
from faults.searching import search
from faults.typed import SECRETS, type_numbers

DOUBLE = "16840 cents were charged, 8420 were owed"
RACES = 3
"""On a busy machine the card may come after the redial's commit, where there is nothing to see."""
CHARGED_AFTER_ALL = "a caller heard <Claim.LAST_NOTHING"
ONE_CHARGE = ("killed@6", "silent@5", "stalled@5")
"""Ways to a second try at one charge: its worker dies or stalls, or the gateway is silent."""
ONE_STATE = ("crossed@1", "reconciled@5")
"""Ways for two to move one payment: a redial gives it up as its card comes, a worker asks."""
ONE_ROUND = ("killed_gone@5+stalled@round-9", "killed_gone@5+killed@round-9")
"""A reconciler stalls past its lease just before it charges, and another one does it; or dies."""
TWO_STEPS = ("killed@3", "killed@9", "silent@9", "broken@9", "killed_gone@9+killed@round-5")
"""With Stripe: at the creation of a PaymentIntent, at its confirmation, and by the reconciler."""


OTHERS = ("stored:killed@4", "bank:killed@8", "autopay:killed@round-14")
"""The same for a stored card, a debit, and a bill that AutoPay takes."""
SETTLED = ("stored:killed_settled@4",)
"""A reconciler is quicker than the second try, which must not deny the charge."""
REFUND = ("refund:killed@4", "refund:killed_gone@4+at_once@round-9")
"""A refund is asked for twice: by a second try, by two reconcilers."""


@pytest.fixture
def url(clean_postgresql_url: str) -> str:
    """PostgreSQL, where two transactions write at once; SQLite lets one wait for the other."""
    return clean_postgresql_url


@contextmanager
def line_of(build: str, url: str, folder: Path, gateway: Gateway = "sandbox") -> Iterator[Line]:
    with serving("PostgreSQL", url, folder / "line", build, gateway) as line:
        yield line


def played(line: Line, names: Sequence[str]) -> Mapping[str, list[str]]:
    """What was wrong in each of these schedules; each must have found its point."""
    found = {}
    for name in names:
        done = play(line, named(name, line.gateway))
        assert done.injected, name
        found[name] = violations(done.evidence)
    return found


@pytest.mark.parametrize(
    ("gateway", "names"),
    [
        ("sandbox", (*ONE_CHARGE, *ONE_STATE, *ONE_ROUND, *OTHERS, *SETTLED, *REFUND)),
        ("stripe", TWO_STEPS),
    ],
)
def test_the_product_charges_once_and_writes_no_secret_down(
    url: str, tmp_path: Path, gateway: Gateway, names: Sequence[str]
) -> None:
    with line_of("right", url, tmp_path, gateway) as line:
        type_numbers(line)
        assert played(line, names) == {name: [] for name in names}
        searched = search(line)
        assert searched.found == set()
        assert min(searched.files, searched.rows, searched.bytes) > 0
        with line.log.open("a") as log:
            log.write(f"card {SECRETS[0]}, pm_card_visa\n")
        found = {"a secret stands in gunicorn.log", "a token stands in gunicorn.log"}
        assert search(line).found == found


def test_a_form_that_is_logged_is_found(url: str, tmp_path: Path) -> None:
    with line_of("talkative", url, tmp_path) as line:
        type_numbers(line)
        found = {"a secret stands in gunicorn.log", "a token stands in gunicorn.log"}
        assert search(line).found == found


def test_a_number_is_found_in_groups_and_encoded(url: str, tmp_path: Path) -> None:
    card = SECRETS[0]
    with line_of("right", url, tmp_path) as line:
        for name, written in {
            "grouped": " ".join(card[at : at + 4] for at in range(0, 16, 4)).encode(),
            "hex": f"number {card}!".encode().hex().encode(),
            "base64": b64encode(card.encode()),
        }.items():
            (line.folder / name).write_bytes(b"a log: " + written + b" and so on")
        found = {f"a secret stands in {name}" for name in ("grouped", "hex", "base64")}
        assert search(line).found == found


@pytest.mark.parametrize(
    ("gateway", "names"),
    [("sandbox", (*ONE_CHARGE, ONE_ROUND[0], *OTHERS)), ("stripe", ["stalled@9"])],
)
def test_a_key_made_at_the_moment_of_the_call_charges_twice(
    url: str, tmp_path: Path, gateway: Gateway, names: Sequence[str]
) -> None:
    with line_of("fresh-keys", url, tmp_path, gateway) as line:
        found = played(line, names)
    assert [name for name, wrong in found.items() if DOUBLE not in wrong] == []


def test_a_state_checked_and_then_set_charges_what_was_given_up(url: str, tmp_path: Path) -> None:
    with line_of("check-then-set", url, tmp_path) as line:
        found = [played(line, ["crossed@1"]) for _ in range(RACES)]
    wrongs = [wrong for it in found for wrong in it["crossed@1"]]
    assert any(wrong.startswith(CHARGED_AFTER_ALL) for wrong in wrongs)

"""Every code has one function, one smallest wrong book and one section for authors."""

import inspect
import re
from pathlib import Path

import pytest

from ivr.flows import codes
from ivr.flows.load import read_sources
from tests.flows.books import problems

ROOT = Path(__file__).parents[2]
BAD_BOOKS = ROOT / "tests" / "bad_books"
GUIDE = ROOT / "docs" / "flow-language.md"
OF_DOCUMENTS = {"yaml-syntax", "yaml-feature"}
WORDING = {codes.near, codes.either}


def named() -> set[str]:
    made = {it for _, it in inspect.getmembers(codes, inspect.isfunction)} - WORDING
    own = {it.__name__ for it in made if it.__module__ == codes.__name__}
    return {name.replace("_", "-") for name in own} | OF_DOCUMENTS


def test_every_code_has_its_bad_book_and_its_section() -> None:
    sections = set(re.findall(r"^### `([a-z-]+)`$", GUIDE.read_text(), re.MULTILINE))
    books = {folder.name for folder in BAD_BOOKS.iterdir()}
    assert named() == books == sections


@pytest.mark.parametrize("folder", sorted(BAD_BOOKS.iterdir()), ids=lambda it: it.name)
def test_a_bad_book_has_the_one_problem_it_was_written_for(folder: Path) -> None:
    found = problems(read_sources(folder))
    assert found == (folder / "expected.txt").read_text().splitlines()
    assert len(found) == 1
    assert f": {folder.name}: " in found[0]


def test_among_very_many_words_only_those_that_begin_or_end_alike_are_compared() -> None:
    many = [f"flow step-{number}" for number in range(1000)]
    assert codes.near("xbalancex", ["balance"]) == "balance"
    assert codes.near("xbalancex", [*many, "balance"]) is None
    assert codes.near("balanse", [*many, "balance"]) == "balance"


def test_words_are_listed_with_or_before_the_last() -> None:
    assert codes.either(["a"]) == "a"
    assert codes.either(["a", "b", "c"]) == "a, b or c"

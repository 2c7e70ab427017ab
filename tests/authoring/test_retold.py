"""A mutant explored with what is known of its original is explored as a whole one is."""

from functools import cache

import pytest

from ivr.authoring.proof.claims import CLAIMS
from ivr.authoring.proof.clock import Clock
from ivr.authoring.proof.evidence import Evidence
from ivr.authoring.proof.space import Explorer, Space, explore
from ivr.dialog.call import Pace
from tests.authoring.judging import Judge
from tests.authoring.mutants import mutants
from tests.authoring.proof.books import small_book
from tests.authoring.retold import Original, Retold, can_be_retold


@cache
def judge() -> Judge:
    return Judge(small_book())


MUTANTS = {str(it): it for it in mutants(small_book())}
SOME = [*{it.operator: name for name, it in reversed(MUTANTS.items())}.values()]
"""The first of each operator."""


def turns(space: Space) -> list[object]:
    """Each state's place, and each turn's way, end, and words."""
    ways = [
        (
            it.source and it.source.number,
            type(it.happening),
            it.to and it.to.number,
            it.turn and (it.turn.call.spot, [said.prompt for said in it.turn.within]),
        )
        for it in space.passages
    ]
    return [*((it.number, it.call.spot, it.watch) for it in space.nodes), *ways]


def test_the_original_is_explored_as_any_book() -> None:
    assert turns(Original(small_book()).space) == turns(explore(small_book()))


@pytest.mark.parametrize("name", SOME)
def test_a_mutant_is_explored_as_if_nothing_were_known(name: str) -> None:
    original, book = judge().original, MUTANTS[name].book
    if can_be_retold(original, book):
        retold = Retold(original, book)
        space = retold.explored()
        whole = Explorer(book, original.facts, retold.reads).explored()
        assert turns(space) == turns(whole)


@pytest.mark.parametrize("name", SOME)
def test_it_breaks_the_same_claims(name: str) -> None:
    book = MUTANTS[name].book
    evidence = Evidence(book, explore(book), Clock(book), Clock(book, pace=Pace.SLOW))
    broken = {it.id for it in CLAIMS if any(True for _ in it.check(evidence))}
    assert set(judge().look(book).broken()) == broken
    first = judge().first(book)
    assert first in broken if broken else not first

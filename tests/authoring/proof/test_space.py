"""The exploration as a whole: what it does not depend on, and what it always finds."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from ivr.authoring.proof import prove
from ivr.authoring.proof.happenings import Lost
from ivr.authoring.proof.space import Passage, explore
from ivr.dialog.call import Pace
from ivr.dialog.engine import advance
from ivr.dialog.events import Answered, Arrived
from ivr.flows.model import Book
from tests.authoring.proof.books import small_book
from tests.authoring.proof.explored import Explored, shipped, small


def in_spanish(book: Book) -> Book:
    lines = {number: replace(line, language="es") for number, line in book.lines.items()}
    return replace(book, lines=lines)


def in_english(book: Book) -> Book:
    lines = {number: replace(line, language="en") for number, line in book.lines.items()}
    return replace(book, lines=lines)


def test_the_language_of_a_line_changes_neither_states_nor_claims() -> None:
    english, spanish = prove(in_english(small_book())), prove(in_spanish(small_book()))
    one, other = ((it.states, it.turns) for it in (english, spanish))
    assert one == other
    holding = english.holds, spanish.holds
    assert holding == (True, True)


def test_the_order_of_languages_changes_no_states() -> None:
    book = replace(small_book(), languages=("es", "en"))
    other, states = len(explore(book).nodes), len(small().space.nodes)
    assert other == states


def pressed(passage: Passage) -> str:
    happening = passage.happening
    return happening.text.reveal() if isinstance(happening, Answered) else ""


@pytest.mark.parametrize("known", [small, shipped])
@pytest.mark.parametrize("key", ["8", "9", "7"])
def test_8_9_and_7_lead_to_the_state_they_are_pressed_in(
    known: Callable[[], Explored], key: str
) -> None:
    pressings = [
        passage
        for node in known().space.nodes
        if node.listens
        for passage in node.onward
        if pressed(passage) == key
    ]
    assert len(pressings) > 50
    for passage in pressings:
        before, after = (it and it.number for it in (passage.source, passage.to))
        assert before == after


def test_other_languages_and_paces_come_to_the_same_states() -> None:
    known = shipped()
    for passage in known.space.passages[::7]:
        if isinstance(passage.happening, Lost | Arrived) or passage.to is None:
            continue
        call = replace(passage.call, language="es", pace=Pace.SLOW, chose_language=True, repeats=3)
        turn = advance(known.book, call, passage.happening)
        number = known.keys[known.key(turn.call, turn.wait, passage.to.watch)].number
        expected = passage.to.number
        assert number == expected


def test_every_state_but_the_first_has_a_way_to_it_and_each_passage_ends_somewhere() -> None:
    space = small().space
    numbers = [node.number for node in space.nodes]
    assert numbers == list(range(len(numbers)))
    wayless = [it.number for it in space.nodes if it.way is None or it.way.to is not it]
    refused = [it.trouble for it in space.passages if it.to is None]
    assert (wayless, refused) == ([], [])


def test_the_same_book_is_explored_the_same_way_twice() -> None:
    (one, turns), (other, again) = (
        ([it.call.spot for it in space.nodes], len(space.passages))
        for space in (small().space, explore(small_book()))
    )
    assert one == other
    assert turns == again

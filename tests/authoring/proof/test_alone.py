"""What goes on without the caller: the loops, and the longest of what ends."""

from ivr.authoring.proof.alone import BY_THEMSELVES, alone, unasked
from ivr.authoring.proof.clock import CARD_ENTRY, RINGING, Clock
from ivr.authoring.proof.happenings import Lost, answered
from ivr.authoring.proof.space import Passage, explore
from ivr.dialog.call import Spot
from ivr.dialog.events import CardTaken, Rang, Replied, Silent
from ivr.flows.model import PAY_OUTCOMES, Branch, ToMenu
from tests.authoring.proof.books import small_book, with_menu
from tests.authoring.proof.explored import small


def happened(passage: Passage) -> str:
    return type(passage.happening).__name__


def test_keys_and_a_lost_place_do_not_come_by_themselves() -> None:
    by = {happened(it): unasked(it) for it in small().space.passages if happened(it) != "CardTaken"}
    assert by == {
        "Arrived": True,
        "Answered": False,
        "Silent": True,
        "Rang": True,
        "Replied": True,
        "Lost": False,
    }
    assert type(answered("1")).__name__ in by
    assert Lost.__name__ in by


def test_card_entry_ends_by_itself_in_some_ways() -> None:
    ends = {
        it.happening.outcome: unasked(it)
        for it in small().space.passages
        if isinstance(it.happening, CardTaken)
    }
    assert set(ends) == set(PAY_OUTCOMES)
    assert {outcome for outcome, by_itself in ends.items() if by_itself} == set(BY_THEMSELVES)


def test_the_small_book_has_no_loop_and_every_state_an_end() -> None:
    space = small().space
    found = alone(space.nodes, Clock(space.book))
    states = len(space.nodes)
    assert found.loop == ()
    assert len(found.seconds) == states
    assert 100 < max(found.seconds.values()) < 300


def test_the_longest_way_takes_as_long_as_its_turns() -> None:
    space, clock = small().space, Clock(small().book)
    found = alone(space.nodes, clock)
    for node in small().at("main"):
        number, took = node.number, 0.0
        while (passage := found.next.get(number)) and passage.to:
            took += clock.lasts(passage)
            number = passage.to.number
        assert abs(took - found.seconds[node.number]) < 1e-6


def test_a_round_of_silences_is_found() -> None:
    main = small_book().menus["main"]
    patience = main.patience.__class__(
        wait=6,
        between=3,
        tries=2,
        call_tries=9,
        silence=main.patience.silence,
        mismatch=main.patience.mismatch,
        give_up=Branch((), ToMenu("main")),
    )
    book = with_menu(small_book(), "main", patience=patience)
    space = explore(book)
    loop = alone(space.nodes, Clock(book)).loop
    spots = [it.source.call.spot for it in loop if it.source]
    kinds = {happened(it) for it in loop}
    assert spots == [Spot("main", -1)] * 2
    assert kinds == {"Silent"}


def test_a_turn_lasts_as_long_as_its_wait_and_its_words() -> None:
    clock = Clock(small().book)
    waits: dict[type, set[float]] = {}
    for passage in small().space.passages:
        if passage.turn and unasked(passage):
            waited = clock.lasts(passage) - clock.says(passage.turn)
            waits.setdefault(type(passage.happening), set()).add(round(waited, 3))
    assert waits[Silent] == {6.0}
    assert waits[Rang] == {RINGING}
    assert waits[CardTaken] == {CARD_ENTRY}
    assert waits[Replied] == {0.0}


def test_words_last_as_long_as_in_the_slowest_language() -> None:
    book, slower = (
        small_book(),
        small_book(('goodbye: "goodbye in es"', 'goodbye: "adiós, adiós, y muchas gracias"')),
    )
    for node in small().at("bye", 1):
        turn = node.way.turn if node.way else None
        if turn and turn.before:
            assert Clock(slower).says(turn) > Clock(book).says(turn)
            assert Clock(slower).before(turn, "en") == Clock(book).before(turn, "en")

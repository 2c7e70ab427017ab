"""The same webhook again, an old one, another one: one effect, the same bytes."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.grammar import turn_of
from tests.line import Line, words
from tests.switchboard.lines import Gate, at_once, fetch, press, ring, with_times, written

INTERRUPTED = words("sorry-interrupted").encode()
ONE_MOMENT = words("one-moment").encode()


def test_the_same_ring_twice_is_one_call_and_the_same_bytes(whole: Line) -> None:
    first = ring(whole)
    before = written(whole)
    assert ring(whole) == first
    assert written(whole) == before


def test_the_same_answer_twice_has_one_effect_and_the_same_bytes(whole: Line) -> None:
    ring(whole)
    first = press(whole, 1, "1")
    before = written(whole)
    assert press(whole, 1, "1") == first
    assert press(whole, 1, "1", CallStatus="completed", Something="new") == first
    assert written(whole) == before


def test_another_answer_to_an_answered_turn_gets_the_open_question(whole: Line) -> None:
    ring(whole)
    asked = press(whole, 1, "1")
    before = written(whole)
    assert press(whole, 1, "2") == asked
    assert press(whole, 1) == asked
    assert written(whole) == before


def test_an_older_turn_changes_nothing(whole: Line) -> None:
    ring(whole)
    first = press(whole, 1, "1")
    newest = press(whole, 2, "*")
    before = written(whole)
    assert press(whole, 1, "1") == first
    assert press(whole, 1, "3") == newest
    assert turn_of(press(whole, 0)) == turn_of(newest)
    assert written(whole) == before


def test_a_ring_after_a_later_turn_is_a_caller_who_comes_back(whole: Line) -> None:
    ring(whole)
    asked = press(whole, 1, "1")
    before = written(whole)
    again = ring(whole)
    assert INTERRUPTED in again
    assert turn_of(again) == turn_of(asked)
    assert written(whole) == before


def test_calls_do_not_meet(whole: Line) -> None:
    ring(whole)
    ring(whole, "CA2")
    assert b"You owe $84.20" in press(whole, 1, "1")
    assert b"You owe" not in press(whole, 1, "#", "CA2")


@pytest.mark.parametrize("copies", [2, 5])
def test_copies_of_a_ring_at_once_are_one_call(whole: Line, copies: int) -> None:
    with ThreadPoolExecutor() as pool:
        answers = {it.result() for it in at_once(pool, copies, lambda: ring(whole))}
    assert len(answers) == 1
    assert written(whole)[1] == 1


@pytest.mark.parametrize("copies", [2, 5])
def test_copies_of_an_answer_at_once_have_one_effect(whole: Line, copies: int) -> None:
    ring(whole)
    turns, events = written(whole)[1:]
    with ThreadPoolExecutor() as pool:
        answers = {it.result() for it in at_once(pool, copies, lambda: press(whole, 1, "1"))}
    assert len(answers) == 1
    (state, *counts) = written(whole)
    assert state.version == 2
    assert counts[0] == turns + 1
    whole_events = counts[1]
    assert press(whole, 1, "1") in answers
    assert written(whole)[2] == whole_events > events


def test_two_copies_at_once_of_a_turn_with_network_work_once(whole: Line) -> None:
    gate = Gate()
    slow = gate.on(whole)
    ring(slow)
    with ThreadPoolExecutor() as pool:
        copies = at_once(pool, 2, lambda: press(slow, 1, "1"))
        gate.wait_for_work()
        gate.open()
        answers = {copy.result() for copy in copies}
    assert len(answers) == 1
    assert b"You owe $84.20" in answers.pop()
    assert (gate.works, gate.settled) == (1, 1)


def test_another_answer_meanwhile_waits_and_gets_what_the_first_one_led_to(whole: Line) -> None:
    gate = Gate()
    slow = gate.on(whole)
    ring(slow)
    with ThreadPoolExecutor() as pool:
        first = pool.submit(press, slow, 1, "1")
        gate.wait_for_work()
        second = pool.submit(press, slow, 1, "2")
        gate.open()
        assert second.result() == first.result()
    assert gate.works == 1


def test_a_ring_while_the_first_answer_is_worked_on_is_a_caller_who_comes_back(
    whole: Line,
) -> None:
    gate = Gate()
    slow = gate.on(whole)
    greeting = ring(slow)
    with ThreadPoolExecutor() as pool:
        first = pool.submit(press, slow, 1, "1")
        gate.wait_for_work()
        again = ring(slow)
        gate.open()
        first.result()
    assert again != greeting
    assert INTERRUPTED in again


def test_while_another_works_for_long_the_caller_is_asked_for_a_moment(whole: Line) -> None:
    gate = Gate()
    slow = with_times(gate.on(whole), wait=0.02)
    ring(slow)
    with ThreadPoolExecutor() as pool:
        first = pool.submit(press, slow, 1, "1")
        gate.wait_for_work()
        copy = press(slow, 1, "1")
        assert ONE_MOMENT in copy
        assert b">/voice/turn?turn=1&amp;again=1</Redirect>" in copy
        assert b"turn=1&amp;again=2<" in fetch(slow, 1, 1)
        assert b"turn=1&amp;again=15<" in fetch(slow, 1, 14)
        assert b"<Redirect" in fetch(slow, 1, 15)
        last = fetch(slow, 1, 16)
        assert b"<Redirect" not in last
        assert b"+12025550100" in last
        gate.open()
        answer = first.result()
    assert fetch(slow, 1, 3) == answer
    assert gate.works == 1


def test_fetching_never_answers_anything(whole: Line) -> None:
    ring(whole)
    before = written(whole)
    asked = fetch(whole, 1, 1)
    assert INTERRUPTED in asked
    assert turn_of(asked) == 1
    assert written(whole) == before


def test_fetching_for_a_call_nobody_knows_is_rescued(whole: Line) -> None:
    assert b"+12025550100" in fetch(whole, 1, 1)


def test_a_fallback_while_another_works_waits_for_its_answer(whole: Line) -> None:
    gate = Gate()
    slow = gate.on(whole)
    ring(slow)
    with ThreadPoolExecutor() as pool:
        first = pool.submit(press, slow, 1, "1")
        gate.wait_for_work()
        back = pool.submit(ring, slow, ErrorCode="11200")
        gate.open()
        assert turn_of(back.result()) == turn_of(first.result()) == 2
    assert gate.works == 1

"""A worker that was killed at a turn: its claim runs out, and one other worker takes it over."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import insert, select

from ivr.store.tables import turns
from tests.grammar import turn_of
from tests.line import Line, words
from tests.switchboard.lines import Gate, fetch, press, ring, with_times

INTERRUPTED = words("sorry-interrupted").encode()
ONE_MOMENT = words("one-moment").encode()


def claimed(line: Line, seconds: float) -> None:
    """Turn 1 is in the hands of a worker that is gone; its lease ends in `seconds`."""
    until = line.clock.now + timedelta(seconds=seconds)
    row = {"call_sid": "CA1", "number": 1, "digest": "d", "owner": "gone", "lease_until": until}
    with line.office.engine.begin() as connection:
        connection.execute(insert(turns).values(row))


def owner(line: Line) -> str | None:
    with line.office.engine.connect() as connection:
        return connection.scalar(select(turns.c.owner).where(turns.c.number == 1))


def test_a_claim_whose_lease_is_over_is_taken_over(whole: Line) -> None:
    ring(whole)
    claimed(whole, -1)
    answer = press(whole, 1, "1")
    assert b"You owe $84.20" in answer
    assert owner(whole) != "gone"
    assert press(whole, 1, "1") == press(whole, 1, "1")


def test_a_claim_that_lives_is_waited_for_and_then_taken_over(whole: Line) -> None:
    brief = with_times(whole, wait=0.02)
    ring(brief)
    claimed(brief, 5)
    assert ONE_MOMENT in press(brief, 1, "1")
    assert owner(brief) == "gone"
    brief.clock.forward(seconds=6)
    assert b"You owe $84.20" in press(brief, 1, "1")


def test_a_fetch_after_a_claim_that_ran_out_asks_the_question_again(whole: Line) -> None:
    ring(whole)
    claimed(whole, -1)
    asked = fetch(whole, 1, 2)
    assert INTERRUPTED in asked
    assert turn_of(asked) == 1


def test_a_turn_with_network_is_taken_over_from_a_worker_that_was_killed(whole: Line) -> None:
    gate = Gate()
    gate.open(0)
    slow = gate.on(whole)
    ring(slow)
    claimed(slow, -1)
    assert b"You owe $84.20" in press(slow, 1, "1")
    assert (gate.works, gate.settled) == (1, 1)


def test_whoever_was_thought_dead_rereads_and_answers_with_the_winners_bytes(whole: Line) -> None:
    gate = Gate()
    slow = gate.on(whole)
    ring(slow)
    with ThreadPoolExecutor() as pool:
        loser = pool.submit(press, slow, 1, "1")
        gate.wait_for_work()
        slow.clock.forward(seconds=60)
        winner = pool.submit(press, slow, 1, "1")
        gate.wait_for_work()
        gate.open(1)
        answer = winner.result()
        assert b"You owe $84.20" in answer
        gate.open(0)
        assert loser.result() == answer
    assert (gate.works, gate.settled) == (2, 1)

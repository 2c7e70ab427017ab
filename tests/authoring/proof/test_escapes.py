"""No real call leaves the states that the proof looked at: that is what makes it sound.

Real calls have amounts, lists, accounts, languages and paces of their own, and a yes or no stays
what it was until a service is asked again. After each turn the state of the call is looked up.
"""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as some

from ivr.dialog.turns import Finished, Turn
from tests.authoring.proof.explored import shipped, small
from tests.authoring.proof.wanderer import Wanderer

MOST_TURNS = 60
SEEDS = some.integers(0, 2**64 - 1)


def wander(caller: Wanderer, turn: Turn) -> int:
    """Go on until the line hangs up; how many turns that took."""
    for turns in range(MOST_TURNS):
        if isinstance(turn.wait, Finished):
            return turns
        turn = caller.go_on(turn)
    return MOST_TURNS


@settings(max_examples=400)
@given(SEEDS)
def test_a_call_that_begins_with_the_ring_never_leaves_what_was_explored(seed: int) -> None:
    caller = Wanderer(shipped(), Random(seed))
    wander(caller, caller.arrive())


@settings(max_examples=800)
@given(SEEDS)
def test_a_call_that_goes_on_from_any_state_never_leaves_what_was_explored(seed: int) -> None:
    caller = Wanderer(shipped(), Random(seed))
    wander(caller, caller.follow(caller.luck.choice(shipped().space.nodes)))


@settings(max_examples=300)
@given(SEEDS)
def test_calls_of_the_small_book_never_leave_what_was_explored(seed: int) -> None:
    caller = Wanderer(small(), Random(seed))
    wander(caller, caller.follow(caller.luck.choice(small().space.nodes)))


def test_wandering_calls_come_to_most_of_what_was_explored() -> None:
    known = shipped()
    reached = set()
    nodes = known.space.nodes[::6]
    for node in nodes:
        caller = Wanderer(known, Random(node.number))
        reached.add(caller.key(caller.follow(node)))
    least = len(nodes) / 2
    assert len(reached) > least

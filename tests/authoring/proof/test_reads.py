"""What is read ahead, and that nothing else ever is."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from ivr.authoring.proof.reads import Reads
from ivr.dialog.call import Call, Detour, Spot, Stop
from ivr.flows.model import Do, Ref
from ivr.flows.services import Level
from tests.authoring.proof.books import small_book
from tests.authoring.proof.explored import Explored, shipped, small
from tests.authoring.proof.poison import Forgetful

AMOUNT, QUOTED = Ref("amount"), Ref("payment", "amount")
BALANCE, PAST_DUE = Ref("bill", "balance"), Ref("bill", "past-due")


@pytest.fixture
def reads() -> Reads:
    return Reads(small_book())


def test_a_fact_is_read_ahead_of_what_speaks_it_and_not_behind(reads: Reads) -> None:
    assert QUOTED in reads.ahead[Spot("pay", 2)]
    assert QUOTED in reads.ahead[Spot("pay", 4)]
    assert QUOTED not in reads.ahead[Spot("pay", 5)]


def test_what_a_step_learns_anew_is_not_read_ahead_of_it(reads: Reads) -> None:
    assert AMOUNT in reads.ahead[Spot("pay", 1)]
    assert AMOUNT not in reads.ahead[Spot("pay", 0)]
    assert QUOTED not in reads.ahead[Spot("pay", 1)]
    assert BALANCE not in reads.ahead[Spot("bill", 0)] - reads.ahead[Spot("who", 0)]


def test_bounds_needs_lists_and_offers_are_read(reads: Reads) -> None:
    assert BALANCE in reads.here[Spot("pay", 0)]
    assert {BALANCE, PAST_DUE} <= reads.here[Spot("after", -1)]
    assert Ref("found", "things") in reads.here[Spot("pick", 1)]
    assert PAST_DUE in reads.ahead[Spot("bill", 1)]


def test_nothing_is_asked_at_a_step_that_asks_nothing(reads: Reads) -> None:
    assert reads.here[Spot("bill", 1)] == frozenset()


def test_a_branch_reads_what_it_says_and_where_it_goes(reads: Reads) -> None:
    step = small_book().flows["callback"].steps[0]
    assert isinstance(step, Do)
    spot, number = Spot("callback", 0), Ref("callback", "number")
    assert number in reads.after(spot, step.when["kept"])
    assert number not in reads.after(spot, step.when["refused"])


def test_a_call_reads_what_its_way_back_and_its_detours_read(reads: Reads) -> None:
    call = Call("CA1", "", "+18005550199", None, "en", spot=Spot("bye", 0))
    stop = Stop(Spot("pay", 2), ())
    detour = (Detour(Spot("pay", 3), Level.MATCHED),)
    assert reads.of(call) == frozenset()
    for there in (
        replace(call, trail=(stop,)),
        replace(call, open=stop),
        replace(call, stack=detour),
        replace(call, open=Stop(Spot("bye", 0), detour)),
    ):
        assert QUOTED in reads.of(there)


@pytest.mark.parametrize("known", [small, shipped])
def test_no_call_looks_at_what_was_forgotten(known: Callable[[], Explored]) -> None:
    space = known().space
    forgetful, run = Forgetful(space), 0
    for passage in space.passages:
        turn = forgetful.run(passage)
        if turn is None or passage.turn is None:
            continue
        run += 1
        wrong, before = forgetful.needs_poison(turn), passage.turn
        assert not wrong
        assert (turn.call.spot, turn.call.trail) == (before.call.spot, before.call.trail)
        assert (turn.before, turn.within) == (before.before, before.within)
        assert type(turn.wait) is type(before.wait)
    turns = len(space.passages)
    assert run > turns * 0.99


@pytest.mark.parametrize("fact", [QUOTED, BALANCE, PAST_DUE, Ref("found", "things")])
def test_what_is_forgotten_too_soon_is_loud(fact: Ref) -> None:
    forgetful = Forgetful(small().space, also=fact)
    with pytest.raises(AssertionError, match="forgotten"):
        _run_all(forgetful)


def _run_all(forgetful: Forgetful) -> None:
    for passage in small().space.passages:
        turn = forgetful.run(passage)
        assert turn is None or not forgetful.needs_poison(turn), "what was forgotten is needed"

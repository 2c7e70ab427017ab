import pytest

from faults.control import name_of
from faults.schedules import (
    CROSSINGS,
    OF_GATEWAY,
    OF_ROUND,
    Fault,
    Kind,
    matrix,
    mixture,
    named,
    rounds,
    second_tries,
    ways,
)

ONE_STEP = ("before-commit-1", "after-commit-1", *("x", "x"), "before-charge-1", "after-charge-1")
TWO_STEPS = ("x", "x", "before-create-1", *("x",) * 5, "before-confirm-1", "after-confirm-1")
ROUND = ("before-commit-1", "after-commit-1", "before-find-1", "after-find-1")


def test_every_fault_is_planned_at_every_point_once() -> None:
    planned = [schedule.faults for schedule in matrix(8)]
    crossed = [(Fault(Kind.CROSSED, point),) for point in range(1, CROSSINGS + 1)]
    others = [kind for kind in Kind if kind is not Kind.CROSSED]
    expected = [(Fault(kind, point),) for kind in others for point in range(1, 9)]
    assert set(planned) == {*expected, *crossed}
    assert len(planned) == len(set(planned))


def test_every_fault_of_a_round_is_planned_at_every_point_of_it() -> None:
    [way, *_] = ways(ONE_STEP)
    planned = [schedule.of_round for schedule in rounds(way, ROUND)]
    ours = [kind for kind in OF_ROUND if kind not in OF_GATEWAY]
    everywhere = {(Fault(kind, point, in_round=True),) for kind in ours for point in range(1, 5)}
    at_requests = {(Fault(kind, 3, in_round=True),) for kind in OF_GATEWAY}
    assert set(planned) == everywhere | at_requests
    assert all(schedule.of_call == way.faults for schedule in rounds(way, ROUND))


def test_payments_are_left_to_the_reconciler_in_every_way_there_is() -> None:
    names = [way.name for way in ways(ONE_STEP)]
    assert names == ["killed_gone@5", "killed_gone@6", "killed_gone@5+late", "hung_up@2+late"]
    unopened = "silent@3+killed_gone@before-create-2"
    assert [way.name for way in ways(TWO_STEPS)] == [
        *("killed_gone@9", "killed_gone@10", "killed_gone@9+late", "hung_up@6+late"),
        *(unopened, f"{unopened}+late"),
    ]


def test_a_name_or_seed_replays_its_schedule() -> None:
    planned = [*matrix(8), *second_tries(5, ROUND)]
    for way in ways(TWO_STEPS):
        planned += [way, *rounds(way, ROUND)]
    assert [named(schedule.name) for schedule in planned] == planned
    assert named("4711") == mixture(4711)
    assert mixture(4711) != mixture(4712)


def test_a_name_that_means_no_fault_is_refused() -> None:
    with pytest.raises(ValueError, match="no fault is called moonshine"):
        named("moonshine@1")


def test_a_point_is_named_by_the_gateway_call_before_it_however_long_a_copy_waited() -> None:
    waited = ["before commit", "after commit"] * 25
    assert name_of("before find", waited) == "before-find-1"
    found = [*waited, "before find", "after find"]
    assert name_of("before commit", found) == "before-commit-1-past-after-find-1"
    assert name_of("before find", found) == "before-find-2"

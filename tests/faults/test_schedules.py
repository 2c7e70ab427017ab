import pytest

from faults.control import name_of
from faults.schedules import CROSSINGS, Fault, Kind, matrix, mixture, named, second_tries


def test_every_fault_is_planned_at_every_point_once() -> None:
    planned = [schedule.faults for schedule in matrix(8)]
    crossed = [(Fault(Kind.CROSSED, point),) for point in range(1, CROSSINGS + 1)]
    others = [kind for kind in Kind if kind is not Kind.CROSSED]
    expected = [(Fault(kind, point),) for kind in others for point in range(1, 9)]
    assert set(planned) == {*expected, *crossed}
    assert len(planned) == len(set(planned))


def test_a_name_or_seed_replays_its_schedule() -> None:
    for planned in (list(matrix(8)), list(second_tries(5, 6))):
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

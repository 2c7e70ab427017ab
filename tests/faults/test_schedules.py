import pytest

from faults.control import name_of
from faults.kinds import GATEWAYS, OF_GATEWAY, OF_ROUND, Errand, Fault, Gateway, Kind
from faults.schedules import CROSSINGS, matrix, mixture, named, rounds, second_tries, ways

ONE_STEP = ("before-commit-1", "after-commit-1", *("x", "x"), "before-charge-1", "after-charge-1")
TWO_STEPS = ("x", "x", "before-create-1", *("x",) * 5, "before-confirm-1", "after-confirm-1")
REFUND = ("before-commit-1", "after-commit-1", "before-refund-1", "after-refund-1")
ROUND = ("before-commit-1", "after-commit-1", "before-find-1", "after-find-1")


@pytest.mark.parametrize("errand", Errand)
def test_every_fault_is_planned_at_every_point_once(errand: Errand) -> None:
    planned = [schedule.faults for schedule in matrix(8, errand)]
    crossings = CROSSINGS if errand.is_keyed else 0
    crossed = [(Fault(Kind.CROSSED, point),) for point in range(1, crossings + 1)]
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


def test_a_refund_is_left_to_it_before_and_after_its_request_and_a_bill_as_it_is_due() -> None:
    asked = ["refund:killed_gone@3", "refund:killed_gone@4"]
    assert [way.name for way in ways(REFUND, Errand.REFUND)] == asked
    assert [way.faults for way in ways((), Errand.AUTOPAY)] == [()]


def test_a_name_or_seed_replays_its_schedule() -> None:
    planned = [*second_tries(5, ROUND)]
    for errand, points in {Errand.CARD: TWO_STEPS, Errand.REFUND: REFUND}.items():
        planned += matrix(8, errand)
        for way in ways(points, errand):
            planned += [way, *rounds(way, ROUND)]
    planned += [late for way in ways((), Errand.AUTOPAY) for late in rounds(way, ROUND)]
    assert [named(schedule.name) for schedule in planned] == planned
    assert named("4711", "stripe") == mixture(4711, "stripe")
    assert mixture(4711, "stripe") != mixture(4712, "stripe")


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_chance_comes_by_every_errand_of_a_gateway_and_no_other(gateway: Gateway) -> None:
    found = {mixture(seed, gateway).errand for seed in range(200)}
    assert found == set(GATEWAYS[gateway])


def test_a_name_that_means_no_fault_is_refused() -> None:
    with pytest.raises(ValueError, match="no fault is called moonshine"):
        named("moonshine@1")
    with pytest.raises(ValueError, match="no errand is called lottery"):
        named("lottery:killed@1")


def test_a_point_is_named_by_the_gateway_call_before_it_however_long_a_copy_waited() -> None:
    waited = ["before commit", "after commit"] * 25
    assert name_of("before find", waited) == "before-find-1"
    found = [*waited, "before find", "after find"]
    assert name_of("before commit", found) == "before-commit-1-past-after-find-1"
    assert name_of("before find", found) == "before-find-2"

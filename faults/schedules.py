"""What is to go wrong: every fault at every point of an errand, of a second try at it and of the
round that comes after, and seeded mixtures."""

import random
from collections.abc import Iterator, Mapping, Sequence

from faults.kinds import (
    GATEWAYS,
    LATE,
    OF,
    OF_GATEWAY,
    OF_ROUND,
    ROUND,
    Errand,
    Fault,
    Gateway,
    Kind,
    Reconciling,
    Schedule,
)

CARDS = {
    "pm_card_visa": 12,
    "pm_card_visa_chargeDeclined": 2,
    "pm_card_visa_chargeDeclinedInsufficientFunds": 1,
    "pm_sandbox_timeout": 2,
    "pm_sandbox_down": 2,
}
"""The sandbox's tokens, which our Stripe knows too, by how often a random schedule has them."""
RESULTS = {
    "success": 14,
    "caller-interrupted-with-star": 1,
    "too-many-failed-attempts": 1,
    "payment-connector-error": 1,
    "caller-hung-up": 1,
}
ERRANDS = {
    Errand.CARD: 10,
    Errand.STORED: 4,
    Errand.BANK: 4,
    Errand.REFUND: 4,
    Errand.AUTOPAY: 4,
}
"""By how often a random schedule has them."""
MOST_FAULTS = 4
FARTHEST = 20
"""Points a random fault may be at: a path that was broken off has more of them than a dry run."""
FARTHEST_OF_ROUND = 14
CROSSINGS = 2
"""Points of a redial: before and after its ring's commit."""


def matrix(points: int, errand: Errand = Errand.CARD) -> Iterator[Schedule]:
    """Every fault at every point once; `points` is how many a dry run came by."""
    for kind in Kind:
        if kind is Kind.CROSSED and not errand.is_keyed:
            continue
        last = CROSSINGS if kind is Kind.CROSSED else points
        for point in range(1, last + 1):
            yield _of(errand, Fault(kind, point))


def second_tries(first: int, points: Sequence[str]) -> Iterator[Schedule]:
    """Every fault at every point of a takeover, by name: its worker died at point `first`."""
    for kind in Kind:
        for point in points if kind is not Kind.CROSSED else ():
            if kind not in OF_GATEWAY or _is_request(point):
                yield _of(Errand.CARD, Fault(Kind.KILLED, first), Fault(kind, point))


def _is_request(point: str) -> bool:
    return point.startswith("before") and "commit" not in point


def rounds(way: Schedule, points: Sequence[str]) -> Iterator[Schedule]:
    """Every fault at every point of the round that comes after `way`; `points` are their names."""
    for kind in OF_ROUND:
        for number, point in enumerate(points, 1):
            if kind not in OF_GATEWAY or _is_request(point):
                yield after(way, Fault(kind, number, in_round=True))


def after(way: Schedule, *faults: Fault) -> Schedule:
    """A way an errand is left open, and what then befalls the round."""
    return _of(way.errand, *way.of_call, *faults, reconciling=way.reconciling)


def ways(points: Sequence[str], errand: Errand = Errand.CARD) -> Iterator[Schedule]:
    """How an errand is left to a round; `points` are the names of a dry run's.

    A card before and after its charge, with the yes still good or expired, without a card, and,
    where a gateway opens payments, without its reference; a refund before and after its request;
    a bill of AutoPay as it is due. The rest differ from a card in nothing that a round looks at.
    """
    match errand:
        case Errand.AUTOPAY:
            yield _of(errand)
        case Errand.REFUND:
            asked = _first(points, "before-refund-1", "before-create-refunds-1")
            yield _of(errand, Fault(Kind.KILLED_GONE, asked + 1))
            yield _of(errand, Fault(Kind.KILLED_GONE, asked + 2))
        case Errand.CARD:
            yield from _ways_of_card(points)


def _ways_of_card(points: Sequence[str]) -> Iterator[Schedule]:
    card, asked = Errand.CARD, _first(points, "before-charge-1", "before-confirm-1")
    yield _of(card, Fault(Kind.KILLED_GONE, asked + 1))
    yield _of(card, Fault(Kind.KILLED_GONE, asked + 2))
    yield _of(card, Fault(Kind.KILLED_GONE, asked + 1), reconciling="late")
    yield _of(card, Fault(Kind.HUNG_UP, asked - 2), reconciling="late")  # the yes's last commit
    if "before-create-1" in points:
        opened = points.index("before-create-1")
        lost = Fault(Kind.SILENT, opened + 1), Fault(Kind.KILLED_GONE, "before-create-2")
        yield _of(card, *lost)
        yield _of(card, *lost, reconciling="late")


def _first(points: Sequence[str], *names: str) -> int:
    return next(index for index, point in enumerate(points) if point in names)


def _of(errand: Errand, *faults: Fault, reconciling: Reconciling = "in time") -> Schedule:
    names = [*(fault.name for fault in faults), *([LATE] if reconciling == "late" else [])]
    prefix = "" if errand is Errand.CARD else f"{errand}{OF}"
    return Schedule(prefix + "+".join(names), faults, errand, reconciling=reconciling)


def mixture(seed: int, gateway: Gateway) -> Schedule:
    """The random schedule of a seed at a gateway."""
    dice = random.Random(seed)
    errands = GATEWAYS[gateway]
    errand = dice.choices(errands, [ERRANDS[it] for it in errands])[0]
    faults = [] if errand is Errand.AUTOPAY else _of_call_by_chance(dice)
    if errand is Errand.AUTOPAY or dice.random() < 0.3:
        point = dice.randint(1, FARTHEST_OF_ROUND)
        faults.append(Fault(dice.choice(list(OF_ROUND)), point, in_round=True))
    return Schedule(
        name=str(seed),
        faults=tuple(faults),
        errand=errand,
        card=_by_weight(dice, CARDS) if errand is not Errand.REFUND else "pm_card_visa",
        result=_by_weight(dice, RESULTS) if errand.is_keyed else "success",
        pin=dice.random() < 0.1,
        reconciling="late" if dice.random() < 0.25 else "in time",
    )


def _of_call_by_chance(dice: random.Random) -> list[Fault]:
    return [
        Fault(dice.choice(list(Kind)), 1 + int(FARTHEST * dice.random() ** 1.5))
        for _ in range(dice.randint(1, MOST_FAULTS))
    ]


def _by_weight(dice: random.Random, weights: Mapping[str, int]) -> str:
    return dice.choices(list(weights), list(weights.values()))[0]


def named(name: str, gateway: Gateway = "sandbox") -> Schedule:
    """The schedule of a name that was printed. Raises `ValueError` for any other text."""
    if name.isdigit():
        return mixture(int(name), gateway)
    of, _, rest = name.rpartition(OF)
    if of and of not in set(Errand):
        raise ValueError(f"no errand is called {of}")
    parts = rest.split("+")
    is_late = parts[-1] == LATE
    faults = map(_fault, parts[:-1] if is_late else parts)
    errand = Errand(of) if of else Errand.CARD
    return _of(errand, *faults, reconciling="late" if is_late else "in time")


def _fault(name: str) -> Fault:
    kind, _, point = name.partition("@")
    if kind.upper() not in Kind.__members__:
        raise ValueError(f"no fault is called {kind}")
    in_round, point = point.startswith(ROUND), point.removeprefix(ROUND)
    return Fault(Kind[kind.upper()], int(point) if point.isdigit() else point, in_round)

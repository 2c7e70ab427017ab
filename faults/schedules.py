"""What is to go wrong in one payment: every fault at every point of it, of a second try and of
the reconciler that comes after, and seeded mixtures."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Reconciling = Literal["in time", "late"]
After = Literal["again", "fallback", "gone"]


class Kind(StrEnum):
    """A fault. All but the crossed redial happen when a process comes by a point."""

    AGAIN = "webhook twice in a row"
    AT_ONCE = "webhook twice at once"
    LATE = "an older webhook late"
    DROPPED = "reply dropped, fallback"
    KILLED = "worker killed, sent again"
    KILLED_FALLBACK = "worker killed, fallback"
    KILLED_GONE = "worker killed, caller gone"
    STALLED = "worker stalls past its lease"
    UNPLUGGED = "database connection lost"
    STOPPED = "gateway refuses connections"
    SILENT = "gateway acts, then is silent"
    BROKEN = "gateway fails with 500"
    TURNED_AWAY = "gateway turns away with 429"
    HUNG_UP = "caller hangs up"
    REDIAL = "redial from the same number"
    SECOND = "second phone pays, too"
    RECONCILED = "worker stalls, ivr worker asks"
    CROSSED = "card meets a redial's commit"


OF_GATEWAY = (Kind.STOPPED, Kind.SILENT, Kind.BROKEN, Kind.TURNED_AWAY)
"""Faults of the next request to the gateway, wherever the point is."""
OF_ROUND = {
    Kind.KILLED: "killed, run again",
    Kind.AT_ONCE: "two at once",
    Kind.STALLED: "stalls past its lease",
    Kind.REDIAL: "meets a redial",
    Kind.SECOND: "meets a second phone",
    Kind.UNPLUGGED: "loses the database",
    Kind.STOPPED: "gateway refuses",
    Kind.SILENT: "gateway silent",
    Kind.BROKEN: "gateway 500",
    Kind.TURNED_AWAY: "gateway 429",
}
"""What can befall a round of the reconciler, and what that is called there."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`kind` at the point `point`, counted from the caller's yes, or a point's name
    (control.name_of); of a crossed redial its own, and `in_round` the reconciler's."""

    kind: Kind
    point: int | str
    in_round: bool = False

    @property
    def name(self) -> str:
        """As `--replay` takes it."""
        return f"{self.kind.name.lower()}@{ROUND if self.in_round else ''}{self.point}"


ROUND = "round-"
LATE = "late"


@dataclass(frozen=True, slots=True)
class Schedule:
    """One payment and what goes wrong in it. `name` replays it.

    `reconciling` late comes after the yes has expired.
    """

    name: str
    faults: tuple[Fault, ...] = ()
    card: str = "pm_card_visa"
    result: str = "success"
    pin: bool = False
    reconciling: Reconciling = "in time"

    @property
    def of_call(self) -> tuple[Fault, ...]:
        """What goes wrong while the caller pays."""
        return tuple(fault for fault in self.faults if not fault.in_round)

    @property
    def of_round(self) -> tuple[Fault, ...]:
        """What befalls the reconciler."""
        return tuple(fault for fault in self.faults if fault.in_round)


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
MOST_FAULTS = 4
FARTHEST = 20
"""Points a random fault may be at: a path that was broken off has more of them than a dry run."""
FARTHEST_OF_ROUND = 14
CROSSINGS = 2
"""Points of a redial: before and after its ring's commit."""


def matrix(points: int) -> Iterator[Schedule]:
    """Every fault at every point once; `points` is how many a dry run came by."""
    for kind in Kind:
        last = CROSSINGS if kind is Kind.CROSSED else points
        for point in range(1, last + 1):
            yield _of(Fault(kind, point))


def second_tries(first: int, points: Sequence[str]) -> Iterator[Schedule]:
    """Every fault at every point of a takeover, by name: its worker died at point `first`."""
    for kind in Kind:
        for point in points if kind is not Kind.CROSSED else ():
            if kind not in OF_GATEWAY or _is_request(point):
                yield _of(Fault(Kind.KILLED, first), Fault(kind, point))


def _is_request(point: str) -> bool:
    return point.startswith("before") and "commit" not in point


def rounds(way: Schedule, points: Sequence[str]) -> Iterator[Schedule]:
    """Every fault at every point of the round that comes after `way`; `points` are their names."""
    for kind in OF_ROUND:
        for number, point in enumerate(points, 1):
            if kind not in OF_GATEWAY or _is_request(point):
                yield after(way, Fault(kind, number, in_round=True))


def after(way: Schedule, *faults: Fault) -> Schedule:
    """A way a payment is left open, and what then befalls the reconciler."""
    return _of(*way.of_call, *faults, reconciling=way.reconciling)


def ways(points: Sequence[str]) -> Iterator[Schedule]:
    """How a payment is left to the reconciler: before and after its charge, with the yes still good
    or expired, without a card; and, where a gateway opens payments, without its reference.

    `points` are the names of a dry run's.
    """
    asked = points.index(next(it for it in points if it in ASKED))
    yield _of(Fault(Kind.KILLED_GONE, asked + 1))
    yield _of(Fault(Kind.KILLED_GONE, asked + 2))
    yield _of(Fault(Kind.KILLED_GONE, asked + 1), reconciling="late")
    yield _of(Fault(Kind.HUNG_UP, asked - 2), reconciling="late")  # the yes's last commit
    if "before-create-1" in points:
        opened = points.index("before-create-1")
        lost = Fault(Kind.SILENT, opened + 1), Fault(Kind.KILLED_GONE, "before-create-2")
        yield _of(*lost)
        yield _of(*lost, reconciling="late")


ASKED = ("before-charge-1", "before-confirm-1")


def _of(*faults: Fault, reconciling: Reconciling = "in time") -> Schedule:
    names = [*(fault.name for fault in faults), *([LATE] if reconciling == "late" else [])]
    return Schedule("+".join(names), faults, reconciling=reconciling)


def mixture(seed: int) -> Schedule:
    """The random schedule of a seed."""
    dice = random.Random(seed)
    kinds = list(Kind)
    faults = [
        Fault(dice.choice(kinds), 1 + int(FARTHEST * dice.random() ** 1.5))
        for _ in range(dice.randint(1, MOST_FAULTS))
    ]
    if dice.random() < 0.3:
        point = dice.randint(1, FARTHEST_OF_ROUND)
        faults.append(Fault(dice.choice(list(OF_ROUND)), point, in_round=True))
    return Schedule(
        name=str(seed),
        faults=tuple(faults),
        card=dice.choices(list(CARDS), list(CARDS.values()))[0],
        result=dice.choices(list(RESULTS), list(RESULTS.values()))[0],
        pin=dice.random() < 0.1,
        reconciling="late" if dice.random() < 0.25 else "in time",
    )


def named(name: str) -> Schedule:
    """The schedule of a name that was printed. Raises `ValueError` for any other text."""
    if name.isdigit():
        return mixture(int(name))
    parts = name.split("+")
    is_late = parts[-1] == LATE
    faults = map(_fault, parts[:-1] if is_late else parts)
    return _of(*faults, reconciling="late" if is_late else "in time")


def _fault(name: str) -> Fault:
    kind, _, point = name.partition("@")
    if kind.upper() not in Kind.__members__:
        raise ValueError(f"no fault is called {kind}")
    in_round, point = point.startswith(ROUND), point.removeprefix(ROUND)
    return Fault(Kind[kind.upper()], int(point) if point.isdigit() else point, in_round)

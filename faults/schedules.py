"""What is to go wrong in one payment: every fault at every point, and seeded mixtures of them."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Reconciling = Literal["in time", "late"]
After = Literal["again", "fallback", "gone"]


class Kind(StrEnum):
    """A fault. All but the crossed redial happen when a worker comes by a point of the payment."""

    AGAIN = "webhook twice in a row"
    AT_ONCE = "webhook twice at once"
    LATE = "an older webhook late"
    DROPPED = "reply dropped, fallback"
    KILLED = "worker killed, sent again"
    KILLED_FALLBACK = "worker killed, fallback"
    KILLED_GONE = "worker killed, caller gone"
    STALLED = "worker stalls past its lease"
    STOPPED = "gateway stopped"
    SILENT = "gateway silent after charging"
    HUNG_UP = "caller hangs up"
    REDIAL = "redial from the same number"
    SECOND = "second phone pays, too"
    RECONCILED = "worker stalls, ivr worker asks"
    CROSSED = "card meets a redial's commit"


@dataclass(frozen=True, slots=True)
class Fault:
    """`kind` at the point `point`, counted from the caller's yes, or a point's name
    (control.name_of); of a crossed redial its own."""

    kind: Kind
    point: int | str

    @property
    def name(self) -> str:
        """As `--replay` takes it."""
        return f"{self.kind.name.lower()}@{self.point}"


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


CARDS = {
    "pm_card_visa": 12,
    "pm_card_visa_chargeDeclined": 2,
    "pm_card_visa_chargeDeclinedInsufficientFunds": 1,
    "pm_sandbox_timeout": 2,
    "pm_sandbox_down": 2,
}
"""The sandbox's tokens, by how often a random schedule has them."""
RESULTS = {
    "success": 14,
    "caller-interrupted-with-star": 1,
    "too-many-failed-attempts": 1,
    "payment-connector-error": 1,
    "caller-hung-up": 1,
}
MOST_FAULTS = 4
FARTHEST = 16
"""Points a random fault may be at: a path that was broken off has more of them than a dry run."""
CROSSINGS = 2
"""Points of a redial: before and after its ring's commit."""


ENDS = ("before-commit-1-past-after-", "after-commit-1-past-after-")
CHARGED = ("before-find-1", "after-find-1", *(f"{end}find-1" for end in ENDS))
NOT_CHARGED = (
    *("before-find-1", "after-find-1", "before-charge-2", "after-charge-1"),
    *(f"{end}charge-1" for end in ENDS),
)
"""The points of a takeover, which asks the gateway what became of the charge, and then for it."""


def matrix(points: int) -> Iterator[Schedule]:
    """Every fault at every point once; `points` is how many a dry run came by."""
    for kind in Kind:
        last = CROSSINGS if kind is Kind.CROSSED else points
        for point in range(1, last + 1):
            yield _of(Fault(kind, point))


def second_tries(asked: int, charged: int) -> Iterator[Schedule]:
    """Every fault at every point of a takeover: its worker died before the gateway was asked
    (point `asked`), or once the money had moved (point `charged`)."""
    for first, points in ((asked, NOT_CHARGED), (charged, CHARGED)):
        for kind in Kind:
            for point in points if kind is not Kind.CROSSED else ():
                yield _of(Fault(Kind.KILLED, first), Fault(kind, point))


def _of(*faults: Fault) -> Schedule:
    return Schedule("+".join(fault.name for fault in faults), faults)


def mixture(seed: int) -> Schedule:
    """The random schedule of a seed."""
    dice = random.Random(seed)
    kinds = list(Kind)
    faults = tuple(
        Fault(dice.choice(kinds), 1 + int(FARTHEST * dice.random() ** 1.5))
        for _ in range(dice.randint(1, MOST_FAULTS))
    )
    return Schedule(
        name=str(seed),
        faults=faults,
        card=dice.choices(list(CARDS), list(CARDS.values()))[0],
        result=dice.choices(list(RESULTS), list(RESULTS.values()))[0],
        pin=dice.random() < 0.1,
        reconciling="late" if dice.random() < 0.25 else "in time",
    )


def named(name: str) -> Schedule:
    """The schedule of a name that was printed. Raises `ValueError` for any other text."""
    return mixture(int(name)) if name.isdigit() else _of(*map(_fault, name.split("+")))


def _fault(name: str) -> Fault:
    kind, _, point = name.partition("@")
    if kind.upper() not in Kind.__members__:
        raise ValueError(f"no fault is called {kind}")
    return Fault(Kind[kind.upper()], int(point) if point.isdigit() else point)

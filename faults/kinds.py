"""What there is to do, what can go wrong in it, and what of both makes a schedule."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Reconciling = Literal["in time", "late"]
After = Literal["again", "fallback", "gone", "settled"]
Gateway = Literal["sandbox", "stripe"]


class Errand(StrEnum):
    """What moves money: a caller's errand, or the run of AutoPay."""

    CARD = "card"
    STORED = "stored"
    BANK = "bank"
    REFUND = "refund"
    AUTOPAY = "autopay"

    @property
    def is_keyed(self) -> bool:
        """Whether a card or an account is keyed for it."""
        return self in (Errand.CARD, Errand.BANK)


GATEWAYS: Mapping[Gateway, Sequence[Errand]] = {
    "stripe": (Errand.CARD, Errand.STORED, Errand.REFUND, Errand.AUTOPAY),
    "sandbox": tuple(Errand),
}
"""The gateways, and what can be done there."""


class Kind(StrEnum):
    """A fault. All but the crossed redial happen when a process comes by a point."""

    AGAIN = "webhook twice in a row"
    AT_ONCE = "webhook twice at once"
    LATE = "an older webhook late"
    DROPPED = "reply dropped, fallback"
    KILLED = "worker killed, sent again"
    KILLED_FALLBACK = "worker killed, fallback"
    KILLED_GONE = "worker killed, caller gone"
    KILLED_SETTLED = "worker killed, ivr worker asks"
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
    (control.name_of); of a crossed redial its own, and `in_round` the reconciler's or AutoPay's."""

    kind: Kind
    point: int | str
    in_round: bool = False

    @property
    def name(self) -> str:
        """As `--replay` takes it."""
        return f"{self.kind.name.lower()}@{ROUND if self.in_round else ''}{self.point}"


ROUND = "round-"
LATE = "late"
OF = ":"
"""Between an errand and its faults, in a name."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """One errand and what goes wrong in it. `name` replays it.

    `card` is also what is stored, and `result` how entry ends. `reconciling` late comes after the
    yes has expired.
    """

    name: str
    faults: tuple[Fault, ...] = ()
    errand: Errand = Errand.CARD
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

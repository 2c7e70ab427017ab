"""Where processes are met at the points they are harmed at, and held there until they may go on."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from faults.control import Act, Rule
from faults.kinds import Fault, Kind
from faults.times import STALL
from faults.witness import Injected, Witness

POLL = 0.004
MEET, HOUSEHOLD = 0.15, 0.6
"""How long at most a process is held, in seconds: to be met, or to let another phone pay."""
GIVE_UP = 40.0

ACTS: Mapping[Kind, Act] = {
    Kind.AGAIN: "mark",
    Kind.KILLED: "kill",
    Kind.KILLED_FALLBACK: "kill",
    Kind.KILLED_GONE: "kill",
    Kind.KILLED_SETTLED: "kill",
    Kind.STOPPED: "stop",
    Kind.SILENT: "silence",
    Kind.BROKEN: "break",
    Kind.TURNED_AWAY: "turn away",
    Kind.UNPLUGGED: "unplug",
}
"""What a process does at a fault's point; for every other kind it is held there."""


class Stage(ABC):
    """One part of a schedule: `rules` are what may still happen in it."""

    def __init__(self, seen: Witness, pool: ThreadPoolExecutor) -> None:
        self.seen = seen
        self.control = seen.line.control
        self.pool = pool
        self.rules: dict[Rule, Fault] = {}
        self.sides: list[Future[Any]] = []
        self.held: list[tuple[Rule, Future[Any] | None, float]] = []

    def arm(self, faults: Mapping[Fault, str], *sids: str) -> None:
        """Count the points of these calls or rounds, and have each fault happen to its own."""
        self.rules = {
            Rule(
                next(self.seen.line.numbers), sid, fault.point, ACTS.get(fault.kind, "hold")
            ): fault
            for fault, sid in faults.items()
        }
        self.control.arm(sids, list(self.rules))

    def see_through(self) -> None:
        """Until nobody is on the way, held, or sent on the side."""
        until = time.monotonic() + GIVE_UP
        while self.is_busy:
            if time.monotonic() > until:
                self.seen.wrong(f"no end after {GIVE_UP} s")
                return
            self.meet()
            self._let_go()
            self.take_answers()
            time.sleep(POLL)
        for rule, fault in list(self.rules.items()):
            if self.control.is_reached(rule):  # by a process that nobody waited for
                self.note(rule, fault)

    @property
    def is_busy(self) -> bool:
        """Whether there is anybody to wait for."""
        return bool(self.sides or self.held)

    def meet(self) -> None:
        """Do what is planned for each point that a process has come by."""
        for rule, fault in list(self.rules.items()):
            if self.control.is_reached(rule):
                self.note(rule, fault)
                self.act(rule, fault.kind)

    @abstractmethod
    def act(self, rule: Rule, kind: Kind) -> None:
        """The driver's part of a fault whose point was come by."""

    @abstractmethod
    def place(self, rule: Rule) -> str:
        """How the table calls a point."""

    def note(self, rule: Rule, fault: Fault) -> None:
        """Keep that a fault has happened."""
        del self.rules[rule]
        place = self.place(rule)
        self.seen.tell(f"{fault.kind} at point {fault.point}, {place}")
        self.seen.injected.append(Injected(fault.kind, place, fault.in_round))

    def take_answers(self) -> None:
        """See what became of what was sent."""
        for side in [side for side in self.sides if side.done()]:
            self.sides.remove(side)
            if error := side.exception():
                self.seen.wrong(f"{type(error).__name__}: {error}")

    def hold(self, rule: Rule, met: "Future[Any] | None", longest: float = MEET) -> None:
        """Release a held process once `met` is done, or after so many seconds."""
        self.held.append((rule, met, time.monotonic() + longest))

    def _let_go(self) -> None:
        now = time.monotonic()
        for item in list(self.held):
            rule, met, until = item
            if now > until or (met and met.done()):
                self.control.release(rule)
                self.held.remove(item)

    def side(self, job: Callable[[], object]) -> "Future[Any]":
        """Do something at the same time."""
        future = self.pool.submit(job)
        self.sides.append(future)
        return future

    def other(self, number: str) -> "Future[Any]":
        """Another call from this household, which pays if it can."""
        caller = self.seen.caller(number)
        return self.side(lambda: self.seen.call(caller, pays=True))

    def reconcile_for(self, seconds: float = STALL - MEET) -> None:
        """Rounds of the reconciler, until it must have found a payment whose lease is over."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.seen.line.reconcile()
            time.sleep(MEET)

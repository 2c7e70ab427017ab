"""Several lines side by side, each with its database, going through the schedules in turn."""

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from faults.judge import violations
from faults.lines import Line
from faults.play import Played, play
from faults.schedules import Kind, Schedule, matrix, mixture, second_tries
from faults.searching import hits, type_cards

ELSEWHERE = "elsewhere"
"""Where a fault struck that a dry run does not come by: a second try, a redial."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken promise: the schedule's name, what is wrong, and what happened until then."""

    database: str
    schedule: Schedule
    wrong: Sequence[str]
    story: Sequence[str]


@dataclass
class Tally:
    """What one database's lines have been through. Guarded by the supply's lock."""

    schedules: int = 0
    rescues: int = 0
    points: list[str] = field(default_factory=list)
    faults: Counter[tuple[Kind, str]] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    seconds: float = 0.0


class Supply:
    """Hands one database's lines their schedules: first every fault at every point, then seeds.

    With `names` only those. `seconds` is how long the seeds go on.
    """

    def __init__(self, database: str, seconds: float, seed: int, names: Sequence[Schedule]) -> None:
        self.database = database
        self.tally = Tally()
        self.is_stopped = False
        self._lock = threading.Lock()
        self._seconds = seconds
        self._seed = seed
        self._names = names
        self._queue: deque[Schedule] | None = None
        self._until: float | None = None

    def run(self, line: Line, done: Callable[[], None]) -> None:
        """Play what there is on a line until there is no more of it, then look for secrets."""
        began = time.monotonic()
        type_cards(line)
        self._begin(line)
        for schedule in self._schedules():
            self._keep(schedule, play(line, schedule))
            done()
        found = sorted(set(hits(line)))
        with self._lock:
            self.tally.secrets += found
            self.tally.seconds = max(self.tally.seconds, time.monotonic() - began)

    def _begin(self, line: Line) -> None:
        """The first line finds the points of a payment in which nothing goes wrong."""
        with self._lock:
            if self._queue is None:
                dry = play(line, Schedule("dry"))
                self.tally.points = dry.points
                self._note(Schedule("dry"), dry)
                self._queue = deque(self._names or _every(dry.points))

    def _schedules(self) -> Iterator[Schedule]:
        while not self.is_stopped and (schedule := self._next()):
            yield schedule

    def _next(self) -> Schedule | None:
        with self._lock:
            if self._queue:
                return self._queue.popleft()
            if self._names:
                return None
            if self._until is None:
                self._until = time.monotonic() + self._seconds
            if time.monotonic() > self._until:
                return None
            self._seed += 1
            return mixture(self._seed - 1)

    def _keep(self, schedule: Schedule, played: Played) -> None:
        with self._lock:
            self._note(schedule, played)

    def _note(self, schedule: Schedule, played: Played) -> None:
        tally = self.tally
        tally.schedules += 1
        tally.rescues += played.rescues
        for fault in played.injected:
            place = fault.place if fault.place in tally.points else ELSEWHERE
            tally.faults[fault.kind, place] += 1
        if "@" in schedule.name and len(played.injected) < len(schedule.faults):
            tally.missed.append(schedule.name)
        if wrong := violations(played.evidence):
            tally.violations.append(Violation(self.database, schedule, wrong, played.story))


def _every(points: Sequence[str]) -> Iterator[Schedule]:
    """Every fault at every point of a payment, and of a second try at its charge."""
    yield from matrix(len(points))
    asked, charged = (1 + points.index(f"card {side} charge 1") for side in ("before", "after"))
    yield from second_tries(asked, charged)

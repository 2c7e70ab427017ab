"""Several lines side by side, each with its database and gateway, going through the schedules."""

import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import dropwhile

from faults.judge import violations
from faults.kinds import GATEWAYS, Errand, Fault, Gateway, Kind, Schedule
from faults.lines import Line
from faults.play import Played, play
from faults.schedules import after, matrix, mixture, named, rounds, second_tries, ways
from faults.searching import Searched, search
from faults.typed import type_numbers
from faults.witness import NamedPoint

log = logging.getLogger(__name__)
ELSEWHERE = "elsewhere"
"""Where a fault struck that a dry run does not come by: a second try, a redial."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken promise: what is wrong in a schedule, and what happened until then."""

    schedule: Schedule
    wrong: Sequence[str]
    story: Sequence[str]


@dataclass
class Tally:
    """What one database's lines have been through with a gateway. Guarded by the supply's lock.

    `points` are an errand's and `of_round` its round's, in order.
    """

    schedules: int = 0
    rescues: int = 0
    points: dict[Errand, list[str]] = field(default_factory=dict)
    of_round: dict[Errand, list[str]] = field(default_factory=dict)
    faults: Counter[tuple[Errand, Kind, str]] = field(default_factory=Counter)
    of_rounds: Counter[tuple[Errand, Kind, str]] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)
    searched: Searched = field(default_factory=Searched)
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be gone through: the schedules of `names`, or else every fault at every point
    and then random ones from `seed` on for so many `seconds`, or `chance` alone."""

    seconds: float
    seed: int
    names: Sequence[str]
    errands: Collection[str]
    chance: bool = False

    def errands_at(self, gateway: Gateway) -> list[Errand]:
        """The wanted ones that there are at a gateway; of named schedules, theirs."""
        theirs = {named(name, gateway).errand for name in self.names}
        wanted = [it for it in GATEWAYS[gateway] if it in self.errands]
        return [it for it in wanted if it in theirs] if self.names else wanted

    def has_work_at(self, gateway: Gateway) -> bool:
        """Whether a gateway has any of them: Stripe takes no bank accounts."""
        return bool(self.errands_at(gateway))


class Supply:
    """Hands the lines of one database and gateway their schedules."""

    def __init__(self, database: str, gateway: Gateway, wanted: Wanted) -> None:
        self.database = database
        self.gateway = gateway
        self.tally = Tally()
        self.is_stopped = False
        self._lock = threading.Lock()
        self._wanted = wanted
        self._seed = wanted.seed
        self._errands = wanted.errands_at(gateway)
        named_ones = (named(name, gateway) for name in wanted.names)
        self._names = [one for one in named_ones if one.errand in self._errands]
        self._queue: deque[Schedule] | None = None
        self._until: float | None = None

    def run(self, line: Line, done: Callable[[], None]) -> None:
        """Play what there is on a line until there is no more of it, then look for secrets."""
        began = time.monotonic()
        type_numbers(line)
        self._begin(line)
        for schedule in self._schedules():
            self._keep(schedule, play(line, schedule))
            done()
        searched = search(line)
        with self._lock:
            self.tally.searched += searched
            self.tally.seconds = max(self.tally.seconds, time.monotonic() - began)

    def _begin(self, line: Line) -> None:
        """The first line finds the points of each errand in which nothing goes wrong, then those of
        each second try and each round."""
        with self._lock:
            if self._queue is None:
                every = [it for errand in self._errands for it in self._every(line, errand)]
                self._queue = deque(self._names or every)

    def _every(self, line: Line, errand: Errand) -> Iterator[Schedule]:
        """Every fault at every point of an errand, of a second try at a card, and of a round."""
        dry = self._dry(line, Schedule("dry", errand=errand))
        self.tally.points[errand] = dry.places
        if self._names or self._wanted.chance:
            return
        yield from matrix(len(dry.points), errand)
        names = [point.name for point in dry.points]
        if errand is Errand.CARD:
            yield from self._second_tries(line, names)
        known = self.tally.of_round.setdefault(errand, [])
        for way in ways(names, errand):
            left = self._dry(line, after(way, Fault(Kind.AGAIN, 1, in_round=True)))
            found = [point.name for point in left.of_round]
            known += [it for it in found if it not in known]
            yield from rounds(way, found)

    def _second_tries(self, line: Line, names: Sequence[str]) -> Iterator[Schedule]:
        for first, name in enumerate(names, 1):
            if "commit" not in name:
                tried = self._dry(line, named(f"killed@{first}"))
                yield from second_tries(first, _of_takeover(tried.points, first))

    def _dry(self, line: Line, schedule: Schedule) -> Played:
        played = play(line, schedule)
        self._note(schedule, played)
        return played

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
                self._until = time.monotonic() + self._wanted.seconds
            if time.monotonic() > self._until:
                return None
            return self._by_chance()

    def _by_chance(self) -> Schedule:
        """The next random one that has one of the errands."""
        while True:
            self._seed += 1
            found = mixture(self._seed - 1, self.gateway)
            if found.errand in self._errands:
                return found

    def _keep(self, schedule: Schedule, played: Played) -> None:
        with self._lock:
            self._note(schedule, played)

    def _note(self, schedule: Schedule, played: Played) -> None:
        tally = self.tally
        tally.schedules += 1
        tally.rescues += played.rescues
        for fault in played.injected:
            known, counted = (
                (tally.of_round, tally.of_rounds)
                if fault.in_round
                else (tally.points, tally.faults)
            )
            is_known = fault.place in known.get(schedule.errand, ())
            counted[schedule.errand, fault.kind, fault.place if is_known else ELSEWHERE] += 1
        if "@" in schedule.name and len(played.injected) < len(schedule.faults):
            tally.missed.append(schedule.name)
        if wrong := violations(played.evidence):
            tally.violations.append(Violation(schedule, wrong, played.story))
            log.error("%s, %s, %s: %s", self.gateway, self.database, schedule.name, wrong[0])


def _of_takeover(points: Sequence[NamedPoint], killed: int) -> list[str]:
    """The points of the turn that was taken over, from its first request to the gateway on: before
    that, copies pass by any number of commits while they wait."""
    died = points[killed - 1]
    later = dropwhile(lambda point: "commit" in point.name, points[killed:])
    return [point.name for point in later if point.path == died.path]

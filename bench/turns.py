"""A full turn beside the floor, in alternated pairs, so that a busy moment meets both."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from bench.servers import Measured, Server, measure

WARM_UP_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Pair:
    """One measurement of the floor, and right behind it one of a line."""

    floor: Measured
    line: Measured

    @property
    def ratio(self) -> float:
        """What part of the floor's throughput the line has."""
        return self.line.per_second / self.floor.per_second


@dataclass(frozen=True, slots=True)
class Row:
    """All pairs of one line at one number of simultaneous callers."""

    name: str
    accounts: int
    callers: int
    pairs: tuple[Pair, ...]

    @property
    def ratios(self) -> list[float]:
        """The ratios, lowest first."""
        return sorted(pair.ratio for pair in self.pairs)

    @property
    def ratio(self) -> float:
        """The median of the ratios."""
        return median(self.ratios)

    @property
    def per_second(self) -> float:
        """Turns a second, the median."""
        return median(pair.line.per_second for pair in self.pairs)

    @property
    def milliseconds(self) -> float:
        """How long a turn takes, the median."""
        return median(pair.line.median_ms for pair in self.pairs)

    @property
    def floor_per_second(self) -> float:
        """What the floor did meanwhile, the median."""
        return median(pair.floor.per_second for pair in self.pairs)


def compare(
    floor: Server,
    lines: Sequence[Server],
    callers: Sequence[int],
    rounds: int,
    seconds: float,
    progress: Callable[[], None],
) -> list[Row]:
    """Measure every line at every number of callers, `rounds` pairs each.

    Lines take turns within a round: what changes over minutes changes for all of them.
    """
    for server in (floor, *lines):
        measure(server, WARM_UP_SECONDS, max(callers))
    pairs: dict[tuple[str, int], list[Pair]] = {}
    for _ in range(rounds):
        for count in callers:
            for line in lines:
                pair = Pair(measure(floor, seconds, count), measure(line, seconds, count))
                pairs.setdefault((line.name, count), []).append(pair)
                progress()
    return [
        Row(line.name, line.accounts, count, tuple(pairs[line.name, count]))
        for line in lines
        for count in callers
    ]

"""How long each job of a book takes a caller, in every language and at either pace.

docs/times.md says what best, typical and worst mean.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ivr.authoring.rehearsal import Case, Rehearsal, Rehearsed
from ivr.authoring.speaking import Stopwatch
from ivr.dialog.call import Pace
from ivr.flows.model import Book, Job


@dataclass(frozen=True, slots=True)
class JobTime:
    """What a job costs a caller: seconds from the ring, or from where it starts, and key presses.

    Seconds are in tenths: the model of a voice is no finer. `stuck` says why the call came to no
    end; the numbers are those up to there.
    """

    job: Job
    language: str
    pace: Pace
    best: float
    typical: float
    worst: float
    keys: int
    stuck: str = ""

    @property
    def budget(self) -> float | None:
        """Seconds it may take; None at the slow pace, which has no budget."""
        return self.job.seconds[self.language] if self.pace is Pace.NORMAL else None

    @property
    def over(self) -> tuple[str, ...]:
        """What is wrong with it, one line each; nothing where it is inside its budget."""
        if self.stuck:
            return (f"{self._name} is never done: {self.stuck}",)
        misses = []
        if self.budget is not None and self.typical > self.budget:
            misses.append(f"{self._name} takes {self.typical:.1f} s, budget {self.budget:.1f} s")
        if self.keys > self.job.keys:
            misses.append(f"{self._name} takes {self.keys} keys, budget {self.job.keys}")
        return tuple(misses)

    @property
    def _name(self) -> str:
        return f"{self.job.name} ({self.language})"


def job_times(book: Book, folder: Path | None = None) -> tuple[JobTime, ...]:
    """The times of every job, in the order of the book, its languages and paces.

    `folder` is the book's: recordings there count by their real length.
    Raises BookError for a recording that cannot be read.
    """
    stopwatch = Stopwatch(book, folder)
    return tuple(
        _time(book, stopwatch, job, language, pace)
        for job in book.jobs.values()
        for language in book.languages
        for pace in Pace
    )


def _time(book: Book, stopwatch: Stopwatch, job: Job, language: str, pace: Pace) -> JobTime:
    def rehearsed(case: Case, every_sentence: bool = False) -> Rehearsed:
        return Rehearsal(book, stopwatch, job, case, every_sentence).play(language, pace)

    typical = rehearsed(Case.TYPICAL)
    slowest = (rehearsed(Case.WORST), rehearsed(Case.WORST, every_sentence=True))
    return JobTime(
        job=job,
        language=language,
        pace=pace,
        best=round(rehearsed(Case.BEST).seconds, 1),
        typical=round(typical.seconds, 1),
        worst=round(max(it.seconds for it in slowest if it.stuck == typical.stuck), 1),
        keys=typical.keys,
        stuck=typical.stuck,
    )


def rows(times: Iterable[JobTime]) -> list[dict[str, Any]]:
    """The times as rows of a table."""
    return [
        {
            "job": time.job.name,
            "language": time.language,
            "pace": time.pace.value,
            "best": time.best,
            "typical": time.typical,
            "worst": time.worst,
            "budget": time.budget,
            "keys": time.keys,
            "keys_budget": time.job.keys,
            "over": time.over,
        }
        for time in times
    ]

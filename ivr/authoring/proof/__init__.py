"""`prove(book)`: every call there can be, and what is claimed of them all."""

import time
from collections.abc import Collection
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ivr.authoring.proof.breach import Breach
from ivr.authoring.proof.claims import CLAIMS, Claim
from ivr.authoring.proof.clock import Clock
from ivr.authoring.proof.evidence import Evidence
from ivr.authoring.proof.space import Progress, Space, explore
from ivr.dialog.call import Pace
from ivr.flows.collector import collector_at_rest
from ivr.flows.model import Book

MOST_BREACHES = 50
"""How much of what breaks a claim is looked for."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one claim: nothing where it holds, else all that breaks it, shortest first."""

    claim: Claim
    breaches: tuple[Breach, ...]

    @property
    def holds(self) -> bool:
        """Whether no call breaks it."""
        return not self.breaches


@dataclass(frozen=True, slots=True)
class Proof:
    """What was looked at, in `states` and `turns` and `seconds` of work, and what came of it.

    `longest` is how long a call goes on at most, in seconds, once its caller does nothing, and
    `slowest` the same for one who asked for more time.
    """

    verdicts: tuple[Verdict, ...]
    states: int
    turns: int
    seconds: float
    longest: float
    slowest: float

    @property
    def holds(self) -> bool:
        """Whether every claim does."""
        return all(verdict.holds for verdict in self.verdicts)


def prove(
    book: Book,
    folder: Path | None = None,
    only: Collection[str] = (),
    progress: Progress | None = None,
) -> Proof:
    """Look at every state of a book's calls, and judge the claims named in `only`, or all.

    `folder` is the book's, for the length of its recordings. Raises BookError for a recording that
    cannot be read.
    """
    began = time.perf_counter()
    with collector_at_rest():
        return _judged(book, folder, only, explore(book, progress), began)


def _judged(
    book: Book, folder: Path | None, only: Collection[str], space: Space, began: float
) -> Proof:
    clock, slow = Clock(book, folder), Clock(book, folder, Pace.SLOW)
    evidence = Evidence(book, space, clock, slow)
    verdicts = tuple(
        Verdict(claim, tuple(islice(claim.check(evidence), MOST_BREACHES)))
        for claim in CLAIMS
        if not only or claim.id in only
    )
    return Proof(
        verdicts=verdicts,
        states=len(space.nodes),
        turns=len(space.passages),
        seconds=time.perf_counter() - began,
        longest=max(evidence.alone.seconds.values(), default=0.0),
        slowest=max(evidence.slowly.seconds.values(), default=0.0),
    )

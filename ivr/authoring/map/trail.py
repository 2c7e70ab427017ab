"""The way of a call for one job through the book: the real engine's, with the job's replies."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from ivr.authoring.rehearsal import Case, Rehearsal
from ivr.authoring.speaking import Stopwatch
from ivr.dialog import call as state
from ivr.dialog.call import Call, Pace
from ivr.dialog.engine import advance
from ivr.dialog.events import Answered, CardTaken, Event
from ivr.dialog.turns import AwaitReply, Turn
from ivr.flows.graph import Spot
from ivr.flows.model import Ask, Book, Do, Job, Pay, Say, Transfer


@dataclass(frozen=True, slots=True)
class Hop:
    """One way of the call: from a menu or step to the next, and the key or outcome it took."""

    source: Spot
    target: Spot
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Trail:
    """Where a call began, and every way it went."""

    begins: Spot
    hops: tuple[Hop, ...]


@dataclass(slots=True)
class _Followed(Rehearsal):
    """A rehearsal that remembers each menu and step the call came to, and what led there."""

    stands: list[tuple[Spot, str]] = field(default_factory=list)

    def _advance(self, book: Book, call: Call, event: Event) -> Turn:
        turn = self._stood(advance(book, call, event), self._pressed_keys(event))
        while isinstance(turn.wait, AwaitReply):
            reply = self._reply(turn.wait.request)
            turn = self._stood(advance(book, turn.call, reply), reply.outcome)
        return turn

    def _pressed_keys(self, event: Event) -> str:
        """What answered the open question. Keys come from the job: no caller typed them."""
        if isinstance(event, CardTaken):
            return event.outcome
        answered = len(self.job.press) - len(self.left)
        return self.job.press[answered - 1].keys if isinstance(event, Answered) else ""

    def _stood(self, turn: Turn, cause: str) -> Turn:
        """Remember where the turn came by. What asks again, or rings again, is no new place."""
        for spot in map(_plain, (*turn.ran, *filter(None, [turn.call.spot]))):
            if not self.stands or spot != self.stands[-1][0]:
                self.stands.append((spot, cause))
                cause = ""
        return turn


def trail(book: Book, job: Job, language: str) -> Trail:
    """The way of a call for a job until it is done, or as far as the call comes."""
    call = _Followed(book, Stopwatch(book), job, Case.TYPICAL)
    call.play(language, Pace.NORMAL)
    hops = (Hop(source, target, cause) for (source, _), (target, cause) in pairwise(call.stands))
    return Trail(call.stands[0][0], tuple(_until(book, job, hops)))


def _until(book: Book, job: Job, hops: Iterable[Hop]) -> Iterator[Hop]:
    """The hops up to the step that ends the job: what the same turn goes on to is no part of it."""
    _, name = job.until
    for hop in hops:
        yield hop
        if name and name in (*_done_by(book, hop), *_done_at(book, hop.target)):
            return


def _done_by(book: Book, hop: Hop) -> Iterator[str | None]:
    """What is done or heard on the way, of what a job may wait for."""
    name, number = hop.source
    step = book.flows[name].steps[number] if number >= 0 else None
    if isinstance(step, Ask | Do | Pay | Transfer) and (branch := step.when.get(hop.cause)):
        yield branch.finishes
        yield from (line.prompt for line in branch.says)


def _done_at(book: Book, spot: Spot) -> Iterator[str | None]:
    """What is done or heard at a step."""
    name, number = spot
    if number >= 0:
        step = book.flows[name].steps[number]
        yield step.finishes
        yield step.line.prompt if isinstance(step, Say) else None


def _plain(spot: state.Spot) -> Spot:
    return spot.name, spot.step

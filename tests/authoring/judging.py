"""Which claims a broken book breaks, looked for only where it differs from the book that it was.

That one breaks none. So a claim about single turns can only be broken by a turn that it does not
have; claims about whole calls are judged on all of them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache, cached_property

from ivr.authoring.proof.alone import Alone
from ivr.authoring.proof.breach import Breach
from ivr.authoring.proof.claims import CLAIMS
from ivr.authoring.proof.clock import Clock
from ivr.authoring.proof.evidence import Evidence
from ivr.authoring.proof.space import Node, Passage, Space, explore
from ivr.dialog.call import Pace
from ivr.dialog.directives import Directive
from ivr.dialog.turns import Turn
from ivr.flows.collector import collector_at_rest
from ivr.flows.model import Book
from tests.authoring.retold import Original, Retold, can_be_retold
from tests.line import SHIPPED

OF_TURNS_ALONE = ("no-surprise-charge", "identity", "secret-stays-secret")
"""Claims that look at one turn after the other, and at nothing else."""
OF_TURNS = (*OF_TURNS_ALONE, "both-languages", "every-failure-speaks")
"""Those that do so as long as there are the same words, and nothing new happens by itself."""
OF_WORDS = ("both-languages", "person-in-two", "bounded")
"""Claims that look at words, or at how long they take."""
BY_ID = {claim.id: claim for claim in CLAIMS}
QUICKEST_FIRST = (
    *OF_TURNS_ALONE,
    *("both-languages", "all-alive", "way-out", "person-in-two"),
    *("every-failure-speaks", "silence-is-safe", "bounded"),
)


class _Broken(Exception):
    """A claim is broken by what is explored so far."""

    def __init__(self, claim: str) -> None:
        self.claim = claim


class _KnownClock(Clock):
    """Times each turn of a book that stays once."""

    def __init__(self, book: Book, pace: Pace, turns: Iterable[Turn]) -> None:
        super().__init__(book, pace=pace)
        self._known: dict[int, float | None] = dict.fromkeys(map(id, turns))

    def says(self, turn: Turn) -> float:
        number = id(turn)
        known = self._known.get(number)
        if known is None:
            known = super().says(turn)
            if number in self._known:
                self._known[number] = known
        return known


class _Partly(Evidence):
    """Some turns of a whole, and what happens by itself in all of it."""

    def __init__(self, whole: Evidence, passages: list[Passage]) -> None:
        space = Space(whole.book, whole.space.facts, whole.space.nodes, passages)
        super().__init__(whole.book, space, whole.clock, whole.slow)
        self._whole = whole

    @property
    def alone(self) -> Alone:
        return self._whole.alone


class _Stopping(Retold):
    """Raises _Broken where a turn breaks a claim, and looks no further."""

    _judged = 0

    def look_at(self, node: Node) -> None:
        super().look_at(node)
        if len(self.fresh) > self._judged:
            new = Space(self.book, self.space.facts, self.space.nodes, self.fresh[self._judged :])
            self._judged = len(self.fresh)
            evidence = Evidence(self.book, new, self._clock, self._clock)
            for claim in OF_TURNS_ALONE:
                if any(True for _ in BY_ID[claim].check(evidence)):
                    raise _Broken(claim)

    @cached_property
    def _clock(self) -> Clock:
        return Clock(self.book)


@dataclass(frozen=True, slots=True)
class Looked:
    """What is to be judged of a book: all of it, the claims that it may break, and for some of
    them the turns that may break them."""

    whole: Evidence
    claims: tuple[str, ...]
    parts: Mapping[str, list[Passage]]

    def breaches(self, claim: str) -> Iterator[Breach]:
        """What breaks a claim."""
        if claim in self.claims:
            part = self.parts.get(claim)
            evidence = self.whole if part is None else _Partly(self.whole, part)
            yield from BY_ID[claim].check(evidence)

    def broken(self) -> Iterator[str]:
        """The claims that are."""
        return (it for it in self.claims if any(True for _ in self.breaches(it)))


class Judge:
    """Knows one book, of which every claim holds, and judges what became of it."""

    def __init__(self, book: Book) -> None:
        with collector_at_rest():
            self.original = Original(book)
        self.book = book
        turns = [it.turn for it in self.original.space.passages if it.turn]
        self._clock, self._slow = (_KnownClock(book, pace, turns) for pace in Pace)

    @cached_property
    def itself(self) -> Looked:
        """The book as it is."""
        return Looked(self._evidence(self.book, self.original.space), QUICKEST_FIRST, {})

    def prepare(self) -> None:
        """Find out now what is known once for all mutants, before processes part."""
        broken = list(self.itself.broken())
        assert not broken, f"the book itself breaks {broken}"
        assert self._saying
        assert self.original.witnesses

    @cached_property
    def _saying(self) -> list[Passage]:
        return list(_saying(self.original.space.passages))

    def look(self, book: Book, *, stop: bool = False) -> Looked:
        """Explore a book made of this one as far as it differs. With `stop`, _Broken is raised
        where a claim is seen to be broken before that is done."""
        if _has_the_same_calls(book, self.book):
            return Looked(
                self._evidence(book, self.original.space),
                OF_WORDS,
                {"both-languages": self._saying},
            )
        with collector_at_rest():
            if not can_be_retold(self.original, book):
                return Looked(self._evidence(book, explore(book)), QUICKEST_FIRST, {})
            retold = (_Stopping if stop else Retold)(self.original, book)
            return self._retold(retold, retold.explored())

    def first(self, book: Book) -> str:
        """The first claim that is found broken, or nothing; no more is explored than that takes."""
        try:
            return next(self.look(book, stop=True).broken(), "")
        except _Broken as broken:
            return broken.claim

    def _retold(self, retold: Retold, space: Space) -> Looked:
        witnesses = [*retold.fresh]
        for those in self.original.witnesses.values():
            witness = next((it for it in those if retold.taken[it.number]), None)
            witnesses += witness.turns if witness else ()
        parts = {**dict.fromkeys(OF_TURNS, retold.fresh), "all-alive": witnesses}
        return Looked(self._evidence(space.book, space), QUICKEST_FIRST, parts)

    def _evidence(self, book: Book, space: Space) -> Evidence:
        if book.catalogue is self.book.catalogue:
            return Evidence(book, space, self._clock, self._slow)
        return Evidence(book, space, Clock(book), Clock(book, pace=Pace.SLOW))


def _has_the_same_calls(book: Book, other: Book) -> bool:
    """Whether nothing but words differs: the engine knows no words."""
    parts = {it.name for it in fields(Book)} - {"catalogue"}
    return all(getattr(book, it) is getattr(other, it) for it in parts)


def _saying(passages: Iterable[Passage]) -> Iterator[Passage]:
    """The first turn that says each sentence."""
    said: set[Directive] = set()
    for passage in passages:
        turn = passage.turn
        new = {*turn.before, *turn.within} - said if turn else set()
        if new:
            said |= new
            yield passage


@cache
def shipped() -> Judge:
    """The judge of the shipped book."""
    return Judge(SHIPPED)

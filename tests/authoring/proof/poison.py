"""What the analysis of a book says nothing reads any more, made so that reading it is loud."""

from dataclasses import replace
from typing import Never

from ivr.authoring.proof.happenings import Lost
from ivr.authoring.proof.reads import Reads
from ivr.authoring.proof.space import Passage, Space
from ivr.authoring.proof.states import States
from ivr.dialog.call import Call
from ivr.dialog.engine import advance, reach
from ivr.dialog.events import Replied
from ivr.dialog.turns import AwaitReply, Turn, Wait
from ivr.flows.model import Ask, Book, Choose, Do, Pay, Ref
from ivr.prompts.values import Text, Value
from ivr.services.spoken import SORRY


class Poison:
    """A fact that must not be looked at, whatever one may want to know of it."""

    def _looked_at(self, *anything: object) -> Never:
        raise AssertionError("a forgotten fact was looked at")

    __eq__ = __bool__ = __getattr__ = _looked_at
    __hash__ = object.__hash__

    # isinstance() asks for it
    __class__ = property(_looked_at)


POISON: Value = Poison()  # type: ignore[assignment]  # no value at all, on purpose


def facts_of(book: Book) -> set[Ref]:
    """Every fact and every answer that a call of this book may remember."""
    found: set[Ref] = set()
    for flow in book.flows.values():
        for step in flow.steps:
            match step:
                case Do(into=str(into), service=service):
                    told = service.every_outcome().values()
                    found |= {Ref(into, name) for fields in told for name in fields}
                case Ask(answer=answer) | Choose(answer=answer) | Pay(answer=answer):
                    found.add(Ref(answer))
                case _:
                    pass
    return found


class Forgetful:
    """Runs the turns of a proof again, with poison for all that was forgotten before them.

    `also` is a fact that a wrong analysis would have forgotten as well.
    """

    def __init__(self, space: Space, also: Ref | None = None) -> None:
        self._book, self._reads, self._also = space.book, Reads(space.book), also
        self._states = States(space.book, self._reads, space.facts)
        self._facts = facts_of(space.book)
        self._anything: dict[str, dict[str, Value]] = {}
        for ref in self._facts:
            self._anything.setdefault(ref.name, {})[ref.field] = Text("anything")
        self._kept: dict[tuple[object, ...], set[Ref]] = {}

    def run(self, passage: Passage) -> Turn | None:
        """The turn, or None where poison can change nothing: the engine had refused it before."""
        wait = passage.source.wait if passage.source else None
        if passage.turn is None or wait is None:
            return None
        call = replace(passage.call, memory=self._poisoned(passage.call, wait))
        if isinstance(passage.happening, Lost):
            return reach(self._book, call, SORRY)
        if isinstance(passage.happening, Replied):
            return advance(self._book, call, self._told(call, passage.happening))
        return advance(self._book, call, passage.happening)

    def needs_poison(self, turn: Turn) -> bool:
        """Whether something forgotten is spoken, asked for, or remembered from now on."""
        heard = (*turn.before, *turn.within, *turn.call.said)
        said = [value for it in heard for _, value in it.values]
        asked = turn.wait.request.values.values() if isinstance(turn.wait, AwaitReply) else ()
        kept = self._kept_at(turn.call, turn.wait)
        known = [
            value
            for name, facts in turn.call.memory.items()
            for field, value in facts.items()
            if Ref(name, field) in kept
        ]
        return any(value is POISON for value in (*said, *asked, *known))

    def _poisoned(self, call: Call, wait: Wait) -> dict[str, dict[str, Value]]:
        memory = {name: dict(facts) for name, facts in call.memory.items()}
        for ref in self._facts - self._kept_at(call, wait):
            memory.setdefault(ref.name, {})[ref.field] = POISON
        return memory

    def _kept_at(self, call: Call, wait: Wait) -> set[Ref]:
        """What the proof would remember here, if all facts there can be were known."""
        where = (call.spot, call.stack, call.open, call.trail, type(wait))
        if where not in self._kept:
            plain = self._states.plain(replace(call, memory=self._anything), wait)
            kept = {Ref(name, field) for name, facts in plain.memory.items() for field in facts}
            self._kept[where] = kept - {self._also}
        return self._kept[where]

    def _told(self, call: Call, reply: Replied) -> Replied:
        """The reply with poison for every fact that the proof never lets a service tell."""
        spot = call.spot
        step = self._book.flows[spot.name].steps[spot.step] if spot and not spot.is_menu else None
        if not isinstance(step, Do) or spot is None or not step.into:
            return reply
        read = self._reads.after(spot, step.when[reply.outcome]) | self._reads.of(call)
        unread = {
            name: POISON
            for name in step.service.every_outcome()[reply.outcome]
            if Ref(step.into, name) not in read
        }
        return replace(reply, fields={**reply.fields, **unread})

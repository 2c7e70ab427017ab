"""A broken book explored with what is known of the book that it was: only what differs is new.

What the engine does in a turn hangs on the steps and menus that it looks at, and on nothing else
of the book. `Original` explores a book and notes for each turn which ones those were. `Retold`
explores a mutant of it in the same order and to the same end as `Explorer` does, but takes over
each turn that looked at nothing the mutant has changed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property

from ivr.authoring.proof.claims.alive import reached
from ivr.authoring.proof.facts import Facts
from ivr.authoring.proof.happenings import Happening, Lost
from ivr.authoring.proof.reads import Reads, Refs
from ivr.authoring.proof.space import Explorer, Node, Passage
from ivr.authoring.proof.states import Key, Watch
from ivr.dialog.call import Call, Spot
from ivr.dialog.turns import AwaitReply, Wait
from ivr.flows.model import Ask, Book, Choose, Do, Menu, Pay, Step

LENGTH = -2
"""The step that stands for how many steps a flow has."""


class _Menus(dict[str, Menu]):
    """Menus that note which of them are looked at."""

    def __init__(self, menus: Mapping[str, Menu], seen: set[Spot]) -> None:
        super().__init__(menus)
        self._seen = seen

    def __getitem__(self, name: str) -> Menu:
        self._seen.add(Spot(name, -1))
        return super().__getitem__(name)


class _Steps(tuple[Step, ...]):
    """Steps that note which of them are looked at, and whether they are counted."""

    name: str
    seen: set[Spot]

    def __getitem__(self, number: object) -> Step:  # type: ignore[override]  # never a slice
        assert isinstance(number, int)
        self.seen.add(Spot(self.name, number))
        return super().__getitem__(number)

    def __len__(self) -> int:
        self.seen.add(Spot(self.name, LENGTH))
        return super().__len__()


def _noting(book: Book, seen: set[Spot]) -> Book:
    """The same book, which notes what is looked at."""
    flows = {}
    for name, flow in book.flows.items():
        steps = _Steps(flow.steps)
        steps.name, steps.seen = name, seen
        flows[name] = replace(flow, steps=steps)
    return replace(book, flows=flows, menus=_Menus(book.menus, seen))


@dataclass(eq=False, frozen=True, slots=True)
class Happened:
    """One thing that happened at a state, the `number`th, and each turn that came of it. `seen` is
    the number of the set of places that were looked at."""

    number: int
    call: Call
    happening: Happening
    turns: list[Passage]
    seen: int


class Original(Explorer):
    """A whole exploration that keeps what each turn looked at."""

    def __init__(self, book: Book) -> None:
        self.facts, self.reads, self.whole = Facts(book), Reads(book), book
        self._seen: set[Spot] = set()
        super().__init__(_noting(book, self._seen), self.facts, self.reads)
        self.seen: dict[frozenset[Spot], int] = {}
        self.keys: list[Key] = []
        self.after: list[list[Happened]] = []
        self.lost: dict[int, Happened] = {}
        self.all: list[Happened] = []
        self.explored()
        self.space.book = book

    def come_to(self, key: Key, call: Call, wait: Wait, watch: Watch, way: Passage) -> Node:
        self.keys.append(key)
        self.after.append([])
        return super().come_to(key, call, wait, watch, way)

    def let_happen(self, source: Node | None, call: Call, happening: Happening) -> None:
        before = len(self.space.passages)
        self._seen.clear()
        super().let_happen(source, call, happening)
        turns = self.space.passages[before:]
        ends = {it.turn.call.spot for it in turns if it.turn and it.turn.call.spot}
        seen = self.seen.setdefault(frozenset(self._seen | ends), len(self.seen))
        happened = Happened(len(self.all), call, happening, turns, seen)
        self.all.append(happened)
        if source and isinstance(happening, Lost):
            self.lost[source.number] = happened
        elif source:
            self.after[source.number].append(happened)

    @cached_property
    def witnesses(self) -> Mapping[tuple[object, ...], list[Happened]]:
        """What reaches each part of the book."""
        found: dict[tuple[object, ...], list[Happened]] = {}
        for happened in self.all:
            for part in reached(self.whole, happened.turns):
                found.setdefault(part, []).append(happened)
        return found


class ReadsOfBoth(Reads):
    """What a mutant or its original may still read, so that both remember the same wherever that
    is enough. To remember more than is read makes more states and changes no verdict."""

    def __init__(self, book: Book, original: Reads) -> None:
        super().__init__(book)
        self.places = original.places
        given = _given(book)
        self.more: dict[Spot, Refs] = {}
        for spot, refs in original.ahead.items():
            if spot in self.ahead:
                more = {it for it in self.ahead[spot] - refs if it.name in given}
                self.ahead[spot] = refs | more
                if more:
                    self.more[spot] = frozenset(more)
        self.names = {ref.name for refs in self.more.values() for ref in refs}
        self.lost |= original.lost
        if not self.more and self.lost == original.lost:
            self._of_calls = original._of_calls  # so that none is worked out twice


def _given(book: Book) -> set[str]:
    """The names of all that a call can come to know."""
    found: set[str] = set()
    for flow in book.flows.values():
        for step in flow.steps:
            if isinstance(step, Do) and step.into:
                found.add(step.into)
            elif isinstance(step, Ask | Choose | Pay):
                found.add(step.answer)
    return found


class Retold(Explorer):
    """A mutant's exploration. `fresh` are the turns that its original does not have,
    `taken` tells of all that happened to the original whether it was taken over."""

    def __init__(self, original: Original, book: Book) -> None:
        self.original = original
        self.reads = ReadsOfBoth(book, original.reads)
        super().__init__(book, original.facts, self.reads)
        self.fresh: list[Passage] = []
        self.taken = bytearray(len(original.all))
        self._changed = set(_changed(original.whole, book))
        self._stale = [not it.isdisjoint(self._changed) for it in original.seen]
        self._twins: list[Node | None] = []
        self._mine: list[Node | None] = [None] * len(original.keys)
        self._more: dict[int, Refs] = {}

    def come_to(self, key: Key, call: Call, wait: Wait, watch: Watch, way: Passage) -> Node:
        node = super().come_to(key, call, wait, watch, way)
        twin = self.original.known.get(key)
        if twin:
            self._mine[twin.number] = node
        # States are told apart by less than a call has in it.
        same = twin and (twin.call.said, twin.call.line) == (call.said, call.line)
        self._twins.append(twin if same else None)
        return node

    def add(self, passage: Passage) -> None:
        self.fresh.append(passage)
        super().add(passage)

    def look_at(self, node: Node) -> None:
        twin = self._twins[node.number]
        if twin is None or self._other_happenings(twin):
            super().look_at(node)
        else:
            for happened in self.original.after[twin.number]:
                self._again(node, happened)

    def lose(self, node: Node) -> None:
        twin = self._twins[node.number]
        if twin is None:
            super().lose(node)
        else:
            self._again(node, self.original.lost[twin.number])

    def _other_happenings(self, twin: Node) -> bool:
        """Whether other things can happen at a state: the step has changed, or of what its service
        replies more is read."""
        spot = twin.call.spot
        if spot is None or spot in self._changed:
            return True
        if not (self.reads.names and isinstance(twin.wait, AwaitReply)) or spot.is_menu:
            return False
        step = self.book.flows[spot.name].steps[spot.step]
        return isinstance(step, Do) and step.into in self.reads.names

    def _again(self, node: Node, happened: Happened) -> None:
        if self._stale[happened.seen] or (
            self.reads.names and any(map(self._remembers_more, happened.turns))
        ):
            self.let_happen(node, happened.call, happened.happening)
            return
        self.taken[happened.number] = True
        for told in happened.turns:
            passage = Passage(node, told.happening, told.call, told.turn, told.to, told.trouble)
            if told.to and told.turn:
                passage.to = self._mine[told.to.number] or self._come_to(passage, told, told.to)
            node.onward.append(passage)
            self.space.passages.append(passage)

    def _come_to(self, passage: Passage, told: Passage, to: Node) -> Node:
        """The state that a turn of the original leads to, where no call has come to it yet."""
        turn = told.turn
        assert turn
        call = to.call if to.way is told else self.states.plain(turn.call, turn.wait)
        return self.come_to(self.original.keys[to.number], call, turn.wait, to.watch, passage)

    def _remembers_more(self, told: Passage) -> bool:
        """Whether the turn ends with something known that only the mutant reads."""
        if not (told.turn and told.to):
            return False
        number, memory = told.to.number, told.turn.call.memory
        if number not in self._more:
            both = self.reads.of(told.to.call)
            self._more[number] = both - self.original.reads.of(told.to.call)
        return any(ref.field in memory.get(ref.name, {}) for ref in self._more[number])


def can_be_retold(original: Original, book: Book) -> bool:
    """Whether a book differs from the original in steps and menus alone."""
    parts = {it.name for it in fields(Book)} - {"flows", "menus"}
    same = all(getattr(book, it) is getattr(original.whole, it) for it in parts)
    greetings = [
        {menu.name: (menu.greet, menu.again) for menu in it.menus.values()}
        for it in (original.whole, book)
    ]
    return same and greetings[0] == greetings[1] and original.facts.like(Facts(book))


def _changed(original: Book, book: Book) -> Iterator[Spot]:
    """Every place that another step or menu stands at, and each flow of another length."""
    for name, menu in original.menus.items():
        if book.menus.get(name) is not menu:
            yield Spot(name, -1)
    for name, flow in original.flows.items():
        steps = book.flows[name].steps if name in book.flows else ()
        if len(steps) != len(flow.steps):
            yield Spot(name, LENGTH)
        for number, step in enumerate(flow.steps):
            if number >= len(steps) or steps[number] is not step:
                yield Spot(name, number)

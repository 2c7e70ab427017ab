"""Every call there can be: the shipping engine, driven from the ring through every event.

Breadth first, so that the first call that shows something is a shortest one. States are found
again by their key and never copied.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ivr.authoring.proof.facts import Asked, Facts
from ivr.authoring.proof.happenings import (
    AT,
    Happening,
    Happenings,
    Lost,
    answered,
    decided,
    remembering,
)
from ivr.authoring.proof.reads import Reads
from ivr.authoring.proof.states import Key, States, Watch
from ivr.authoring.proof.watching import watched
from ivr.dialog.call import Call
from ivr.dialog.engine import advance, reach
from ivr.dialog.events import Arrived
from ivr.dialog.turns import LISTENING, AwaitCard, Turn, Wait
from ivr.errors import CallError
from ivr.flows.model import Book
from ivr.services.spoken import SORRY

CALLER = "+12025550142"
EVERY = 200
"""After how many states progress is told."""


@dataclass(eq=False, slots=True)
class Node:
    """A state: a call, what it waits for, and the first way to it."""

    number: int
    call: Call
    wait: Wait
    watch: Watch
    way: "Passage | None" = field(default=None, repr=False)
    onward: "list[Passage]" = field(default_factory=list, repr=False)

    @property
    def listens(self) -> bool:
        """Whether the caller may press keys here, outside of card entry."""
        return isinstance(self.wait, LISTENING)


@dataclass(eq=False, slots=True)
class Passage:
    """One turn of the engine: from a state, through an event, to the next. `call` is what the
    engine was given, with what had to be decided; `to` is None where the engine refused."""

    source: Node | None = field(repr=False)
    happening: Happening
    call: Call
    turn: Turn | None
    to: Node | None = field(default=None, repr=False)
    trouble: str = ""


@dataclass(slots=True)
class Space:
    """All states of a book's calls, and all passages between them."""

    book: Book
    facts: Facts
    nodes: list[Node] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)


Progress = Callable[[int, int], None]
"""Told now and then how many states were looked at, and how many are known and wait."""


def explore(book: Book, progress: Progress | None = None) -> Space:
    """Every state that some call can come to."""
    return Explorer(book, Facts(book), Reads(book), progress).explored()


class Explorer:
    """One exploration under way. `facts` and `reads` are those of the book."""

    def __init__(
        self, book: Book, facts: Facts, reads: Reads, progress: Progress | None = None
    ) -> None:
        self.book = book
        self.progress = progress
        self.happenings = Happenings(book, facts, reads)
        self.states = States(book, reads, facts)
        self.space = Space(book, facts)
        self.known: dict[Key, Node] = {}
        self.left: deque[Node] = deque()

    def explored(self) -> Space:
        """All there is."""
        self.ring()
        self._go_on()
        # Whatever the line may lose comes last, so that examples are calls that callers can make.
        for node in self.space.nodes:
            if node.listens or isinstance(node.wait, AwaitCard):
                self.lose(node)
                self._go_on()
        return self.space

    def ring(self) -> None:
        """Let every line be rung."""
        for line in self.book.lines.values():
            call = Call("proof", self.book.digest, line.number, CALLER, line.language)
            self.let_happen(None, call, Arrived(AT))

    def look_at(self, node: Node) -> None:
        """Let everything happen that can happen at a state."""
        for event in self.happenings.after(node.call, node.wait, node.watch.ringing):
            self.let_happen(node, node.call, event)
        if node.listens:
            # The # that ended the last answer may arrive here.
            self.let_happen(node, replace(node.call, fixed=True), answered("#"))

    def lose(self, node: Node) -> None:
        """Let the line lose a call's place."""
        self.let_happen(node, node.call, Lost())

    def let_happen(self, source: Node | None, call: Call, happening: Happening) -> None:
        """Let it happen, once for each way the facts it asks for can be."""
        left = [(call, happening)]
        while left:
            call, happening = left.pop()
            try:
                turn = self._turn(call, happening)
            except Asked as asked:
                left += [_decided(call, happening, asked, yes) for yes in (True, False)]
            except CallError as error:
                self.add(Passage(source, happening, call, None, trouble=str(error)))
            else:
                self._arrive(Passage(source, happening, call, turn), turn)

    def come_to(self, key: Key, call: Call, wait: Wait, watch: Watch, way: Passage) -> Node:
        """A state that no call has come to before."""
        node = Node(len(self.space.nodes), call, wait, watch, way)
        self.known[key] = node
        self.space.nodes.append(node)
        self.left.append(node)
        return node

    def add(self, passage: Passage) -> None:
        """Keep a turn that was looked at."""
        self.space.passages.append(passage)
        if passage.source:
            passage.source.onward.append(passage)

    def _go_on(self) -> None:
        while self.left:
            node = self.left.popleft()
            if self.progress and node.number % EVERY == 0:
                self.progress(node.number, len(self.left))
            self.look_at(node)

    def _turn(self, call: Call, happening: Happening) -> Turn:
        if isinstance(happening, Lost):
            return reach(self.book, call, SORRY)
        return advance(self.book, call, happening)

    def _arrive(self, passage: Passage, turn: Turn) -> None:
        source = passage.source
        before = source.watch if source else Watch()
        watch = watched(self.book, before, passage.happening, passage.call, turn)
        key = self.states.key(turn.call, turn.wait, watch)
        passage.to = self.known.get(key)
        if passage.to is None:
            call = self.states.plain(turn.call, turn.wait)
            passage.to = self.come_to(key, call, turn.wait, watch, passage)
        self.add(passage)


def _decided(call: Call, happening: Happening, asked: Asked, yes: bool) -> tuple[Call, Happening]:
    if isinstance(happening, Lost):
        return remembering(call, asked.name, asked.field, yes=yes), happening
    event, call = decided(happening, call, asked.name, asked.field, yes)
    return call, event

"""Plays a conversation on the engine alone: no database, no Flask, no services.

What services and the carrier answered stands in the conversation's replies. Between any two
events the call's state goes through its codec.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ivr.dialog import codec
from ivr.dialog.call import Call, Identity, Pace
from ivr.dialog.directives import Directive, Offer
from ivr.dialog.engine import advance
from ivr.dialog.events import (
    Answered,
    Arrived,
    Card,
    CardTaken,
    Event,
    Rang,
    Recorded,
    Replied,
    Silent,
)
from ivr.dialog.turns import (
    AwaitAgent,
    AwaitCard,
    AwaitRecording,
    AwaitReply,
    AwaitTyped,
    Finished,
    Turn,
)
from ivr.flows.model import Book
from ivr.flows.services import Level
from ivr.prompts.catalogue import Spoken
from ivr.services.spoken import CHANNEL_PROMPTS
from ivr.telemetry import Secret
from tests.line import LINE, SHIPPED, SPANISH_LINE
from tests.transcripts.script import (
    AGENT,
    HANGS_UP,
    LEAVES,
    NOTHING,
    TALK,
    Act,
    Reply,
    Script,
    sentences,
)

AT = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
NUMBERS = {"en": LINE, "es": SPANISH_LINE}
CARD = "card"
"""What the carrier answers at card entry stands among the replies under this name."""


@dataclass(frozen=True, slots=True)
class Step:
    """One event as the engine saw it: the call before it, and what became of it."""

    before: Call
    event: Event
    turn: Turn


@dataclass
class Play:
    """A conversation under way; `trace` is every step of it."""

    book: Book
    trace: list[Step] = field(default_factory=list)
    turn: Turn | None = None
    said: list[str] = field(default_factory=list)
    replies: Iterator[Reply] = field(default_factory=lambda: iter(()))
    ahead: Reply | None = None

    def begin(self, act: Act, language: str) -> None:
        """Ring the line."""
        number = dialled(act, language)
        known = act.value.startswith("+") and "forged" not in act.more
        caller = act.value if known else None
        first = self.book.line(number).language
        call = Call("CA1", self.book.digest, number, caller, first)
        self.feed(call, Arrived(AT))

    def feed(self, call: Call, event: Event) -> None:
        """Advance until the caller, a card or an agent's phone is waited for."""
        turn = self._advance(call, event)
        while isinstance(turn.wait, AwaitReply):
            turn = self._advance(turn.call, self._answer(turn.wait.request.service.name))
        self.turn = turn
        self._hear(turn)
        if isinstance(turn.wait, AwaitAgent) and self._next() is not None:
            self.feed(turn.call, Rang(AT, bridged=False))

    def _advance(self, call: Call, event: Event) -> Turn:
        before = codec.load(codec.dump(call))
        turn = advance(self.book, before, event)
        self.trace.append(Step(before, event, turn))
        return turn

    def _next(self) -> Reply | None:
        self.ahead = self.ahead or next(self.replies, None)
        return self.ahead

    def _answer(self, service: str) -> Replied:
        reply = self._next()
        assert reply is not None, f"{service} was asked, but the script has no more replies"
        assert service in reply, f"{service} was asked, but the script has {reply}"
        self.ahead = None
        return replied(reply, service)

    def _hear(self, turn: Turn) -> None:
        for directive in (*turn.before, *turn.within):
            self.said.append(words(self.book, directive, turn.call.language))

    def act(self, act: Act, replies: Iterable[Reply], language: str) -> list[str]:
        """Do what the caller does, and give the sentences they hear."""
        self.replies, self.said = iter(replies), []
        if act.kind == "call":
            self.begin(act, language)
        elif self.turn and (event := self._event(self.turn, act)):
            self.feed(self.turn.call, event)
        assert self._next() is None, f"nobody asked for {self.ahead}"
        hung_up = self.said and self.turn and isinstance(self.turn.wait, Finished)
        return [*sentences(self.said), *([HANGS_UP] if hung_up else [])]

    def _event(self, turn: Turn, act: Act) -> Event | None:
        """What the engine hears of it; typing into card entry and most hang-ups are not told."""
        if isinstance(turn.wait, AwaitCard) and (reply := self._next()):
            self.ahead = None
            outcome = reply[CARD]
            card = Card(Secret("pm_card"), "visa", "4242", turn.wait.method)
            return CardTaken(AT, outcome, card if outcome == "given" else None)
        if act.kind == "say":
            spoken = isinstance(turn.wait, AwaitRecording)
            return Recorded(AT, "RE1", 3) if spoken else Silent(AT)
        if act.kind != "press" or isinstance(turn.wait, AwaitCard):
            return None
        return typed(turn, act.value)


def dialled(act: Act, language: str) -> str:
    """The line a call is to: the one of its column, where the act names no other."""
    line = act.more.get("line", language)
    return NUMBERS.get(line, line)


def typed(turn: Turn, keys: str) -> Event:
    """What keys give at an open question, as the carrier would collect them."""
    if keys == NOTHING or (isinstance(turn.wait, AwaitRecording) and keys == "#"):
        return Silent(AT)
    if not isinstance(turn.wait, AwaitTyped):
        return Answered(AT, Secret(keys[0]))
    text, pound, _ = keys.partition("#")
    if turn.wait.fixed:
        pound = "" if len(text) >= turn.wait.longest else pound
        text = text[: turn.wait.longest]
    return Answered(AT, Secret(text), finished=bool(pound))


def replied(reply: Reply, service: str) -> Replied:
    """A reply of a script as the engine's event."""
    identity = None
    if "identity" in reply:
        level, account, premise = reply["identity"]
        identity = Identity(Level(level), account, premise)
    return Replied(
        reply[service],
        {name: codec.load_value(value) for name, value in reply.get("fields", {}).items()},
        identity,
        reply.get("language"),
        Pace(reply["pace"]) if "pace" in reply else None,
    )


def words(book: Book, directive: Directive, language: str) -> str:
    """A directive as it is heard."""
    catalogue, values = book.catalogue, dict(directive.values)
    if isinstance(directive, Offer):
        pieces = catalogue.offer(directive.key, directive.prompt, values, language)
    else:
        language = directive.language or language
        pieces = catalogue.say(directive.prompt, values, language, directive.slow)
    return " ".join(piece.text for piece in pieces if isinstance(piece, Spoken))


def of_card_entry(book: Book) -> frozenset[str]:
    """The sentences that the carrier speaks while it takes a card, of which no engine knows."""
    keys = [key for key in CHANNEL_PROMPTS if key.startswith(("card-", "bank-"))]
    spoken = [book.catalogue.text(key, name) for key in keys for name in book.languages]
    return frozenset(line for text in spoken for line in sentences([text]))


def expected(script: Script, language: str, book: Book) -> list[list[str]]:
    """What the engine alone must say in a conversation: no card entry, and nothing to agents."""
    others = of_card_entry(book) | {TALK, LEAVES}
    return [
        [
            line
            for line in act.heard.get(language, ())
            if line not in others and not line.startswith(AGENT)
        ]
        for act in script.acts
    ]


def play(
    script: Script,
    language: str,
    replies: list[list[Reply]],
    check: Callable[[int, list[str]], None] = lambda place, heard: None,
    book: Book = SHIPPED,
) -> list[Step]:
    """Play a conversation and give its trace; `check` is handed what each act lets them hear."""
    playing = Play(book)
    for place, act in enumerate(script.acts):
        check(place, playing.act(act, replies[place], language))
    return playing.trace

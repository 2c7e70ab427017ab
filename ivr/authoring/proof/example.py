"""A breach as a call that anybody can make: keys, what services must reply, and what is heard.

The proof's own way there is run once more on the engine, from a real ring, with every fact decided
and nothing left out, so that what is printed is what happens.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from ivr.authoring.proof.breach import Breach
from ivr.authoring.proof.facts import Asked
from ivr.authoring.proof.happenings import Happening, Lost
from ivr.authoring.proof.space import CALLER, Passage
from ivr.authoring.supposing import Supposed
from ivr.dialog.call import Call
from ivr.dialog.directives import Directive, Offer
from ivr.dialog.engine import advance, reach
from ivr.dialog.events import (
    Answered,
    Arrived,
    CardTaken,
    Event,
    Rang,
    Recorded,
    Replied,
    Silent,
)
from ivr.dialog.turns import AwaitReply, Finished, Turn
from ivr.errors import CallError
from ivr.flows.model import Book, PayMethod
from ivr.prompts.values import YesNo
from ivr.services.spoken import SORRY

CARD_KEYS = {
    "given": "4242424242424242,1230,123,60601#",
    "stopped": "*",
    "failed": ",,",
    "connector-down": "",
    "hung-up": "x",
}
"""What a terminal phone keys for each end of card entry."""
ACCOUNT_KEYS = "110000000,000123456789#"
"""What it keys where an account is given."""
VOICE = "voice"
"""How it is told to say what is recorded."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happens in the call, and the words that follow."""

    happens: str
    heard: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """A call that shows a breach. `keys` is for `ivr call --keys`; `supposed` are the replies, in
    their order. `exact` is no where one and the same call cannot have all that the proof put
    together: the way is then possible turn by turn only."""

    caller: str
    called: str
    keys: str
    supposed: tuple[Supposed, ...]
    moments: tuple[Moment, ...]
    exact: bool


def example(book: Book, breach: Breach) -> Example | None:
    """The call that shows a breach, or None where something is never reached at all."""
    return _Retelling(book, breach.call, breach.language).told() if breach.call else None


@dataclass(slots=True)
class _Retelling:
    book: Book
    way: tuple[Passage, ...]
    language: str
    supposed: list[Supposed] = field(default_factory=list)
    learned: dict[str, int] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=list)
    exact: bool = True

    def told(self) -> Example:
        call = _in(self.book, self.way[0].call, self.language)
        turn: Turn | None = None
        for passage in self.way:
            if not _possible(passage.happening, turn):
                self.exact = False
                break
            turn = self._next(call, passage, turn)
            if turn is None:
                break
            call = turn.call
        return Example(
            caller=CALLER,
            called=call.line,
            keys=",".join(self.keys),
            supposed=tuple(self.supposed),
            moments=tuple(self.moments),
            exact=self.exact,
        )

    def _next(self, call: Call, passage: Passage, before: Turn | None) -> Turn | None:
        happening = passage.happening
        self._note(happening, before)
        while True:
            try:
                turn = self._turn(call, happening)
            except Asked as asked:
                yes = _decided(passage, asked)
                call, happening = self._decide(call, happening, asked, yes)
            except CallError as error:
                self._tell(happening, (f"[{error}]",))
                return None
            else:
                break
        self._tell(happening, tuple(_words(self.book, turn)))
        moved = passage.turn and turn.call.spot != passage.turn.call.spot
        if moved or isinstance(happening, Lost):
            self.exact = False
        return turn

    def _turn(self, call: Call, happening: Happening) -> Turn:
        if isinstance(happening, Lost):
            return reach(self.book, call, SORRY)
        return advance(self.book, call, happening)

    def _note(self, happening: Happening, before: Turn | None) -> None:
        """The keys, and what the service is supposed to reply."""
        if isinstance(happening, Replied):
            self._suppose(happening, before)
        elif (keys := _keys(happening)) is not None:
            self.keys.append(keys)

    def _suppose(self, reply: Replied, before: Turn | None) -> None:
        wait = before.wait if before else None
        if not isinstance(wait, AwaitReply):
            return
        service = wait.request.service
        fields = service.every_outcome()[reply.outcome]
        maybe = [name for name, it in fields.items() if it.maybe and name not in reply.fields]
        level = reply.identity.level.name.lower() if reply.identity else ""
        yes = tuple(name for name, it in reply.fields.items() if type(it) is YesNo and it.yes)
        for value in reply.fields.values():
            if name := getattr(value, "name", ""):
                self.learned[name] = len(self.supposed)
        self.supposed.append(Supposed(service.name, reply.outcome, yes, tuple(maybe), level))

    def _decide(
        self, call: Call, happening: Happening, asked: Asked, yes: bool
    ) -> tuple[Call, Happening]:
        """Let the reply that told a fact have told it so."""
        number = self.learned.get(asked.name)
        if yes and number is not None:
            told = self.supposed[number]
            self.supposed[number] = replace(told, yes=(*told.yes, asked.field))
        if isinstance(happening, Replied) and asked.field in happening.fields:
            fields = {**happening.fields, asked.field: YesNo(yes)}
            return call, replace(happening, fields=fields)
        memory = {**call.memory[asked.name], asked.field: YesNo(yes)}
        return replace(call, memory={**call.memory, asked.name: memory}), happening

    def _tell(self, happening: Happening, heard: tuple[str, ...]) -> None:
        replied = isinstance(happening, Replied)
        happens = str(self.supposed[-1]) if replied else _told(happening)
        self.moments.append(Moment(happens, heard))


def _in(book: Book, call: Call, language: str) -> Call:
    """The call on a line of this language that begins alike, where there is one."""
    start = book.line(call.line).start
    for line in book.lines.values():
        if line.language == language and line.start == start:
            return replace(call, line=line.number, language=language)
    return call


def _possible(happening: Happening, before: Turn | None) -> bool:
    """Whether what comes next in the proof can come here: the service asked may be another one."""
    if not isinstance(happening, Replied):
        return True
    wait = before.wait if before else None
    return isinstance(wait, AwaitReply) and (
        happening.outcome in wait.request.service.every_outcome()
    )


def _decided(passage: Passage, asked: Asked) -> bool:
    """How the proof decided a fact in this turn; no where it did not have to."""
    told = passage.happening.fields if isinstance(passage.happening, Replied) else {}
    known: Mapping[str, object] = passage.call.memory.get(asked.name, {})
    value = told.get(asked.field) if asked.field in told else known.get(asked.field)
    return type(value) is YesNo and value.yes


def _keys(happening: Happening) -> str | None:
    """What a terminal phone presses; None where it is not the caller's turn."""
    match happening:
        case Silent():
            return ""
        case Answered(text=text, finished=finished):
            return text.reveal() + ("#" if finished else "")
        case Recorded():
            return VOICE
        case CardTaken(card=card) if card and card.method is PayMethod.BANK:
            return ACCOUNT_KEYS
        case CardTaken(outcome=outcome):
            return CARD_KEYS[outcome]
        case Rang(bridged=bridged):
            return "a,1" if bridged else ""
        case _:
            return None


def _told(happening: Event | Lost) -> str:
    match happening:
        case Arrived():
            return "the line is rung"
        case Silent():
            return "silence"
        case Answered(text=text, finished=finished):
            return f"presses {text.reveal()}{'#' if finished else ''}"
        case Recorded():
            return "says it aloud"
        case CardTaken(outcome=outcome):
            return f"card entry: {outcome}"
        case Rang(bridged=bridged):
            return "an agent picks up" if bridged else "nobody picks up"
        case Lost():
            return "the line loses the call's place"
        case Replied(outcome=outcome):
            return outcome


def _words(book: Book, turn: Turn) -> Iterator[str]:
    for said in (*turn.before, *turn.within):
        yield _text(book, said, turn.call.language)
    if isinstance(turn.wait, Finished):
        yield "[the line hangs up]"


def _text(book: Book, said: Directive, language: str) -> str:
    values = dict(said.values)
    if isinstance(said, Offer):
        pieces = book.catalogue.offer(said.key, said.prompt, values, language)
    else:
        pieces = book.catalogue.say(said.prompt, values, said.language or language)
    return " ".join(text for piece in pieces if (text := getattr(piece, "text", "").strip()))

"""The reference caller rings the real engine for a job, by the clock and with scripted replies."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import assert_never

from ivr.authoring.speaking import Stopwatch
from ivr.authoring.timeline import Timeline, option_ends, timeline
from ivr.dialog.call import Call, Identity, Pace
from ivr.dialog.engine import advance
from ivr.dialog.events import Answered, Arrived, Card, CardTaken, Event, Recorded, Replied
from ivr.dialog.turns import (
    LISTENING,
    AwaitAgent,
    AwaitCard,
    AwaitKey,
    AwaitRecording,
    AwaitReply,
    AwaitTyped,
    Finished,
    Request,
    Turn,
)
from ivr.errors import CallError
from ivr.flows.model import Book, Job
from ivr.flows.reference import Manner, Mark, Press, Reply
from ivr.flows.services import RING, Level
from ivr.prompts.values import Count, Kind, Phone, YesNo
from ivr.telemetry import Secret

CHOOSING = 1.2
"""Seconds from the end of the wanted option to its key."""
A_KEY = 0.4
"""Seconds for each key of what is typed."""
A_SENTENCE = 3.0
"""Seconds for what is said aloud."""

_AT = datetime(2026, 11, 23, 18, tzinfo=UTC)
_SOMEBODY = 1
_CARD = Card(Secret("reference"), "visa", "4242")
_RINGS = Replied("ring", {"number": Phone("+12025550170"), "offer": Count(1)})


class Case(StrEnum):
    """How a call goes: keys as early as they count, as most people press, as late as they count."""

    BEST = "best"
    TYPICAL = "typical"
    WORST = "worst"


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """How long it took, in seconds, and how many keys; `stuck` says why it came to no end."""

    seconds: float
    keys: int
    stuck: str = ""


class Stuck(Exception):
    """The call came to where the job says nothing of how to go on."""


@dataclass(slots=True)
class Rehearsal:
    """One call for one job. `every_sentence` says what only some callers hear, too."""

    book: Book
    stopwatch: Stopwatch
    job: Job
    case: Case
    every_sentence: bool = False
    clock: float = 0.0
    keys: int = 0
    done: tuple[str, ...] = ()
    left: list[Press] = field(default_factory=list)

    def play(self, language: str, pace: Pace) -> Rehearsed:
        """Ring the line and press until the job is done."""
        self.left = list(self.job.press)
        try:
            self._play(*self._ring(language, pace))
        except Stuck as stuck:
            return Rehearsed(self.clock, self.keys, str(stuck))
        except CallError as error:
            return Rehearsed(self.clock, self.keys, f"the call breaks: {error}")
        return Rehearsed(self.clock, self.keys)

    def _ring(self, language: str, pace: Pace) -> tuple[Book, Call]:
        """The book with the job's start behind the ring, and the call that comes in.

        A job that starts elsewhere has its caller identified already.
        """
        lines = self.book.lines.values()
        line = next((it for it in lines if it.language == language), next(iter(lines)))
        call = Call("reference", self.book.digest, line.number, None, language, pace=pace)
        if self.job.start is None:
            return self.book, call
        level = max((it.level for it in self.job.replies.values()), default=Level.UNKNOWN)
        lines_from = {line.number: replace(line, start=self.job.start)}
        return replace(self.book, lines=lines_from), replace(call, identity=_identity(level))

    def _play(self, book: Book, call: Call) -> None:
        event: Event = Arrived(_AT)
        while True:
            turn = self._advance(book, call, event)
            heard = timeline(turn, self.stopwatch, self.clock)
            over = self._over(turn, heard)
            press = self.left[0] if self.left and _asks(turn) else None
            pressed = self._pressed(turn, heard, press) if press else None
            if over is not None and (pressed is None or self._waits_for_it(over, pressed)):
                self.clock = over
                return
            self.clock = heard.over
            if press is None or pressed is None:
                raise Stuck(_standstill(turn))
            self.left.pop(0)
            self.clock, self.keys = pressed, self.keys + len(press.keys)
            self.done = turn.call.done
            call, event = turn.call, _event(turn, press.keys)

    def _advance(self, book: Book, call: Call, event: Event) -> Turn:
        turn = advance(book, call, event)
        while isinstance(turn.wait, AwaitReply):
            turn = advance(book, turn.call, self._reply(turn.wait.request))
        return turn

    def _reply(self, request: Request) -> Replied:
        name = request.service.name
        if name == RING.name:
            return _RINGS
        reply = self.job.replies.get(name)
        if reply is None:
            raise Stuck(f"{name} is asked, and there is no reply of it")
        fields = {**reply.fields, **(_every_yes(request, reply) if self.every_sentence else {})}
        identity = _identity(reply.level) if reply.level else None
        return Replied(reply.outcome, fields, identity)

    def _over(self, turn: Turn, heard: Timeline) -> float | None:
        """When the job is done, if it is done in this turn."""
        mark, name = self.job.until
        match mark:
            case Mark.CHOICE:
                return heard.first_choice
            case Mark.RINGING:
                return heard.over if isinstance(turn.wait, AwaitAgent) else None
            case Mark.HEARD:
                return heard.heard(name)
            case Mark.FINISHED:
                return heard.said if name in turn.call.done[len(self.done) :] else None
            case _:
                assert_never(mark)

    def _waits_for_it(self, over: float, pressed: float) -> bool:
        """Whether the end of the job is heard before the next key is pressed; nobody who presses
        as early as they can cuts off what they rang for."""
        return self.case is Case.BEST or over <= pressed

    def _pressed(self, turn: Turn, heard: Timeline, press: Press) -> float:
        """When the last of these keys is pressed and has been waited for."""
        match turn.wait:
            case AwaitKey(wait=wait):
                return self._key_pressed(turn, heard, press, wait)
            case AwaitTyped():
                return self._typed(heard, press, turn.wait)
            case AwaitRecording(wait=wait):
                return self._spoken(heard, press, wait)
            case _:
                return heard.over  # a card, whose keys no job counts

    def _key_pressed(self, turn: Turn, heard: Timeline, press: Press, wait: int) -> float:
        if self.case is Case.WORST:
            return heard.over + wait
        if self.case is Case.BEST or press.manner is Manner.AT_ONCE:
            return heard.listens + A_KEY
        if press.manner is Manner.AT_FIRST_CHOICE and heard.first_choice is not None:
            return heard.first_choice + A_KEY
        language = turn.call.language
        ends = option_ends(press.keys, heard, self.stopwatch, language)
        return (heard.spans[-1].ends if ends is None else ends) + CHOOSING

    def _typed(self, heard: Timeline, press: Press, wait: AwaitTyped) -> float:
        count = len(press.keys)
        ended = press.keys.endswith("#") or (wait.fixed and count >= wait.longest)
        after = 0 if ended else wait.between
        if self.case is Case.WORST:
            return heard.over + wait.wait + wait.between * (count - 1) + after
        early = self.case is Case.BEST or press.manner is Manner.AT_ONCE
        return (heard.listens if early else heard.spans[-1].ends) + A_KEY * count + after

    def _spoken(self, heard: Timeline, press: Press, silence: int) -> float:
        """The sentence, and the silence that shows it is over; or a key in its place."""
        begins = heard.listens + (silence if self.case is Case.WORST else 0)
        return begins + (A_KEY if press.keys else A_SENTENCE + silence)


def _asks(turn: Turn) -> bool:
    return isinstance(turn.wait, LISTENING | AwaitCard)


def _identity(level: Level) -> Identity:
    return Identity(level, _SOMEBODY, _SOMEBODY) if level else Identity()


def _every_yes(request: Request, reply: Reply) -> Mapping[str, YesNo]:
    fields = request.service.every_outcome()[reply.outcome]
    return {name: YesNo(True) for name, it in fields.items() if it.kind is Kind.YES_NO}


def _event(turn: Turn, keys: str) -> Event:
    """What the engine hears of an answer, as the carrier would collect it."""
    if isinstance(turn.wait, AwaitCard):
        return CardTaken(_AT, "given", _CARD)
    if isinstance(turn.wait, AwaitRecording) and not keys:
        return Recorded(_AT, "reference", round(A_SENTENCE))
    if isinstance(turn.wait, AwaitKey):
        return Answered(_AT, Secret(keys[:1]))
    text, pound, _ = keys.partition("#")
    return Answered(_AT, Secret(text), finished=bool(pound))


def _standstill(turn: Turn) -> str:
    """Why the call goes no further."""
    if isinstance(turn.wait, Finished):
        return "the line hangs up before that"
    if isinstance(turn.wait, AwaitAgent):
        return "an agent's phone rings before that"
    spot = turn.call.spot
    where = "the line" if spot is None else f"{'menu' if spot.is_menu else 'flow'} {spot.name}"
    return f"{where} asks, and there is no more to press"

"""A conversation with the engine alone: scripted replies for services, and no way round the codec.

Between any two events the state goes through JSON, as it does between two webhooks.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from ivr.dialog import codec
from ivr.dialog.call import Call
from ivr.dialog.directives import Offer, Say
from ivr.dialog.engine import advance, current, reach
from ivr.dialog.events import (
    Answered,
    Arrived,
    Card,
    CardTaken,
    Event,
    Rang,
    Replied,
    Silent,
)
from ivr.dialog.turns import AwaitReply, Request, Turn
from ivr.flows.model import Book
from ivr.telemetry import Secret
from tests.dialog.books import LINE, book

NOON = datetime(2026, 11, 23, 18, tzinfo=UTC)
Script = Replied | list[Replied] | Callable[[Request], Replied]


def through_json(call: Call) -> Call:
    """The state as it comes back from the store; it must not have changed on the way."""
    kept = codec.load(codec.dump(call))
    assert kept == call
    return kept


class Talk:
    """One call. `turn` is the last one; `requests` are all that services were asked."""

    def __init__(self, replies: Mapping[str, Script] | None = None, on: Book | None = None) -> None:
        self.book = on or book()
        self.replies = {"caller.arrive": Replied("plain"), **(replies or {})}
        self.requests: list[Request] = []
        self.states: list[str] = []
        fresh = Call("CA1", self.book.digest, LINE, "+12025550142", "en")
        self.turn = self._hear(fresh, Arrived(NOON))

    def _hear(self, call: Call, event: Event) -> Turn:
        turn = advance(self.book, through_json(call), event)
        while isinstance(turn.wait, AwaitReply):
            self.states.append(codec.dump(turn.call))
            self.requests.append(turn.wait.request)
            turn = advance(self.book, through_json(turn.call), self._reply(turn.wait.request))
        self.states.append(codec.dump(turn.call))
        return turn

    def _reply(self, request: Request) -> Replied:
        script = self.replies.get(request.service.name, Replied("unavailable"))
        if isinstance(script, list):
            return script.pop(0) if len(script) > 1 else script[0]
        return script if isinstance(script, Replied) else script(request)

    def hear(self, event: Event) -> "Talk":
        """Let something happen."""
        self.turn = self._hear(self.turn.call, event)
        return self

    def press(self, *answers: str) -> "Talk":
        """Answer with keys; a # at the end of several is what finished them."""
        for keys in answers:
            finished = len(keys) > 1 and keys.endswith("#")
            self.hear(
                Answered(NOON, Secret(keys.removesuffix("#") if finished else keys), finished)
            )
        return self

    def pound(self) -> "Talk":
        """A # alone, as a question for typed digits hears it."""
        return self.hear(Answered(NOON, Secret(""), finished=True))

    def silence(self, times: int = 1) -> "Talk":
        """Press nothing."""
        for _ in range(times):
            self.hear(Silent(NOON))
        return self

    def card(self, outcome: str) -> "Talk":
        """Card entry ends; where a card was given its token comes with it."""
        card = Card(Secret("pm_card_visa"), "visa", "4242") if outcome == "given" else None
        return self.hear(CardTaken(NOON, outcome, card))

    def rang(self, bridged: bool) -> "Talk":
        """An agent's phone stopped ringing."""
        return self.hear(Rang(NOON, bridged))

    def change(self, **fields: object) -> "Talk":
        """Put the call into another state."""
        self.turn = replace(self.turn, call=replace(self.turn.call, **fields))  # type: ignore[arg-type]  # any field
        return self

    def come_back(self) -> Turn:
        """What the carrier's fallback hears."""
        return current(self.book, through_json(self.turn.call), "interrupted")

    def lose_place(self) -> Turn:
        """What a call hears whose place is gone."""
        return reach(self.book, through_json(self.turn.call), "interrupted")

    @property
    def call(self) -> Call:
        """The state."""
        return self.turn.call

    @property
    def said(self) -> list[str]:
        """The prompts of the last turn, options as KEY:PROMPT."""
        return heard(self.turn)


def heard(turn: Turn) -> list[str]:
    """The prompts of a turn, options as KEY:PROMPT, those in the other language as PROMPT@LANG."""
    return [_name(it) for it in (*turn.before, *turn.within)]


def _name(directive: Say | Offer) -> str:
    if isinstance(directive, Offer):
        return f"{directive.key}:{directive.prompt}"
    return directive.prompt + (f"@{directive.language}" if directive.language else "")

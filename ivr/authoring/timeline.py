"""One turn on the clock: when each thing it says begins and ends, and when keys can be heard."""

from dataclasses import dataclass

from ivr.authoring.speaking import Stopwatch, pause_after
from ivr.dialog import questions
from ivr.dialog.directives import Directive, Offer, Say
from ivr.dialog.turns import AwaitCard, AwaitRecording, Turn
from ivr.flows.model import PayMethod
from ivr.services.spoken import BANK_FIELDS, CARD_FIELDS, CARD_WORKING

GAP = 0.5
"""Seconds from an answer, or the ring, to the first sound of what follows."""
ENTRY = {
    PayMethod.CARD: (*(prompt for _, prompt, _ in CARD_FIELDS), CARD_WORKING),
    PayMethod.BANK: (*(prompt for _, prompt, _ in BANK_FIELDS), CARD_WORKING),
}
"""What is said while a payment method is typed."""


@dataclass(frozen=True, slots=True)
class Span:
    """One directive as it is heard, in seconds of the call."""

    directive: Directive
    begins: float
    ends: float


@dataclass(frozen=True, slots=True)
class Timeline:
    """A turn as it is heard, in seconds of the call: keys count from `listens` on, and all is said,
    the pause behind the last words among it, at `over`."""

    spans: tuple[Span, ...]
    listens: float
    over: float

    @property
    def first_choice(self) -> float | None:
        """When the first option begins."""
        return next((it.begins for it in self.spans if isinstance(it.directive, Offer)), None)

    @property
    def said(self) -> float:
        """When what leads to the first option has been said; the end of all where there is none."""
        ends = [it.ends for it in self.spans if isinstance(it.directive, Say)]
        return ends[-1] if ends else self.listens

    def heard(self, prompt: str) -> float | None:
        """When this prompt has been said to its end."""
        return next((it.ends for it in self.spans if it.directive.prompt == prompt), None)


def timeline(turn: Turn, stopwatch: Stopwatch, answered: float) -> Timeline:
    """The turn that follows what was answered at this second.

    Card entry, whose words no turn has, is said field by field. What is to be said aloud is only
    listened to when all words are over.
    """
    spans, at = _spans(turn, turn.before, stopwatch, answered + GAP)
    listens = at
    if isinstance(turn.wait, AwaitCard):
        more, at = _card_entry(turn, turn.wait, stopwatch, at)
    else:
        more, at = _spans(turn, turn.within, stopwatch, at)
    if isinstance(turn.wait, AwaitRecording):
        listens = at
    return Timeline((*spans, *more), listens, at)


def _card_entry(
    turn: Turn, wait: AwaitCard, stopwatch: Stopwatch, at: float
) -> tuple[list[Span], float]:
    """What the carrier says while it takes a card, a gap between one field and the next."""
    spans: list[Span] = []
    for prompt in ENTRY[wait.method]:
        ends = at + stopwatch.words(Say(prompt), turn.call.language)
        spans.append(Span(Say(prompt), at, ends))
        at = ends + GAP
    return spans, spans[-1].ends


def _spans(
    turn: Turn, directives: tuple[Directive, ...], stopwatch: Stopwatch, at: float
) -> tuple[list[Span], float]:
    """The directives from this second on, and when the pause behind the last of them is over."""
    spans = []
    for directive in directives:
        ends = at + stopwatch.words(directive, turn.call.language)
        spans.append(Span(directive, at, ends))
        at = ends + pause_after(directive, turn.call.pace)
    return spans, at


def option_ends(key: str, heard: Timeline, stopwatch: Stopwatch, language: str) -> float | None:
    """When the words that offer a key have been said; None where it is not offered."""
    for span in heard.spans:
        directive = span.directive
        if isinstance(directive, Offer) and directive.key == key:
            return span.ends
        if directive.prompt == questions.YES_NO and isinstance(directive, Say):
            part = stopwatch.up_to(directive, key, language)
            return None if part is None else span.begins + part
    return None

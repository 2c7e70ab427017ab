"""How long a turn lasts: the wait before it, and its words in the slowest language of the book."""

from pathlib import Path

from ivr.authoring.proof.space import Passage
from ivr.authoring.speaking import Stopwatch
from ivr.authoring.timeline import GAP
from ivr.config import Times
from ivr.dialog.call import Pace
from ivr.dialog.directives import Directive
from ivr.dialog.events import CardTaken, Rang, Silent
from ivr.dialog.questions import SLOWER
from ivr.dialog.turns import LISTENING, Turn
from ivr.flows.model import Book
from ivr.prompts.prompt import PromptError

CARD_ENTRY = 3 * (15 + 5.0)
"""Seconds until card entry ends in which nothing more is keyed: its field is asked three times."""
RINGING = Times().ring + Times().whisper + 1.0
"""Seconds a phone rings, and what an agent hears before they take the call."""


class Clock:
    """Times the turns of one book, at one pace."""

    def __init__(self, book: Book, folder: Path | None = None, pace: Pace = Pace.NORMAL) -> None:
        self._stopwatch = Stopwatch(book, folder)
        self._languages = book.languages
        self._pace = pace

    def lasts(self, passage: Passage) -> float:
        """Seconds from the last turn's last word to this one's."""
        slower = SLOWER if self._pace is Pace.SLOW else 1
        said = self.says(passage.turn) if passage.turn else 0.0
        return _waited(passage, slower) + said

    def says(self, turn: Turn) -> float:
        """Seconds a turn speaks, with the gap before its first sound."""
        heard = (*turn.before, *turn.within)
        return GAP + max(self._seconds(heard, it) for it in self._languages) if heard else 0.0

    def before(self, turn: Turn, language: str) -> float:
        """Seconds from an answer until a turn has said what it says before it goes on."""
        return GAP + self._seconds(turn.before, language)

    def _seconds(self, directives: tuple[Directive, ...], language: str) -> float:
        return sum(self._words(it, language) for it in directives)

    def _words(self, directive: Directive, language: str) -> float:
        """None for what cannot be said: that is another claim's matter."""
        try:
            return self._stopwatch.seconds([directive], language, self._pace)
        except PromptError:
            return 0.0


def _waited(passage: Passage, slower: int) -> float:
    """Seconds that passed before it happened; a caller's own keys are their own time."""
    match passage.happening:
        case Silent():
            wait = passage.source.wait if passage.source else None
            return float(wait.wait * slower) if isinstance(wait, LISTENING) else 0.0
        case Rang():
            return RINGING
        case CardTaken():
            return CARD_ENTRY
        case _:
            return 0.0

"""How long words take to say: a model of a voice at 160 words a minute, one for each language.

Budgets are kept by this clock and no other, so that a book's times do not hang on a synthesiser
being there. docs/times.md says how the model was fitted and how far off it is.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import assert_never

from ivr.authoring.aloud import aloud
from ivr.authoring.recordings import recorded_seconds
from ivr.dialog.call import Pace
from ivr.dialog.directives import Directive, Offer, Say
from ivr.flows.model import Book
from ivr.prompts.catalogue import Pause, Piece, Recording, Spoken

BETWEEN_SENTENCES = 0.3
"""Seconds behind each prompt."""
BETWEEN_OPTIONS = {Pace.NORMAL: 0.5, Pace.SLOW: 0.75}
"""Seconds behind each option, at either pace."""
SLOWLY = 0.8
"""Of its own speed at which a voice says again what was asked for more than once."""

_WORD = re.compile(r"[^\W\d_]+")
_BREAK = re.compile(r"[,;:](?=\s)")
_STOP = re.compile(r"[.?!](?=\s)")
_LETTERS_IN_A_LETTER = 4
"""What the name of a letter counts as: "tee", "vee", "double u"."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How long a voice takes, seconds: for a letter, for the pauses it makes by itself at a comma
    and between two sentences, and to begin."""

    letter: float
    comma: float
    stop: float
    begin: float


RATES: Mapping[str, Rate] = {
    "en": Rate(letter=0.0790, comma=0.472, stop=0.599, begin=0.107),
    "es": Rate(letter=0.0704, comma=0.273, stop=0.500, begin=0.097),
}
USUAL = "en"
"""Whose rate and numbers stand in for those of a language that has none here."""


def speaking_seconds(text: str, language: str) -> float:
    """How long a voice takes for a text, from the first sound to the last."""
    rate = RATES.get(language, RATES[USUAL])
    letters, commas, stops = counted(text, language)
    if not letters:
        return 0.0
    return rate.begin + rate.letter * letters + rate.comma * commas + rate.stop * stops


def counted(text: str, language: str) -> tuple[int, int, int]:
    """What takes time in a text once its numbers are words: letters, commas inside it, and stops
    between its sentences."""
    words = aloud(text, language if language in RATES else USUAL).strip()
    letters = sum(_letters(word) for word in _WORD.findall(words))
    return letters, len(_BREAK.findall(words)), len(_STOP.findall(words))


def _letters(word: str) -> int:
    """Its letters; a capital consonant alone is spelled."""
    spelled = len(word) == 1 and word.isupper() and word not in "AEIOUY"
    return _LETTERS_IN_A_LETTER if spelled else len(word)


class Stopwatch:
    """Times what a book says.

    With `folder`, the book's, recordings last as long as their files do; without it the voice is
    taken to read them. Every directive is rendered and timed once.
    """

    def __init__(self, book: Book, folder: Path | None = None) -> None:
        self.catalogue = book.catalogue if folder else replace(book.catalogue, recordings={})
        self.prompts = (folder or Path()) / "prompts"
        self._known: dict[tuple[Directive, str], float] = {}
        self._lengths: dict[str, float] = {}

    def seconds(
        self, directives: Iterable[Directive], language: str, pace: Pace = Pace.NORMAL
    ) -> float:
        """How long all of them take one after the other, with the pause behind each.

        Raises PromptError where a prompt or a value is missing, BookError for a bad recording.
        """
        return sum(self.words(it, language) + pause_after(it, pace) for it in directives)

    def words(self, directive: Directive, language: str) -> float:
        """How long one takes from its first sound to its last. Raises as `seconds`."""
        known = (directive, language)
        if known not in self._known:
            self._known[known] = self._measured(directive, language)
        return self._known[known]

    def up_to(self, directive: Say, key: str, language: str) -> float | None:
        """How long a prompt takes to the end of the sentence that names a key; None without one."""
        text = self.catalogue.text(directive.prompt, language, dict(directive.values))
        found = re.search(rf"(?<!\w){re.escape(key)}(?!\w)[^.?!]*[.?!]?", text)
        if not found:
            return None
        share = speaking_seconds(text[: found.end()], language) / speaking_seconds(text, language)
        return self.words(directive, language) * share

    def _measured(self, directive: Directive, language: str) -> float:
        values = dict(directive.values)
        match directive:
            case Say():
                language = directive.language or language
                slow = directive.slow
                pieces = self.catalogue.say(directive.prompt, values, language, slow)
                speed = SLOWLY if slow else 1.0
            case Offer():
                pieces = self.catalogue.offer(directive.key, directive.prompt, values, language)
                speed = 1.0
            case _:
                assert_never(directive)
        return sum(self._piece(piece, language, speed) for piece in pieces)

    def _piece(self, piece: Piece, language: str, speed: float) -> float:
        match piece:
            case Spoken():
                return speaking_seconds(piece.text, language) / speed
            case Pause():
                return piece.seconds
            case Recording():
                if piece.path not in self._lengths:
                    self._lengths[piece.path] = recorded_seconds(self.prompts / piece.path)
                return self._lengths[piece.path]
            case _:
                assert_never(piece)


def pause_after(directive: Directive, pace: Pace) -> float:
    """The silence behind it, seconds."""
    return BETWEEN_OPTIONS[pace] if isinstance(directive, Offer) else BETWEEN_SENTENCES

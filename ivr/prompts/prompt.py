"""One prompt: its text cut once into words, placeholders and pauses, so that a turn only joins."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches

from ivr.document import Place
from ivr.errors import BookError
from ivr.prompts.unspeakable import UNSPEAKABLE, speakable
from ivr.prompts.values import Kind

SPOKEN_KINDS = tuple(kind for kind in Kind if kind not in (Kind.YES_NO, Kind.CHOICES))
LONGEST_PAUSE = 10.0  # seconds; the longest <break> that speech markup of the voices allows

_PART = re.compile(r"\{([^{}\[\]]*)\}|\[([^{}\[\]]*)\]|[^{}\[\]]+|.")
_NAME = re.compile(r"[a-z][a-z0-9-]*")
_SECONDS = re.compile(r"[0-9]+(\.[0-9]+)?|\.[0-9]+")


class PromptError(BookError):
    """A prompt is written wrongly or cannot be said. `hint` is the word that was probably meant."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(speakable(message))  # what it quotes may hold line ends
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Placeholder:
    """`{name:kind}`, where a value goes; `{name}` alone takes text."""

    name: str
    kind: Kind = Kind.TEXT


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence, in seconds; `[.5]` in a prompt."""

    seconds: float


Part = str | Placeholder | Pause


@dataclass(frozen=True, slots=True)
class Prompt:
    """One text of one language.

    `text` is as the book has it and `parts` is the same, cut up. `placeholders` has each one's
    name and kind, once, in order. `recorded` is how it sounds from recordings: names of files
    without `.wav`, in order, with the placeholders between them.
    """

    key: str
    text: str
    parts: tuple[Part, ...]
    at: Place = field(compare=False)
    recorded: tuple[str | Placeholder, ...]
    placeholders: tuple[tuple[str, Kind], ...] = ()

    @property
    def recordings(self) -> tuple[str, ...]:
        """The recordings, without `.wav`, that must all exist to be used in place of a voice."""
        return tuple(part for part in self.recorded if isinstance(part, str))


def parse_prompt(key: str, text: str, at: Place) -> Prompt:
    """The prompt `key` with this text.

    Raises PromptError where a brace or bracket is not closed, a placeholder's name or kind is
    unknown, a pause is no number of seconds, or there is nothing that could be spoken.
    """
    if bad := UNSPEAKABLE.search(text):
        raise PromptError(f"the character U+{ord(bad[0]):04X} cannot be spoken; remove it")
    if not text.strip():
        raise PromptError("there is nothing to say; write the words")
    parts = tuple(_part(found) for found in _PART.finditer(text))
    placeholders = (part for part in parts if isinstance(part, Placeholder))
    named = tuple(dict.fromkeys((part.name, part.kind) for part in placeholders))
    return Prompt(key, text, parts, at, tuple(_recorded(key, parts)), named)


def _part(found: re.Match[str]) -> Part:
    placeholder, pause = found.groups()
    if placeholder is not None:
        return _placeholder(placeholder)
    if pause is not None:
        return _pause(pause)
    if found[0] in "{}[]":
        raise PromptError(
            f'"{found[0]}" without its partner; a placeholder is {{name}} or {{name:kind}}, '
            "a pause [.5]"
        )
    return found[0]


def _placeholder(inside: str) -> Placeholder:
    name, colon, kind = inside.partition(":")
    if not _NAME.fullmatch(name):
        raise PromptError(
            f'"{{{inside}}}" does not name a placeholder: a name has small letters, digits and '
            "hyphens, as in {due-date:date}"
        )
    if not colon:
        return Placeholder(name)
    if kind not in SPOKEN_KINDS:
        near = get_close_matches(kind, SPOKEN_KINDS, n=1)
        known = ", ".join(SPOKEN_KINDS)
        raise PromptError(
            f'"{kind}" is no kind that can be spoken; there are {known}', *map(str, near)
        )
    return Placeholder(name, Kind(kind))


def _pause(inside: str) -> Pause:
    if not _SECONDS.fullmatch(inside) or not 0 < float(inside) <= LONGEST_PAUSE:
        raise PromptError(
            f'"[{inside}]" is no pause: write seconds, more than 0 and at most '
            f"{LONGEST_PAUSE:g}, as in [.5]"
        )
    return Pause(float(inside))


def _recorded(key: str, parts: tuple[Part, ...]) -> Iterator[str | Placeholder]:
    """`key` alone, or `key.1`, `key.2` … for each run between placeholders that has words in it.

    A recording holds the pauses of its run.
    """
    if not any(isinstance(part, Placeholder) for part in parts):
        yield key
        return
    number, spoken = 0, False
    for part in parts:
        if isinstance(part, Placeholder):
            spoken = False
            yield part
        elif isinstance(part, str) and not spoken and any(map(str.isalnum, part)):
            number, spoken = number + 1, True
            yield f"{key}.{number}"

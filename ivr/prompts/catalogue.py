"""All prompts of a book in all its languages, and the way from a key and values to what is heard.

Everything is cut up when the book loads; a turn only joins strings.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import assert_never

from ivr.prompts.prompt import Pause, Placeholder, Prompt, PromptError, parse_prompt
from ivr.prompts.saying import say_value
from ivr.prompts.values import Key, Text, Value

__all__ = [
    "OFFER",
    "Catalogue",
    "Pause",
    "Piece",
    "Placeholder",
    "Prompt",
    "PromptError",
    "Recording",
    "Spoken",
    "parse_prompt",
]

OFFER = "offer"  # the prompt that holds every option: "For {choice}, press {key:key}."


@dataclass(frozen=True, slots=True)
class Spoken:
    """Words for a voice to read: plain text, not yet escaped for any markup."""

    text: str


@dataclass(frozen=True, slots=True)
class Recording:
    """A file to play, as a path below the book's prompts folder: `en/welcome.wav`."""

    path: str


Piece = Spoken | Pause | Recording


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The prompts of a book: language, then key. The first language is the book's default.

    `recordings` names, for each language, the files `prompts/<language>/<name>.wav` there are,
    without `.wav`. A prompt is played only when everything between its values is recorded.
    """

    languages: tuple[str, ...]
    prompts: Mapping[str, Mapping[str, Prompt]]
    recordings: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def prompt(self, key: str, language: str) -> Prompt:
        """One prompt; PromptError when the language does not have it."""
        found = self.prompts.get(language, {}).get(key)
        if found is None:
            raise PromptError(f'there is no prompt "{key}" in "{language}"')
        return found

    def say(
        self, key: str, values: Mapping[str, Value], language: str, slow: bool = False
    ) -> tuple[Piece, ...]:
        """What is heard for a prompt with these values; `slow` spreads digits out.

        Raises PromptError for an unknown prompt or a value that is missing.
        """
        prompt = self.prompt(key, language)
        return self._render(prompt, self._words(prompt, values, language, slow), language)

    def offer(
        self,
        key: str,
        prompt: str,
        values: Mapping[str, Value],
        language: str,
        slow: bool = False,
    ) -> tuple[Piece, ...]:
        """An option, "For {choice}, press {key}.": `prompt` names the choice, `key` is pressed.

        A recorded choice is played only inside a recorded offer, so that a sentence changes its
        voice no more often than it must.
        """
        frame = self.prompt(OFFER, language)
        choice = Text(self.text(prompt, language, values, slow))
        words = self._words(frame, {"choice": choice, "key": Key(key)}, language, slow)
        recorded = self.recordings.get(language)
        played = {"choice": self.say(prompt, values, language, slow)} if recorded else None
        return self._render(frame, words, language, played)

    def text(
        self,
        key: str,
        language: str,
        values: Mapping[str, Value] | None = None,
        slow: bool = False,
    ) -> str:
        """A prompt as plain text without its pauses, as for a text message. Raises as `say`."""
        prompt = self.prompt(key, language)
        pieces = _voiced(prompt, self._words(prompt, values or {}, language, slow))
        return " ".join(piece.text for piece in pieces if isinstance(piece, Spoken))

    def _words(
        self, prompt: Prompt, values: Mapping[str, Value], language: str, slow: bool
    ) -> dict[str, str]:
        """The words of each placeholder.

        They follow from the value alone: the kind a placeholder states is for whoever checks the
        book, and a caller is better served by a right value than by an apology.
        """

        def named(key: str) -> str:
            return self.text(key, language, slow=slow)

        words = {}
        for name, _ in prompt.placeholders:
            value = values.get(name)
            if value is None:
                raise PromptError(f'prompt "{prompt.key}" needs a value for {{{name}}}')
            words[name] = say_value(value, language, named, slow)
        return words

    def _render(
        self,
        prompt: Prompt,
        words: Mapping[str, str],
        language: str,
        played: Mapping[str, tuple[Piece, ...]] | None = None,
    ) -> tuple[Piece, ...]:
        """The prompt from its recordings if it has them all, otherwise read by the voice."""
        existing = self.recordings.get(language)
        if not existing or not prompt.recordings or not existing.issuperset(prompt.recordings):
            return tuple(_voiced(prompt, words))
        spoken = {name: (Spoken(text),) for name, text in words.items()}
        return tuple(_played(prompt, {**spoken, **(played or {})}, language))


def _voiced(prompt: Prompt, words: Mapping[str, str]) -> Iterator[Spoken | Pause]:
    """Words and values joined into as few pieces as the pauses allow."""
    run: list[str] = []
    for part in prompt.parts:
        match part:
            case str():
                run.append(part)
            case Placeholder(name=name):
                run.append(words[name])
            case Pause():
                yield from _spoken(run)
                yield part
                run = []
            case _:
                assert_never(part)
    yield from _spoken(run)


def _spoken(run: list[str]) -> Iterator[Spoken]:
    """The run as one piece, or none where it is only spaces."""
    if text := "".join(run).strip():
        yield Spoken(text)


def _played(
    prompt: Prompt, said: Mapping[str, tuple[Piece, ...]], language: str
) -> Iterator[Piece]:
    """The recordings of a prompt with what is said between them."""
    for part in prompt.recorded:
        if isinstance(part, Placeholder):
            yield from said[part.name]
        else:
            yield Recording(f"{language}/{part}.wav")

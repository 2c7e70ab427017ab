"""What callers should not have to hear, in English and Spanish; other languages are not judged."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from ivr.authoring.lint import codes, numbers
from ivr.authoring.lint.heard import heard
from ivr.document import Problem, Problems
from ivr.flows.model import Book
from ivr.prompts.catalogue import Prompt

_PAUSE = re.compile(r"\s*\[[^\]]*\]")


@dataclass(frozen=True, slots=True)
class Habits:
    """What to listen for in a language, and what to say instead.

    `key_first` finds a key that is named before what it is for; its groups are `key`, `word` (for,
    to) and `choice`, and `choice_first` is their better order.
    """

    key_first: re.Pattern[str]
    choice_first: str
    blame: re.Pattern[str]
    kinder: str
    attention: re.Pattern[str]


def _key_first(verbs: str, either: str, filler: str, keys: str, words: str) -> re.Pattern[str]:
    """`press 1 for …`, `press the 1 key for …` and `press …, or 1 for …`, within one sentence."""
    key = rf"(?P<key>{keys}|[0-9]|[*#]|\{{[a-z0-9-]+:key\}})"
    press = rf"\b(?:{verbs})\s+(?:[^.?!]*?\b(?:{either})\s+)?(?:(?:{filler})\s+)*"
    named = rf"{key}(?:\s+(?:{filler}))*,?\s+"
    return re.compile(rf"{press}{named}(?P<word>{words})\s+(?P<choice>[^.,;:?!]+)", re.I)


HABITS: Mapping[str, Habits] = {
    "en": Habits(
        key_first=_key_first(
            "press|dial|hit|push|touch|enter|select",
            "or",
            "the|key|number|button",
            "star|pound|zero|one|two|three|four|five|six|seven|eight|nine",
            "for|to",
        ),
        choice_first="{word} {choice}, press {key}.",
        blame=re.compile(
            r"\b(?:invalid|incorrect(?:ly)?|not valid|unrecognized|illegal|your (?:error|mistake)"
            r"|you (?:failed|made a mistake)"
            r"|(?<!went )(?<!what's )(?<!something's )wrong(?! with))\b",
            re.I,
        ),
        kinder="Sorry, that doesn't look right.",
        attention=re.compile(
            r"\b(?:please listen|listen (?:carefully|closely|to (?:all|the following))"
            r"|pay (?:close )?attention"
            r"|(?:options|menus?|choices) (?:have|has)(?: \w+)? changed)\b",
            re.I,
        ),
    ),
    "es": Habits(
        key_first=_key_first(
            "oprima|pulse|presione|marque|apriete|toque",
            "o|u",
            "el|la|tecla|número|botón",
            "asterisco|cero|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve",
            "para",
        ),
        choice_first="{word} {choice}, oprima {key}.",
        blame=re.compile(
            r"\b(?:inválid[oa]s?|invalid[oa]s?|incorrect[oa]s?|equivocad[oa]s?|erróne[oa]s?"
            r"|no (?:es|son) válid[oa]s?|se equivocó|su error)\b",
            re.I,
        ),
        kinder="Disculpe, eso no parece correcto.",
        attention=re.compile(
            r"\b(?:escuche (?:con atención|con cuidado|atentamente|cuidadosamente|bien)"
            r"|por favor,? escuche|(?:preste|ponga) (?:mucha )?atención"
            r"|(?:opciones|menús?) (?:\w+ )?(?:ha|han)(?: \w+)? cambiado)\b",
            re.I,
        ),
    ),
}
"""By language."""

Check = Callable[[Prompt, str, Habits], Iterator[Problem]]


def check_words(problems: Problems, book: Book, unheard: Collection[str]) -> None:
    """No prompt that callers hear has words they should be spared."""
    for language, prompt in heard(book, unheard):
        if habits := HABITS.get(language):
            text = _PAUSE.sub("", prompt.text).replace("’", "'")
            for check in (_keys, _blame, _attention):
                problems.add(*check(prompt, text, habits))
        problems.add(*numbers.check_numbers(prompt, language))


def _keys(prompt: Prompt, text: str, habits: Habits) -> Iterator[Problem]:
    for found in habits.key_first.finditer(text):
        parts = {name: part.strip() for name, part in found.groupdict().items()}
        better = habits.choice_first.format(**{**parts, "word": parts["word"].capitalize()})
        yield codes.key_before_choice(prompt.at, found[0].strip(), better)


def _blame(prompt: Prompt, text: str, habits: Habits) -> Iterator[Problem]:
    for found in habits.blame.finditer(text):
        yield codes.blaming_words(prompt.at, found[0], habits.kinder)


def _attention(prompt: Prompt, text: str, habits: Habits) -> Iterator[Problem]:
    for found in habits.attention.finditer(text):
        yield codes.listen_carefully(prompt.at, found[0])

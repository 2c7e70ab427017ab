"""Typed values into words: by one rule for all languages where there is one, else by language."""

from collections.abc import Callable, Mapping
from typing import assert_never

from ivr.errors import BookError
from ivr.prompts.english import ENGLISH
from ivr.prompts.spanish import SPANISH
from ivr.prompts.speech import Speech
from ivr.prompts.unspeakable import speakable
from ivr.prompts.values import (
    Choices,
    Count,
    Date,
    Digits,
    Hours,
    Key,
    Kind,
    Moment,
    Money,
    Phone,
    Reference,
    Text,
    Value,
    Words,
    YesNo,
)

SPEECHES: Mapping[str, Speech] = {"en": ENGLISH, "es": SPANISH}

_IN_ANY_LANGUAGE = frozenset(
    {Kind.TEXT, Kind.MONEY, Kind.COUNT, Kind.DIGITS, Kind.REFERENCE, Kind.PHONE}
)
_BY_LANGUAGE = frozenset({Kind.DATE, Kind.MOMENT, Kind.HOURS, Kind.WORDS, Kind.KEY})
_PHONE_DIGITS_SPOKEN = 2


def can_say(language: str, kind: Kind) -> bool:
    """Whether values of this kind can be said in this language."""
    return kind in _IN_ANY_LANGUAGE or (kind in _BY_LANGUAGE and language in SPEECHES)


def say_value(
    value: Value, language: str, wording: Callable[[str], str], slow: bool = False
) -> str:
    """The words for a value. `wording` gives those of a prompt key in the same language.

    Raises BookError for a language this kind cannot be said in, ValueError for an amount or a
    count below nothing (a voice would say "minus", which no caller should hear), and TypeError
    for yes/no and choices, which are not made to be spoken.
    """
    match value:
        case Text(text):
            return speakable(text)
        case Money(cents):
            return _say_money(cents)
        case Count(number):
            return f"{_not_negative(number):,}"
        case Digits(text):
            return _spread(text, slow)
        case Reference(text):
            return _say_reference(text, slow)
        case Phone(number):
            return _spread(number[-_PHONE_DIGITS_SPOKEN:], slow)
        case Date() | Moment() | Hours() | Words() | Key():
            return _say_by_language(value, _speech(language), wording)
        case YesNo() | Choices():
            raise TypeError(f"a value of kind {type(value).__name__} is never spoken")
        case _:
            assert_never(value)


def _say_by_language(
    value: Date | Moment | Hours | Words | Key, speech: Speech, wording: Callable[[str], str]
) -> str:
    match value:
        case Date(day):
            return speech.day(day)
        case Moment():
            return speech.moment(value)
        case Hours():
            return speech.hours(value)
        case Words(prompts):
            return speech.listing([wording(prompt) for prompt in prompts])
        case Key(key):
            return speech.keys.get(key, key)
        case _:
            assert_never(value)


def _speech(language: str) -> Speech:
    speech = SPEECHES.get(language)
    if speech is None:
        raise BookError(
            f'dates, times, lists and keys cannot be said in "{language}", '
            f"only in {' and '.join(SPEECHES)}"
        )
    return speech


def _say_money(cents: int) -> str:
    """`$1,250.00`: voices of both languages read this as dollars and cents."""
    dollars, rest = divmod(_not_negative(cents), 100)
    return f"${dollars:,}.{rest:02}"


def _not_negative(number: int) -> int:
    if number < 0:
        raise ValueError("a number below zero is not spoken; word it as a credit or leave it out")
    return number


def _spread(text: str, slow: bool) -> str:
    """Each digit or letter apart, so that no voice reads a number; slowly with commas between."""
    return (", " if slow else " ").join(filter(str.isalnum, text))


def _say_reference(text: str, slow: bool) -> str:
    """Two groups, the first the longer where they differ; slowly with a full stop between."""
    middle = (len(text) + 1) // 2
    groups = (_spread(text[:middle], slow), _spread(text[middle:], slow))
    return (". " if slow else ", ").join(filter(None, groups))

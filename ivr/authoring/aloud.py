"""A prompt's text as the words a voice makes of it: numbers, money, times and abbreviations.

A voice reads "$84.20" as eighty-four dollars and twenty cents; how long that takes can only be told
from the words.
"""

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass

from num2words import num2words

_MONTHS = "|".join(calendar.month_name[1:])
_TOKENS = re.compile(
    r"\$(?P<dollars>[\d,]*\d)(?:\.(?P<cents>\d\d))?"
    r"|(?P<hour>\d{1,2}):(?P<minute>\d\d)"
    rf"|(?P<month>{_MONTHS}) (?P<day>\d{{1,2}})\b"
    r"|(?P<number>\d{1,3}(?:,\d{3})+|\d+)"
    r"|(?P<spelled>\b(?:[AP]M|[B-DF-HJ-NP-TV-XZ]{2,})\b)"
)
_LONGEST_NUMBER = 6
"""Digits; a longer run is a code, which is read digit by digit, as is one that begins with 0."""


@dataclass(frozen=True, slots=True)
class _Money:
    """A language's words for an amount: one and many dollars, one and many cents, and between."""

    dollar: tuple[str, str]
    cent: tuple[str, str]
    joint: str


_MONEY: Mapping[str, _Money] = {
    "en": _Money(("dollar", "dollars"), ("cent", "cents"), " and "),
    "es": _Money(("dólar", "dólares"), ("centavo", "centavos"), " con "),
}
LANGUAGES = frozenset(_MONEY)
"""Languages whose numbers this module can say."""


def aloud(text: str, language: str) -> str:
    """The text with every number, amount, time and spelled abbreviation in words.

    `language` is one of LANGUAGES; KeyError for another.
    """
    return _TOKENS.sub(lambda found: _words(found, language), text)


def _words(found: re.Match[str], language: str) -> str:
    part = found.groupdict()
    if part["dollars"]:
        return _amount(part["dollars"], int(part["cents"] or 0), language)
    if part["hour"]:
        return _time(int(part["hour"]), int(part["minute"]), language)
    if part["month"]:
        return f"{part['month']} {num2words(int(part['day']), lang='en', to='ordinal')}"
    if part["spelled"]:
        return " ".join(part["spelled"])
    return _number(part["number"], language)


def _amount(dollars: str, cents: int, language: str) -> str:
    """`eighty-four dollars and twenty cents`; without cents the dollars alone."""
    words = _MONEY[language]
    whole = int(dollars.replace(",", ""))
    said = _counted(whole, words.dollar, language)
    return f"{said}{words.joint}{_counted(cents, words.cent, language)}" if cents else said


def _counted(number: int, names: tuple[str, str], language: str) -> str:
    words = _cardinal(number, language)
    if language == "es":
        words = re.sub(r"veintiuno$", "veintiún", words)
        words = re.sub(r"\buno$", "un", words)
    return f"{words} {names[number != 1]}"


def _time(hour: int, minute: int, language: str) -> str:
    """`four thirty`, `four oh five`; Spanish times come from the prompts in words already."""
    if minute == 0:
        return _cardinal(hour, language)
    oh = "oh " if minute < 10 else ""
    return f"{_cardinal(hour, language)} {oh}{_cardinal(minute, language)}"


def _number(text: str, language: str) -> str:
    digits = text.replace(",", "")
    if len(digits) > _LONGEST_NUMBER or (digits[0] == "0" and len(digits) > 1):
        return " ".join(_cardinal(int(digit), language) for digit in digits)
    return _cardinal(int(digits), language)


def _cardinal(number: int, language: str) -> str:
    """The library's British "and" and commas are not said in the United States."""
    words: str = num2words(number, lang=language)
    return words.replace(" and ", " ").replace(",", "") if language == "en" else words

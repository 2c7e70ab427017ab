"""Numbers in prompts that a voice reads as quantities where a caller expects digits."""

import re
from collections.abc import Iterator, Mapping

from ivr.authoring.lint import codes
from ivr.document import Problem
from ivr.prompts.catalogue import Placeholder, Prompt
from ivr.prompts.values import Kind

LONGEST_QUANTITY = 3
"""Digits; a longer number without commas is rather a code, unless it is a year or has a unit."""

_LONE = re.compile(r"(?<![\w$€+.,:{/-])(?<!\$ )\d{3,}(?![\w%}]|[.,:/-]\d)")
_YEAR = re.compile(r"(?:18|19|20)\d\d")
_SHORT_NUMBER = re.compile(r"[2-9]11")
"""Numbers such as 911 are known by their digits, and voices read them so
(https://nationalnanpa.com, N11 codes)."""

_OF_DIGITS: Mapping[str, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:ZIP|codes?|PIN|accounts?|numbers?|references?|confirmation|extension|ext|card"
        r"|ending|ends)\b(?:\s+(?:codes?|numbers?|is|are|in|with))*[\s,:]*$",
        re.I,
    ),
    "es": re.compile(
        r"\b(?:ZIP|códigos?|PIN|cuentas?|números?|referencias?|confirmación|extensión|tarjeta"
        r"|terminad[oa]s?|terminan?)\b(?:\s+(?:postal|de|es|son|en|la|el|confirmación|cuenta"
        r"|referencia))*[\s,:]*$",
        re.I,
    ),
}
_UNIT: Mapping[str, re.Pattern[str]] = {
    "en": re.compile(r"\s+(?:dollars?|cents?|minutes?|hours?|days?|megabits?|channels?|percent)\b"),
    "es": re.compile(
        r"\s+(?:dólares|dólar|centavos?|minutos?|horas?|días?|megabits?|canales|por ciento)\b"
    ),
}
_NAME = re.compile(
    r"(?:^|-)(?:zip|code|pin|account|reference|confirmation|ending|phone|card|extension)$"
)
"""Names of placeholders that hold digits."""


def check_numbers(prompt: Prompt, language: str) -> Iterator[Problem]:
    """The prompt's numbers and its placeholders of kind count."""
    before = ""
    for part in prompt.parts:
        if isinstance(part, str):
            yield from _bare(prompt, part, language)
            before += part
        elif isinstance(part, Placeholder):
            if part.kind is Kind.COUNT and (_NAME.search(part.name) or _awaits(before, language)):
                found, better = (f"{{{part.name}:{it}}}" for it in (Kind.COUNT, Kind.DIGITS))
                yield codes.read_as_quantity(prompt.at, found, better)
            before += "…"


def _bare(prompt: Prompt, text: str, language: str) -> Iterator[Problem]:
    for found in _LONE.finditer(text):
        if _is_code(text, found, language):
            yield codes.read_as_quantity(prompt.at, found[0], " ".join(found[0]))


def _is_code(text: str, found: re.Match[str], language: str) -> bool:
    """Whether callers are meant to hear digits."""
    unit = _UNIT.get(language)
    if _SHORT_NUMBER.fullmatch(found[0]) or (unit and unit.match(text, found.end())):
        return False
    if _awaits(text[: found.start()], language):
        return True
    return len(found[0]) > LONGEST_QUANTITY and not _YEAR.fullmatch(found[0])


def _awaits(before: str, language: str) -> bool:
    """Whether what stands before a number makes it a code."""
    pattern = _OF_DIGITS.get(language)
    return pattern is not None and pattern.search(before) is not None

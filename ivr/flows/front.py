"""The top of flows.yaml: who answers, in which languages, on which lines."""

import re
from collections.abc import Iterator, Mapping

from ivr.document import Node, Place, ScalarNode, place
from ivr.flows import codes
from ivr.flows.lines import NOWHERE, target
from ivr.flows.model import Move, PhoneLine, Target, ToFlow
from ivr.flows.reading import Reading, describe
from ivr.flows.requests import LEVELS
from ivr.flows.services import Level

TOP = (
    "version",
    "company",
    "languages",
    "voices",
    "lines",
    "patience",
    "person",
    "home",
    "identify",
    "hours",
    "payments",
    "promises",
    "restored-within",
    "announce",
    "flows",
    "reference",
    "jobs",
)
OPTIONAL = (
    "identify",
    "payments",
    "promises",
    "restored-within",
    "announce",
    "reference",
    "jobs",
)
REQUIRED = tuple(key for key in TOP if key not in OPTIONAL)
VERSION = "1"
LANGUAGE = re.compile(r"[a-z]{2}")
NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
"""E.164 (ITU-T Recommendation E.164, section 6): a plus and at most fifteen digits."""

LINE = ("start", "language", "lost", "rescue")


def check_version(reading: Reading, node: Node | None) -> None:
    """The version of this language the book is written in."""
    if node is not None:
        version = reading.text(node, "a version, as in 1")
        if version and version != VERSION:
            reading.refuse(codes.unknown_version(place(node), version))


def languages(reading: Reading, node: Node | None) -> Iterator[str]:
    """The languages of the book, the first of them the default."""
    seen: dict[str, Place] = {}
    items = reading.items(node, "a list of languages, as in [en, es]") if node else []
    if node and not items and not isinstance(node, ScalarNode):
        reading.refuse(codes.wrong_kind(place(node), "one language at least", "none"))
    for item in items:
        language = reading.text(item, "a language, as in en")
        if language in seen:
            reading.refuse(codes.duplicate_key(place(item), language, seen[language]))
        elif LANGUAGE.fullmatch(language):
            seen[language] = place(item)
            yield language
        elif language:
            wanted = "a language of two letters, as in en"
            reading.refuse(codes.wrong_kind(place(item), wanted, describe(item)))


def phone_lines(reading: Reading, node: Node | None) -> dict[str, PhoneLine]:
    """The numbers callers dial. The first one also serves numbers nobody listed."""
    found: dict[str, PhoneLine] = {}
    for number, key, value in reading.pairs(node, "what each phone number does"):
        _number(reading, key)
        given = reading.fields(value, "a line", LINE, LINE)
        found[number] = PhoneLine(
            number=number,
            start=place_target(reading, given.get("start")),
            language=_language(reading, given.get("language")),
            lost=place_target(reading, given.get("lost")),
            rescue=_number(reading, given["rescue"]) if "rescue" in given else "",
        )
    if node is not None and not found:
        wanted = "one phone number at least"
        reading.refuse(codes.wrong_kind(place(node), wanted, "none"))
    return found


def _number(reading: Reading, node: Node) -> str:
    text = reading.text(node, "a phone number, as in +12025550100")
    if text and not NUMBER.fullmatch(text):
        wanted = "a phone number with + and the country, as in +12025550100"
        reading.refuse(codes.wrong_kind(place(node), wanted, describe(node)))
    return text


def _language(reading: Reading, node: Node | None) -> str:
    language = reading.text(node, "a language, as in en") if node else ""
    if node and language and language not in reading.languages:
        reading.refuse(codes.unknown_language(place(node), language, reading.languages))
    return language


def place_target(reading: Reading, node: Node | None) -> Target:
    """A menu or flow: here there is nothing to be relative to."""
    return target(reading, node, NOWHERE) if node else Move.END


def identify(reading: Reading, node: Node | None) -> Mapping[Level, ToFlow]:
    """The flow that brings a caller to each level."""
    found: dict[Level, ToFlow] = {}
    for word, key, value in reading.pairs(node, "a flow for each level"):
        level = LEVELS.get(word, Level.UNKNOWN)
        if level is Level.UNKNOWN:
            levels = [name for name, it in LEVELS.items() if it]
            problem = codes.unknown_key(place(key), word, "identify", levels)
            reading.refuse(problem, value)
            continue
        goal = target(reading, value, NOWHERE)
        if isinstance(goal, ToFlow):
            found[level] = goal
        elif goal is not Move.END:
            reading.refuse(codes.wrong_kind(place(value), "a flow", describe(value)), value)
    return found

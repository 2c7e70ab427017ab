"""Values of each kind, read from YAML: what a field of a reply holds."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time

from ivr.document import Node, ScalarNode, place
from ivr.flows import codes
from ivr.flows.hours import week
from ivr.flows.lines import flag
from ivr.flows.model import OpeningHours
from ivr.flows.reading import Reading, describe
from ivr.flows.requests import check_queue
from ivr.flows.services import Field
from ivr.prompts.values import (
    Choice,
    Choices,
    Count,
    Date,
    Digits,
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

CHOICE = ("say", "with")
DAYS = {"yesterday": -1, "": 0, "tomorrow": 1}
LATER = 2
"""Days from now from which on a moment is spoken with its date."""
MOMENT = re.compile(r"(?:([0-9-]{10}) )?([0-2][0-9]:[0-5][0-9])(?: (yesterday|tomorrow))?")
TODAY = date(2000, 1, 1)
"""Any day does: of a moment near today only the hour is spoken."""


def fields_of(
    reading: Reading,
    node: Node | None,
    owner: str,
    known: Mapping[str, Field],
    hours: OpeningHours,
) -> dict[str, Value]:
    """The values written under names; `known` are the names `owner` has."""
    found: dict[str, Value] = {}
    for name, key, value in reading.pairs(node, "a value for each name"):
        if name not in known:
            reading.refuse(codes.unknown_key(place(key), name, owner, known), value)
        elif made := _value(reading, value, known[name], hours):
            found[name] = made
    return found


def _value(reading: Reading, node: Node, field: Field, hours: OpeningHours) -> Value | None:
    """A value as its field takes it, or None where it is written wrongly."""
    match field.kind:
        case Kind.YES_NO:
            return YesNo(flag(reading, node))
        case Kind.WORDS:
            items = reading.items(node, "a list of prompts")
            return Words(tuple(_prompt(reading, item, field) for item in items))
        case Kind.CHOICES:
            items = reading.items(node, "a list of choices")
            return Choices(tuple(_choice(reading, item, field, hours) for item in items))
        case Kind.HOURS:
            queue = reading.text(node, "a queue, whose hours these are")
            check_queue(reading, node, queue)
            return week(hours, queue)
        case _:
            return _scalar(reading, node, field.kind)


def _prompt(reading: Reading, node: Node, field: Field) -> str:
    if field.prompts:
        return reading.choice(node, field.prompts)
    return reading.text(node, "a prompt's key")


def _choice(reading: Reading, node: Node, field: Field, hours: OpeningHours) -> Choice:
    """A choice by its prompt, or `{say: PROMPT, with: {placeholder: value}}`."""
    if isinstance(node, ScalarNode):
        prompt = _prompt(reading, node, field)
        return Choice(prompt, prompt)
    found = reading.fields(node, "a choice", CHOICE, ("say",))
    prompt = _prompt(reading, found["say"], field) if "say" in found else ""
    words = reading.prompts.get(prompt)
    known = {name: Field(kind) for name, kind in words.placeholders} if words else {}
    problems = len(reading.problems)
    values = fields_of(reading, found.get("with"), f'prompt "{prompt}"', known, hours)
    missing = [name for name in known if name not in values]
    if missing and len(reading.problems) == problems:
        reading.refuse(codes.unbound_placeholder(place(node), prompt, missing))
    return Choice(prompt, prompt, tuple(values.items()))


def _scalar(reading: Reading, node: Node, kind: Kind) -> Value | None:
    """A value that is written as one text."""
    wanted, read = WRITTEN[kind]
    text = reading.text(node, wanted)
    if not text:
        return None
    try:
        return read(text)
    except ValueError:
        reading.refuse(codes.wrong_kind(place(node), wanted, describe(node)))
        return None


def _matching(pattern: str, make: Callable[[str], Value]) -> Callable[[str], Value]:
    """A reader of texts that match; it raises ValueError for others."""
    whole = re.compile(pattern)

    def read(text: str) -> Value:
        if not whole.fullmatch(text):
            raise ValueError(text)
        return make(text)

    return read


def _moment(text: str) -> Moment:
    """`16:30`, `16:30 tomorrow` or `2026-12-05 09:00`. Raises ValueError for anything else."""
    found = MOMENT.fullmatch(text)
    if not found or (found[1] and found[3]):
        raise ValueError(text)
    day = date.fromisoformat(found[1]) if found[1] else TODAY
    days = LATER if found[1] else DAYS[found[3] or ""]
    return Moment(datetime.combine(day, time.fromisoformat(found[2])), days)


WRITTEN: Mapping[Kind, tuple[str, Callable[[str], Value]]] = {
    Kind.MONEY: (
        'dollars and cents, as in "84.20"',
        _matching(r"[0-9]{1,7}\.[0-9]{2}", lambda text: Money(int(text.replace(".", "")))),
    ),
    Kind.DATE: ("a date, as in 2026-12-05", lambda text: Date(date.fromisoformat(text))),
    Kind.MOMENT: ('a time, as in "16:30" or "16:30 tomorrow"', _moment),
    Kind.DIGITS: ("digits", _matching(r"[0-9]+", Digits)),
    Kind.REFERENCE: ("digits", _matching(r"[0-9]+", Reference)),
    Kind.PHONE: (
        'a phone number, as in "+12025550142"',
        _matching(r"\+[1-9][0-9]{6,14}", Phone),
    ),
    Kind.COUNT: ("a number", _matching(r"[0-9]{1,9}", lambda text: Count(int(text)))),
    Kind.KEY: ("a key", _matching(r"[0-9*#]", Key)),
    Kind.TEXT: ("a text", Text),
}
"""For each kind that is written as one text: what an author is told it is, and its reader."""

"""`jobs:` and `reference:` read from YAML: what callers ring for, and how long it may take them."""

import re
from collections.abc import Collection, Mapping

from ivr.document import MappingNode, Node, place
from ivr.flows import codes
from ivr.flows.front import place_target
from ivr.flows.model import Job, OpeningHours
from ivr.flows.reading import Reading, describe
from ivr.flows.reference import Manner, Mark, Press, Reply
from ivr.flows.replies import replies

JOB = ("start", "press", "until", "budget", "replies")
REQUIRED = ("until", "budget")
KEYS = "keys"
WORDS = ("card", "bank", "voice")
"""Answers without keys of their own: a payment method, or a sentence said aloud."""
SECONDS = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,2})?)s")
COUNT = re.compile(r"[0-9]{1,2}")
PRESS = re.compile(
    rf"([0-9*#]+|{'|'.join(WORDS)})(?: ({Manner.AT_ONCE}|{Manner.AT_FIRST_CHOICE}))?"
)
UNTIL = "choice, ringing, heard PROMPT or finished NAME"


def jobs(reading: Reading, top: Mapping[str, Node], hours: OpeningHours) -> dict[str, Job]:
    """Every job of the book, with the replies that all of them share."""
    shared = replies(reading, top.get("reference"), hours)
    found: dict[str, Job] = {}
    for name, key, node in reading.pairs(top.get("jobs"), "what each job is"):
        reading.name(key)
        given = reading.fields(node, "a job", JOB, REQUIRED)
        own = replies(reading, given.get("replies"), hours)
        if "until" in given:
            found[name] = _job(reading, name, key, given, {**shared, **own})
    return found


def _job(
    reading: Reading,
    name: str,
    key: Node,
    given: Mapping[str, Node],
    known: Mapping[str, Reply],
) -> Job:
    seconds, keys = _budget(reading, given.get("budget"))
    return Job(
        name=name,
        start=place_target(reading, given["start"]) if "start" in given else None,
        press=_presses(reading, given.get("press")),
        until=_until(reading, given["until"]),
        seconds=seconds,
        keys=keys,
        replies=known,
        at=place(key),
    )


def _presses(reading: Reading, node: Node | None) -> tuple[Press, ...]:
    items = reading.items(node, 'a list of answers, as in ["1", "5000#"]') if node else []
    return tuple(_press(reading, item) for item in items)


def _press(reading: Reading, node: Node) -> Press:
    """`1`, `5000#`, `card`, `bank`, `voice`, `0 at once` or `0 at first choice`."""
    wanted = 'keys, as in "1", "5000#" or "0 at once", or card, bank or voice'
    text = reading.text(node, wanted)
    found = PRESS.fullmatch(text)
    if not found:
        if text:
            reading.refuse(codes.wrong_kind(place(node), wanted, describe(node)))
        return Press("")
    keys = "" if found[1] in WORDS else found[1]
    return Press(keys, Manner(found[2] or Manner.HEARD))


def _until(reading: Reading, node: Node) -> tuple[Mark, str]:
    text = reading.text(node, UNTIL)
    word, _, name = text.partition(" ")
    if word not in set(Mark) or bool(name) != (word in (Mark.HEARD, Mark.FINISHED)):
        if text:
            reading.refuse(codes.wrong_kind(place(node), UNTIL, describe(node)), node)
        return Mark.CHOICE, ""
    if word == Mark.HEARD:
        _check_prompt(reading, node, name)
    if word == Mark.FINISHED:
        _check_finished(reading, node, name)
    return Mark(word), name


def _check_prompt(reading: Reading, node: Node, prompt: str) -> None:
    """The prompt is there; that a job waits for it does not make it used."""
    known = prompt in reading.prompts or prompt in reading.broken
    if not known and not reading.wordless:
        reading.refuse(codes.unknown_prompt(place(node), prompt, reading.prompts))


def _check_finished(reading: Reading, node: Node, name: str) -> None:
    """Something finishes it, unless that may be a step that could not be read."""
    if name not in reading.finished and name not in reading.mentioned and not reading.doubtful:
        reading.refuse(codes.unfinished_job(place(node), name, sorted(reading.finished)))


def _budget(reading: Reading, node: Node | None) -> tuple[dict[str, float], int]:
    """Seconds for each language of the book, and key presses."""
    if not isinstance(node, MappingNode):
        if node is not None:
            wanted = "keys, and seconds for each language"
            reading.refuse(codes.wrong_kind(place(node), wanted, describe(node)), node)
        return {}, 0
    seconds: dict[str, float] = {}
    keys: int | None = None
    named = set()
    for name, key, value in reading.pairs(node, "a budget"):
        named.add(name)
        if name == KEYS:
            keys = _keys(reading, value)
        elif name in reading.languages:
            seconds[name] = _seconds(reading, value)
        else:
            reading.refuse(codes.unknown_language(place(key), name, reading.languages))
    _check_complete(reading, node, named)
    return seconds, keys or 0


def _check_complete(reading: Reading, node: Node, named: Collection[str]) -> None:
    for name in (KEYS, *reading.languages):
        if name not in named:
            reading.refuse(codes.missing_key(place(node), name, "a budget"))


def _seconds(reading: Reading, node: Node) -> float:
    wanted = "seconds, as in 15.6s"
    text = reading.text(node, wanted)
    found = SECONDS.fullmatch(text)
    if found:
        return float(found[1])
    if text:
        reading.refuse(codes.wrong_kind(place(node), wanted, describe(node)))
    return 0.0


def _keys(reading: Reading, node: Node) -> int:
    wanted = "a number of keys, as in 2"
    text = reading.text(node, wanted)
    if COUNT.fullmatch(text):
        return int(text)
    if text:
        reading.refuse(codes.wrong_kind(place(node), wanted, describe(node)))
    return 0

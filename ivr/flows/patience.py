"""`patience:` read from YAML: the whole book's, and what a question changes of it."""

import re
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

from ivr.document import Node, place
from ivr.flows import codes
from ivr.flows.lines import IN_MENU, branch, lines
from ivr.flows.model import Branch, Line, Move, Patience
from ivr.flows.reading import Reading, describe

SECONDS = re.compile(r"([0-9]{1,3})s")
COUNT = re.compile(r"([0-9]{1,2})")
UNSET = Patience(6, 3, 3, 5, (), (), Branch((), Move.END))
"""What holds where a book says nothing of it: 6 s to the first key, 3 s between keys, three
failures at a question, five in a row over a call."""

REQUIRED = ("silence", "mismatch", "give-up")


def _seconds(reading: Reading, node: Node) -> int:
    return reading.number(node, SECONDS, "seconds, as in 6s")


def _count(reading: Reading, node: Node) -> int:
    return reading.number(node, COUNT, "a number of tries, as in 3")


def _helps(reading: Reading, node: Node) -> tuple[Line, ...]:
    """What is said after each failure; the last is said again when there are no more."""
    found = lines(reading, node)
    if not found:
        reading.refuse(codes.wrong_kind(place(node), "one prompt at least", describe(node)))
    return found


READERS: dict[str, tuple[str, Callable[[Reading, Node], Any]]] = {
    "wait": ("wait", _seconds),
    "between": ("between", _seconds),
    "tries": ("tries", _count),
    "call-tries": ("call_tries", _count),
    "silence": ("silence", _helps),
    "mismatch": ("mismatch", _helps),
}
BRANCHES = {"give-up": "give_up", "silent": "silent"}
KNOWN = (*READERS, *BRANCHES)


def patience(
    reading: Reading, node: Node | None, inherited: Patience, moves: Collection[Move]
) -> Patience:
    """What is written, and `inherited` for the rest."""
    if node is None:
        return inherited
    return _read(reading, node, inherited, moves, ())


def whole_book(reading: Reading, node: Node | None) -> Patience:
    """The patience every question inherits, so its branches may lead only where a menu's may."""
    return UNSET if node is None else _read(reading, node, UNSET, IN_MENU, REQUIRED)


def _read(
    reading: Reading,
    node: Node,
    inherited: Patience,
    moves: Collection[Move],
    required: Collection[str],
) -> Patience:
    found = reading.fields(node, "patience", KNOWN, required)
    given: dict[str, Any] = {}
    for key, (attribute, read) in READERS.items():
        if key in found:
            given[attribute] = read(reading, found[key])
    for key, attribute in BRANCHES.items():
        if key in found:
            given[attribute] = branch(reading, found[key], moves)
    return replace(inherited, **given)

"""The bounds of a typed answer, read from YAML: how many digits, or from which amount to which."""

import re
from collections.abc import Mapping

from ivr.document import Node, ScalarNode, place
from ivr.flows import codes
from ivr.flows.lines import ref
from ivr.flows.model import AnswerKind, Limits, Ref
from ivr.flows.reading import Reading, describe
from ivr.prompts.values import Kind

LENGTH = re.compile(r"([0-9]{1,2})")
MONEY = re.compile(r"([0-9]{1,7})\.([0-9]{2})")
PIN_LIMITS = Limits(shortest=4, longest=8)


def limits(reading: Reading, kind: AnswerKind, found: Mapping[str, Node]) -> Limits:
    """The bounds of an answer of this kind; `found` are the keys of its question."""
    if kind is AnswerKind.MONEY:
        return _amounts(reading, found.get("within"))
    node = found.get("length")
    if node is None or kind in {AnswerKind.YES_NO, AnswerKind.SPOKEN_YES}:
        return PIN_LIMITS if kind is AnswerKind.PIN else Limits()
    return _lengths(reading, node)


def _lengths(reading: Reading, node: Node) -> Limits:
    if isinstance(node, ScalarNode):
        length = reading.number(node, LENGTH, "a number of digits, as in 5")
        return Limits(shortest=length, longest=length)
    found = reading.fields(node, "a length", ("min", "max"), ("min", "max"))
    lengths = {key: reading.number(it, LENGTH, "a number of digits") for key, it in found.items()}
    shortest, longest = lengths.get("min", 1), lengths.get("max", 99)
    if shortest > longest:
        wanted = "a min that is at most the max"
        reading.refuse(codes.wrong_kind(place(node), wanted, f"{shortest} to {longest}"))
    return Limits(shortest=shortest, longest=longest)


def _amounts(reading: Reading, node: Node | None) -> Limits:
    if node is None:
        return Limits()
    found = reading.fields(node, "an amount's bounds", ("min", "max"))
    least, most = (_amount(reading, found[key]) if key in found else None for key in ("min", "max"))
    if isinstance(least, int) and isinstance(most, int) and least > most:
        wanted = "a min that is at most the max"
        reading.refuse(codes.wrong_kind(place(node), wanted, "the other way round"))
    return Limits(least=least, most=most)


def _amount(reading: Reading, node: Node) -> int | Ref:
    """Cents, or what gives them."""
    if isinstance(node, ScalarNode) and node.value[:1].isdigit():
        found = MONEY.fullmatch(node.value)
        if found:
            return int(found[1] + found[2])
        wanted = "dollars and cents, as in 5.00"
        reading.refuse(codes.wrong_kind(place(node), wanted, describe(node)))
        return 0
    return ref(reading, node, Kind.MONEY)

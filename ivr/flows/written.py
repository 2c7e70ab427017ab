"""A step as it is written, and the parts that steps of several kinds have in common."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from ivr.document import MappingNode, Node, place
from ivr.flows import codes
from ivr.flows.lines import IN_STEP, NOWHERE, branch, line, target
from ivr.flows.model import Branch, Line, Move, Patience, Ref, Target
from ivr.flows.reading import Reading


@dataclass(frozen=True, slots=True)
class Defaults:
    """What every question inherits from the book."""

    patience: Patience
    person: Target


@dataclass(frozen=True, slots=True)
class Written:
    """A step as it is written: its node, its keys, and what every kind of step may carry."""

    node: MappingNode
    keys: Mapping[str, Node]
    needs: Ref | None
    finishes: str | None
    defaults: Defaults = field(repr=False)


def line_of(reading: Reading, it: Written, key: str) -> Line | None:
    """The line under a key, where there is one."""
    return line(reading, it.keys[key]) if key in it.keys else None


def person_of(reading: Reading, it: Written) -> Target:
    """Where 0 leads: the question's own person, else the book's."""
    node = it.keys.get("person")
    return target(reading, node, NOWHERE) if node else it.defaults.person


def when(
    reading: Reading,
    it: Written,
    asker: str,
    outcomes: Collection[str],
    moves: Collection[Move] = IN_STEP,
) -> dict[str, Branch]:
    """The branch of every outcome; `outcomes` are all there are, and all must be there."""
    node = it.keys.get("when")
    branches: dict[str, Branch] = {}
    meant: set[str | None] = set()
    for name, key, value in reading.pairs(node, "a branch for each outcome"):
        made = branch(reading, value, moves)
        if name in outcomes:
            branches[name] = made
        else:
            problem = codes.unknown_outcome(place(key), name, asker, outcomes)
            meant.add(problem.hint)
            reading.refuse(problem)
    missing = [name for name in outcomes if name not in branches and name not in meant]
    reading.doubts += len(branches) < len(outcomes)
    if missing and (node is None or isinstance(node, MappingNode)):
        at = place(node or it.node)
        reading.refuse(codes.unhandled_outcome(at, asker, missing))
    return branches

"""What happens by itself: turns that no key of the caller brings about, and how long they last."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ivr.authoring.proof.clock import Clock
from ivr.authoring.proof.space import Node, Passage
from ivr.dialog.events import Arrived, CardTaken, Rang, Replied, Silent

BY_THEMSELVES = ("failed", "connector-down", "hung-up")
"""How card entry may end without the caller."""


def unasked(passage: Passage) -> bool:
    """Whether a turn comes about without the caller."""
    match passage.happening:
        case Arrived() | Silent() | Rang() | Replied():
            return True
        case CardTaken(outcome=outcome):
            return outcome in BY_THEMSELVES
        case _:
            return False


@dataclass(slots=True)
class Alone:
    """The turns that come about without the caller.

    `loop` is a round of them, if there is one; without any, `seconds` is how long a call goes on
    from each state, by number, and `next` the turn by which it goes on longest.
    """

    loop: tuple[Passage, ...] = ()
    seconds: dict[int, float] = field(default_factory=dict)
    next: dict[int, Passage] = field(default_factory=dict)


def alone(starts: Iterable[Node], clock: Clock) -> Alone:
    """Follow every call in which nobody presses a key, from these states on."""
    found = Alone()
    for node in starts:
        if node.number not in found.seconds:
            found.loop = _follow(node, clock, found)
            if found.loop:
                return found
    return found


def _follow(start: Node, clock: Clock, found: Alone) -> tuple[Passage, ...]:
    """Depth first from one state: a loop, or nothing and the longest way from all it leads to."""
    path: list[Passage] = []
    open_nodes = {start.number}
    stack = [_opened(start)]
    while stack:
        node, onward, left = stack[-1]
        passage = next(left, None)
        if passage is None or passage.to is None:
            stack.pop()
            open_nodes.discard(node.number)
            _settle(node, onward, clock, found)
            if path:
                path.pop()
        elif passage.to.number in open_nodes:
            return _round([*path, passage])
        elif passage.to.number not in found.seconds:
            path.append(passage)
            open_nodes.add(passage.to.number)
            stack.append(_opened(passage.to))
    return ()


def _opened(node: Node) -> tuple[Node, list[Passage], Iterator[Passage]]:
    """A state, the ways on from it, and those of them that are not followed yet."""
    onward = [it for it in node.onward if it.to and unasked(it)]
    return node, onward, iter(onward)


def _round(path: list[Passage]) -> tuple[Passage, ...]:
    """The end of a path that comes back to where a part of it began."""
    end = path[-1].to
    start = next(n for n, passage in enumerate(path) if passage.source is end)
    return tuple(path[start:])


def _settle(node: Node, onward: list[Passage], clock: Clock, found: Alone) -> None:
    longest = 0.0
    for passage in onward:
        seconds = clock.lasts(passage) + found.seconds[passage.to.number if passage.to else 0]
        if seconds >= longest:
            longest, found.next[node.number] = seconds, passage
    found.seconds[node.number] = longest

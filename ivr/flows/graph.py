"""The ways through a book: where each step and question can lead, and what goes round."""

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import TypeVar, assert_never

from ivr.flows.model import (
    AnswerKind,
    Ask,
    Book,
    Choose,
    Do,
    End,
    Flow,
    Go,
    Menu,
    Move,
    Pay,
    Say,
    Step,
    Target,
    ToFlow,
    ToMenu,
    Transfer,
)

Spot = tuple[str, int]
"""A step, by flow and number, or a menu, with -1 for a number."""

Goal = ToMenu | ToFlow

Node = TypeVar("Node", bound=Hashable)


def own_exits(step: Step) -> Iterator[Target]:
    """Where the step itself can lead, leaving aside what its `needs` skips and lost patience."""
    match step:
        case Say() | Choose():
            yield Move.NEXT
        case Ask():
            if step.kind is not AnswerKind.YES_NO:
                yield Move.NEXT
            yield from (branch.go for branch in step.when.values())
        case Do() | Transfer():
            yield from (branch.go for branch in step.when.values())
        case Pay():
            yield Move.NEXT
            yield from (branch.go for branch in step.when.values())
        case Go():
            yield step.target
        case End():
            return
        case _:
            assert_never(step)


def silent_exits(question: Menu | Ask | Choose) -> Iterator[Target]:
    """Where a caller who never answers is led."""
    patience = question.patience
    yield patience.silent.go if patience.silent else patience.give_up.go


def all_exits(step: Step) -> Iterator[Target]:
    """Everywhere a call can go from this step."""
    if step.needs:
        yield Move.NEXT
    yield from own_exits(step)
    if isinstance(step, Ask | Choose):
        yield from asking_exits(step)


def asking_exits(question: Menu | Ask | Choose) -> Iterator[Target]:
    """Where a question leads other than by its answers."""
    patience = question.patience
    yield question.person
    yield patience.give_up.go
    if patience.silent:
        yield patience.silent.go


def menu_exits(menu: Menu) -> Iterator[Target]:
    """Everywhere a call can go from this menu."""
    yield from (option.branch.go for option in menu.options)
    yield from asking_exits(menu)


def can_pass(step: Step) -> bool:
    """Whether a call may go on to the step after this one."""
    return Move.NEXT in all_exits(step)


def spots_after(flow: Flow, number: int, exits: Iterable[Target]) -> Iterator[Spot]:
    """The spots that targets of a step mean; none for back, end and the end of a detour."""
    for target in exits:
        match target:
            case ToFlow(name):
                yield name, 0
            case ToMenu(name):
                yield name, -1
            case Move.NEXT if number + 1 < len(flow.steps):
                yield flow.name, number + 1
            case Move.REPEAT:
                yield flow.name, number
            case _:
                pass


def goals_after(book: Book) -> dict[Goal, set[Goal]]:
    """For each menu and flow the menus and flows it can lead to."""
    ways: dict[Goal, set[Goal]] = {}
    for name, flow in book.flows.items():
        ways[ToFlow(name)] = _goals(it for step in flow.steps for it in all_exits(step))
    for name, menu in book.menus.items():
        ways[ToMenu(name)] = _goals(menu_exits(menu))
    return ways


def _goals(targets: Iterable[Target]) -> set[Goal]:
    return {target for target in set(targets) if not isinstance(target, Move)}


def reached(starts: Iterable[Node], ways: Callable[[Node], Iterable[Node]]) -> set[Node]:
    """Everything that can be come to from `starts`, themselves included."""
    seen = set(starts)
    left = list(seen)
    while left:
        for node in ways(left.pop()):
            if node not in seen:
                seen.add(node)
                left.append(node)
    return seen


def cycles(ways: Mapping[Node, Iterable[Node]]) -> Iterator[list[Node]]:
    """One shortest round of each group of nodes that lead to one another.

    A round begins at the node of its group that comes first in `ways`. Nodes that lead nowhere are
    taken away before anything else, so that a book without cycles costs one look at each node.
    """
    left = _without_ends({node: set(after) & ways.keys() for node, after in ways.items()})
    while left:
        start = next(iter(left))
        ahead = reached(left[start], left.__getitem__)
        group = {node for node in ahead if start in reached([node], left.__getitem__)} | {start}
        if start in ahead:
            yield _round(start, left)
        left = {node: after - group for node, after in left.items() if node not in group}


def _without_ends(ways: dict[Node, set[Node]]) -> dict[Node, set[Node]]:
    before: dict[Node, list[Node]] = {node: [] for node in ways}
    for node, after in ways.items():
        for other in after:
            before[other].append(node)
    ends = [node for node, after in ways.items() if not after]
    while ends:
        end = ends.pop()
        del ways[end]
        for node in before[end]:
            ways[node].discard(end)
            if not ways[node]:
                ends.append(node)
    return ways


def _round(start: Node, ways: Mapping[Node, set[Node]]) -> list[Node]:
    """The shortest way from a node back to itself."""
    came_from: dict[Node, Node] = {}
    left = deque([start])
    while start not in came_from:
        node = left.popleft()
        for other in ways[node]:
            if other not in came_from:
                came_from[other] = node
                left.append(other)
    way = [start]
    while (node := came_from[way[-1]]) != start:
        way.append(node)
    return [start, *reversed(way[1:])]

"""Checks of the ways through a book: places nobody reaches, dead ends, rounds.

What can only be judged with steps that could not be read is left alone.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise

from ivr.document import Place
from ivr.flows import codes
from ivr.flows.graph import (
    Goal,
    Spot,
    all_exits,
    can_pass,
    cycles,
    goals_after,
    own_exits,
    reached,
    silent_exits,
    spots_after,
)
from ivr.flows.model import (
    Ask,
    Book,
    Choose,
    Do,
    Flow,
    Menu,
    Move,
    Pay,
    Step,
    Target,
    ToFlow,
    ToMenu,
    Transfer,
)
from ivr.flows.reading import Reading

LONGEST_WAY = 8
"""How many places of a round a message names."""


def check_ways(reading: Reading, book: Book) -> None:
    """All checks of the ways through the book."""
    ways = goals_after(book)
    starts = set(_starts(book))
    _check_reach(reading, book, ways, starts | set(book.identify.values()))
    _check_dead_ends(reading, book, ways, starts)
    _check_rounds(reading, book)


Ways = dict[Goal, set[Goal]]


def _starts(book: Book) -> Iterator[Goal]:
    """Where calls come in from outside, or are led by what is the same everywhere."""
    targets: list[Target] = [book.person, book.home]
    for line in book.lines.values():
        targets += [line.start, line.lost]
    yield from (target for target in targets if not isinstance(target, Move))


def _check_reach(reading: Reading, book: Book, ways: Ways, starts: set[Goal]) -> None:
    """Every menu, flow and step can be come to.

    Of what hangs together unreached only the first is reported: mending that mends the rest.
    """
    seen = reached(starts, lambda it: ways.get(it, ()))
    lost = {it: ways[it] for it in ways if it not in seen and it.name not in reading.mentioned}
    inner = {other for it, others in lost.items() for other in others if other != it}
    for goal in sorted(lost, key=lambda it: (it in inner, _at(book, it))):
        if goal not in seen:
            seen |= reached([goal], lambda it: ways.get(it, ()))
            kind = "menu" if isinstance(goal, ToMenu) else "flow"
            reading.refuse(codes.unreachable(_at(book, goal), f'{kind} "{goal.name}"'))
    for flow in book.flows.values():
        if flow.name not in reading.doubtful:
            _check_steps(reading, flow)


def _at(book: Book, goal: Goal) -> Place:
    return (book.menus if isinstance(goal, ToMenu) else book.flows)[goal.name].at


def _check_steps(reading: Reading, flow: Flow) -> None:
    for before, step in pairwise(flow.steps):
        if not can_pass(before):
            reading.refuse(codes.unreachable(step.at, "this step: the one before never goes on"))
            return


def _check_dead_ends(reading: Reading, book: Book, ways: Ways, starts: set[Goal]) -> None:
    """Only a flow that is a detour may run past its last step: it returns to what needed it."""
    for goal in reached(starts, lambda it: ways.get(it, ())):
        if isinstance(goal, ToFlow) and goal.name not in reading.doubtful | reading.broken:
            last = book.flows[goal.name].steps[-1]
            if can_pass(last):
                reading.refuse(codes.dead_end(last.at, goal.name))


def _check_rounds(reading: Reading, book: Book) -> None:
    """Nothing goes round by itself, nor for a caller who never answers.

    Steps that go round by themselves do so for a silent caller too, so that a book in which
    silence always comes to an end needs no second look.
    """
    if silent := list(cycles(_unanswered_ways(book))):
        endless = list(cycles(_waitless_ways(book)))
        for found in endless:
            at = _step(book, found[0]).at
            reading.refuse(codes.endless_cycle(at, _shown([*found, found[0]])))
        _check_give_ups(reading, book, [it for it in silent if it not in endless])


def _waitless_ways(book: Book) -> dict[Spot, set[Spot]]:
    return {
        (flow.name, number): set(spots_after(flow, number, _waitless(step)))
        for flow in book.flows.values()
        for number, step in enumerate(flow.steps)
    }


def _step(book: Book, spot: Spot) -> Step:
    name, number = spot
    return book.flows[name].steps[number]


def _waitless(step: Step) -> Iterable[Target]:
    """Where a call may go from a step without waiting for a person there."""
    if isinstance(step, Ask | Choose | Pay | Transfer):
        return [Move.NEXT] if step.needs else []
    return all_exits(step)


def _check_give_ups(reading: Reading, book: Book, rounds: list[list[Spot]]) -> None:
    """A caller who never answers comes to an end, or to a person: never to the same question."""
    for found in rounds:
        asked = [(spot, question) for spot in found if (question := _question(book, spot))]
        if asked:
            way = _shown([spot for spot, _ in (*asked, asked[0])])
            usual = asked[0][1].at, asked[0][1].at
            at, question_at = next(_give_ups(book, found), usual)
            reading.refuse(codes.give_up_loops(at, way, question_at))


def _give_ups(book: Book, found: list[Spot]) -> Iterator[tuple[Place, Place]]:
    """Where each give-up that leads on in a round is written, and where its question.

    A question that is only passed by, for its `needs`, has none.
    """
    for spot, after in zip(found, [*found[1:], found[0]], strict=True):
        if question := _question(book, spot):
            flow = book.flows[spot[0]] if spot[1] >= 0 else Flow(spot[0], ())
            if after in spots_after(flow, spot[1], silent_exits(question)):
                patience = question.patience
                yield (patience.silent or patience.give_up).at, question.at


def _unanswered_ways(book: Book) -> dict[Spot, set[Spot]]:
    ways: dict[Spot, set[Spot]] = {
        (flow.name, number): set(spots_after(flow, number, _unanswered(book, step)))
        for flow in book.flows.values()
        for number, step in enumerate(flow.steps)
    }
    for menu in book.menus.values():
        ways[menu.name, -1] = set(spots_after(Flow(menu.name, ()), -1, silent_exits(menu)))
    return ways


def _unanswered(book: Book, step: Step) -> Iterator[Target]:
    """Where a call goes from a step when the caller does nothing at all."""
    if step.needs:
        yield Move.NEXT
    if isinstance(step, Ask | Choose):
        yield from silent_exits(step)
        return
    yield from own_exits(step)
    if isinstance(step, Do) and step.level in book.identify:
        yield book.identify[step.level]


def _question(book: Book, spot: Spot) -> Menu | Ask | Choose | None:
    if spot[1] < 0:
        return book.menus[spot[0]]
    step = _step(book, spot)
    return step if isinstance(step, Ask | Choose) else None


def _shown(spots: list[Spot]) -> str:
    """Places one after the other, as `menu main, flow pay step 2`."""
    named = [
        f"menu {name}" if number < 0 else f"flow {name} step {number + 1}"
        for name, number in spots[:LONGEST_WAY]
    ]
    return " → ".join([*named, *(["…"] if len(spots) > LONGEST_WAY else [])])

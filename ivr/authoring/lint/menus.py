"""Keys as callers learn them: few choices, the same job on the same key, and 0 for a person."""

import re
from collections import deque
from collections.abc import Iterator

from ivr.authoring.lint import codes
from ivr.document import Problems
from ivr.flows.graph import Spot, own_exits, spots_after
from ivr.flows.model import Book, Flow, Menu, Move, Option, PhoneLine, ToFlow, ToMenu, Transfer

MOST_OPTIONS = 5
PERSON = "0"
_NAMED = re.compile(rf"(?<!\w){PERSON}(?!\w)")
SECOND = 1
ANY_NAME = ""


def check_menus(problems: Problems, book: Book) -> None:
    """All checks of menus as a whole."""
    for menu in book.menus.values():
        spoken = sum(not option.quiet for option in menu.options) + len(menu.also)
        if spoken > MOST_OPTIONS:
            problems.add(codes.too_many_options(menu.at, menu.name, spoken, MOST_OPTIONS))
    _check_person(problems, book)
    _check_keys(problems, book)


# 0 for a person


def _check_person(problems: Problems, book: Book) -> None:
    """On each line callers are told of 0: by its first menu, or when they said nothing twice."""
    missed: dict[str, PhoneLine] = {}
    for line in book.lines.values():
        for menu in _first_menus(book, line):
            if not _announced(book, menu):
                missed.setdefault(menu.name, line)
    for name, line in missed.items():
        menu = book.menus[name]
        problems.add(codes.person_unannounced(menu.at, name, line.number))


def _announced(book: Book, menu: Menu) -> bool:
    silence = menu.patience.silence
    second = silence[min(SECOND, len(silence) - 1)]
    lines = [*menu.greet, *(() if menu.patience.silent else (second,))]
    named = any(key == PERSON for key, _ in menu.also)
    return named or all(
        any(_NAMED.search(book.catalogue.prompt(line.prompt, it).text) for line in lines)
        for it in book.languages
    )


def _first_menus(book: Book, line: PhoneLine) -> Iterator[Menu]:
    """The menus a call to a line may come to before any other, and before a person was rung."""
    start = Flow("", ())
    left = deque(spots_after(start, 0, [line.start]))
    seen = set(left)
    while left:
        name, number = left.popleft()
        if number < 0:
            yield book.menus[name]
            continue
        new = set(_after(book.flows[name], number)) - seen
        seen |= new
        left.extend(sorted(new))


def _after(flow: Flow, number: int) -> Iterator[Spot]:
    step = flow.steps[number]
    if not isinstance(step, Transfer):
        exits = [*own_exits(step), *([Move.NEXT] if step.needs else [])]
        yield from spots_after(flow, number, exits)


# One job, one key

Goal = ToMenu | ToFlow


def _check_keys(problems: Problems, book: Book) -> None:
    """What the home menu offers keeps its key everywhere; so does a job that is called the same."""
    known: dict[tuple[Goal, str], tuple[Menu, Option]] = {}
    for menu in sorted(book.menus.values(), key=lambda it: (not _is_home(book, it), it.name)):
        for option in menu.options:
            goal = option.branch.go
            if isinstance(goal, Move):
                continue
            if usual := known.get((goal, ANY_NAME)) or known.get((goal, option.offer)):
                _compare(problems, menu, option, goal, *usual)
            known.setdefault((goal, option.offer), (menu, option))
            if _is_home(book, menu):
                known.setdefault((goal, ANY_NAME), (menu, option))


def _is_home(book: Book, menu: Menu) -> bool:
    return book.home == ToMenu(menu.name)


def _compare(
    problems: Problems, menu: Menu, option: Option, goal: Goal, usual: Menu, other: Option
) -> None:
    if option.key != other.key and menu != usual:
        where = f"{'menu' if isinstance(goal, ToMenu) else 'flow'} {goal.name}"
        found = codes.job_key_moves(option.at, where, option.key, other.key, usual.name, other.at)
        problems.add(found)

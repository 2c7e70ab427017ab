"""How long a book takes to prove, and how that grows: the shipped book, and one ten times its size.

Each is proven in a process of its own, so that its peak of memory is its own, too.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any

import click

from ivr.authoring.proof import prove
from ivr.document import Place
from ivr.flows import load_book
from ivr.flows.model import Book, Branch, Flow, Menu, Option, Ref, ToFlow, ToMenu
from ivr.flows.services import Service
from ivr.services.table import CHANNEL_PROMPTS, declared

ROOT = Path(__file__).parents[1]
COPIES = 10
IN_A_MENU = 5
SHIPPED, TEN_TIMES = "shipped", "ten times"
MAIN_MENU = "main-menu"
GROWTH_TARGET = float(COPIES)
NAMES = frozenset({"into", "answer"})
"""Fields of a step that name what is remembered."""


@dataclass(frozen=True, slots=True)
class Proving:
    """What one proof took: seconds of a core, and megabytes of its process at most."""

    name: str
    states: int
    turns: int
    seconds: float
    megabytes: float

    @property
    def per_second(self) -> float:
        """States a second."""
        return self.states / self.seconds


def proving_times() -> tuple[Proving, Proving]:
    """The shipped book and the one ten times its size, each in a process of its own.

    Raises RuntimeError where one does not come to an end.
    """
    return _in_a_process(SHIPPED), _in_a_process(TEN_TIMES)


def growth(provings: tuple[Proving, Proving]) -> float:
    """How many times longer the large book takes."""
    shipped, large = provings
    return large.seconds / shipped.seconds


def _in_a_process(name: str) -> Proving:
    command = [sys.executable, "-m", "bench.proof", name]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the {name} book was not proven: {done.stderr.strip()[-500:]}")
    return Proving(**json.loads(done.stdout))


def _proven(name: str) -> Mapping[str, Any]:
    book = load_book(ROOT, declared(), CHANNEL_PROMPTS)
    book = book if name == SHIPPED else many_times(book)
    began = time.process_time()
    proof = prove(book)
    seconds = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # kilobytes on Linux
    return {
        "name": name,
        "states": proof.states,
        "turns": proof.turns,
        "seconds": seconds,
        "megabytes": peak,
    }


# A larger book


def many_times(book: Book) -> Book:
    """The book and nine copies of it, each with names of its own, behind menus that lead to them.

    Where 0 leads and how callers are identified is the same in every copy, as in any one book, and
    so is the home menu: what was one in the shipped book offers the way to it.
    """
    shared = {book.person, *book.identify.values()}
    flows, menus = dict(book.flows), dict(book.menus)
    for number in range(1, COPIES):
        copy = _Copy(f"-{number}", shared)
        flows |= {it.name: it for it in map(copy.of, book.flows.values())}
        menus |= {it.name: it for it in map(copy.of, book.menus.values())}
    homes = [menu for name, menu in menus.items() if name.startswith(_home(book).name)]
    menus |= {it.name: replace(it, also=(*it.also, ("*", MAIN_MENU))) for it in homes}
    menus |= {it.name: it for it in _tree(book)}
    lines = {it.number: replace(it, start=ToMenu("copies")) for it in book.lines.values()}
    return replace(book, flows=flows, menus=menus, lines=lines, home=ToMenu("copies"))


def _tree(book: Book) -> list[Menu]:
    """A first menu, and below it menus of a few copies each."""
    start = next(iter(book.lines.values())).start
    below = []
    for first in range(0, COPIES, IN_A_MENU):
        starts = [_start(start, number) for number in range(first, first + IN_A_MENU)]
        below.append(_menu(book, f"copies-{first}", starts))
    return [_menu(book, "copies", [ToMenu(menu.name) for menu in below]), *below]


def _home(book: Book) -> Menu:
    assert isinstance(book.home, ToMenu)
    return book.menus[book.home.name]


def _start(start: object, number: int) -> ToFlow | ToMenu:
    assert isinstance(start, ToFlow | ToMenu)
    return replace(start, name=f"{start.name}-{number}") if number else start


def _menu(book: Book, name: str, targets: list[ToFlow] | list[ToMenu] | list[Any]) -> Menu:
    home = _home(book)
    offer = home.options[0].offer
    options = [Option(str(key), offer, Branch((), it)) for key, it in enumerate(targets, start=1)]
    return replace(home, name=name, greet=(), again=(), options=tuple(options))


class _Copy:
    """Gives everything that a flow or menu names a name of this copy's own."""

    def __init__(self, mark: str, shared: set[Any]) -> None:
        self.mark, self.shared = mark, shared

    def of(self, thing: Any) -> Any:
        """The same thing under other names."""
        if isinstance(thing, ToFlow | ToMenu | Ref):
            return thing if thing in self.shared else replace(thing, name=thing.name + self.mark)
        if isinstance(thing, tuple):
            return tuple(map(self.of, thing))
        if isinstance(thing, dict):
            return {key: self.of(value) for key, value in thing.items()}
        if isinstance(thing, Service | Place | Enum) or not is_dataclass(thing):
            return thing
        changed = {it.name: self._field(thing, it.name) for it in fields(thing)}
        return replace(thing, **changed)  # type: ignore[type-var]  # an object, never a class

    def _field(self, thing: object, name: str) -> Any:
        value = getattr(thing, name)
        named = name in NAMES or (name == "name" and isinstance(thing, Flow | Menu))
        return value + self.mark if named and value else self.of(value)


if __name__ == "__main__":
    click.echo(json.dumps(_proven(sys.argv[1])))

"""A loaded book with one part replaced, which nobody checks: what breaks is for a proof to find."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from ivr.document import Place
from ivr.flows.model import (
    Ask,
    Book,
    Branch,
    Choose,
    Do,
    Flow,
    Menu,
    Option,
    Pay,
    Step,
    Transfer,
)
from ivr.prompts.prompt import Prompt

Question = Menu | Ask | Choose
Rebuild = Callable[..., Book]
"""Makes the book in which parts of one question are replaced, named as its fields are."""


def steps_of(book: Book) -> Iterator[tuple[str, int, Step]]:
    """Every step with its flow and its place in it, counted from 0."""
    for flow in book.flows.values():
        yield from ((flow.name, number, step) for number, step in enumerate(flow.steps))


def with_flow(book: Book, name: str, steps: Iterable[Step]) -> Book:
    """A flow with other steps, or a new one."""
    at = book.flows[name].at if name in book.flows else Place()
    flow = Flow(name, tuple(steps), at)
    return replace(book, flows={**book.flows, name: flow})


def with_step(book: Book, flow: str, number: int, *steps: Step) -> Book:
    """One step replaced by others, or by none."""
    old = book.flows[flow].steps
    return with_flow(book, flow, (*old[:number], *steps, *old[number + 1 :]))


def with_menu(book: Book, menu: Menu) -> Book:
    """A menu in place of the one of its name."""
    return replace(book, menus={**book.menus, menu.name: menu})


def with_option(book: Book, menu: Menu, old: Option, *new: Option) -> Book:
    """One key of a menu replaced by others, or by none."""
    at = menu.options.index(old)
    return with_menu(
        book, replace(menu, options=(*menu.options[:at], *new, *menu.options[at + 1 :]))
    )


def with_prompt(book: Book, language: str, key: str, prompt: Prompt | None) -> Book:
    """A prompt of one language replaced, or taken away."""
    there = {name: it for name, it in book.catalogue.prompts[language].items() if name != key}
    if prompt:
        there[key] = prompt
    prompts = {**book.catalogue.prompts, language: there}
    return replace(book, catalogue=replace(book.catalogue, prompts=prompts))


def spot(flow: str, number: int, step: Step) -> str:
    """A step as a person names it."""
    return f"flow {flow}, step {number + 1} ({type(step).__name__.lower()})"


def questions(book: Book) -> Iterator[tuple[str, Question, Rebuild]]:
    """Each question with its place, and the way to the book in which parts of it are replaced."""
    for menu in book.menus.values():
        yield f"menu {menu.name}", menu, _menu_changer(book, menu)
    for flow, number, step in steps_of(book):
        if isinstance(step, Ask | Choose):
            yield spot(flow, number, step), step, _step_changer(book, flow, number, step)


def _menu_changer(book: Book, menu: Menu) -> Rebuild:
    return lambda **parts: with_menu(book, replace(menu, **parts))


def _step_changer(book: Book, flow: str, number: int, step: Step) -> Rebuild:
    return lambda **parts: with_step(book, flow, number, replace(step, **parts))


def branching(book: Book) -> Iterator[tuple[str, int, Ask | Do | Pay | Transfer]]:
    """Every step that goes on by outcomes or answers, with its flow and place."""
    for flow, number, step in steps_of(book):
        if isinstance(step, Ask | Do | Pay | Transfer) and step.when:
            yield flow, number, step


def branches(book: Book) -> Iterator[tuple[str, Branch, Callable[[Branch], Book]]]:
    """Each outcome's place and branch, and the way to the book in which it has another one."""
    for flow, number, step in branching(book):
        for outcome, branch in step.when.items():
            changed = _branch_changer(book, flow, number, outcome)
            yield f"{spot(flow, number, step)}, {outcome}", branch, changed


def _branch_changer(book: Book, flow: str, number: int, outcome: str) -> Callable[[Branch], Book]:
    def changed(branch: Branch) -> Book:
        step = book.flows[flow].steps[number]
        when = {**getattr(step, "when", {}), outcome: branch}
        return _step_changer(book, flow, number, step)(when=when)

    return changed

"""The shipped book broken in every way an operator can: what a proof of it must find.

Operators work on a loaded book, so that there are mutants which the loader would refuse as well.
Each is a function from a book to broken ones, with the place of the break.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from typing import Any, TypeVar

from ivr.flows.model import (
    AnswerKind,
    Ask,
    Book,
    Branch,
    Choose,
    Do,
    Go,
    Line,
    Move,
    Pay,
    Ref,
    Say,
    Step,
    Target,
    ToFlow,
)
from ivr.flows.services import Level
from ivr.prompts.prompt import Prompt
from ivr.prompts.values import Kind
from tests.authoring.breaking import (
    branches,
    branching,
    questions,
    spot,
    steps_of,
    with_flow,
    with_menu,
    with_option,
    with_prompt,
    with_step,
)

Broken = Iterator[tuple[str, Book]]
"""Each break's place, and the book that has it."""
Operator = Callable[[Book], Broken]

AStep = TypeVar("AStep", Say, Ask, Do, Pay)

NOBODY_GIVES = Ref("nobody", "gives-this")
MANY_TRIES = 99
FEWER_TRIES = 30
"""Enough to go on past every bound of a proof, and few enough to be looked at one by one."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A broken book: by which operator, and where."""

    operator: str
    place: str
    book: Book

    def __str__(self) -> str:
        return f"{self.operator}: {self.place}"


def mutants(book: Book) -> Iterator[Mutant]:
    """Every way to break a book that an operator knows, in the order of `OPERATORS`."""
    for name, operator in OPERATORS.items():
        yield from (Mutant(name, place, broken) for place, broken in operator(book))


def _each(kind: type[AStep], change: Callable[[AStep], Sequence[Step] | None]) -> Operator:
    """Each step of a kind replaced by others; None leaves it as it is."""

    def operator(book: Book) -> Broken:
        for flow, number, step in steps_of(book):
            if isinstance(step, kind) and (steps := change(step)) is not None:
                yield spot(flow, number, step), with_step(book, flow, number, *steps)

    return operator


# Keys


def key_removed(book: Book) -> Broken:
    for menu in book.menus.values():
        for option in menu.options:
            yield f"menu {menu.name}, key {option.key}", with_option(book, menu, option)


def key_leads_elsewhere(book: Book) -> Broken:
    for menu in book.menus.values():
        for option in menu.options:
            for word, target in _elsewhere(book).items():
                led = replace(option, branch=replace(option.branch, go=target))
                if led != option:
                    place = f"menu {menu.name}, key {option.key} to {word}"
                    yield place, with_option(book, menu, option, led)


def _elsewhere(book: Book) -> dict[str, Target]:
    return {"home": book.home, "the end": Move.END}


# Questions


def person_leads_elsewhere(book: Book) -> Broken:
    """0 at one question, and 0 everywhere."""
    for word, target in {**_elsewhere(book), "itself": Move.REPEAT}.items():
        yield f"everywhere to {word}", _person_everywhere(book, target)
        for place, _, changed in questions(book):
            yield f"{place} to {word}", changed(person=target)


def _person_everywhere(book: Book, target: Target) -> Book:
    led = replace(book, person=target)
    for menu in book.menus.values():
        if menu.person == book.person:
            led = with_menu(led, replace(menu, person=target))
    for flow, number, step in steps_of(book):
        if isinstance(step, Ask | Choose) and step.person == book.person:
            led = with_step(led, flow, number, replace(step, person=target))
    return led


def _patience(*changes: Mapping[str, Any]) -> Operator:
    def operator(book: Book) -> Broken:
        for place, question, changed in questions(book):
            for parts in changes:
                patience = replace(question.patience, **parts)
                yield f"{place}, {' and '.join(parts)}", changed(patience=patience)

    return operator


ROUND = Branch((), Move.REPEAT)
UNHEARD = (Line("heard-nothing", needs=NOBODY_GIVES),)


# Outcomes: of services, cards, transfers and yes/no questions


def outcome_to_itself(book: Book) -> Broken:
    for flow, number, step in branching(book):
        target, split = _reachable(book, flow, number)
        for outcome, branch in step.when.items():
            when = {**step.when, outcome: replace(branch, go=target)}
            looped = with_step(split, target.name, 0, replace(step, when=when))
            yield f"{spot(flow, number, step)}, {outcome}", looped


def _reachable(book: Book, flow: str, number: int) -> tuple[ToFlow, Book]:
    """A target that is this very step: from there on the flow becomes one of its own."""
    if not number:
        return ToFlow(flow), book
    own, steps = ToFlow(f"{flow}-from-{number + 1}"), book.flows[flow].steps
    split = with_flow(book, own.name, steps[number:])
    return own, with_flow(split, flow, (*steps[:number], Go(own)))


def outcomes_swapped(book: Book) -> Broken:
    for flow, number, step in branching(book):
        for one, other in pairwise(step.when):
            when = {**step.when, one: step.when[other], other: step.when[one]}
            place = f"{spot(flow, number, step)}, {one} and {other}"
            yield place, with_step(book, flow, number, replace(step, when=when))


def outcome_to_end(book: Book) -> Broken:
    for place, branch, changed in branches(book):
        if branch.go is not Move.END:
            yield place, changed(replace(branch, go=Move.END))


# Money


def _skipped(ask: Ask) -> Sequence[Step] | None:
    if ask.kind is not AnswerKind.YES_NO:
        return None
    yes = ask.when["yes"].go
    return () if yes is Move.NEXT else (Go(yes),)


def _heard_too_late(ask: Ask) -> Sequence[Step] | None:
    """The amount is said where a key counts already."""
    return (replace(ask, first=None, prompt=ask.first),) if ask.first else None


def confirm_of_another_amount(book: Book) -> Broken:
    for flow, number, step in steps_of(book):
        if isinstance(step, Ask) and step.first:
            for name, old in step.first.binds:
                for other in (it for it in _amounts(book) if it != old):
                    asked = replace(step, first=replace(step.first, binds=((name, other),)))
                    place = f"{spot(flow, number, step)}, {other}"
                    yield place, with_step(book, flow, number, asked)


def _amounts(book: Book) -> list[Ref]:
    """All amounts of money that are known by the time something is paid."""
    asked = [
        Ref(step.answer)
        for _, _, step in steps_of(book)
        if isinstance(step, Ask) and step.kind is AnswerKind.MONEY
    ]
    replied = [
        Ref(step.into, name)
        for _, _, step in steps_of(book)
        if isinstance(step, Do) and step.into in {"owed", "payment", "bill"}
        for given in step.service.outcomes.values()
        for name, field in given.items()
        if field.kind is Kind.MONEY
    ]
    return list(dict.fromkeys([*asked, *replied]))


def other_amount_charged(book: Book) -> Broken:
    for flow, number, step in steps_of(book):
        if isinstance(step, Do) and step.service.agreed:
            name = step.service.agreed[0]
            for other in (it for it in _amounts(book) if (name, it) not in step.arguments):
                asked = replace(step, arguments=((name, other),))
                place = f"{spot(flow, number, step)}, {other}"
                yield place, with_step(book, flow, number, asked)


def other_amount_on_card(book: Book) -> Broken:
    for flow, number, step in steps_of(book):
        if isinstance(step, Pay):
            for other in (it for it in _amounts(book) if it != step.amount):
                paid = with_step(book, flow, number, replace(step, amount=other))
                yield f"{spot(flow, number, step)}, {other}", paid


# Words


def prompt_emptied(book: Book) -> Broken:
    for language, prompts in book.catalogue.prompts.items():
        for key, prompt in prompts.items():
            empty = Prompt(key, "", (), prompt.at, (key,))
            yield f"{key} in {language}", with_prompt(book, language, key, empty)


def prompt_removed(book: Book) -> Broken:
    for language, prompts in book.catalogue.prompts.items():
        for key in prompts:
            yield f"{key} in {language}", with_prompt(book, language, key, None)


# Who is calling


def _level_lowered(step: Do) -> Sequence[Step] | None:
    return (replace(step, level=Level.UNKNOWN),) if step.level else None


def _service_lowered(step: Do) -> Sequence[Step] | None:
    service = replace(step.service, level=Level.UNKNOWN)
    return (replace(step, level=Level.UNKNOWN, service=service),) if step.level else None


def _asked_before(step: Do) -> Sequence[Step] | None:
    """Once for whoever calls, whatever comes of it, and then as it should be."""
    on = {outcome: Branch((), Move.NEXT) for outcome in step.when}
    return (replace(step, level=Level.UNKNOWN, when=on), step) if step.level else None


def identified_by_nothing(book: Book) -> Broken:
    """The flow that identifies returns at once, or its services raise nobody."""
    for level, target in book.identify.items():
        nothing = with_flow(book, "identifies-nobody", [Say(Line("nothing-found"))])
        identify = {**book.identify, level: ToFlow("identifies-nobody")}
        yield f"{target.name} returns at once", replace(nothing, identify=identify)
    yield from _each(Do, _without_grants)(book)


def _without_grants(step: Do) -> Sequence[Step] | None:
    poor = replace(step, service=replace(step.service, grants={}))
    return (poor,) if step.service.grants else None


@dataclass(frozen=True, slots=True)
class Told(Ask):
    """A question that does not know that its answer is a secret."""

    @property
    def secret(self) -> bool:
        return False


def _as_digits(ask: Ask) -> Sequence[Step] | None:
    return (replace(ask, kind=AnswerKind.DIGITS),) if ask.secret else None


def pin_not_held_back(book: Book) -> Broken:
    """The question keeps what is typed, and the service takes it as any other value."""
    for flow, number, step in steps_of(book):
        if isinstance(step, Ask) and step.secret:
            told = Told(**{it.name: getattr(step, it.name) for it in fields(step)})
            check = book.flows[flow].steps[number + 1]
            if isinstance(check, Do):
                service = replace(check.service, secrets=frozenset())
                kept = with_step(book, flow, number, told)
                plain = with_step(kept, flow, number + 1, replace(check, service=service))
                yield spot(flow, number, step), plain


# What hangs on what


def _needs(needs: Ref | None) -> Operator:
    def operator(book: Book) -> Broken:
        for flow, number, step in steps_of(book):
            if step.needs:
                changed = with_step(book, flow, number, replace(step, needs=needs))
                yield spot(flow, number, step), changed
        for menu in book.menus.values():
            for option in menu.options:
                if option.needs:
                    changed = with_option(book, menu, option, replace(option, needs=needs))
                    yield f"menu {menu.name}, key {option.key}", changed

    return operator


def finishes_removed(book: Book) -> Broken:
    for flow, number, step in steps_of(book):
        if step.finishes:
            place = f"{spot(flow, number, step)}, {step.finishes}"
            yield place, with_step(book, flow, number, replace(step, finishes=None))
    for place, branch, changed in branches(book):
        if branch.finishes:
            yield place, changed(replace(branch, finishes=None))


def step_unreachable(book: Book) -> Broken:
    for flow, number, step in steps_of(book):
        yield spot(flow, number, step), with_step(book, flow, number, Go(book.home), step)


def steps_swapped(book: Book) -> Broken:
    for name, flow in book.flows.items():
        for number, (one, other) in enumerate(pairwise(flow.steps)):
            swapped = (*flow.steps[:number], other, one, *flow.steps[number + 2 :])
            place = f"flow {name}, steps {number + 1} and {number + 2}"
            yield place, with_flow(book, name, swapped)


def lost_leads_elsewhere(book: Book) -> Broken:
    """Where a call is led whose place the line has lost."""
    for number, line in book.lines.items():
        for word, target in _elsewhere(book).items():
            lines = {**book.lines, number: replace(line, lost=target)}
            yield f"line {number} to {word}", replace(book, lines=lines)


OPERATORS: Mapping[str, Operator] = {
    "key removed": key_removed,
    "key leads elsewhere": key_leads_elsewhere,
    "0 leads elsewhere": person_leads_elsewhere,
    "lost leads elsewhere": lost_leads_elsewhere,
    "outcome leads to its own step": outcome_to_itself,
    "outcomes swapped": outcomes_swapped,
    "outcome leads to the end": outcome_to_end,
    "confirm skipped": _each(Ask, _skipped),
    "confirm heard too late": _each(Ask, _heard_too_late),
    "confirm of another amount": confirm_of_another_amount,
    "other amount charged": other_amount_charged,
    "other amount on card": other_amount_on_card,
    "prompt emptied": prompt_emptied,
    "prompt removed": prompt_removed,
    "say removed": _each(Say, lambda step: ()),
    "step's level lowered": _each(Do, _level_lowered),
    "service's level lowered": _each(Do, _service_lowered),
    "asked before identified": _each(Do, _asked_before),
    "identified by nothing": identified_by_nothing,
    "PIN asked as digits": _each(Ask, _as_digits),
    "PIN not held back": pin_not_held_back,
    "give-up asks again": _patience({"give_up": ROUND}),
    "silence asks again": _patience({"silent": ROUND}),
    "failure helps not": _patience({"silence": UNHEARD}, {"mismatch": UNHEARD}),
    "tries raised": _patience(
        {"tries": MANY_TRIES}, {"tries": FEWER_TRIES, "call_tries": FEWER_TRIES}
    ),
    "needs dropped": _needs(None),
    "needs what nobody gives": _needs(NOBODY_GIVES),
    "finishes removed": finishes_removed,
    "step unreachable": step_unreachable,
    "steps swapped": steps_swapped,
}

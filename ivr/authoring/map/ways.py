"""Where a step, a menu or a question leads, with what makes it lead there."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from ivr.authoring.map.picture import Stroke
from ivr.authoring.map.words import Words
from ivr.flows.model import (
    AnswerKind,
    Ask,
    Book,
    Branch,
    Choose,
    Do,
    End,
    Go,
    Menu,
    Move,
    Pay,
    Say,
    Step,
    Target,
    Transfer,
)

UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Way:
    """A target, and the key or outcome that leads to it; no label where nothing is decided."""

    label: str
    target: Target
    stroke: Stroke = Stroke.OUTCOME


def usual_give_up(book: Book) -> Branch | None:
    """Where most questions lead a caller who cannot answer; None where the book asks nothing."""
    ends = Counter(question.patience.give_up for question in _questions(book))
    return ends.most_common(1)[0][0] if ends else None


def _questions(book: Book) -> Iterator[Menu | Ask | Choose]:
    yield from book.menus.values()
    for flow in book.flows.values():
        yield from (step for step in flow.steps if isinstance(step, Ask | Choose))


class Ways:
    """Reads the ways off a book's steps and menus, leaving aside what is the same everywhere."""

    def __init__(self, book: Book, words: Words) -> None:
        self._book = book
        self._words = words
        self._give_up = usual_give_up(book)

    def of_step(self, step: Step) -> Iterator[Way]:
        """Every way of a step but those that hold for the whole book."""
        if step.needs:
            yield Way("", Move.NEXT)
        match step:
            case Say():
                yield Way("", Move.NEXT)
            case Ask() | Choose():
                yield from self._of_question(step)
            case Do() | Transfer():
                yield from self._of_branches(step)
            case Pay():
                yield Way("given", Move.NEXT)
                yield from self._of_branches(step)
            case Go():
                yield Way("", step.target)
            case End():
                return
            case _:
                assert_never(step)

    def of_part(self, steps: Sequence[Step]) -> Iterator[Way]:
        """The ways out of steps that share a box; `next` is then the step after the last.

        What leads on inside the box labels the way by which the box is left at last.
        """
        passed = ""
        for step in steps[:-1]:
            ways = list(self.of_step(step))
            on = ", ".join(way.label for way in ways if way.target is Move.NEXT and way.label)
            yield from (way for way in ways if way.target is not Move.NEXT)
            passed = passed if isinstance(step, Say | Go) else on
        for way in self.of_step(steps[-1]):
            yield replace(way, label=way.label or passed)

    def of_menu(self, menu: Menu) -> Iterator[Way]:
        """Its keys, and what it does about silence where that is its own."""
        for option in menu.options:
            yield Way(self._words.option(option), option.branch.go, Stroke.KEY)
        yield from self._of_patience(menu)

    def _of_question(self, step: Ask | Choose) -> Iterator[Way]:
        if isinstance(step, Choose) or step.kind is not AnswerKind.YES_NO:
            yield Way("", Move.NEXT)
        if isinstance(step, Ask):
            yield from (Way(name, branch.go, Stroke.KEY) for name, branch in step.when.items())
        yield from self._of_patience(step)

    def _of_branches(self, step: Do | Transfer | Pay) -> Iterator[Way]:
        """The outcomes. One that has no rival but the usual failure needs no label."""
        ways = [Way(name, it.go) for name, it in step.when.items() if not self._fails(name, it)]
        if len({way.target for way in ways}) == 1 and not isinstance(step, Pay):
            ways = [Way("", ways[0].target)]
        yield from ways

    def _fails(self, outcome: str, branch: Branch) -> bool:
        return outcome == UNAVAILABLE and branch.go == self._book.person

    def _of_patience(self, question: Menu | Ask | Choose) -> Iterator[Way]:
        patience = question.patience
        if question.person != self._book.person:
            yield Way("0", question.person, Stroke.KEY)
        if patience.silent:
            yield Way("silence", patience.silent.go, Stroke.SILENCE)
        elif patience.give_up != self._give_up:
            yield Way("no answer", patience.give_up.go, Stroke.SILENCE)

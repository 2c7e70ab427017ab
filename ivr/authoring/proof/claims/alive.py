"""Nothing in the book is dead: some call reaches every step, key, outcome and prompt."""

from collections.abc import Iterable, Iterator

from ivr.authoring.proof.breach import Breach
from ivr.authoring.proof.evidence import Evidence
from ivr.authoring.proof.happenings import step_at
from ivr.authoring.proof.space import Passage
from ivr.dialog.call import Spot
from ivr.dialog.events import Answered, CardTaken, Replied
from ivr.dialog.memory import Memory
from ivr.document import Place
from ivr.flows.model import (
    AnswerKind,
    Ask,
    Book,
    Choose,
    Do,
    Line,
    Menu,
    Pay,
    Step,
    Transfer,
)

Seen = set[tuple[object, ...]]


def all_alive(evidence: Evidence) -> Iterator[Breach]:
    """What no call reaches, named with its place."""
    seen = reached(evidence.book, evidence.space.passages)
    for place, name, key in _parts(evidence.book):
        if key not in seen:
            yield Breach(f"{place}: no call ever reaches {name}")


def reached(book: Book, passages: Iterable[Passage]) -> Seen:
    """What is reached by some turns."""
    seen: Seen = set()
    for passage in passages:
        turn = passage.turn
        if turn is None:
            continue
        seen.update(("step", spot) for spot in turn.ran)
        seen.update(("prompt", said.prompt) for said in (*turn.before, *turn.within))
        if turn.call.spot and turn.call.spot.is_menu:
            seen.add(("step", turn.call.spot))
        if answer := _answer(book, passage):
            seen.add(answer)
    return seen


def _answer(book: Book, passage: Passage) -> tuple[object, ...] | None:
    """The key, outcome or answer by which a call goes on."""
    spot = passage.call.spot
    match passage.happening:
        case Replied(outcome=outcome) | CardTaken(outcome=outcome):
            return ("outcome", spot, outcome)
        case Answered(text=text) if spot and _fits(book, passage, text.reveal()):
            return ("key", spot, text.reveal())
        case _:
            return None


def _fits(book: Book, passage: Passage, key: str) -> bool:
    """Whether a key was among the answers, and offered to this caller."""
    question, known = step_at(book, passage.call.spot), Memory(passage.call.memory)
    if not isinstance(question, Menu):
        return True
    return any(option.key == key and known.holds(option.needs) for option in question.options)


def _parts(book: Book) -> Iterator[tuple[Place, str, tuple[object, ...]]]:
    for flow in book.flows.values():
        for number, step in enumerate(flow.steps):
            spot = Spot(flow.name, number)
            yield step.at, f"step {number + 1} of flow {flow.name}", ("step", spot)
            yield from _ways_on(spot, step)
    for menu in book.menus.values():
        spot = Spot(menu.name, -1)
        yield menu.at, f"menu {menu.name}", ("step", spot)
        for option in menu.options:
            yield option.at, f"key {option.key} of menu {menu.name}", ("key", spot, option.key)
            if not option.quiet:
                yield option.at, f"prompt {option.offer}", ("prompt", option.offer)
    for line in _lines(book):
        yield line.at, f"prompt {line.prompt}", ("prompt", line.prompt)


def _ways_on(spot: Spot, step: Step) -> Iterator[tuple[Place, str, tuple[object, ...]]]:
    where = f"flow {spot.name}, step {spot.step + 1}"
    match step:
        case Do() | Pay() | Transfer():
            for outcome, branch in step.when.items():
                yield branch.at, f"outcome {outcome} in {where}", ("outcome", spot, outcome)
        case Ask(kind=AnswerKind.YES_NO):
            for key, word in (("1", "yes"), ("2", "no")):
                yield step.when[word].at, f"{word} in {where}", ("key", spot, key)
        case _:
            return


def _lines(book: Book) -> Iterator[Line]:
    """Every line a book writes, wherever it is said."""
    if book.announce:
        yield book.announce
    for flow in book.flows.values():
        for step in flow.steps:
            yield from _lines_of(step)
    for menu in book.menus.values():
        yield from (*menu.greet, *menu.again)
        for option in menu.options:
            yield from option.branch.says
        yield from _helps(menu)


def _lines_of(step: Step) -> Iterator[Line]:
    yield from (
        line
        for name in ("line", "prompt", "first", "ringing")
        if isinstance(line := getattr(step, name, None), Line)
    )
    for branch in getattr(step, "when", {}).values():
        yield from branch.says
    if isinstance(step, Ask | Choose):
        yield from _helps(step)


def _helps(question: Menu | Ask | Choose) -> Iterator[Line]:
    patience = question.patience
    # The last help is only heard where there are more tries than helps.
    most = patience.tries - 1
    yield from (*patience.silence[:most], *patience.mismatch[:most], *patience.give_up.says)
    if patience.silent:
        yield from patience.silent.says

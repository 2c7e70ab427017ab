"""Which remembered facts a call may still read, place by place.

A fact that nothing reads any more cannot change a call, so two calls that differ only in such
facts are one state of the proof. The analysis goes backwards over the book: what a step reads, and
what is read wherever it can lead, less what it learns anew. `*` leads to an earlier question; what
those read is added by whoever knows the call's way back.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ivr.dialog.call import Call, Spot
from ivr.flows.graph import asking_exits, own_exits
from ivr.flows.model import (
    AnswerKind,
    Ask,
    Book,
    Branch,
    Choose,
    Do,
    Line,
    Menu,
    Move,
    Patience,
    Pay,
    Ref,
    Source,
    Step,
    Target,
    ToFlow,
    ToMenu,
    Transfer,
)
from ivr.flows.model import Say as SayStep

Refs = frozenset[Ref]
NOTHING: Refs = frozenset()


@dataclass(frozen=True, slots=True)
class Ahead:
    """What a call may still read, and the same as `fields` by name. `where` tells the places from
    one another at which calls are and may go back to."""

    refs: Refs
    fields: Mapping[str, frozenset[str]]
    where: int


class Reads:
    """What is read at each place of a book, and from there on."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self.places: dict[tuple[object, ...], int] = {}
        self._home = next(self._spots(None, book.home))
        self.ahead: dict[Spot, Refs] = dict.fromkeys(_places(book), NOTHING)
        self._settle()
        self.here = {spot: _asked(self._at(spot)) for spot in self.ahead}
        self._of_calls: dict[tuple[object, ...], Ahead] = {}
        lost = (self._along(None, line.lost) for line in book.lines.values())
        self.lost = NOTHING.union(*lost)

    def of(self, call: Call) -> Refs:
        """What is read from where a call is, from all it may go back to, and where it is lost."""
        return self.ahead_of(call).refs

    def ahead_of(self, call: Call) -> Ahead:
        """The same, by name as well: worked out once for each place."""
        place = (call.spot, call.stack, call.open, call.trail)
        found = self._of_calls.get(place)
        if found is None:
            refs = self.lost.union(*(self.ahead[spot] for spot in _spots(call)))
            where = self.places.setdefault(place, len(self.places))
            found = self._of_calls[place] = Ahead(refs, _by_name(refs), where)
        return found

    def after(self, spot: Spot, branch: Branch) -> Refs:
        """What is read once the step at `spot` follows a branch."""
        return _of_branch(branch) | self._along(spot, branch.go)

    def _settle(self) -> None:
        """Go over all places until nothing is added; from the last to the first it is quick."""
        order, changed = list(reversed(self.ahead)), True
        while changed:
            changed = False
            for spot in order:
                found = self._read_from(spot)
                if found != self.ahead[spot]:
                    self.ahead[spot], changed = found, True

    def _at(self, spot: Spot) -> Menu | Step:
        return self._book.menus[spot.name] if spot.is_menu else self._step(spot)

    def _step(self, spot: Spot) -> Step:
        return self._book.flows[spot.name].steps[spot.step]

    def _read_from(self, spot: Spot) -> Refs:
        if spot.is_menu:
            menu = self._book.menus[spot.name]
            branches = (self.after(spot, option.branch) for option in menu.options)
            return _asked(menu).union(self._asking(spot, menu), *branches)
        step = self._step(spot)
        read = self._of_step(spot, step)
        return read | {step.needs} | self._along(spot, Move.NEXT) if step.needs else read

    def _of_step(self, spot: Spot, step: Step) -> Refs:
        match step:
            case SayStep():
                return _of_lines([step.line]) | self._along(spot, Move.NEXT)
            case Ask():
                return _asked(step) | self._asking(spot, step) | self._answered(spot, step)
            case Choose():
                told = {it for it in self._along(spot, Move.NEXT) if it.name != step.answer}
                return _asked(step) | self._asking(spot, step) | told
            case Do():
                return self._of_do(spot, step)
            case Pay():
                led = self._along(spot, Move.NEXT).union(*self._branches(spot, step.when))
                return led | {step.amount} if step.amount else led
            case Transfer():
                return _of_lines([step.ringing]).union(*self._branches(spot, step.when))
            case _:
                return NOTHING.union(*(self._along(spot, it) for it in own_exits(step)))

    def _branches(self, spot: Spot, when: Mapping[str, Branch]) -> Iterator[Refs]:
        return (self.after(spot, branch) for branch in when.values())

    def _answered(self, spot: Spot, ask: Ask) -> Refs:
        if ask.kind is AnswerKind.YES_NO:
            return NOTHING.union(*self._branches(spot, ask.when))
        told = self._along(spot, Move.NEXT)
        stopped = NOTHING.union(*self._branches(spot, ask.when))
        return stopped | {it for it in told if it.name != ask.answer}

    def _of_do(self, spot: Spot, step: Do) -> Refs:
        secrets = step.service.secrets
        given = _sources(source for name, source in step.arguments if name not in secrets)
        told = NOTHING.union(*self._branches(spot, step.when))
        if step.into:
            told = frozenset(it for it in told if it.name != step.into)
        detours = self._book.identify.values() if step.level else ()
        return (given | told).union(*(self._along(spot, target) for target in detours))

    def _asking(self, spot: Spot, question: Menu | Ask | Choose) -> Refs:
        """What a question may lead to other than by its answers; `*` may lead home."""
        exits = (self._along(spot, target) for target in asking_exits(question))
        return self.ahead[self._home].union(*exits)

    def _along(self, spot: Spot | None, target: Target) -> Refs:
        return NOTHING.union(*(self.ahead[it] for it in self._spots(spot, target)))

    def _spots(self, spot: Spot | None, target: Target) -> Iterator[Spot]:
        """Where a target leads; the end of a detour and an earlier question are the call's own."""
        match target:
            case ToFlow():
                yield Spot(target.name, 0)
            case ToMenu():
                yield Spot(target.name, -1)
            case Move.NEXT if spot and spot.step + 1 < len(self._book.flows[spot.name].steps):
                yield Spot(spot.name, spot.step + 1)
            case Move.REPEAT if spot:
                yield spot
            case Move.BACK:
                yield self._home
            case _:
                return


def _by_name(refs: Refs) -> Mapping[str, frozenset[str]]:
    names = {ref.name for ref in refs}
    return {name: frozenset(ref.field for ref in refs if ref.name == name) for name in names}


def _spots(call: Call) -> Iterator[Spot]:
    """Where a call is and where it may go back to."""
    if call.spot:
        yield call.spot
    yield from (detour.spot for detour in call.stack)
    for stop in (*call.trail, *((call.open,) if call.open else ())):
        yield stop.spot
        yield from (detour.spot for detour in stop.stack)


def _places(book: Book) -> Iterator[Spot]:
    for flow in book.flows.values():
        yield from (Spot(flow.name, number) for number in range(len(flow.steps)))
    yield from (Spot(name, -1) for name in book.menus)


def _asked(place: Menu | Step) -> Refs:
    """What the words and keys of a question read, however often it is asked."""
    match place:
        case Menu():
            options = place.options
            binds = _sources(source for option in options for _, source in option.binds)
            needs = {option.needs for option in options if option.needs}
            return binds | needs | _of_lines([*place.greet, *place.again, *_helps(place.patience)])
        case Ask():
            asked = [line for line in (place.prompt, place.first) if line]
            bounds = {it for it in (place.limits.least, place.limits.most) if isinstance(it, Ref)}
            return _of_lines([*asked, *_helps(place.patience)]) | bounds
        case Choose():
            return _of_lines([place.prompt, *_helps(place.patience)]) | {place.source}
        case _:
            return NOTHING


def _helps(patience: Patience) -> list[Line]:
    silent = patience.silent.says if patience.silent else ()
    return [*patience.silence, *patience.mismatch, *patience.give_up.says, *silent]


def _of_branch(branch: Branch) -> Refs:
    return _of_lines(branch.says)


def _of_lines(lines: Iterable[Line]) -> Refs:
    lines = tuple(lines)
    needs = frozenset(line.needs for line in lines if line.needs)
    return needs | _sources(source for line in lines for _, source in line.binds)


def _sources(sources: Iterable[Source]) -> Refs:
    return frozenset(source for source in sources if isinstance(source, Ref))

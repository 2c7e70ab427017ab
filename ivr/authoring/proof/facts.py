"""One value for all the values a field of a reply may have, and yes or no left open until asked.

The engine looks at values in few ways: whether one is there, whether a yes/no is yes, how many
things a list holds, and whether a typed amount lies between two others. Everything else it hands
on to be spoken. So one value of each field stands for all of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zlib import crc32

from ivr.flows.model import Ask, Book, Do, Ref
from ivr.flows.services import Field, Level
from ivr.prompts.values import (
    Choice,
    Choices,
    Count,
    Date,
    Digits,
    Hours,
    Key,
    Kind,
    Moment,
    Money,
    Opening,
    Phone,
    Reference,
    Text,
    Value,
    Words,
    YesNo,
)

MOST_LISTED = 6
"""A list is as long as keys reach: every shorter one offers fewer of the same keys."""
LEAST, BETWEEN, MOST = 1_00, 10_000_00, 90_000_00
"""Cents for a field that bounds a typed amount from below, one from below and one from above, and
one from above."""
LISTED = 4212
"""What things in a list end in."""
USUAL, SPREAD = 50_00, 40_00
"""Cents for every other field, and how far the amounts of one sort lie apart at most."""


class Asked(Exception):
    """The engine wants to know a yes/no fact that is still open: `name.field`."""

    def __init__(self, name: str, field: str) -> None:
        super().__init__(name, field)
        self.name, self.field = name, field


@dataclass(frozen=True, slots=True, eq=False)
class Undecided(YesNo):
    """A yes or a no that nobody has asked for yet; to look at it raises `Asked`.

    Where it is yes its `rivals` are no; where it is no the facts it `tells` of are not there.
    """

    name: str = ""
    field: str = ""
    rivals: frozenset[str] = frozenset()
    tells: frozenset[str] = frozenset()

    def __eq__(self, other: object) -> bool:
        raise Asked(self.name, self.field)

    __hash__ = object.__hash__


class Facts:
    """The values that stand for what services reply in a book. Each is one object, made once."""

    def __init__(self, book: Book) -> None:
        self._least, self._most = _bounds(book)
        self._prompts = book.catalogue.prompts[book.languages[0]]
        self._outcomes = _outcomes(book)
        self._values: dict[tuple[str, str, Field], Value] = {}
        self._open: dict[tuple[str, str], Undecided] = {}
        self._answers: dict[str, Value] = {}
        self._levels: dict[int, Level] = {}

    def like(self, other: "Facts") -> bool:
        """Whether the facts of another book have the very same values."""
        bounds = self._least == other._least and self._most == other._most
        same_words = self._prompts is other._prompts
        return bounds and same_words and _told(self._outcomes) == _told(other._outcomes)

    def value(self, into: str, name: str, field: Field) -> Value:
        """The value of field `name` of the reply kept as `into`."""
        key = (into, name, field)
        if key not in self._values:
            made = self._made(into, name, field)
            self._values[key] = made
            self._levels |= dict.fromkeys(map(id, _parts(made)), field.level)
        return self._values[key]

    def undecided(self, into: str, name: str) -> Undecided:
        """The yes/no `into.name`, not decided."""
        key = (into, name)
        if key not in self._open:
            rivals = self._bound(
                into, name, lambda one, it: bool(one.apart) and one.apart == it.apart
            )
            tells = self._bound(into, name, lambda _, it: it.there == name)
            self._open[key] = Undecided(False, into, name, rivals, tells)
        return self._open[key]

    def answer(self, name: str, value: Value) -> Value:
        """The answer that stands for every answer to one question: the first that was given."""
        return self._answers.setdefault(name, value)

    def _bound(self, into: str, name: str, binds: Callable[[Field, Field], bool]) -> frozenset[str]:
        """The facts that a yes/no binds in every reply that holds both."""
        told = [fields for fields in self._outcomes.get(into, ()) if name in fields]
        others = {other for fields in told for other in fields if other != name}
        return frozenset(
            other
            for other in others
            if all(binds(fields[name], fields[other]) for fields in told if other in fields)
        )

    def level(self, value: Value) -> Level:
        """The least level at which a value may be spoken; unknown for what the caller gave."""
        return self._levels.get(id(value), Level.UNKNOWN)

    def _made(self, into: str, name: str, field: Field) -> Value:
        if field.kind is Kind.YES_NO:
            return self.undecided(into, name)
        if field.kind is Kind.MONEY:
            return Money(self._cents(Ref(into, name)))
        if field.kind is Kind.WORDS:
            return Words(field.prompts)
        if field.kind is Kind.CHOICES:
            return self._choices(field.prompts)
        return _VALUES[field.kind](len(self._values) + 1)

    def _choices(self, prompts: tuple[str, ...]) -> Choices:
        named = {it: self._named(it) for it in prompts}
        offered = enumerate((prompts * MOST_LISTED)[:MOST_LISTED], start=1)
        return Choices(tuple(Choice(str(number), it, named[it]) for number, it in offered))

    def _named(self, prompt: str) -> tuple[tuple[str, Value], ...]:
        """What fills the placeholders of a prompt that names one thing of a list."""
        words = self._prompts.get(prompt)
        known = [it for it in words.placeholders if it[1] in _VALUES] if words else []
        return tuple((name, _VALUES[kind](LISTED)) for name, kind in known)

    def _cents(self, ref: Ref) -> int:
        """An amount that is the same in every exploration, and hardly that of a field of another
        name; words that say it are so timed once."""
        number = crc32(ref.field.encode()) % SPREAD
        if ref in self._least and ref in self._most:
            return BETWEEN + number
        if ref in self._least:
            return LEAST + number % LEAST
        return MOST + number if ref in self._most else USUAL + number


def _parts(value: Value) -> list[Value]:
    """A value and, of a list, what names its things."""
    items = value.items if isinstance(value, Choices) else ()
    return [value, *(named for choice in items for _, named in choice.values)]


def _outcomes(book: Book) -> dict[str, list[Mapping[str, Field]]]:
    """The fields of every reply that the book keeps, by what it keeps it as."""
    found: dict[str, list[Mapping[str, Field]]] = {}
    for flow in book.flows.values():
        for step in flow.steps:
            if isinstance(step, Do) and step.into:
                found.setdefault(step.into, []).extend(step.service.outcomes.values())
    return found


def _told(outcomes: dict[str, list[Mapping[str, Field]]]) -> dict[str, set[int]]:
    """Which replies are kept as what, however often."""
    return {into: set(map(id, replies)) for into, replies in outcomes.items()}


def _bounds(book: Book) -> tuple[set[Ref], set[Ref]]:
    asks = [step for flow in book.flows.values() for step in flow.steps if isinstance(step, Ask)]
    least = {ask.limits.least for ask in asks if isinstance(ask.limits.least, Ref)}
    return least, {ask.limits.most for ask in asks if isinstance(ask.limits.most, Ref)}


_VALUES: Mapping[Kind, Callable[[int], Value]] = {
    Kind.DATE: lambda number: Date(date(2026, 12, 5)),
    Kind.MOMENT: lambda number: Moment(datetime(2026, 11, 23, 16, 30, tzinfo=UTC), 0),
    Kind.DIGITS: lambda number: Digits(f"{number:04}"),
    Kind.REFERENCE: lambda number: Reference(f"4027{number:04}"),
    Kind.PHONE: lambda number: Phone("+12025550142"),
    Kind.COUNT: lambda number: Count(2),
    Kind.HOURS: lambda number: Hours((Opening(0, 4, 480, 1200), Opening(5, 5, 540, 1020))),
    Kind.KEY: lambda number: Key("1"),
    Kind.TEXT: lambda number: Text("something"),
}

"""Which ways deserve an arrow: those that lead down the page, within a section.

All others are written where they begin, by the name of where they lead. Arrows that go back up or
across would cover a map of forty boxes; a name is found at once.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from ivr.authoring.map.picture import Stroke
from ivr.authoring.map.sections import sections
from ivr.flows.graph import Goal, goals_after
from ivr.flows.model import Book, Move, ToFlow, ToMenu

CROWD = 4
"""What more menus and flows than these lead to gets arrows only from what leads nowhere else."""


class Layout:
    """Where the menus and flows of a book stand to one another."""

    def __init__(self, book: Book) -> None:
        self._home = book.home
        self._goals = tuple(dict.fromkeys(_goals(book)))
        self._sections = sections(book)
        ways = goals_after(book)
        leading = Counter(goal for goals in ways.values() for goal in goals)
        self._crowded = {it for it, count in leading.items() if count > CROWD} - {book.home}
        self._ups = frozenset(_ups(self._within(book)))

    @property
    def titles(self) -> tuple[str, ...]:
        """The titles of all sections, in the order of the book."""
        return tuple(dict.fromkeys(self._sections.values()))

    def section(self, goal: Goal) -> str:
        """The title of the section something stands in, or nothing."""
        return self._sections.get(goal, "")

    def note(self, source: Goal, target: Goal, stroke: Stroke | None) -> str:
        """How a way is written in its box, or nothing where it is drawn as an arrow.

        `stroke` is None where nothing is decided: the one way on.
        """
        if self._apart(source, target):
            return f"→ {target.name}"
        if self._leads_up(source, target):
            return f"↑ {target.name}"
        side = stroke in (Stroke.OUTCOME, Stroke.SILENCE) and target in self._crowded
        return f"→ {target.name}" if side else ""

    def far(self, source: Goal) -> frozenset[Goal]:
        """Every menu and flow to which no arrow leads from here."""
        return frozenset(it for it in self._goals if self.note(source, it, Stroke.OUTCOME))

    def _apart(self, source: Goal, target: Goal) -> bool:
        """Whether a way leads into another section. Ways from home are the map's trunk."""
        return source != self._home and self.section(source) != self.section(target)

    def _leads_up(self, source: Goal, target: Goal) -> bool:
        """Whether a way closes a round, back to where a call has been."""
        return (source, target) in self._ups

    def _within(self, book: Book) -> dict[Goal, list[Goal]]:
        """For each flow and menu, in this order, those of its own section that it can lead to."""
        ways = goals_after(book)
        return {
            goal: [
                it
                for it in self._goals
                if it in ways[goal] and self.section(it) == self.section(goal)
            ]
            for goal in self._goals
        }


def _goals(book: Book) -> Iterator[Goal]:
    """Every menu and flow, first those where calls come in."""
    for target in (*(line.start for line in book.lines.values()), book.home):
        if not isinstance(target, Move):
            yield target
    yield from map(ToFlow, book.flows)
    yield from map(ToMenu, book.menus)


def _ups(ways: Mapping[Goal, Iterable[Goal]]) -> Iterator[tuple[Goal, Goal]]:
    """The ways that lead back to where a walk, depth first and in order, came from."""
    seen: set[Goal] = set()
    for start in ways:
        path: dict[Goal, Iterator[Goal]] = {start: iter(ways[start])} if start not in seen else {}
        seen.add(start)
        while path:
            goal = next(reversed(path))
            target = next(path[goal], None)
            if target is None:
                del path[goal]
            elif target in path:
                yield goal, target
            elif target not in seen:
                seen.add(target)
                path[target] = iter(ways[target])

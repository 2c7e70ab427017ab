"""The picture of a book, drawn up: each menu a box, each flow one or a few, the ways between."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ivr.authoring.map.cuts import cuts, shape_of
from ivr.authoring.map.layout import Layout
from ivr.authoring.map.legend import TITLE, legend
from ivr.authoring.map.merging import joined, merged
from ivr.authoring.map.picture import Arrow, Box, Entry, Picture, Shape
from ivr.authoring.map.said import said
from ivr.authoring.map.ways import Way, Ways
from ivr.authoring.map.words import Words
from ivr.flows.graph import Goal, Spot
from ivr.flows.model import Book, Flow, Menu, Move, Target, ToFlow, ToMenu

RETURN = "↩ back to what needed it"
AGAIN = "↻ again"
BACK = "↩ back"


def draw(book: Book, language: str) -> Picture:
    """The whole book, as heard in a language. Raises PromptError where a prompt is missing."""
    draft = _Draft(book, language)
    draft.lines(book)
    for flow in book.flows.values():
        draft.flow(flow)
    for menu in book.menus.values():
        draft.menu(menu)
    return draft.picture(book)


def box_id(goal: Goal, number: int = 0) -> str:
    """The name of a box; `number` counts the boxes of a flow from 0."""
    kind = "menu" if isinstance(goal, ToMenu) else f"flow{number or ''}"
    return f"{kind}_{goal.name.replace('-', '_')}"


class _Draft:
    def __init__(self, book: Book, language: str) -> None:
        self._words = Words(book, language)
        self._ways = Ways(book, self._words)
        self._layout = Layout(book)
        self._boxes: dict[str, Box] = {}
        self._arrows: list[Arrow] = []
        self._holds: dict[Spot, str] = {}

    def picture(self, book: Book) -> Picture:
        """What was drawn so far, with its legend."""
        drawn = Picture(
            boxes=tuple(self._boxes.values()),
            arrows=joined(self._arrows),
            sections=(TITLE, *self._layout.titles),
            holds=self._holds,
        )
        picture = merged(drawn)
        return replace(picture, boxes=(*legend(book, self._words), *picture.boxes))

    def lines(self, book: Book) -> None:
        """The dialled numbers, one box for all that start at the same place."""
        starts: dict[Target, list[str]] = {}
        for line in book.lines.values():
            starts.setdefault(line.start, []).append(f"{line.number} · {line.language}")
        for number, (start, lines) in enumerate(starts.items()):
            box = Box(f"line{number}", Shape.LINE, (Entry(book.company, tuple(lines)),))
            self._boxes[box.id] = box
            if not isinstance(start, Move):
                self._arrows.append(Arrow(box.id, box_id(start)))

    def menu(self, menu: Menu) -> None:
        """A menu with its greeting, its keys and what it does about silence."""
        goal = ToMenu(menu.name)
        entry = Entry(f"menu {menu.name}", tuple(map(self._words.line, menu.greet)))
        self._holds[menu.name, -1] = box_id(goal)
        self._box(goal, 0, Shape.MENU, entry, self._ways.of_menu(menu))

    def flow(self, flow: Flow) -> None:
        """A flow, cut into boxes where calls part."""
        goal = ToFlow(flow.name)
        parts = cuts(flow, self._layout.far(goal))
        for number, part in enumerate(parts):
            steps = flow.steps[part.start : part.stop]
            self._holds |= dict.fromkeys(((flow.name, it) for it in part), box_id(goal, number))
            title = "" if number else f"flow {flow.name}"
            entry = Entry(title, said(steps, self._words))
            onward = box_id(goal, number + 1) if number + 1 < len(parts) else ""
            ways = self._ways.of_part(steps)
            self._box(goal, number, shape_of(steps), entry, ways, onward)

    def _box(
        self,
        goal: Goal,
        number: int,
        shape: Shape,
        entry: Entry,
        ways: Iterable[Way],
        onward: str = "",
    ) -> None:
        """A box and the ways out of it; `next` leads to the box `onward`, where there is one."""
        box = box_id(goal, number)
        self._boxes[box] = Box(box, shape, (entry,), section=self._layout.section(goal))
        notes: dict[str, list[str]] = {}
        for way in ways:
            if note := self._note(way, goal, number, onward):
                notes.setdefault(note, []).append(way.label)
            else:
                target = self._target(way.target, box, onward)
                self._arrows.append(Arrow(box, target, (way.label,), way.stroke))
        written = tuple(_written(note, labels) for note, labels in notes.items())
        self._boxes[box] = replace(self._boxes[box], notes=written)

    def _note(self, way: Way, goal: Goal, number: int, onward: str) -> str:
        """How a way is written in its box; nothing where it is drawn as an arrow."""
        match way.target:
            case Move.NEXT:
                return "" if onward else RETURN
            case Move.END:
                return ""
            case Move.BACK:
                return BACK
            case Move.REPEAT:
                return AGAIN
            case target if target == goal:
                return AGAIN if number == 0 else f"↑ {target.name}"
            case target:
                return self._layout.note(goal, target, way.stroke if way.label else None)

    def _target(self, target: Target, box: str, onward: str) -> str:
        """The box that an arrow leads to. The end of a call has one in each place it comes."""
        if not isinstance(target, Move):
            return box_id(target)
        if target is Move.NEXT:
            return onward
        end = f"end_{box}"
        section = self._boxes[box].section
        self._boxes[end] = Box(end, Shape.END, (Entry("", ("end",)),), section=section)
        return end


def _written(note: str, labels: Sequence[str]) -> str:
    """`limit, agent-only → reach-agent`"""
    reasons = ", ".join(dict.fromkeys(filter(None, labels)))
    return f"{reasons} {note}" if reasons else note

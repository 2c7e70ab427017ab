"""A book as boxes and arrows, before any drawing language: what the map says, not how it looks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ivr.flows.graph import Spot


class Shape(StrEnum):
    """What a box is; each has an outline and a colour of its own."""

    LINE = "line"
    MENU = "menu"
    FLOW = "flow"
    QUESTION = "question"
    SERVICE = "service"
    TRANSFER = "transfer"
    END = "end"
    NOTE = "note"


class Stroke(StrEnum):
    """Why a call goes along an arrow: a key, what came of a step, or no answer at all."""

    KEY = "key"
    OUTCOME = "outcome"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class Entry:
    """A menu or flow in a box, or a part of a flow without a title; `lines` are heard or done."""

    title: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Box:
    """One thing on the map: an entry, or several that lead alike.

    `notes` are ways that are written down in place of an arrow.
    """

    id: str
    shape: Shape
    entries: tuple[Entry, ...]
    notes: tuple[str, ...] = ()
    section: str = ""


@dataclass(frozen=True, slots=True)
class Arrow:
    """A way from one box to another, with every key or outcome that leads along it."""

    source: str
    target: str
    labels: tuple[str, ...] = ()
    stroke: Stroke = Stroke.OUTCOME


@dataclass(frozen=True, slots=True)
class Picture:
    """All boxes and arrows, in the order of the book.

    `sections` are the titles of its parts, from top to bottom; a box without one stands above
    them. `holds` is the box of each menu and step. `marked` are the boxes and arrows on a job's
    way: ids, and pairs of ids.
    """

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    sections: tuple[str, ...] = ()
    holds: Mapping[Spot, str] = field(default_factory=dict)
    marked: frozenset[str | tuple[str, str]] = frozenset()

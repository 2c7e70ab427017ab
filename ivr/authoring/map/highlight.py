"""A job's way marked on the map."""

from dataclasses import replace

from ivr.authoring.map.merging import joined
from ivr.authoring.map.picture import Arrow, Picture, Shape, Stroke
from ivr.authoring.map.trail import Hop, trail
from ivr.flows.model import Book, Job


def highlighted(picture: Picture, book: Book, job: Job, language: str) -> Picture:
    """The picture with the boxes and arrows on a job's way marked.

    A way that is only written down in a box becomes an arrow.
    """
    call = trail(book, job, language)
    first = picture.holds[call.begins]
    ways = [way for hop in call.hops if (way := _arrow(picture, hop))]
    if job.start is None:
        ways = [*_from_line(picture, first), *ways]
    known = {(it.source, it.target) for it in picture.arrows}
    missing = [way for way in ways if (way.source, way.target) not in known]
    pairs = {(way.source, way.target) for way in ways}
    boxes = {first, *(box for pair in pairs for box in pair)}
    arrows = joined((*picture.arrows, *missing))
    return replace(picture, arrows=arrows, marked=frozenset({*boxes, *pairs}))


def _arrow(picture: Picture, hop: Hop) -> Arrow | None:
    """The arrow of a hop; None where it stays in its box."""
    source, target = picture.holds[hop.source], picture.holds[hop.target]
    if source == target:
        return None
    stroke = Stroke.KEY if hop.cause.rstrip("#").isdigit() else Stroke.OUTCOME
    return Arrow(source, target, (hop.cause,), stroke)


def _from_line(picture: Picture, first: str) -> list[Arrow]:
    """The arrow from the dialled numbers to where their calls begin."""
    lines = {box.id for box in picture.boxes if box.shape is Shape.LINE}
    return [it for it in picture.arrows if it.source in lines and it.target == first]

"""Boxes that differ only in their words, drawn as one: three kinds of news that lead alike."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace

from ivr.authoring.map.picture import Arrow, Box, Entry, Picture, Stroke


def merged(picture: Picture) -> Picture:
    """The picture with every group of like boxes as one, in the place of its first."""
    groups: dict[Hashable, list[Box]] = {}
    for box in picture.boxes:
        groups.setdefault(_likeness(box, picture.arrows), []).append(box)
    names = {box.id: group[0].id for group in groups.values() for box in group}
    moved = (replace(it, source=names[it.source], target=names[it.target]) for it in picture.arrows)
    return replace(
        picture,
        boxes=tuple(map(_one, groups.values())),
        arrows=joined(moved),
        holds={spot: names[box] for spot, box in picture.holds.items()},
    )


def joined(arrows: Iterable[Arrow]) -> tuple[Arrow, ...]:
    """One arrow for all that lead the same way for the same reason, with all their labels."""
    found: dict[tuple[str, str, Stroke], list[str]] = {}
    for it in arrows:
        found.setdefault((it.source, it.target, it.stroke), []).extend(filter(None, it.labels))
    return tuple(
        Arrow(source, target, tuple(dict.fromkeys(labels)), stroke)
        for (source, target, stroke), labels in found.items()
    )


def _likeness(box: Box, arrows: Sequence[Arrow]) -> Hashable:
    """What like boxes share. One that is reached from several places is like no other."""
    sources = {it.source for it in arrows if it.target == box.id}
    onward = frozenset((it.target, it.labels, it.stroke) for it in arrows if it.source == box.id)
    if len(sources) != 1 or not onward or not box.entries[0].title:
        return box.id
    return frozenset(sources), onward, box.shape, box.section, box.notes


def _one(group: Sequence[Box]) -> Box:
    """One box for all: what all of them say, and what only each says below its title."""
    if len(group) == 1:
        return group[0]
    entries = [entry for box in group for entry in box.entries]
    common = [line for line in entries[0].lines if all(line in it.lines for it in entries)]
    shared = [Entry("", tuple(common))] if common else []
    own = [Entry(it.title, tuple(x for x in it.lines if x not in common)) for it in entries]
    differ = any(it.lines for it in own)
    return replace(group[0], entries=(*shared, *own) if differ else (*own, *shared))

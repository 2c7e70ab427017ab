"""What stands below what, where no arrow says so: sections, and the parts of wide ones.

Each row hangs from one box, the lowest of the row above. A link from every dead end would say the
same, and renderers count the work: that took more of it than all arrows together.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from ivr.authoring.map.picture import Arrow, Box, Picture

WIDE = 6  # dead ends side by side, about as wide as a screen
Part = Sequence[Box]


def stacked(picture: Picture) -> Iterator[tuple[str, str]]:
    """Pairs of boxes, the second to stand below the first."""
    rows = [row for title in picture.sections for row in _rows(_section(picture, title), picture)]
    for above, below in pairwise(rows):
        lowest = _lowest([box.id for part in above for box in part], picture.arrows)
        for part in below:
            yield lowest, _head(part, picture.arrows)


def _section(picture: Picture, title: str) -> Part:
    return [box for box in picture.boxes if box.section == title]


def _rows(section: Part, picture: Picture) -> Iterator[list[Part]]:
    """The parts of a section, in rows that are not too wide to read."""
    row: list[Part] = []
    width = 0
    for part in _parts(section, picture.arrows):
        ends = len(_ends(part, picture.arrows))
        if row and width + ends > WIDE:
            yield row
            row, width = [], 0
        row.append(part)
        width += ends
    if row:
        yield row


def _parts(section: Part, arrows: Sequence[Arrow]) -> list[Part]:
    """The boxes that arrows hold together, each part in the order of the section."""
    part_of = {box.id: {box.id} for box in section}
    for it in arrows:
        if it.source in part_of and it.target in part_of:
            together = part_of[it.source] | part_of[it.target]
            part_of |= dict.fromkeys(together, together)
    found = dict.fromkeys(frozenset(part) for part in part_of.values())
    return [[box for box in section if box.id in part] for part in found]


def _ends(part: Part, arrows: Sequence[Arrow]) -> set[str]:
    """The boxes from which no arrow leads on within their part."""
    ids = {box.id for box in part}
    return ids - {it.source for it in arrows if it.target in ids}


def _head(part: Part, arrows: Sequence[Arrow]) -> str:
    """The first box of a part that no arrow of it leads to."""
    ids = {box.id for box in part}
    led_to = {it.target for it in arrows if it.source in ids}
    return next((box.id for box in part if box.id not in led_to), part[0].id)


def _lowest(ids: Sequence[str], arrows: Sequence[Arrow]) -> str:
    """The box that the most arrows stand above, one below the other."""
    depths = dict.fromkeys(ids, 0)
    within = [it for it in arrows if it.source in depths and it.target in depths]
    for _ in ids:  # as often as the longest way has arrows; a marked way may lead in a round
        for it in within:
            depths[it.target] = max(depths[it.target], depths[it.source] + 1)
    return max(depths, key=depths.__getitem__)

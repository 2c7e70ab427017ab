"""A picture as Mermaid text: shapes, colours that stand on light and dark pages, safe labels."""

import re
from collections.abc import Iterable, Iterator
from textwrap import wrap

from ivr.authoring.map.picture import Arrow, Box, Picture, Shape, Stroke
from ivr.authoring.map.stacking import stacked

OUTLINES: dict[Shape, tuple[str, str]] = {
    Shape.LINE: ("[/", "/]"),
    Shape.MENU: ("{{", "}}"),
    Shape.FLOW: ("(", ")"),
    Shape.QUESTION: ("[", "]"),
    Shape.SERVICE: ("[[", "]]"),
    Shape.TRANSFER: (">", "]"),
    Shape.END: ("([", "])"),
    Shape.NOTE: ("[", "]"),
}
COLOURS: dict[Shape, str] = {
    Shape.LINE: "fill:#24292f,stroke:#8c959f,color:#ffffff",
    Shape.MENU: "fill:#fff3bf,stroke:#9a6700,color:#24292f,stroke-width:3px",
    Shape.FLOW: "fill:#ffffff,stroke:#57606a,color:#24292f",
    Shape.QUESTION: "fill:#ddf4ff,stroke:#0969da,color:#24292f,stroke-dasharray:6 3",
    Shape.SERVICE: "fill:#eaeef2,stroke:#57606a,color:#24292f",
    Shape.TRANSFER: "fill:#dafbe1,stroke:#1a7f37,color:#24292f,stroke-width:3px",
    Shape.END: "fill:#57606a,stroke:#24292f,color:#ffffff",
    Shape.NOTE: "fill:#ffffff,stroke:#ffffff,color:#24292f",
}
"""Every fill has its own colour of text, so that neither hangs on the page's."""
HEADS = {Stroke.KEY: "==>", Stroke.OUTCOME: "-->", Stroke.SILENCE: "-.->"}
SETTINGS = (
    '%%{init: {"flowchart": {"nodeSpacing": 25, "rankSpacing": 30, "padding": 8, '
    '"wrappingWidth": 300, "subGraphTitleMargin": {"top": 4, "bottom": 12}}}}%%'
)
SECTION = "fill:none,stroke:#8c959f,stroke-dasharray:2 4"
MARKED = "stroke:#cf222e,stroke-width:6px"
WIDTH = 26  # characters of a row
_UNSAFE = re.compile(r"[\"#&<>`*_~\[\]{}|\\;]|\$(?=\$)|^[-+](?=\s)|(?<=^\d)[.)]|://|www(?=\.)")


def escaped(text: str) -> str:
    """Text as a quoted label takes it: what might be read as markup is spelled out in codes."""
    return _UNSAFE.sub(lambda found: "".join(f"#{ord(it)};" for it in found[0]), text)


def mermaid(picture: Picture) -> str:
    """The picture as a Mermaid flowchart, ending in a line end."""
    return "\n".join((SETTINGS, "flowchart TD", *_rows(picture))) + "\n"


def _rows(picture: Picture) -> Iterator[str]:
    yield from _boxes(picture, "")
    for number, title in enumerate(picture.sections):
        yield f'subgraph section{number}["{escaped(title)}"]'
        yield from _boxes(picture, title)
        yield "end"
    yield from map(_arrow, picture.arrows)
    yield from (f"{above} ~~~ {below}" for above, below in stacked(picture))
    yield from _styles(picture)


def _boxes(picture: Picture, section: str) -> Iterator[str]:
    return (_box(box) for box in picture.boxes if box.section == section)


def _box(box: Box) -> str:
    left, right = OUTLINES[box.shape]
    return f'{box.id}{left}"{"<br/>".join(_label(box))}"{right}:::{box.shape}_box'


def _label(box: Box) -> Iterator[str]:
    for entry in box.entries:
        if entry.title:
            yield f"<b>{escaped(entry.title)}</b>"
        yield from _wrapped(entry.lines)
    yield from (f"<i>{row}</i>" for row in _wrapped(box.notes))


def _wrapped(lines: Iterable[str]) -> Iterator[str]:
    return (escaped(row) for line in lines for row in wrap(line, WIDTH, break_on_hyphens=False))


def _arrow(arrow: Arrow) -> str:
    lines = arrow.labels if arrow.stroke is Stroke.KEY else (", ".join(arrow.labels),)
    label = "<br/>".join(_wrapped(lines))
    middle = f'|"{label}"|' if label else ""
    return f"{arrow.source} {HEADS[arrow.stroke]}{middle} {arrow.target}"


def _styles(picture: Picture) -> Iterator[str]:
    for shape, style in COLOURS.items():
        yield f"classDef {shape}_box {style}"
    for number, _ in enumerate(picture.sections):
        yield f"style section{number} {SECTION}"
    for box in picture.boxes:
        if box.id in picture.marked:
            yield f"style {box.id} {MARKED}"
    for number, arrow in enumerate(picture.arrows):
        if (arrow.source, arrow.target) in picture.marked:
            yield f"linkStyle {number} {MARKED}"

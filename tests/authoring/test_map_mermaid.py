"""The map as text that Mermaid reads: what would be markup is spelled out, nothing is lost."""

from html import unescape

import pytest

from ivr.authoring.map import draw, mermaid
from ivr.authoring.map.mermaid import COLOURS, OUTLINES, escaped
from ivr.authoring.map.picture import Arrow, Box, Entry, Picture, Shape
from ivr.authoring.map.svg import svg
from tests.authoring.maps import drawn
from tests.line import SHIPPED


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ('say "yes"', "say #34;yes#34;"),
        ("press # now", "press #35; now"),
        ("a [b] {c} (d) |e|", "a #91;b#93; #123;c#125; (d) #124;e#124;"),
        ("<b> & </b>", "#60;b#62; #38; #60;/b#62;"),
        ("`code` *bold* _low_ ~no~", "#96;code#96; #42;bold#42; #95;low#95; #126;no#126;"),
        ("¿Qué? ¡Sí, mañana!", "¿Qué? ¡Sí, mañana!"),
        ("1. first", "1#46; first"),
        ("- and", "#45; and"),
        ("$$x$$ or $5", "#36;$x#36;$ or $5"),
        ("a;b\\c", "a#59;b#92;c"),
    ],
)
def test_labels_escape_what_mermaid_would_read_as_markup(text: str, written: str) -> None:
    assert escaped(text) == written


NASTY = 'end "x" #1; [b] {c} |d| <e> & `f` *g* ¿ñ? (h)'


def test_a_renderer_reads_every_label_as_it_was_meant() -> None:
    """Each word of a label comes out again, from a box of every shape, an arrow and a heading."""
    boxes = [Box(f"box{it}", it, (Entry(NASTY, (NASTY,)),), section=NASTY) for it in Shape]
    arrow = Arrow("boxmenu", "boxend", (NASTY,))
    shown = unescape(svg(mermaid(Picture(tuple(boxes), (arrow,), (NASTY,)))))
    for word in ('"x"', "#1;", "[b]", "{c}", "|d|", "<e>", "`f`", "*g*", "¿ñ?", "(h)"):
        assert shown.count(word) == 2 * len(Shape) + 2, word


def test_every_shape_has_an_outline_and_a_colour_of_its_own() -> None:
    assert set(OUTLINES) == set(COLOURS) == set(Shape)
    drawn = [OUTLINES[it] for it in Shape if it is not Shape.NOTE]
    assert len(set(drawn)) == len(drawn)
    assert len(set(COLOURS.values())) == len(Shape)
    assert all("fill:" in it and "color:" in it for it in COLOURS.values())


def test_the_shipped_map_is_one_chart_with_a_row_for_each_arrow() -> None:
    picture = draw(SHIPPED, "en")
    rows = mermaid(picture).splitlines()
    heads = [row for row in rows if any(f" {it}" in row for it in ("==>", "-->", "-.->"))]
    assert rows[1] == "flowchart TD"
    assert len(heads) == len(picture.arrows)
    assert sum(row.startswith("subgraph ") for row in rows) == len(picture.sections)


def test_names_are_never_broken_at_their_hyphens() -> None:
    label = '"payment-charged,<br/>payment-unknown,<br/>payment-stopped,<br/>suspended, restoring"'
    assert label in mermaid(draw(SHIPPED, "en"))


def test_sections_stand_one_below_the_other() -> None:
    links = [row for row in mermaid(drawn()).splitlines() if "~~~" in row]
    assert links == [
        "legend_menu ~~~ legend_always",
        "legend_always ~~~ menu_main",
        "end_flow1_pay ~~~ flow_agent",
    ]

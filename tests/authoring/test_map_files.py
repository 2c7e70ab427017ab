"""Pages and pictures that hold the map: written, and found out of date."""

import re
import sys
from pathlib import Path

import pytest

from ivr.authoring.map import draw, fresh, mermaid
from ivr.authoring.map.picture import Arrow, Box, Entry, Picture, Shape
from ivr.authoring.map.svg import digest, drawn_from, svg
from ivr.errors import BookError
from tests.authoring.maps import drawn
from tests.line import ROOT, SHIPPED

BEGIN, END = "<!-- map: begin -->", "<!-- map: end -->"
PAGE = f"# A page\n\n{BEGIN}\nold\n{END}\n\nIts end.\n"
SHIPPED_MAP = mermaid(draw(SHIPPED, SHIPPED.languages[0]))


@pytest.mark.parametrize("file", ["README.md", "docs/map.svg"])
def test_the_shipped_map_is_fresh(file: str) -> None:
    assert fresh.is_fresh(ROOT / file, SHIPPED_MAP), f"run: ivr map --write {file}"


def test_a_map_stands_between_the_markers_of_its_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    assert not fresh.is_fresh(page, "flowchart TD\n")
    fresh.write(page, "flowchart TD\n")
    expected = f"{BEGIN}\n\n```mermaid\nflowchart TD\n```\n\n{END}"
    assert page.read_text() == f"# A page\n\n{expected}\n\nIts end.\n"
    assert fresh.is_fresh(page, "flowchart TD\n")
    assert not fresh.is_fresh(page, "flowchart LR\n")


def test_words_that_look_like_a_pattern_are_written_as_they_are(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    fresh.write(page, "\\1 \\g<0>\n")
    assert "\n\\1 \\g<0>\n" in page.read_text()


@pytest.mark.parametrize("text", ["no markers\n", f"{END}\n{BEGIN}\n", BEGIN])
def test_a_page_without_markers_is_refused(tmp_path: Path, text: str) -> None:
    page = tmp_path / "page.md"
    page.write_text(text)
    with pytest.raises(BookError, match="has no place for a map; write the lines"):
        fresh.write(page, "flowchart TD\n")
    assert page.read_text() == text


def test_a_file_that_cannot_be_read_or_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(BookError, match=r"page\.md cannot be read: no such file"):
        fresh.is_fresh(tmp_path / "page.md", "")
    (tmp_path / "latin.md").write_bytes(b"\xe1")
    with pytest.raises(BookError, match=r"latin\.md cannot be read: it is not UTF-8 text"):
        fresh.is_fresh(tmp_path / "latin.md", "")
    with pytest.raises(BookError, match=r"map\.svg cannot be written: no such file"):
        fresh.write(tmp_path / "nowhere" / "map.svg", mermaid(drawn()))


def test_an_svg_tells_which_map_it_was_drawn_from(tmp_path: Path) -> None:
    text, picture = mermaid(drawn()), tmp_path / "map.svg"
    fresh.write(picture, text)
    assert drawn_from(picture.read_text()) == digest(text)
    assert fresh.is_fresh(picture, text)
    assert not fresh.is_fresh(picture, text.replace("One moment", "Two moments"))
    picture.write_text("<svg/>")
    assert not fresh.is_fresh(picture, text)


def test_an_svg_is_the_same_every_time_and_needs_nothing_beside_it() -> None:
    text = mermaid(drawn())
    picture = svg(text)
    assert picture == svg(text)
    assert "Are you sure?" in picture
    assert 'fill="#ffffff"' in picture
    assert not any(it in picture for it in ("<script", "<image", "foreignObject", 'href="http'))


def test_words_of_an_svg_stand_in_rows_without_markup() -> None:
    picture = svg('flowchart TD\na("<b>flow later</b><br/>“One #38; all.”<br/><i>↑ main</i>")\n')
    assert re.findall(r"(?<=>)[^<>]+(?=</tspan></tspan>)", picture) == [
        "flow later",
        "“One &#38; all.”",
        "↑ main",
    ]


def test_a_book_of_two_hundred_boxes_is_drawn() -> None:
    """The renderer would not draw half as many with labels in HTML and a link from each end."""
    lines = tuple(f"“what is said here, row {it}”" for it in range(5))
    names = [[f"box{section}x{it}" for it in range(12)] for section in range(17)]
    boxes = [
        Box(name, Shape.FLOW, (Entry(f"flow {name}", lines),), section=f"section {number}")
        for number, section in enumerate(names)
        for name in section
    ]
    arrows = [
        Arrow(section[(it - 1) // 3], section[it], ("outcome",))
        for section in names
        for it in range(1, 12)
    ]
    titles = dict.fromkeys(box.section for box in boxes)
    picture = svg(mermaid(Picture(tuple(boxes), tuple(arrows), tuple(titles))))
    assert all(f">flow {box.id}</tspan>" in picture for box in boxes)


def test_a_book_that_is_too_large_is_told_so_in_one_line() -> None:
    rows = (f"a{it // 2} --> a{it}" for it in range(1, 2000))
    with pytest.raises(BookError, match="mmdr cannot draw this book") as raised:
        svg("\n".join(("flowchart TD", *rows)))
    assert "`ivr map` without --svg prints it" in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("x" * 50_001, "50,001 characters and 0 arrows"),
        ("a --> b\na ==> b\na ~~~ b\n" * 167, "4,008 characters and 501 arrows"),
    ],
)
def test_a_page_is_not_given_more_than_it_can_show(tmp_path: Path, text: str, size: str) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    with pytest.raises(BookError, match=f"cannot show this map of {size}: .* to an .svg file"):
        fresh.write(page, text)
    assert page.read_text() == PAGE


def test_without_the_renderer_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mmdr", None)
    with pytest.raises(BookError, match="drawing SVG takes the package mmdr; install it"):
        svg("flowchart TD\n")

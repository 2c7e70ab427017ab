"""What is laid below what: rows of parts, each hanging from the lowest box of the row above."""

from ivr.authoring.map.picture import Arrow, Box, Entry, Picture, Shape
from ivr.authoring.map.stacking import WIDE, stacked


def links(sections: dict[str, str], *arrows: str) -> list[tuple[str, str]]:
    """The links between sections of one-letter boxes, where `ab` is an arrow from a to b."""
    boxes = [
        Box(it, Shape.FLOW, (Entry(it),), section=title)
        for title, names in sections.items()
        for it in names
    ]
    ways = tuple(Arrow(it[0], it[1]) for it in arrows)
    return list(stacked(Picture(tuple(boxes), ways, tuple(sections))))


def test_a_section_hangs_from_the_lowest_box_of_the_one_above() -> None:
    assert links({"one": "abcd", "two": "ef"}, "ab", "ac", "cd", "ef") == [("d", "e")]


def test_what_hangs_is_where_a_part_begins_whatever_its_place_in_the_book() -> None:
    assert links({"one": "a", "two": "bcd"}, "cb", "bd") == [("a", "c")]


def test_each_part_of_a_row_hangs_for_itself() -> None:
    assert links({"one": "a", "two": "bcde"}, "bd", "ce") == [("a", "b"), ("a", "c")]


def test_the_parts_of_a_wide_section_stand_in_rows() -> None:
    names = "abcdefghijklmn"
    rows = links({"one": names})
    first, second, third = names[:WIDE], names[WIDE : 2 * WIDE], names[2 * WIDE :]
    assert rows == [(first[0], it) for it in second] + [(second[0], it) for it in third]


def test_a_part_that_is_wide_itself_has_a_row_of_its_own() -> None:
    assert links({"one": "abcdefgh"}, *(f"a{it}" for it in "bcdefg")) == [("b", "h")]


def test_sections_without_boxes_are_passed_over() -> None:
    assert links({"one": "a", "none": "", "two": "b"}) == [("a", "b")]


def test_a_way_that_a_job_marks_may_lead_in_a_round() -> None:
    assert len(links({"one": "ab", "two": "cd"}, "ab", "ba", "cd", "dc")) == 1

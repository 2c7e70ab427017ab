import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.document import (
    MappingNode,
    Node,
    Place,
    Problem,
    Problems,
    SequenceNode,
    lines_of,
    place,
    read,
    scalars,
)


def node_of(text: str) -> Node:
    problems = Problems()
    node = read("menus/main.yaml", text, problems)
    assert node is not None, list(problems)
    return node


def problems_of(text: str) -> list[str]:
    problems = Problems()
    assert read("f.yaml", text, problems) is None
    return [str(problem) for problem in problems]


def test_a_problem_reads_as_place_code_message_and_hint() -> None:
    problem = Problem("unknown-key", Place("a.yaml", 3, 7), 'no key "gaot"', "goat")
    assert str(problem) == 'a.yaml:3:7: unknown-key: no key "gaot"; did you mean "goat"?'


def test_a_problem_names_its_other_places() -> None:
    problem = Problem("key-twice", Place("a.yaml", 3, 7), "twice", also=(Place("b.yaml", 1, 2),))
    assert str(problem) == "a.yaml:3:7: key-twice: twice; see b.yaml:1:2"


def test_problems_come_once_and_in_the_order_of_their_places() -> None:
    late = Problem("b", Place("a.yaml", 12, 1), "late")
    early = Problem("b", Place("a.yaml", 9, 1), "early")
    other = Problem("a", Place("a.yaml", 9, 1), "other")
    problems = Problems()
    problems.add(late, early)
    problems.add(other, late)
    assert list(problems) == [other, early, late]
    assert len(problems) == 3


@pytest.mark.parametrize(
    "text", ["+15550100", "0123", "17:30", "on", "yes", "null", "1.10", "2026-12-25", "~", "1e3"]
)
def test_every_scalar_stays_the_text_it_is(text: str) -> None:
    assert list(scalars(node_of(f"key: {text}"))) == [text, "key"]


def test_both_of_two_equal_keys_are_there() -> None:
    node = node_of("a: one\na: two\n")
    assert [(key.value, value.value) for key, value in node.value] == [("a", "one"), ("a", "two")]


def test_places_count_from_one_and_by_characters() -> None:
    node = node_of('menú: "sí"\nfirst:\n  - second\n')
    assert isinstance(node, MappingNode)
    (_, yes), (first, items) = node.value
    assert place(yes) == Place("menus/main.yaml", 1, 7)
    assert place(first) == Place("menus/main.yaml", 2, 1)
    assert isinstance(items, SequenceNode)
    assert place(items.value[0]) == Place("menus/main.yaml", 3, 5)


def test_an_empty_file_is_an_empty_mapping_at_its_beginning() -> None:
    node = node_of("# nothing yet\n")
    assert isinstance(node, MappingNode)
    assert node.value == []
    assert place(node) == Place("menus/main.yaml", 1, 1)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a: b: c\n", "1:5: yaml-syntax: a text with a colon in it must be in quotes"),
        ("a:\n\tb: c\n", "2:1: yaml-syntax: indent with spaces, not with tabs"),
        ("a: @b\n", "1:4: yaml-syntax: a value cannot begin with this character; put it in quotes"),
        ("*: b\n", "1:2: yaml-syntax: a text that begins with * or & must be in quotes"),
        ("a: 'b\nc: d\n", "1:4: yaml-syntax: the quote opened here is never closed"),
        ("a: {b\nc: d\n", "1:4: yaml-syntax: the { opened here is not closed as it should be"),
        ("a: [b\nc: d\n", "1:4: yaml-syntax: the [ opened here is not closed as it should be"),
        (
            "a: |\n  b\n c\n",
            "3:2: yaml-syntax: this line does not fit those above; look at indents and quotes",
        ),
        (
            "- a\nb: c\n",
            "2:1: yaml-syntax: this line does not fit the list above; look at its indent",
        ),
        (
            "a: b\nlong\nc: d\n",
            "2:1: yaml-syntax: a key needs a colon after it, and a long text quotes",
        ),
        ("a: b\n---\nc: d\n", "2:1: yaml-syntax: a file holds one document; remove the ---"),
        ('a: "\\q"\n', "1:5: yaml-syntax: found unknown escape character"),
        (
            "sí: a\x07b\n",
            "1:6: yaml-syntax: the character U+0007 may not stand in a text file; remove it",
        ),
    ],
)
def test_what_breaks_a_file_is_said_in_plain_words(text: str, found: str) -> None:
    assert problems_of(text) == [f"f.yaml:{found}"]


@pytest.mark.parametrize(
    ("text", "at", "what"),
    [
        ("a: &b c\n", "1:4", "an anchor (&b)"),
        ("a: &b [c]\n", "1:4", "an anchor (&b)"),
        ("a: *b\n", "1:4", "an alias (*b)"),
        ("a: !date c\n", "1:4", "a tag (!date)"),
        ("a: {<<: {b: c}}\n", "1:5", "a merge key (<<)"),
    ],
)
def test_what_hides_the_meaning_of_a_line_is_refused(text: str, at: str, what: str) -> None:
    rest = "is not used in books; write the value out, or put it in quotes"
    assert problems_of(text) == [f"f.yaml:{at}: yaml-feature: {what} {rest}"]


@pytest.mark.parametrize("text", ["a: press *9 now", '"*": b', "a: '&b'", '"<<": b', "a: b & c"])
def test_signs_inside_of_a_text_are_no_feature(text: str) -> None:
    assert len(node_of(text).value) == 1


@pytest.mark.parametrize("text", ["[" * 100_000, "- " * 3_000 + "a", "{a: " * 500])
def test_nesting_that_would_crash_the_parser_is_refused(text: str) -> None:
    (found,) = problems_of(text)
    assert found.endswith("yaml-syntax: this is nested deeper than any book needs")


def test_lines_end_where_yaml_ends_them() -> None:
    assert lines_of("a\r\nb\rc\nd\u2028e") == ["a", "b", "c", "d", "e"]


@settings(deadline=None)
@given(
    st.text(alphabet=st.sampled_from("ab:-?*&!{}[]'\"#|>%@` \n\t\x85\u2028é\x01<,"), max_size=60)
)
def test_any_text_is_read_or_has_a_problem_inside_of_it(text: str) -> None:
    problems = Problems()
    node = read("f.yaml", text, problems)
    assert (node is None) == bool(len(problems))
    for problem in problems:
        assert 1 <= problem.place.line <= len(lines_of(text))
        assert 1 <= problem.place.column <= len(lines_of(text)[problem.place.line - 1]) + 1

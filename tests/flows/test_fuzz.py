"""Whatever a book's files hold, they are read or refused, with places inside of them."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.document import lines_of
from ivr.flows import BrokenBook
from tests.flows.books import GOOD, book, changed, with_flow

STEPS = """\
- do: balance.read
  into: bill
  when: {owes: next, nothing-due: {say: goodbye, go: back}, unavailable: end}
- {say: you-owe, with: bill, needs: bill.overdue}
- ask: amount
  kind: money
  prompt: welcome
  within: {min: "1.00", max: bill.amount}
  patience: {wait: 15s, silence: [not-heard, welcome], silent: menu main}
- pay: bill.amount
  as: card
  when: {stopped: end, failed: end, connector-down: menu main, hung-up: end}
- do: payments.charge
  with: {card: card}
  when: {charged: end, declined: end, unavailable: end}
"""
HOURS = 'hours: {zone: America/Chicago, closed: [2026-12-25], billing: {mon-fri: "08:00-20:00"}}'
RICH = changed(
    "flows.yaml",
    "hours: {zone: America/Chicago}",
    HOURS,
    with_flow(STEPS, "you-owe: You owe {amount:money}.\n"),
)
SIGNS = ["", " ", "\n", ":", ": ", "- ", "[", "]", "{", "}", '"', "'", "#", " # ", "? ", "| ", "\t"]
WORDS = ["&a ", "*a", "!t ", "<<: ", "---\n", "\x00", "\x85", "é", "next", "menu main", "1", "~"]
TOKENS = st.sampled_from(SIGNS + WORDS)
FLOWS = "flows.yaml"
PATHS = st.sampled_from(sorted(RICH))
CUTS = st.tuples(PATHS, st.integers(0, 2000), st.integers(0, 40), TOKENS)
SWAPS = st.tuples(PATHS, st.integers(0, 200), st.integers(0, 200))


def cut(sources: dict[str, str], path: str, start: int, length: int, token: str) -> dict[str, str]:
    text = sources[path]
    start %= len(text) + 1
    return {**sources, path: text[:start] + token + text[start + length :]}


def swap(sources: dict[str, str], path: str, one: int, other: int) -> dict[str, str]:
    words = sources[path].split(" ")
    one, other = one % len(words), other % len(words)
    words[one], words[other] = words[other], words[one]
    return {**sources, path: " ".join(words)}


def reads_or_refuses(sources: dict[str, str]) -> None:
    try:
        book(sources)
    except BrokenBook as broken:
        for problem in broken.problems:
            for place in (problem.place, *problem.also):
                lines = lines_of(sources[place.path])
                assert 1 <= place.line <= len(lines), problem
                assert 1 <= place.column <= len(lines[place.line - 1]) + 1, problem


def test_the_book_that_is_spoilt_is_good() -> None:
    assert len(book(RICH).flows["talk"].steps) == 5


@settings(deadline=None)
@given(st.lists(CUTS, min_size=1, max_size=4))
def test_cut_texts(cuts: list[tuple[str, int, int, str]]) -> None:
    sources = dict(RICH)
    for each in cuts:
        sources = cut(sources, *each)
    reads_or_refuses(sources)


@settings(deadline=None)
@given(st.lists(SWAPS, min_size=1, max_size=4))
def test_swapped_words(swaps: list[tuple[str, int, int]]) -> None:
    sources = dict(RICH)
    for each in swaps:
        sources = swap(sources, *each)
    reads_or_refuses(sources)


@settings(deadline=None)
@given(PATHS, st.integers(0, 60))
def test_a_line_left_out(path: str, number: int) -> None:
    lines = RICH[path].splitlines(keepends=True)
    del lines[number % len(lines)]
    reads_or_refuses({**RICH, path: "".join(lines)})


@settings(deadline=None)
@given(PATHS)
def test_a_file_left_out(path: str) -> None:
    reads_or_refuses({name: text for name, text in RICH.items() if name != path or path == FLOWS})


@settings(deadline=None)
@given(PATHS, st.text(max_size=80))
def test_a_file_of_something_else(path: str, text: str) -> None:
    reads_or_refuses({**GOOD, path: text})

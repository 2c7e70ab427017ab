"""The parts of a book, as its author headed them in flows.yaml: `# ---- paying`."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from ivr.flows.files import FLOWS
from ivr.flows.graph import Goal, goals_after
from ivr.flows.model import Book, ToFlow, ToMenu

HEADING = re.compile(r"^ *# *-{3,} *(\S.*?)[ -]*$", re.MULTILINE)


def sections(book: Book) -> dict[Goal, str]:
    """The heading of each flow, and of each menu that of the section that leads to it most.

    What has none is not in it.
    """
    found: dict[Goal, str] = {ToFlow(name): title for name, title in _of_flows(book)}
    while menus := _led_to(book, found):
        found |= menus
    return found


def _led_to(book: Book, found: Mapping[Goal, str]) -> dict[Goal, str]:
    """The menus that are in no section yet, but that something in one leads to."""
    ways = goals_after(book)
    leading: dict[Goal, Counter[str]] = {}
    for goal, title in found.items():
        for target in ways[goal]:
            leading.setdefault(target, Counter())[title] += 1
    menus = (ToMenu(name) for name in book.menus)
    return {
        menu: leading[menu].most_common(1)[0][0]
        for menu in menus
        if menu in leading and menu not in found
    }


def _of_flows(book: Book) -> Iterator[tuple[str, str]]:
    text = book.sources.get(FLOWS, "")
    heads = [(text.count("\n", 0, it.start()) + 1, it[1]) for it in HEADING.finditer(text)]
    for name, flow in book.flows.items():
        if titles := [title for line, title in heads if line < flow.at.line]:
            yield name, titles[-1]

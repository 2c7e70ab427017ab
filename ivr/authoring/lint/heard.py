"""Which prompts callers hear, and which lines a book speaks."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from ivr.flows.model import Book, Line
from ivr.prompts.catalogue import Prompt


def heard(book: Book, unheard: Collection[str]) -> Iterator[tuple[str, Prompt]]:
    """Every prompt a caller hears, with its language.

    `unheard` are those for others, such as agents; what the book itself speaks is heard.
    """
    spoken = set(_spoken(book))
    for language, prompts in book.catalogue.prompts.items():
        for key, prompt in prompts.items():
            if key in spoken or key not in unheard:
                yield language, prompt


def _spoken(book: Book) -> Iterator[str]:
    for menu in book.menus.values():
        yield from (option.offer for option in menu.options)
        yield from (prompt for _, prompt in menu.also)
    for line in _lines((book.announce, book.flows, book.menus), set()):
        yield line.prompt


def _lines(part: Any, seen: set[int]) -> Iterator[Line]:
    """Every line in a part of the model, however deep; what steps share is looked at once."""
    if isinstance(part, Line):
        yield part
    elif isinstance(part, Mapping):
        yield from _lines(tuple(part.values()), seen)
    elif isinstance(part, tuple):
        for inner in part:
            yield from _lines(inner, seen)
    elif is_dataclass(part) and id(part) not in seen:
        seen.add(id(part))
        yield from _lines(tuple(getattr(part, it.name) for it in fields(part)), seen)

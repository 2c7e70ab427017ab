"""How long prompts and menus take to hear, by the clock that jobs are timed with."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime

from ivr.authoring.lint import codes
from ivr.authoring.lint.heard import heard
from ivr.authoring.speaking import Stopwatch
from ivr.dialog.directives import Directive, Offer, Say, Values
from ivr.document import Problems
from ivr.flows.model import Book, Line, Menu
from ivr.prompts.catalogue import OFFER, Prompt
from ivr.prompts.values import (
    Count,
    Date,
    Digits,
    Hours,
    Key,
    Kind,
    Moment,
    Money,
    Phone,
    Reference,
    Text,
    Value,
    Words,
)

LONGEST_PROMPT = 8.0
LONGEST_MENU = 20.0
"""Seconds."""

TYPICAL: Mapping[Kind, Value] = {
    Kind.MONEY: Money(8420),
    Kind.DATE: Date(date(2026, 12, 5)),
    Kind.MOMENT: Moment(datetime.fromisoformat("2026-12-05T16:30"), 0),
    Kind.DIGITS: Digits("4242"),
    Kind.REFERENCE: Reference("40278815"),
    Kind.PHONE: Phone("+12025550142"),
    Kind.COUNT: Count(3),
    Kind.WORDS: Words(()),
    Kind.HOURS: Hours(()),
    Kind.KEY: Key("1"),
}
"""What a menu's placeholders are counted with; lists, hours and texts are not counted."""
NOTHING = Text("")


def check_lengths(
    problems: Problems, book: Book, unheard: Collection[str], watch: Stopwatch
) -> None:
    """No prompt and no menu takes longer than callers listen."""
    for language, prompt in heard(book, unheard):
        if prompt.key != OFFER:
            _check_prompt(problems, prompt, language, watch)
    for menu in book.menus.values():
        _check_menu(problems, book, menu, watch)


def _check_prompt(problems: Problems, prompt: Prompt, language: str, watch: Stopwatch) -> None:
    """Only the author's words: a number takes as long as it takes, and has to be said twice."""
    values = tuple((name, NOTHING) for name, _ in prompt.placeholders)
    seconds = watch.words(Say(prompt.key, values), language)
    if seconds > LONGEST_PROMPT:
        problems.add(codes.long_prompt(prompt.at, prompt.key, seconds, LONGEST_PROMPT))


def _check_menu(problems: Problems, book: Book, menu: Menu, watch: Stopwatch) -> None:
    """All of it, said in one go; what `needs` may leave out is counted."""
    for language in book.languages:
        seconds = watch.seconds(_words(book, menu, language), language)
        if seconds > LONGEST_MENU:
            problems.add(codes.long_menu(menu.at, menu.name, seconds, LONGEST_MENU, language))
            return


def _words(book: Book, menu: Menu, language: str) -> Iterator[Directive]:
    for line in menu.greet:
        yield from _said(book, line, language)
    for option in menu.options:
        if not option.quiet:
            yield Offer(option.key, option.offer, _typical(book, option.offer, language))
    for key, prompt in menu.also:
        yield Offer(key, prompt, _typical(book, prompt, language))


def _said(book: Book, line: Line, language: str) -> Iterator[Say]:
    spoken = [it for it in book.languages if it != language] if line.others else [language]
    for each in spoken:
        yield Say(line.prompt, _typical(book, line.prompt, each), each)


def _typical(book: Book, key: str, language: str) -> Values:
    placeholders = book.catalogue.prompt(key, language).placeholders
    return tuple((name, TYPICAL.get(kind, NOTHING)) for name, kind in placeholders)

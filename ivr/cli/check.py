"""`ivr check`: every mistake in a book, each with its place and what was probably meant.

A book without mistakes is also held against what callers can bear to hear.
"""

import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from ivr.authoring.lint import lint
from ivr.cli.output import as_json
from ivr.document import Place, Problem, lines_of
from ivr.flows import BrokenBook, parse_book
from ivr.flows.load import read_recordings, read_sources
from ivr.flows.model import Book
from ivr.services.briefing import AGENT_PROMPTS
from ivr.services.spoken import TEXT_PROMPTS
from ivr.services.table import CHANNEL_PROMPTS, declared

MARGIN = 4
UNHEARD = (*AGENT_PROMPTS, *TEXT_PROMPTS)
"""Prompts that agents hear, and those that are sent as texts."""


@click.command()
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path), default=".")
@as_json
@click.pass_context
def check(context: click.Context, folder: Path, json_wanted: bool) -> None:
    """Load the book in DIR (here, if not named) and print every problem in it.

    A book that loads is checked for what is hard on callers' ears too, such as too many options.
    Each problem is a line PATH:LINE:COLUMN: CODE: MESSAGE, its path below DIR; on a terminal the
    source follows. docs/flow-language.md has a section for every code.
    Exits with 0 when the book is clean, 1 when it has problems, 2 when there is no book to read.
    """
    sources = read_sources(folder)
    try:
        book = parse_book(sources, declared(), CHANNEL_PROMPTS, read_recordings(folder))
        problems = lint(book, UNHEARD, folder)
    except BrokenBook as broken:
        problems = broken.problems
    if problems:
        _print(problems, sources, json_wanted)
        context.exit(1)
    click.echo("[]" if json_wanted else f"book is clean: {_summary(book)}")


def _print(problems: tuple[Problem, ...], sources: Mapping[str, str], json_wanted: bool) -> None:
    if json_wanted:
        rows = [_row(problem) for problem in problems]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    shown = {path: lines_of(text) for path, text in sources.items()} if _on_terminal() else {}
    for problem in problems:
        _print_one(problem, shown)
    click.echo(f"ivr: {_count(len(problems), 'problem')}", err=True)


def _on_terminal() -> bool:
    return sys.stdout.isatty()


def _print_one(problem: Problem, shown: Mapping[str, list[str]]) -> None:
    """The problem; under it, on a terminal, the line it is in and a caret."""
    rest = str(problem).removeprefix(f"{problem.place}: {problem.code}")
    place = click.style(str(problem.place), bold=True)
    code = click.style(problem.code, fg="red")
    click.echo(f"{place}: {code}{_printable(rest)}")
    if problem.place.path in shown:
        line = shown[problem.place.path][problem.place.line - 1]
        for row in _pointed_at(line, problem.place.column - 1):
            click.secho(" " * MARGIN + row, dim=True)


def _pointed_at(line: str, column: int) -> tuple[str, str]:
    """The part of a line that fits the terminal, and a caret under the column (from 0)."""
    room = max(20, shutil.get_terminal_size().columns - 2 * MARGIN)
    start = max(0, column - room // 2) if len(line) > room else 0
    return _printable(line[start : start + room]), " " * (column - start) + "^"


def _printable(text: str) -> str:
    """The text without what would move the cursor of a terminal or change its colours."""
    return "".join(it if it.isprintable() else " " for it in text)


def _row(problem: Problem) -> dict[str, Any]:
    return {
        **_place(problem.place),
        "code": problem.code,
        "message": problem.message,
        "hint": problem.hint,
        "also": [_place(place) for place in problem.also],
    }


def _place(place: Place) -> dict[str, Any]:
    return {"path": place.path, "line": place.line, "column": place.column}


def _summary(book: Book) -> str:
    prompts = {key for own in book.catalogue.prompts.values() for key in own}
    return (
        f"{_count(len(book.flows), 'flow')}, {_count(len(book.menus), 'menu')}, "
        f"{_count(len(prompts), 'prompt')} in {_count(len(book.languages), 'language')}"
    )


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"

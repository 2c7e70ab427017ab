"""What makes a correct book hard on its callers' ears: words, lengths, and keys that move about.

The line loads such a book all the same; `ivr check` refuses it.
"""

from collections.abc import Collection
from pathlib import Path

from ivr.authoring.lint.lengths import check_lengths
from ivr.authoring.lint.menus import check_menus
from ivr.authoring.lint.words import check_words
from ivr.authoring.speaking import Stopwatch
from ivr.document import Problem, Problems
from ivr.flows.model import Book

__all__ = ["lint"]


def lint(
    book: Book, unheard: Collection[str] = (), folder: Path | None = None
) -> tuple[Problem, ...]:
    """What should be said otherwise, in the order of the places.

    `unheard` are prompts for others than callers; one that a step or menu of the book speaks is
    heard nevertheless. With `folder`, the book's, recordings count with the length of their files;
    BookError for one that is no recording.
    """
    problems = Problems()
    check_words(problems, book, unheard)
    check_menus(problems, book)
    check_lengths(problems, book, unheard, Stopwatch(book, folder))
    return tuple(problems)

"""A book's folder read from disk."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from ivr.errors import BookError
from ivr.flows.files import FLOWS, LOOKALIKES, Recordings
from ivr.flows.model import Book
from ivr.flows.parse import parse_book
from ivr.flows.services import Service

FOLDERS = ("menus", "prompts")


class UnusableBook(BookError):
    """There is no book to be read: no folder, no flows.yaml, or a file that is no text."""


def load_book(
    folder: Path, services: Mapping[str, Service], extra_prompts: Collection[str] = ()
) -> Book:
    """The book in a folder: flows.yaml, menus/*.yaml, prompts/*.yaml and recordings.

    Files named almost so are read too, in order to be reported.

    `services` are those the book may name; `extra_prompts` are keys the line speaks by itself.
    Raises `UnusableBook` with one line that says what to do, or `BrokenBook` with every problem.
    """
    return parse_book(read_sources(folder), services, extra_prompts, read_recordings(folder))


def read_sources(folder: Path) -> dict[str, str]:
    """The text of every file of the book, by its path below the folder."""
    if not folder.is_dir():
        raise UnusableBook(f"{folder} is no folder; name the one that holds flows.yaml")
    if not (folder / FLOWS).is_file():
        raise UnusableBook(f"{folder} holds no book: there is no flows.yaml in it")
    return {path.relative_to(folder).as_posix(): _text(path) for path in _files(folder)}


def read_recordings(folder: Path) -> Recordings:
    """The recordings there are: for each language the names of its files, without `.wav`."""
    return {
        path.name: frozenset(file.stem for file in path.glob("*.wav"))
        for path in sorted((folder / "prompts").glob("*"))
        if path.is_dir()
    }


def _files(folder: Path) -> Iterator[Path]:
    yield folder / FLOWS
    others = (it for it in sorted(folder.glob("flows.*")) if it.name != FLOWS)
    yield from (it for it in others if _lookalike(it))
    for name in FOLDERS:
        yield from (it for it in sorted((folder / name).glob("*")) if _lookalike(it))


def _lookalike(path: Path) -> bool:
    return path.suffix.lower() in LOOKALIKES


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8"
        raise UnusableBook(message) from None
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        raise UnusableBook(f"{path} cannot be read: {reason}") from None

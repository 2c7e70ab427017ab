"""Files that hold the map, written and found out of date: a Markdown page, or an SVG."""

import re
from pathlib import Path

from ivr.authoring.map.svg import digest, drawn_from, svg
from ivr.errors import BookError

BEGIN, END = "<!-- map: begin -->", "<!-- map: end -->"
_BETWEEN = re.compile(
    rf"(?<={re.escape(BEGIN)}\n).*?(?=^{re.escape(END)}$)", re.DOTALL | re.MULTILINE
)


def is_fresh(file: Path, text: str) -> bool:
    """Whether a file holds the map that `text` is. An SVG is known by what it was drawn from.

    Raises BookError where the file cannot be read or has no place for a map.
    """
    found = _read(file)
    if _is_svg(file):
        return drawn_from(found) == digest(text)
    return _with_map(file, found, text) == found


def write(file: Path, text: str) -> None:
    """Put the map into a file: all of an SVG, or what stands between a page's two markers.

    Raises BookError where it cannot be written or has no place for a map.
    """
    made = svg(text) if _is_svg(file) else _with_map(file, _read(file), text)
    try:
        file.write_text(made, encoding="utf-8")
    except OSError as error:
        raise BookError(f"{file} cannot be written: {_reason(error)}") from None


def _is_svg(file: Path) -> bool:
    return file.suffix.lower() == ".svg"


def _with_map(file: Path, page: str, text: str) -> str:
    """The page with this map. A line of its own begins and ends the place for it."""
    if not _BETWEEN.search(page):
        raise BookError(f'{file} has no place for a map; write the lines "{BEGIN}" and "{END}"')
    return _BETWEEN.sub(lambda _: f"\n```mermaid\n{text}```\n\n", page, count=1)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise BookError(f"{file} cannot be read: it is not UTF-8 text") from None
    except OSError as error:
        raise BookError(f"{file} cannot be read: {_reason(error)}") from None


def _reason(error: OSError) -> str:
    return (error.strerror or "the system refuses").lower()

"""Files that hold a picture, written and found out of date: a Markdown page, or an SVG."""

import re
from pathlib import Path

from ivr.authoring.map.svg import digest, drawn_from, svg
from ivr.errors import BookError

MOST_LETTERS = 50_000
MOST_ARROWS = 500
"""What a page's Mermaid draws: maxTextSize and maxEdges, which a chart itself cannot raise
(https://mermaid.js.org/config/schema-docs/config.html). Invisible links count as arrows."""
_ARROW = re.compile(r"^\S+ (?:==>|-->|-\.->|~~~)", re.MULTILINE)


def is_fresh(file: Path, text: str, what: str = "map") -> bool:
    """Whether a file holds the picture that `text` is. An SVG is known by what it was drawn from.

    `what` names the picture, and its place in a page. Raises BookError where the file cannot be
    read, has no place for it, or is a page that cannot show so much.
    """
    found = _read(file)
    if _is_svg(file):
        return drawn_from(found) == digest(text)
    return _with_picture(file, found, text, what) == found


def write(file: Path, text: str, what: str = "map") -> None:
    """Put the picture into a file: all of an SVG, or what stands between a page's two markers.

    Raises BookError where it cannot be written, has no place for the picture, or is a page that
    cannot show so much.
    """
    made = svg(text) if _is_svg(file) else _with_picture(file, _read(file), text, what)
    try:
        file.write_text(made, encoding="utf-8")
    except OSError as error:
        raise BookError(f"{file} cannot be written: {_reason(error)}") from None


def _is_svg(file: Path) -> bool:
    return file.suffix.lower() == ".svg"


def _with_picture(file: Path, page: str, text: str, what: str) -> str:
    """The page with this picture. A line of its own begins and ends the place for it."""
    begin, end = f"<!-- {what}: begin -->", f"<!-- {what}: end -->"
    between = re.compile(rf"(?<={begin}\n).*?(?=^{end}$)", re.DOTALL | re.MULTILINE)
    if not between.search(page):
        raise BookError(f'{file} has no place for a {what}; write the lines "{begin}" and "{end}"')
    _check_size(file, text, what)
    return between.sub(lambda _: f"\n```mermaid\n{text}```\n\n", page, count=1)


def _check_size(file: Path, text: str, what: str) -> None:
    arrows = len(_ARROW.findall(text))
    if len(text) > MOST_LETTERS or arrows > MOST_ARROWS:
        raise BookError(
            f"{file} cannot show this {what} of {len(text):,} characters and {arrows} arrows: "
            f"a page draws {MOST_LETTERS:,} and {MOST_ARROWS} at most; write it to an .svg file"
        )


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise BookError(f"{file} cannot be read: it is not UTF-8 text") from None
    except OSError as error:
        raise BookError(f"{file} cannot be read: {_reason(error)}") from None


def _reason(error: OSError) -> str:
    return (error.strerror or "the system refuses").lower()

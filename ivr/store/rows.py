"""Reads CSV files row by row and gathers what is wrong with them, each with its place."""

import csv
import difflib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from ivr.errors import ImportRefused
from ivr.store.columns import FIELDS, Field

SHOWN = 20
CLOCKS_DIFFER = timedelta(minutes=5)
# What Python makes of bytes that are not UTF-8 when it may not refuse them.
SMUGGLED = re.compile("[\udc80-\udcff]")

Progress = Callable[[int], None]


@dataclass(slots=True)
class Problems:
    """What is wrong with one file: the first twenty in words, all of them counted."""

    file: Path
    lines: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, line: int, column: str, message: str) -> None:
        """Note a problem at a line, counted from 1, and a column."""
        self.count += 1
        if len(self.lines) < SHOWN:
            self.lines.append(f"{self.file}:{line}: {column}: {message}")

    def refuse(self) -> None:
        """Raise `ImportRefused` with every problem, if there is one."""
        if self.count:
            more = [f"and {self.count - SHOWN} more"] if self.count > SHOWN else []
            raise ImportRefused("\n".join([*self.lines, *more, "nothing was written"]))


@dataclass(frozen=True, slots=True)
class Row:
    """One account as the file gives it: `values` by column of the table accounts."""

    line: int
    values: dict[str, Any]
    phones: tuple[str, ...]
    pin: str | None = field(repr=False)


def header(file: Path, known: Sequence[Field] = FIELDS) -> tuple[Field, ...]:
    """The file's columns in its order; `known` are those there may be.

    Raises `ImportRefused` where one is unknown, twice there or missing.
    """
    for _, cells in _cells(file, _ignore):
        return _fields(file, [cell.strip() for cell in cells], known)
    raise ImportRefused(f"{file} is empty; its first line must name the columns")


def _fields(file: Path, names: list[str], known: Sequence[Field]) -> tuple[Field, ...]:
    by_name = {field.name: field for field in known}
    for name in names:
        if name not in by_name:
            near = difflib.get_close_matches(name, by_name, 1)
            hint = f'; did you mean "{near[0]}"?' if near else f"; known are {', '.join(by_name)}"
            raise ImportRefused(f'{file}:1: "{_short(name)}" is no column{hint}')
        if names.count(name) > 1:
            raise ImportRefused(f'{file}:1: the column "{name}" is there twice; keep one')
    missing = [field.name for field in known if field.required and field.name not in names]
    if missing:
        raise ImportRefused(f"{file}:1: missing columns: {', '.join(missing)}")
    return tuple(by_name[name] for name in names)


def rows(
    file: Path,
    fields: tuple[Field, ...],
    now: datetime,
    problems: Problems,
    progress: Progress | None = None,
) -> Iterator[Row]:
    """The good rows of a file whose header is `fields`; the bad ones go into `problems`.

    `now` is the balance_as_of of rows that name none. `progress` is told the bytes read so far.
    """
    for line, cells in _whole(file, fields, problems, progress or _ignore):
        before = problems.count
        row = _row(line, cells, fields, now, problems)
        if problems.count == before:
            yield row


def records(
    file: Path, fields: tuple[Field, ...], problems: Problems
) -> Iterator[tuple[int, dict[str, Any]]]:
    """The good rows of any file, each with its line, by the names of its columns."""
    for line, cells in _whole(file, fields, problems, _ignore):
        before = problems.count
        values = _values(line, cells, fields, problems)
        if problems.count == before:
            yield line, values


def _whole(
    file: Path, fields: tuple[Field, ...], problems: Problems, progress: Progress
) -> Iterator[tuple[int, list[str]]]:
    """The rows below the header that have as many cells as it."""
    lines = _cells(file, progress)
    next(lines, None)
    for line, cells in lines:
        if len(cells) == len(fields):
            yield line, cells
        else:
            wrong = f"has {len(cells)} cells, the header {len(fields)}; quote cells with a comma"
            problems.add(line, "row", wrong)


def _values(
    line: int, cells: list[str], fields: tuple[Field, ...], problems: Problems
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for known, cell in zip(fields, cells, strict=True):
        try:
            values[known.column or known.name] = _value(known, cell.strip())
        except ValueError as error:
            problems.add(line, known.name, _complaint(known, cell.strip(), str(error)))
    return values


def _row(
    line: int, cells: list[str], fields: tuple[Field, ...], now: datetime, problems: Problems
) -> Row:
    values = _values(line, cells, fields, problems)
    as_of = values.get("balance_as_of") or now
    if as_of > now + CLOCKS_DIFFER:
        problems.add(line, "balance_as_of", f'"{as_of.isoformat()}" must not be in the future')
    values["balance_as_of"] = as_of
    return Row(line, values, values.pop("phone", ()), values.pop("pin", None))


def _value(known: Field, cell: str) -> Any:
    if cell:
        return known.parse(cell)
    if known.required:
        raise ValueError("must not be empty")
    return known.empty


def _complaint(known: Field, cell: str, advice: str) -> str:
    # A wrong PIN is most likely nearly the right one: it is never shown.
    return advice if known.name == "pin" or not cell else f'"{_short(cell)}" {advice}'


def _short(cell: str) -> str:
    shown = cell if len(cell) <= 40 else f"{cell[:40]}…"
    return shown.encode("unicode_escape").decode() if not shown.isprintable() else shown


def _cells(file: Path, progress: Progress) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not blank, with the line it begins on."""
    line = 0
    try:
        with file.open("rb") as raw:
            text = TextIOWrapper(raw, encoding="utf-8-sig", newline="")
            reader = csv.reader(text, strict=True)
            for cells in reader:
                begins, line = line + 1, reader.line_num
                progress(raw.tell())
                if cells:
                    yield begins, cells
    except OSError as error:
        raise ImportRefused(f"cannot read {file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        refused = f"{file}:{_first_not_utf8(file)}: is not UTF-8; save it as CSV UTF-8"
        raise ImportRefused(refused) from error
    except csv.Error as error:
        refused = f"{file}:{line + 1}: a broken row ({error}); check its quotes"
        raise ImportRefused(refused) from error


def _first_not_utf8(file: Path) -> int:
    """The line, since text is decoded in blocks and the error knows only where in one it was."""
    with file.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as text:
        return next(line for line, written in enumerate(text, 1) if SMUGGLED.search(written))


def _ignore(read: int) -> None:
    """Progress nobody watches."""

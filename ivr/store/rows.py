"""Reads accounts.csv row by row and gathers what is wrong with it, each with its place."""

import csv
import difflib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from ivr.errors import ImportRefused
from ivr.store.columns import BY_NAME, FIELDS, Field

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


def header(file: Path) -> tuple[Field, ...]:
    """The file's columns in its order.

    Raises `ImportRefused` where one is unknown, twice there or missing.
    """
    for _, cells in _cells(file, _ignore):
        return _fields(file, [cell.strip() for cell in cells])
    raise ImportRefused(f"{file} is empty; its first line must name the columns")


def _fields(file: Path, names: list[str]) -> tuple[Field, ...]:
    for name in names:
        if name not in BY_NAME:
            near = difflib.get_close_matches(name, BY_NAME, 1)
            hint = f'; did you mean "{near[0]}"?' if near else f"; known are {', '.join(BY_NAME)}"
            raise ImportRefused(f'{file}:1: "{_short(name)}" is no column{hint}')
        if names.count(name) > 1:
            raise ImportRefused(f'{file}:1: the column "{name}" is there twice; keep one')
    missing = [known.name for known in FIELDS if known.required and known.name not in names]
    if missing:
        raise ImportRefused(f"{file}:1: missing columns: {', '.join(missing)}")
    return tuple(BY_NAME[name] for name in names)


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
    lines = _cells(file, progress or _ignore)
    next(lines, None)
    for line, cells in lines:
        before = problems.count
        if len(cells) != len(fields):
            wrong = f"has {len(cells)} cells, the header {len(fields)}; quote cells with a comma"
            problems.add(line, "row", wrong)
            continue
        row = _row(line, cells, fields, now, problems)
        if problems.count == before:
            yield row


def _row(
    line: int, cells: list[str], fields: tuple[Field, ...], now: datetime, problems: Problems
) -> Row:
    values: dict[str, Any] = {}
    for known, cell in zip(fields, cells, strict=True):
        try:
            values[known.column or known.name] = _value(known, cell.strip())
        except ValueError as error:
            problems.add(line, known.name, _complaint(known, cell.strip(), str(error)))
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

"""How lists are printed: aligned columns for people, JSON for scripts."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, tzinfo
from typing import Any

import click

Rows = Sequence[Mapping[str, Any]]

as_json = click.option("--json", "json_wanted", is_flag=True, help="Print JSON, for scripts.")


def print_rows(rows: Rows, json_wanted: bool, empty: str, place: tzinfo | None = None) -> None:
    """Print rows of equal keys as a table, or all as one JSON list; `empty` where there is none.

    Times are UTC in JSON; in the table they are local at `place` or, without one, here.
    """
    if json_wanted:
        click.echo(json.dumps([_plain(row) for row in rows], ensure_ascii=False, indent=2))
    elif rows:
        _print_table(rows, place)
    else:
        click.echo(empty)


def _print_table(rows: Rows, place: tzinfo | None) -> None:
    names = list(rows[0])
    lines = [[_cell(row[name], place) for name in names] for row in rows]
    titles = [name.replace("_", " ") for name in names]
    widths = [max(len(line[at]) for line in [titles, *lines]) for at in range(len(names))]
    click.secho(_line(titles, widths), bold=True)  # bold on a terminal only
    for line in lines:
        click.echo(_line(line, widths))


def _line(cells: list[str], widths: list[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return "  ".join(padded).rstrip()


def _cell(value: Any, place: tzinfo | None) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.astimezone(place).strftime("%Y-%m-%d %H:%M %Z")
        case tuple() | list():
            return ",".join(str(part) for part in value) or "-"
        case _:
            return str(value)


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _jsonable(value) for name, value in row.items()}


def _jsonable(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value

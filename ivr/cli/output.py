"""How lists are printed: aligned columns for people, JSON for scripts."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import click

Rows = Sequence[Mapping[str, Any]]

as_json = click.option("--json", "json_wanted", is_flag=True, help="Print JSON, for scripts.")


def print_rows(rows: Rows, json_wanted: bool, empty: str) -> None:
    """Print rows of equal keys as a table, or all as one JSON list; `empty` where there is none.

    Times are local in the table and UTC in JSON.
    """
    if json_wanted:
        click.echo(json.dumps([_plain(row) for row in rows], ensure_ascii=False, indent=2))
    elif rows:
        _print_table(rows)
    else:
        click.echo(empty)


def _print_table(rows: Rows) -> None:
    names = list(rows[0])
    lines = [[_cell(row[name]) for name in names] for row in rows]
    titles = [name.replace("_", " ") for name in names]
    widths = [max(len(line[at]) for line in [titles, *lines]) for at in range(len(names))]
    click.secho(_line(titles, widths), bold=True)  # bold on a terminal only
    for line in lines:
        click.echo(_line(line, widths))


def _line(cells: list[str], widths: list[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return "  ".join(padded).rstrip()


def _cell(value: Any) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.astimezone().strftime("%Y-%m-%d %H:%M")
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

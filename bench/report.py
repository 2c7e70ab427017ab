"""The bench's results as a table for people and as JSON for machines."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from bench.book import Loading
from bench.proof import GROWTH_TARGET, Proving, growth
from bench.turns import Row

TARGETS = {"SQLite": 0.35, "PostgreSQL": 0.18}
LOADING_TARGET = 2.0


@dataclass(frozen=True, slots=True)
class Results:
    """Everything one run found."""

    rows: Sequence[Row]
    loading: Loading
    turns: Mapping[str, int]
    stack: Mapping[str, float]
    provings: tuple[Proving, Proving]


def as_json(results: Results) -> str:
    """One JSON object."""
    return json.dumps(
        {
            "turns": [_row(row) for row in results.rows],
            "book": {
                "steps": results.loading.steps,
                "compose_ms": round(results.loading.compose_ms, 1),
                "load_ms": round(results.loading.load_ms, 1),
                "ratios": [round(ratio, 2) for ratio in results.loading.ratios],
            },
            "turns_per_call": dict(results.turns),
            "stack_ms": {part: round(cost, 3) for part, cost in results.stack.items()},
            "proof": [_proving(it) for it in results.provings],
            "proof_growth": round(growth(results.provings), 1),
        },
        indent=2,
    )


def _row(row: Row) -> dict[str, object]:
    return {
        "database": row.name,
        "accounts": row.accounts,
        "callers": row.callers,
        "ratio": round(row.ratio, 3),
        "ratios": [round(ratio, 3) for ratio in row.ratios],
        "per_second": round(row.per_second),
        "floor_per_second": round(row.floor_per_second),
        "milliseconds": round(row.milliseconds, 2),
    }


def _proving(proving: Proving) -> dict[str, object]:
    return {
        "book": proving.name,
        "states": proving.states,
        "turns": proving.turns,
        "seconds": round(proving.seconds, 2),
        "states_per_second": round(proving.per_second),
        "peak_megabytes": round(proving.megabytes),
    }


def show(results: Results, console: Console) -> None:
    """All tables."""
    console.print(_turns(results.rows))
    console.print(_loading(results.loading))
    console.print(_parts(results.stack))
    console.print(_proofs(results.provings))
    jobs = ", ".join(f"{job} {count}" for job, count in results.turns.items())
    console.print(f"Turns per call: {jobs}.")


def _turns(rows: Sequence[Row]) -> Table:
    table = Table(title="A full turn beside a fixed answer, one gunicorn worker each")
    for heading in ("database", "accounts", "callers", "turns/s", "floor/s", "ms", "ratio"):
        table.add_column(
            heading, justify="left" if heading == "database" else "right", no_wrap=True
        )
    table.add_column("range", justify="right", no_wrap=True)
    table.add_column("target", justify="right", no_wrap=True)
    for row in rows:
        table.add_row(
            row.name,
            f"{row.accounts:,}",
            str(row.callers),
            f"{row.per_second:.0f}",
            f"{row.floor_per_second:.0f}",
            f"{row.milliseconds:.2f}",
            f"{row.ratio:.2f}",
            f"{row.ratios[0]:.2f} to {row.ratios[-1]:.2f}",
            f"{TARGETS[row.name.split(',')[0]]:.2f}",
        )
    return table


def _loading(loading: Loading) -> Table:
    table = Table(title=f"Loading a book of {loading.steps:,} steps")
    for heading in ("YAML alone, ms", "load, ms", "ratio", "range", "target"):
        table.add_column(heading, justify="right")
    ratios = loading.ratios
    table.add_row(
        f"{loading.compose_ms:.0f}",
        f"{loading.load_ms:.0f}",
        f"{ratios[len(ratios) // 2]:.2f}",
        f"{ratios[0]:.2f} to {ratios[-1]:.2f}",
        f"{LOADING_TARGET:.2f}",
    )
    return table


def _parts(stack: Mapping[str, float]) -> Table:
    table = Table(title="What a turn costs, SQLite, inside the process")
    table.add_column("part")
    table.add_column("ms", justify="right")
    for part, cost in stack.items():
        table.add_row(part, f"{cost:.3f}")
    table.add_row("together", f"{sum(stack.values()):.3f}")
    return table


def _proofs(provings: tuple[Proving, Proving]) -> Table:
    grown = f"{growth(provings):.1f} times as long, target below {GROWTH_TARGET:.0f}"
    table = Table(title=f"Proving the shipped book and one ten times its size: {grown}")
    table.add_column("book")
    for heading in ("states", "turns", "seconds", "states/s", "peak, MB"):
        table.add_column(heading, justify="right")
    for it in provings:
        table.add_row(
            it.name,
            f"{it.states:,}",
            f"{it.turns:,}",
            f"{it.seconds:.1f}",
            f"{it.per_second:,.0f}",
            f"{it.megabytes:,.0f}",
        )
    return table

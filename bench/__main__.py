"""`python -m bench`: everything is measured, shown and cleaned up in a few minutes."""

import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from bench import databases, servers
from bench.book import load_times
from bench.jobs import turns_per_call
from bench.proof import proving_times
from bench.report import Results, as_json, show
from bench.servers import Server
from bench.stack import cost_stack
from bench.turns import compare

FEW = 1000
"""As good as empty, and yet each caller has made few calls before."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured. `seconds` is the length of one measurement."""

    many: int
    rounds: int
    seconds: float
    callers: Sequence[int] = (1, 4)


WIDTH = 110
"""Columns of the tables where they go to a file."""

FULL = Plan(many=1_000_000, rounds=6, seconds=1.0)
QUICK = Plan(many=50_000, rounds=3, seconds=0.5)


@click.command()
@click.option("--quick", is_flag=True, help="Fewer accounts, pairs and seconds; ratios waver more.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON instead of tables.")
def main(quick: bool, is_json: bool) -> None:
    """What a turn of the line costs beside the cheapest answer the same server can give."""
    plan = QUICK if quick else FULL
    console = Console(stderr=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # clean up then, too
    try:
        with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
            results = _measure(plan, bar)
    except RuntimeError as problem:
        raise click.ClickException(str(problem)) from problem
    if is_json:
        click.echo(as_json(results))
    else:
        show(results, Console(width=None if console.is_terminal else WIDTH))


def _measure(plan: Plan, bar: Progress) -> Results:
    with ExitStack() as cleanup:
        folder = Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="ivr-bench-")))
        with _stage(bar, "loading a large book", 1) as done:
            loading, jobs = load_times(plan.rounds), turns_per_call(folder)
            done()
        with _stage(bar, "filling four databases", 4) as done:
            lines = _lines(plan, folder, cleanup, done)
        floor = cleanup.enter_context(servers.floor(folder))
        with _stage(bar, "measuring", plan.rounds * len(plan.callers) * len(lines)) as done:
            rows = compare(floor, lines, plan.callers, plan.rounds, plan.seconds, done)
        with _stage(bar, "taking a turn apart", 1) as done:
            stack = cost_stack(databases.sqlite(folder, FEW + 1), folder, FEW)
            done()
        with _stage(bar, "proving two books", 1) as done:
            provings = proving_times()
            done()
    return Results(rows, loading, jobs, stack, provings)


def _lines(plan: Plan, folder: Path, cleanup: ExitStack, done: Callable[[], None]) -> list[Server]:
    """A worker on each of four databases."""
    postgresql = cleanup.enter_context(databases.postgresql_server(folder))
    made = []
    for name, few in (("few", FEW), ("many", plan.many)):
        for kind, url in (
            ("SQLite", databases.sqlite(folder, few)),
            ("PostgreSQL", databases.postgresql(postgresql, few)),
        ):
            line = servers.line(f"{kind}, {name}", folder, url, few)
            made.append(cleanup.enter_context(line))
            done()
    return sorted(made, key=lambda server: (server.name.startswith("PostgreSQL"), server.accounts))


@contextmanager
def _stage(bar: Progress, what: str, steps: int) -> Iterator[Callable[[], None]]:
    task = bar.add_task(what, total=steps)
    yield lambda: bar.advance(task)
    bar.remove_task(task)


if __name__ == "__main__":
    main()

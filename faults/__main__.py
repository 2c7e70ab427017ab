"""`python -m faults`: break whatever moves money, everywhere it can break."""

import logging
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import SystemRandom

import click
from rich.console import Console
from rich.progress import Progress, TaskID

from bench.databases import postgresql_server
from faults.builds import BUILDS
from faults.kinds import GATEWAYS, Errand
from faults.lines import databases, serving
from faults.report import show
from faults.running import Supply, Wanted
from faults.schedules import named

WIDTH = 190
"""Columns of the table where it goes to a file."""
KINDS = ("SQLite", "PostgreSQL")


@click.command()
@click.option("--seconds", default=60.0, show_default=True, help="How long random schedules go on.")
@click.option("--chance", is_flag=True, help="Random schedules only.")
@click.option("--seed", type=int, help="The first of the random schedules; else one by chance.")
@click.option(
    "--replay", multiple=True, help="Only this schedule: a seed, or a name like killed@6."
)
@click.option("--jobs", type=click.IntRange(1), default=8, show_default=True, help="Lines at once.")
@click.option("--database", "kinds", multiple=True, type=click.Choice(KINDS), help="Only this one.")
@click.option(
    "--gateway", default="both", type=click.Choice([*GATEWAYS, "both"]), show_default=True
)
@click.option(
    "--errand",
    "wanted",
    multiple=True,
    type=click.Choice([it.value for it in Errand]),
    help="Only this one.",
)
@click.option("--build", default="right", type=click.Choice(list(BUILDS)), help="A broken build.")
def main(
    seconds: float,
    chance: bool,
    seed: int | None,
    replay: Sequence[str],
    jobs: int,
    kinds: Sequence[str],
    gateway: str,
    wanted: Sequence[str],
    build: str,
) -> None:
    """Every fault at every point of all that moves money, then random mixtures; exit 1 if any
    promise of docs/decisions/money.md was broken, or a fault could not be had."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # clean up then, too
    logging.getLogger("ivr").setLevel(logging.ERROR)  # the reconciler runs here and warns often
    console = Console(stderr=True)
    first = SystemRandom().randrange(10**9) if seed is None else seed
    _check(replay)
    plan = Wanted(seconds, first, replay, frozenset(wanted or Errand), chance)
    supplies = [
        Supply(kind, one, plan)
        for one in GATEWAYS
        if gateway in (one, "both") and plan.has_work_at(one)
        for kind in kinds or KINDS
    ]
    if not supplies:
        raise click.UsageError(f"there is none of that at this gateway: {gateway}")
    if not replay:
        click.echo(f"random schedules begin with seed {first}", err=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        try:
            _run(supplies, max(jobs, len(supplies)), build, bar)
        except RuntimeError as problem:
            raise click.ClickException(str(problem)) from problem
    out = Console(width=None if console.is_terminal else WIDTH)
    show(supplies, out)
    tallies = [supply.tally for supply in supplies]
    sys.exit(any(it.violations or it.searched.found or it.missed for it in tallies))


def _check(replay: Sequence[str]) -> None:
    for name in replay:
        try:
            named(name)
        except ValueError as problem:
            raise click.BadParameter(f"{problem}; it must be a seed or KIND@POINT") from problem


def _run(supplies: Sequence[Supply], jobs: int, build: str, bar: Progress) -> None:
    task = bar.add_task("schedules", total=None)
    with ExitStack() as cleanup:
        folder = Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="ivr-faults-")))
        urls = cleanup.enter_context(_urls(supplies, jobs, folder))
        pool = cleanup.enter_context(ThreadPoolExecutor(jobs))
        cleanup.callback(_stop, supplies)  # before the pool is waited for
        running = [
            pool.submit(
                _job, supplies[job % len(supplies)], url, folder / str(job), build, bar, task
            )
            for job, url in enumerate(urls)
        ]
        _see_through(running)


def _job(supply: Supply, url: str, folder: Path, build: str, bar: Progress, task: TaskID) -> None:
    with serving(supply.database, url, folder, build, supply.gateway) as line:
        supply.run(line, lambda: bar.advance(task))


def _see_through(running: "Sequence[Future[None]]") -> None:
    """Wait, and pass on what broke; short waits, so that Ctrl-C is heard."""
    while not all(job.done() for job in running):
        wait(running, timeout=0.5)
        for job in running:
            if job.done():
                job.result()
    for job in running:
        job.result()


def _stop(supplies: Sequence[Supply]) -> None:
    for supply in supplies:
        supply.is_stopped = True


@contextmanager
def _urls(supplies: Sequence[Supply], jobs: int, folder: Path) -> Iterator[list[str]]:
    """A new database for every job, of its supply's kind."""
    kinds = [supplies[job % len(supplies)].database for job in range(jobs)]
    with ExitStack() as cleanup:
        wanted = [f"faults_{job}" for job, kind in enumerate(kinds) if kind == "PostgreSQL"]
        server = cleanup.enter_context(postgresql_server(folder)) if wanted else ""
        made = iter(databases(server, wanted) if wanted else [])
        yield [
            next(made) if kind == "PostgreSQL" else f"sqlite:///{folder / str(job) / 'ivr.db'}"
            for job, kind in enumerate(kinds)
        ]


if __name__ == "__main__":
    main()

"""`python -m bench.mutants`: the shipped book broken in every way there is, and what a proof says.

Every mutant must be caught by a claim, or be known to break none for a reason that
tests/authoring/test_mutants.py gives. That test looks at one or two of each kind. A mutant takes
one or two seconds of a core as a rule, since only what differs from the shipped book is explored,
and a minute or more where it has many more states: two to three hours of a core for all.
"""

import gc
import multiprocessing
import os
import random
import resource
import signal
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bench.__main__ import WIDTH
from tests.authoring.judging import shipped
from tests.authoring.mutants import OPERATORS, Mutant, mutants
from tests.authoring.test_mutants import reason
from tests.line import SHIPPED

LONGEST = 240
"""Seconds after which a proof is taken not to end."""
MOST_MEMORY = 2 * 2**30
"""Bytes of address space for each process."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What a proof says of a mutant: the claim that caught it, or how the proof itself broke."""

    mutant: int
    caught: str = ""
    trouble: str = ""


ALL: list[Mutant] = []
"""Made before the processes part, so that none has to be handed over."""


@click.command()
@click.option("--sample", type=click.IntRange(1), help="So many of each operator, not all.")
@click.option("--seed", default=1, show_default=True, help="Which ones a sample takes.")
@click.option("--processes", type=click.IntRange(1), help="One for each core, unless told.")
@click.option("--operator", "only", multiple=True, type=click.Choice(list(OPERATORS)))
def main(sample: int | None, seed: int, processes: int | None, only: Sequence[str]) -> None:
    """Break the shipped book in every way, and prove each mutant; exit 1 if one passes unseen."""
    ALL.extend(it for it in mutants(SHIPPED) if not only or it.operator in only)
    chosen = _chosen(sample, random.Random(seed))
    judged = []
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("proving", total=len(chosen))
        for it in _judged_side_by_side(chosen, processes or len(os.sched_getaffinity(0))):
            judged.append(it)
            bar.advance(task)
    out = Console(width=None if console.is_terminal else WIDTH)
    out.print(_table(judged))
    sys.exit(_tell(judged))


def _chosen(sample: int | None, dice: random.Random) -> list[int]:
    numbers: dict[str, list[int]] = {}
    for number, mutant in enumerate(ALL):
        numbers.setdefault(mutant.operator, []).append(number)
    return [
        number
        for of_one in numbers.values()
        for number in (dice.sample(of_one, min(sample, len(of_one))) if sample else of_one)
    ]


def _judged_side_by_side(chosen: Sequence[int], processes: int) -> Iterator[Judged]:
    """Each process sees to its share for a while and is then replaced: proofs leave much behind.
    All of them know the shipped book from here."""
    shipped().prepare()
    gc.freeze()
    context = multiprocessing.get_context("fork")
    with context.Pool(min(processes, len(chosen)), _limit, maxtasksperchild=40) as pool:
        yield from pool.imap_unordered(_judge, chosen)


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    signal.signal(signal.SIGALRM, _too_late)


def _too_late(*_: object) -> None:
    raise TimeoutError(f"the proof does not end within {LONGEST} s")


def _judge(number: int) -> Judged:
    signal.alarm(LONGEST)
    try:
        return Judged(number, shipped().first(ALL[number].book))
    except Exception as error:
        return Judged(number, trouble=f"{type(error).__name__}: {error}")
    finally:
        signal.alarm(0)
        gc.collect()  # its states lead to one another


def _table(judged: Sequence[Judged]) -> Table:
    table = Table(title="Mutants of the shipped book")
    table.add_column("operator")
    for heading in ("mutants", "caught", "harmless", "unexplained"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("first caught by")
    for operator in OPERATORS:
        of_one = [it for it in judged if ALL[it.mutant].operator == operator]
        if of_one:
            table.add_row(operator, *_counts(of_one), _by_claim(of_one))
    table.add_section()
    table.add_row("together", *_counts(judged), _by_claim(judged))
    return table


def _counts(judged: Sequence[Judged]) -> tuple[str, ...]:
    caught = sum(bool(it.caught) for it in judged)
    unexplained = sum(_is_unexplained(it) for it in judged)
    harmless = len(judged) - caught - unexplained
    return str(len(judged)), str(caught), str(harmless), str(unexplained)


def _by_claim(judged: Sequence[Judged]) -> str:
    counted = Counter(it.caught for it in judged if it.caught)
    return ", ".join(f"{claim} {count}" for claim, count in counted.most_common())


def _is_unexplained(it: Judged) -> bool:
    return not it.caught and (bool(it.trouble) or reason(ALL[it.mutant]) is None)


def _tell(judged: Sequence[Judged]) -> int:
    """Why mutants are harmless, and the ones that nobody can explain."""
    held = [it for it in judged if not it.caught and not _is_unexplained(it)]
    for why, count in Counter(reason(ALL[it.mutant]) for it in held).most_common():
        click.echo(f"harmless, {count}: {why}")
    unexplained = [it for it in judged if _is_unexplained(it)]
    for it in unexplained:
        click.secho(f"unexplained: {ALL[it.mutant]}: {it.trouble or 'all claims hold'}", err=True)
    return 1 if unexplained else 0


if __name__ == "__main__":
    main()

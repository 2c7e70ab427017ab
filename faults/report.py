"""What a run found, as tables: how often each fault struck at each point, on each database."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from faults.running import ELSEWHERE, Supply, Tally
from faults.schedules import OF_ROUND, Kind

MOST_STORIES = 5


def show(supplies: Sequence[Supply], console: Console) -> None:
    """The tables of each gateway, a line for each database, and the story of what went wrong."""
    for gateway in dict.fromkeys(supply.gateway for supply in supplies):
        tallies = {it.database: it.tally for it in supplies if it.gateway == gateway}
        console.print(_of_payment(f"{gateway}, {' / '.join(tallies)}", tallies))
        console.print(_of_round(f"{gateway}, {' / '.join(tallies)}", tallies))
    for supply in supplies:
        console.print(_sentence(supply), highlight=False)
    for supply in supplies:
        _stories(supply, console)


def _sentence(supply: Supply) -> str:
    tally, searched = supply.tally, supply.tally.searched
    faults = sum(tally.faults.values()) + sum(tally.of_rounds.values())
    return (
        f"{supply.gateway}, {supply.database}: {tally.schedules} schedules, {faults} faults, "
        f"{len(tally.violations)} violations, {len(tally.missed)} faults that found no point, "
        f"{tally.rescues} answers from memory, {len(searched.found)} secrets found in "
        f"{searched.files} files, {searched.rows} rows, {searched.bytes / 1e6:.1f} MB, "
        f"{tally.seconds:.0f} s"
    )


def _of_payment(title: str, tallies: Mapping[str, Tally]) -> Table:
    points = next((tally.points for tally in tallies.values() if tally.points), [])
    table = Table(title=f"Faults by point of a payment: {title}")
    table.add_column("fault", no_wrap=True)
    for place in (*points, ELSEWHERE, "together"):
        table.add_column(place.replace(" ", "\n"), justify="right")
    for kind in Kind:
        counted = [[tally.faults[kind, it] for it in points] for tally in tallies.values()]
        table.add_row(kind.value, *_cells(_with_sums(tallies, kind, counted)))
    return table


def _with_sums(
    tallies: Mapping[str, Tally], kind: Kind, counted: Sequence[Sequence[int]]
) -> Sequence[Sequence[int]]:
    elsewhere = [tally.faults[kind, ELSEWHERE] for tally in tallies.values()]
    return [
        [*counts, other, sum(counts) + other]
        for counts, other in zip(counted, elsewhere, strict=True)
    ]


def _of_round(title: str, tallies: Mapping[str, Tally]) -> Table:
    """Points downwards, since a round has more of them than there are faults."""
    points = next((tally.of_round for tally in tallies.values() if tally.of_round), [])
    table = Table(title=f"Faults by point of the reconciler: {title}")
    table.add_column("point", no_wrap=True)
    for named in OF_ROUND.values():
        table.add_column(named.replace(" ", "\n"), justify="right")
    for point in (*points, ELSEWHERE):
        counted = [[tally.of_rounds[it, point] for it in OF_ROUND] for tally in tallies.values()]
        table.add_row(point.replace("-", " "), *_cells(counted))
    return table


def _cells(counted: Sequence[Sequence[int]]) -> list[str]:
    return ["/".join(map(str, counts)) for counts in zip(*counted, strict=True)]


def _stories(supply: Supply, console: Console) -> None:
    tally = supply.tally
    again = f"python -m faults --gateway {supply.gateway} --database {supply.database} --replay"
    for missed in tally.missed:
        console.print(f"no point: {again} {missed}", style="yellow", markup=False)
    for secret in sorted(tally.searched.found):
        console.print(f"{supply.gateway}, {supply.database}: {secret}", style="red")
    for violation in tally.violations[MOST_STORIES:]:
        wrong = "; ".join(violation.wrong)
        console.print(f"{again} {violation.schedule.name}: {wrong}", markup=False)
    for violation in tally.violations[:MOST_STORIES]:
        title = f"\n{supply.gateway}, {supply.database}: {violation.schedule}"
        console.print(title, style="red", markup=False)
        for wrong in violation.wrong:
            console.print(f"  {wrong}", markup=False)
        console.print("\n".join(violation.story), markup=False, highlight=False)
        console.print(f"again: {again} {violation.schedule.name}", markup=False)

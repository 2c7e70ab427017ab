"""What a run found, as a table: how often each fault struck at each point, on each database."""

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from faults.running import ELSEWHERE, Tally
from faults.schedules import Kind

MOST_STORIES = 5


def show(tallies: Mapping[str, Tally], console: Console) -> None:
    """The table of faults, a line for each database, and the story of what went wrong."""
    console.print(_table(tallies))
    for database, tally in tallies.items():
        console.print(
            f"{database}: {tally.schedules} schedules, {sum(tally.faults.values())} faults, "
            f"{len(tally.violations)} violations, {len(tally.secrets)} secrets found, "
            f"{len(tally.missed)} faults that found no point, {tally.rescues} answers from memory, "
            f"{tally.seconds:.0f} s"
        )
    for tally in tallies.values():
        _stories(tally, console)


def _table(tallies: Mapping[str, Tally]) -> Table:
    points = next((tally.points for tally in tallies.values() if tally.points), [])
    table = Table(title=f"Faults by point, {' / '.join(tallies)}")
    table.add_column("fault", no_wrap=True)
    for place in (*points, ELSEWHERE, "together"):
        table.add_column(place.replace(" ", "\n"), justify="right")
    for kind in Kind:
        cells = [_cell(tallies, kind, place) for place in (*points, ELSEWHERE)]
        table.add_row(kind.value, *cells, _together(tallies, kind))
    return table


def _cell(tallies: Mapping[str, Tally], kind: Kind, place: str) -> str:
    return "/".join(str(tally.faults[kind, place]) for tally in tallies.values())


def _together(tallies: Mapping[str, Tally], kind: Kind) -> str:
    return "/".join(
        str(sum(count for (it, _), count in tally.faults.items() if it is kind))
        for tally in tallies.values()
    )


def _stories(tally: Tally, console: Console) -> None:
    for missed in tally.missed:
        console.print(f"no point: {missed}", style="yellow")
    for secret in tally.secrets:
        console.print(secret, style="red")
    for violation in tally.violations[MOST_STORIES:]:
        name, wrong = violation.schedule.name, "; ".join(violation.wrong)
        console.print(f"{violation.database} {name}: {wrong}", markup=False)
    for violation in tally.violations[:MOST_STORIES]:
        replay = f"python -m faults --replay {violation.schedule.name}"
        console.print(f"\n{violation.database}: {violation.schedule}", style="red", markup=False)
        for wrong in violation.wrong:
            console.print(f"  {wrong}", markup=False)
        console.print("\n".join(violation.story), markup=False, highlight=False)
        console.print(f"again: {replay}", markup=False)

"""What a run found, as tables: how often each fault struck at each point, on each database."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from faults.kinds import OF_ROUND, Errand, Kind
from faults.running import ELSEWHERE, Supply, Tally

MOST_STORIES = 5


def show(supplies: Sequence[Supply], console: Console) -> None:
    """The tables of each gateway and errand, by database, and the story of what went wrong."""
    for gateway in dict.fromkeys(supply.gateway for supply in supplies):
        tallies = {it.database: it.tally for it in supplies if it.gateway == gateway}
        for errand in Errand:
            if any(errand in tally.points for tally in tallies.values()):
                _show_errand(
                    f"{errand}, {gateway}, {' / '.join(tallies)}", tallies, errand, console
                )
    for supply in supplies:
        console.print(_sentence(supply), highlight=False)
    for supply in supplies:
        _stories(supply, console)


def _show_errand(
    title: str, tallies: Mapping[str, Tally], errand: Errand, console: Console
) -> None:
    found = tallies.values()
    if any(tally.points.get(errand) for tally in found):
        console.print(_of_call(title, tallies, errand))
    if any(tally.of_round.get(errand) for tally in found):
        console.print(_of_round(title, tallies, errand))


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


def _of_call(title: str, tallies: Mapping[str, Tally], errand: Errand) -> Table:
    points = next((tally.points[errand] for tally in tallies.values() if tally.points), [])
    table = Table(title=f"Faults by point of a call: {title}")
    table.add_column("fault", no_wrap=True)
    for place in (*points, ELSEWHERE, "together"):
        table.add_column(place.replace(" ", "\n"), justify="right")
    for kind in Kind:
        counted = [
            [tally.faults[errand, kind, it] for it in (*points, ELSEWHERE)]
            for tally in tallies.values()
        ]
        if any(map(any, counted)):
            table.add_row(kind.value, *_cells([[*counts, sum(counts)] for counts in counted]))
    return table


def _of_round(title: str, tallies: Mapping[str, Tally], errand: Errand) -> Table:
    """Points downwards, since a round has more of them than there are faults."""
    points = next((it.of_round[errand] for it in tallies.values() if errand in it.of_round), [])
    whose = "a run of AutoPay" if errand is Errand.AUTOPAY else "the reconciler"
    table = Table(title=f"Faults by point of {whose}: {title}")
    table.add_column("point", no_wrap=True)
    for named in OF_ROUND.values():
        table.add_column(named.replace(" ", "\n"), justify="right")
    for point in (*points, ELSEWHERE):
        counted = [
            [tally.of_rounds[errand, kind, point] for kind in OF_ROUND]
            for tally in tallies.values()
        ]
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

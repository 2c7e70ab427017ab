"""`ivr prove`: what is claimed of every call, what breaks it, and what each job costs a caller."""

import json
import shlex
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from ivr.authoring.proof import Proof, Verdict
from ivr.authoring.proof import prove as prove_book
from ivr.authoring.proof.breach import Breach
from ivr.authoring.proof.claims import CLAIMS
from ivr.authoring.proof.example import Example, example
from ivr.authoring.times import JobTime, job_times, rows
from ivr.cli.output import as_json, print_rows
from ivr.dialog.call import Pace
from ivr.flows import load_book
from ivr.flows.model import Book
from ivr.services.table import CHANNEL_PROMPTS, declared

SHOWN = 10
"""How many breaches of one claim are told; of those with a call, people are shown the first."""


@click.command()
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path), default=".")
@click.option(
    "--claim",
    "claims",
    multiple=True,
    type=click.Choice([claim.id for claim in CLAIMS]),
    help="Judge only this claim, and count no times. May be given more than once.",
)
@as_json
@click.pass_context
def prove(context: click.Context, folder: Path, claims: tuple[str, ...], json_wanted: bool) -> None:
    """Prove of the book in DIR (here, if not named) that no caller is ever stuck.

    Drives the line through every state a call can come to, with every key, silence and failure,
    and says of each claim that it holds, or shows a shortest call that breaks it and the command
    that makes that call. Then it counts what each job costs a caller against its budget.
    docs/proof.md says what is proven and what is assumed, docs/times.md how time is counted.
    Exits with 0 when all hold, 1 when one fails, 2 when there is no book that can be loaded.
    """
    book = load_book(folder, declared(), CHANNEL_PROMPTS)
    with Console(stderr=True).status("looking at every state ...") as status:

        def progress(done: int, waiting: int) -> None:
            status.update(f"{done:,} states looked at, {waiting:,} more known")

        proof = prove_book(book, folder, claims, progress)
    times = () if claims else job_times(book, folder)
    if json_wanted:
        click.echo(json.dumps(_report(book, proof, times), ensure_ascii=False, indent=2))
    else:
        _print(book, folder, proof, times)
    context.exit(0 if proof.holds and not any(time.over for time in times) else 1)


# For people


def _print(book: Book, folder: Path, proof: Proof, times: tuple[JobTime, ...]) -> None:
    click.echo(
        f"{book.company}: {proof.states:,} states, {proof.turns:,} turns, {proof.seconds:.1f} s. "
        f"A call that nobody prolongs ends within {proof.longest:.0f} s, "
        f"slowly within {proof.slowest:.0f} s.\n"
    )
    for verdict in proof.verdicts:
        _print_verdict(book, folder, verdict)
    if times:
        click.echo()
        print_rows(_table(times), json_wanted=False, empty="")
    elif not book.jobs:
        click.echo("\nThe book declares no jobs, so no times are counted.")
    for miss in (miss for time in times for miss in time.over):
        click.secho(f"over budget: {miss}", fg="red")


def _print_verdict(book: Book, folder: Path, verdict: Verdict) -> None:
    mark = click.style("holds", fg="green") if verdict.holds else click.style("FAILS", fg="red")
    click.echo(f"{mark}  {verdict.claim.id:<21}{verdict.claim.sentence}")
    for breach in verdict.breaches[:SHOWN]:
        shown = example(book, breach)
        click.echo(f"       {breach.message}")
        if shown:
            _print_call(folder, shown)
            break
    more = len(verdict.breaches) - SHOWN
    if more > 0 and not verdict.breaches[0].call:
        click.echo(f"       and {more} more")


def _print_call(folder: Path, shown: Example) -> None:
    for moment in shown.moments:
        click.echo(f"         {moment.happens}")
        for words in moment.heard:
            click.secho(f"             {words}", dim=True)
    click.echo(f"       make this call: {command(folder, shown)}")
    if not shown.exact:
        click.echo("       (turn by turn: one call alone may not have all of it)")


def command(folder: Path, shown: Example) -> str:
    """What makes this call for real, on a line that is set up for it."""
    words = ["ivr", "try", "--book", str(folder), "--to", shown.called, "--keys", shown.keys]
    for reply in shown.supposed:
        words += ["--suppose", str(reply)]
    return shlex.join(words)


def _table(times: tuple[JobTime, ...]) -> list[dict[str, Any]]:
    """One row a job and language; the slow pace is a column."""
    slow = {(it.job.name, it.language): it.typical for it in times if it.pace is Pace.SLOW}
    return [
        {
            "job": time.job.name,
            "language": time.language,
            "best": f"{time.best:.1f}",
            "typical": f"{time.typical:.1f}",
            "worst": f"{time.worst:.1f}",
            "slow": f"{slow[time.job.name, time.language]:.1f}",
            "budget": f"{time.budget:.1f}",
            "keys": f"{time.keys} of {time.job.keys}",
            "": "OVER" if time.over else "",
        }
        for time in times
        if time.pace is Pace.NORMAL
    ]


# For scripts


def _report(book: Book, proof: Proof, times: tuple[JobTime, ...]) -> dict[str, Any]:
    return {
        "holds": proof.holds and not any(time.over for time in times),
        "states": proof.states,
        "turns": proof.turns,
        "seconds": round(proof.seconds, 2),
        "longest": round(proof.longest, 1),
        "slowest": round(proof.slowest, 1),
        "claims": [_claim(book, verdict) for verdict in proof.verdicts],
        "times": rows(times),
    }


def _claim(book: Book, verdict: Verdict) -> dict[str, Any]:
    return {
        "id": verdict.claim.id,
        "sentence": verdict.claim.sentence,
        "section": f"docs/proof.md#{verdict.claim.id}",
        "holds": verdict.holds,
        "breaches": [_breach(book, breach) for breach in verdict.breaches[:SHOWN]],
    }


def _breach(book: Book, breach: Breach) -> dict[str, Any]:
    shown = example(book, breach)
    return {"message": breach.message, "call": _call(shown) if shown else None}


def _call(shown: Example) -> dict[str, Any]:
    return {
        "from": shown.caller,
        "to": shown.called,
        "keys": shown.keys,
        "suppose": [str(reply) for reply in shown.supposed],
        "exact": shown.exact,
        "moments": [
            {"happens": moment.happens, "heard": list(moment.heard)} for moment in shown.moments
        ],
    }

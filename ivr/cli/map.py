"""`ivr map`: the whole book as a picture."""

from collections.abc import Collection
from pathlib import Path

import click

from ivr.authoring.map import draw, fresh, highlighted, mermaid
from ivr.authoring.map.svg import svg
from ivr.errors import BookError
from ivr.flows import load_book
from ivr.flows.model import Book
from ivr.services.table import CHANNEL_PROMPTS, declared

FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path), default=".")
@click.option("--job", metavar="NAME", help="Mark the way of a job that flows.yaml declares.")
@click.option("--language", metavar="NAME", help="What is heard in it; else the book's first.")
@click.option("--svg", "svg_wanted", is_flag=True, help="Print SVG, not Mermaid.")
@click.option("--write", metavar="FILE", type=FILE, help="Put the map into a .md or .svg file.")
@click.option("--check", metavar="FILE", type=FILE, help="Exit with 1 if FILE has an old map.")
@click.pass_context
def map(
    context: click.Context,
    folder: Path,
    job: str | None,
    language: str | None,
    svg_wanted: bool,
    write: Path | None,
    check: Path | None,
) -> None:
    """Draw the book in DIR (here, if not named) as a Mermaid flowchart.

    \b
    ivr map > book.mmd                   the whole book, as heard in its first language
    ivr map --language es --job balance  in Spanish, the job's way in thick red
    ivr map --svg > book.svg             drawn; needs the package mmdr
    ivr map --write README.md            between the lines that hold only
                                         <!-- map: begin --> and <!-- map: end -->
    ivr map --check README.md            whether that is still the book's map

    Thick arrows are keys, thin ones what came of a step, dotted ones silence. A way that would
    lead up or across the page is written in its box: "limit → reach-agent". The legend tells the
    boxes apart, and has what is the same at every question.

    Exits with 0, with 1 if --check finds an old map, with 2 if there is no clean book, no such job
    or language, or a file that cannot be used.
    """
    text = _text(load_book(folder, declared(), CHANNEL_PROMPTS), job, language)
    if check and not fresh.is_fresh(check, text):
        mend = _command(folder, job, language, check)
        click.echo(f"ivr: {check} has an old map of the book; run: {mend}", err=True)
        context.exit(1)
    if write:
        fresh.write(write, text)
    if not (check or write):
        click.echo(svg(text) if svg_wanted else text, nl=False)


def _text(book: Book, job: str | None, language: str | None) -> str:
    """The map as Mermaid."""
    heard = _known("language", language or book.languages[0], book.languages)
    picture = draw(book, heard)
    if job is not None:
        wanted = book.jobs[_known("job", job, book.jobs)]
        picture = highlighted(picture, book, wanted, heard)
    return mermaid(picture)


def _known(what: str, name: str, names: Collection[str]) -> str:
    if name in names:
        return name
    there = f"there are {', '.join(names)}" if names else "the book has none"
    raise BookError(f'no {what} is named "{name}"; {there}')


def _command(folder: Path, job: str | None, language: str | None, file: Path) -> str:
    """The command that writes this map into the file."""
    options = [
        f"--{name} {value}" for name, value in (("job", job), ("language", language)) if value
    ]
    where = [] if folder == Path() else [str(folder)]
    return " ".join(["ivr map", *where, *options, f"--write {file}"])

"""`ivr schema`: JSON Schemas of a book's files, so that editors complete and mark mistakes."""

import json
from collections.abc import Mapping
from pathlib import Path

import click

from ivr.authoring.schema import FILES, schemas
from ivr.services.table import CHANNEL_PROMPTS, declared

FOLDER = Path("schemas")
"""Where the schemas lie that the first line of every shipped file names."""


@click.command()
@click.argument("name", metavar="[flows|menu|prompts]", required=False, type=click.Choice(FILES))
@click.option("--check", "check_wanted", is_flag=True, help="Compare those in ./schemas with it.")
@click.option("--write", "folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.pass_context
def schema(
    context: click.Context, name: str | None, check_wanted: bool, folder: Path | None
) -> None:
    """Print the JSON Schema of flows.yaml, a menu or a file of prompts, for this line's services.

    An editor with a YAML language server takes it up from a file's first line:
    # yaml-language-server: $schema=schemas/flows.json

    --write DIR writes them all to DIR (or the one that is named). --check compares those in
    ./schemas instead; it exits with 0 when they are as they would be written now, 1 when not.
    """
    made = {f"{it}.json": text for it, text in _texts().items() if name in (None, it)}
    if check_wanted and folder:
        raise click.UsageError("--check and --write exclude each other; write, then check")
    if check_wanted:
        context.exit(_check(made))
    if folder:
        _write(made, folder)
    elif name:
        click.echo(made[f"{name}.json"], nl=False)
    else:
        raise click.UsageError(f"name one of {', '.join(FILES)}, or write all with --write schemas")


def _texts() -> dict[str, str]:
    made = schemas(declared(), CHANNEL_PROMPTS)
    return {name: f"{json.dumps(it, ensure_ascii=False, indent=1)}\n" for name, it in made.items()}


def _write(made: Mapping[str, str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in made.items():
        (folder / name).write_text(text, encoding="utf-8")
        click.echo(f"written: {folder / name}")


def _check(made: Mapping[str, str]) -> int:
    """The exit code; each schema that would be written otherwise is named."""
    stale = [name for name, text in made.items() if _text(FOLDER / name) != text]
    for name in stale:
        click.echo(f"ivr: {FOLDER / name} is out of date; run ivr schema --write schemas", err=True)
    if not stale:
        click.echo(f"schemas are up to date: {', '.join(made)}")
    return 1 if stale else 0


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None

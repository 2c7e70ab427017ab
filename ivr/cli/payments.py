"""`ivr payments`: what the line took, for billing."""

from pathlib import Path

import click

from ivr.cli.database import looking
from ivr.store.exports import export_payments


@click.group()
def payments() -> None:
    """Payments taken by phone."""


@payments.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(file: Path) -> None:
    """Write every payment to FILE, oldest first, whatever became of it."""
    with looking() as connection:
        count = export_payments(connection, file)
    click.echo(f"{count} payments written to {file}")

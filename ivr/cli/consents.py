"""`ivr consents`: what callers agreed to, for whoever must show or mail it."""

from datetime import UTC, datetime
from pathlib import Path

import click

from ivr.cli.database import looking
from ivr.cli.output import as_json, print_rows
from ivr.store.consents import Consent, given
from ivr.store.exports import write_rows

COLUMNS = (
    *("id", "account_number", "kind", "language", "words", "recording"),
    *("given_at", "revoked_at", "keep_until", "copy"),
)


@click.group()
def consents() -> None:
    """What callers agreed to: bank debits, stored methods and AutoPay."""


@consents.command("list")
@click.option("--account", metavar="NUMBER", help="Of one account only.")
@as_json
def list_(account: str | None, json_wanted: bool) -> None:
    """Every consent, oldest first; `copy` says whether a copy went to the caller by text."""
    with looking() as connection:
        found = given(connection, account)
        rows = [dict(zip(COLUMNS, _cells(one), strict=True)) for one in found]
    print_rows(rows, json_wanted, "nobody has agreed to anything")


@consents.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(file: Path) -> None:
    """Write every consent to FILE: the words as they were heard, and the name of the recording.

    A row whose `copy` is owed belongs to somebody who could not be sent a text: mail it to them.
    """
    with looking() as connection:
        count = write_rows(file, COLUMNS, (_cells(one) for one in given(connection)))
    click.echo(f"{count} consents written to {file}")


def _cells(one: Consent) -> list[str]:
    return [
        *(str(one.id), one.account, one.kind, one.language, one.words, one.recording or ""),
        *(_time(one.given_at), _time(one.revoked_at)),
        *(one.keep_until.isoformat() if one.keep_until else "", one.copy),
    ]


def _time(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds") if at else ""

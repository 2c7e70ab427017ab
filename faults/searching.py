"""Looks for the numbers that were typed in everything a run leaves behind."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import inspect, select, text

from faults.caller import EXPIRY, POSTAL_CODE
from faults.lines import Line
from faults.processes import LEDGER, run_tools
from faults.stripe_process import held
from faults.typed import CODE, SECRETS
from ivr.store.engine import reading
from ivr.store.tables import methods, payments

TOKENS = ("pm_card_", "pm_sandbox_")
"""How tokens begin. The gateway and the stored methods alone may have any once all is settled."""


@dataclass(slots=True)
class Searched:
    """How much was looked through, and every place where a secret stands."""

    files: int = 0
    rows: int = 0
    bytes: int = 0
    found: set[str] = field(default_factory=set)

    def __iadd__(self, other: "Searched") -> "Searched":
        self.files += other.files
        self.rows += other.rows
        self.bytes += other.bytes
        self.found |= other.found
        return self


@dataclass(frozen=True, slots=True)
class Leaf:
    """Something that was written down. A gateway has a token by right, as a stored method has."""

    place: str
    held: bytes
    may_have_token: bool = False


def search(line: Line) -> Searched:
    """Look for every secret in every file, row, counter and answer of a line, and in what an
    operator's commands print of it."""
    run_tools(line.environ, line.folder)
    searched = Searched()
    for leaf in _files(line):
        searched.files += 1
        _look(searched, leaf)
    for leaf in _rows(line):
        searched.rows += 1
        _look(searched, leaf)
    for leaf in _stripe(line):
        _look(searched, leaf)
    searched.found.update(_short_ones(line))
    return searched


def _look(searched: Searched, leaf: Leaf) -> None:
    searched.bytes += len(leaf.held)
    if any(spelling in leaf.held for spelling in _SPELLINGS):
        searched.found.add(f"a secret stands in {leaf.place}")
    if not leaf.may_have_token and any(token.encode() in leaf.held for token in TOKENS):
        searched.found.add(f"a token stands in {leaf.place}")


def _spellings(secret: str) -> Iterator[str]:
    """A number as it may be written down: in groups, too, or encoded."""
    yield secret
    for between in " -.":
        yield between.join(secret[at : at + 4] for at in range(0, len(secret), 4))
    yield " ".join(secret)
    yield secret.encode().hex()
    yield base64.b64encode(secret.encode()).decode().rstrip("=")[:-1]


_SPELLINGS = tuple(spelling.encode() for secret in SECRETS for spelling in _spellings(secret))


def _files(line: Line) -> Iterator[Leaf]:
    """Logs of all processes with their tracebacks, their counters, the ledger, SQLite's own files.

    A token that was taken out of a row may be left in the database's free pages, which we do not
    promise about; its rows are looked through for those.
    """
    for file in line.folder.iterdir():
        if file.is_file():
            is_ledger = file.name.startswith((LEDGER, "ivr.db"))
            yield Leaf(_kind_of(file), file.read_bytes(), is_ledger)


def _kind_of(file: Path) -> str:
    return "the counters" if file.name.startswith("counts-") else file.name


def _rows(line: Line) -> Iterator[Leaf]:
    """Every row of every table that there is, as text."""
    tables = inspect(line.engine).get_table_names()
    with reading(line.engine) as connection:
        for table in tables:
            for row in connection.execute(text(f'SELECT * FROM "{table}"')):
                as_text = json.dumps([_text(value) for value in row], ensure_ascii=False)
                yield Leaf(f"the table {table}", as_text.encode(), table == methods.name)


def _text(value: object) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _stripe(line: Line) -> Iterator[Leaf]:
    """What was sent to Stripe and what it keeps: tokens, but never a number."""
    if line.gateway == "stripe":
        for what in ("intents", "stored", "asked"):
            kept = json.dumps(held(line.stripe, what)).encode()
            yield Leaf(f"Stripe's {what}", kept, may_have_token=True)


def _short_ones(line: Line) -> Iterator[str]:
    """What is too short to be looked for anywhere is looked for field by field."""
    short = {EXPIRY, POSTAL_CODE, CODE}
    with reading(line.engine) as connection:
        for row in connection.execute(select(payments)):
            found = {str(value) for name, value in row._mapping.items() if name not in NUMBERS}
            if found & short:
                yield "an expiry, postal code or security code stands in the table payments"


NUMBERS = frozenset({"id", "account_id", "turn", "charge_turn", "amount_cents", "fee_cents"})
"""Columns that count, and may come by such a value."""

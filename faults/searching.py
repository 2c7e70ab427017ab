"""Types numbers that stand nowhere else, and looks for them in everything a run leaves behind."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from faults.caller import EXPIRY, POSTAL_CODE, ROUTING, WRONG_PIN
from faults.lines import LINE, PIN, TOKEN, Line
from faults.words import key_for
from ivr.carrier import Phone
from ivr.store.engine import reading
from ivr.store.tables import metadata, payments

CARDS = ("4929358160744720", "5194027738615085", "4485910263374900")
"""Made up, with right check digits; the last one has a wrong one, so the carrier refuses it."""
SECRETS = (*CARDS, PIN, WRONG_PIN, ROUTING)
TOKENS = ("pm_card_", "pm_sandbox_")
"""How tokens begin; none may be left in the database once all is settled, or ever be logged."""
CODE = "731"


def type_cards(line: Line) -> None:
    """Pay with these cards through secure card entry, as a person at a telephone would."""
    for card in CARDS[:2]:
        caller = line.customer()
        phone = Phone(
            f"http://127.0.0.1:{line.port}/voice",
            TOKEN,
            caller.phone,
            LINE,
            datetime.now(UTC).date(),
        )
        phone.dial()
        phone.press("2")
        phone.press(key_for("full-balance", phone.text) or "")
        phone.press("1")
        phone.press(f"{CARDS[2]},{card},{EXPIRY},{CODE},{POSTAL_CODE}#")
        if "We received $84.20" not in phone.text:
            raise RuntimeError(f"a card was typed and not charged: {phone.text}")
        phone.hang_up()


def hits(line: Line) -> Iterator[str]:
    """Every place where a secret stands, by its name and not its value."""
    log, rows = line.log.read_text(errors="replace"), list(_rows(line))
    files = {file.name: file.read_bytes() for file in _files(line)}
    for secret in SECRETS:
        yield from (
            f"a secret stands in {name}" for name, held in files.items() if _in(secret, held)
        )
        yield from (f"a secret stands in the table {table}" for table, row in rows if secret in row)
    for token in TOKENS:
        if token in log:
            yield "a card's token stands in the log"
        yield from (f"a token stands in the table {table}" for table, row in rows if token in row)
    yield from _short_ones(line)


def _in(secret: str, held: bytes) -> bool:
    return secret.encode() in held


def _files(line: Line) -> Iterator[Path]:
    """The log, the ledger, and SQLite's own files."""
    yield from (file for file in line.folder.iterdir() if file.is_file())


def _rows(line: Line) -> Iterator[tuple[str, str]]:
    """Every row of every table, as text."""
    with reading(line.engine) as connection:
        for table in metadata.tables.values():
            for row in connection.execute(select(table)):
                yield table.name, json.dumps([_text(value) for value in row])


def _text(value: object) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


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

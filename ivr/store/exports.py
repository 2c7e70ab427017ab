"""Writes accounts and payments as CSV: the whole file appears at once, or none of it."""

import csv
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, func, select

from ivr.errors import StoreError
from ivr.store.columns import FIELDS, dollars
from ivr.store.engine import unhurried
from ivr.store.tables import accounts, payments, phones

EXPORTED = tuple(known for known in FIELDS if known.name != "pin")
PAYMENTS = ("confirmation", "account_number", "amount", "status", "method", "last4", "created_at")
AT_ONCE = 1000


def export_accounts(connection: Connection, file: Path) -> int:
    """Write every account in the columns an import reads, never a PIN; returns how many.

    Raises `StoreError` where the file cannot be written.
    """
    unhurried(connection)
    found = connection.execute(_accounts(), execution_options={"yield_per": AT_ONCE})
    return write_rows(file, [known.name for known in EXPORTED], map(_account_cells, found))


def export_payments(connection: Connection, file: Path) -> int:
    """Write every payment ever begun, oldest first, whatever became of it; returns how many.

    Raises `StoreError` where the file cannot be written.
    """
    unhurried(connection)
    found = connection.execute(_payments(), execution_options={"yield_per": AT_ONCE})
    return write_rows(file, PAYMENTS, map(_payment_cells, found))


def _accounts() -> Select[Any]:
    numbers = (
        select(func.aggregate_strings(phones.c.number, ";"))
        .where(phones.c.account_id == accounts.c.id)
        .scalar_subquery()
    )
    columns = [accounts.c[known.column] if known.column else numbers for known in EXPORTED]
    return select(*columns).order_by(accounts.c.number)


def _account_cells(row: Iterable[Any]) -> list[str]:
    cells = zip(EXPORTED, row, strict=True)
    return ["" if cell is None else _shown(known.name, known.show, cell) for known, cell in cells]


def _shown(name: str, show: Any, cell: Any) -> str:
    return str(cell if name == "phone" else show(cell))  # phones come joined already


def _payments() -> Select[Any]:
    columns = (
        *(payments.c.confirmation, accounts.c.number, payments.c.amount_cents, payments.c.status),
        *(payments.c.method, payments.c.last4, payments.c.created_at),
    )
    return select(*columns).join(accounts).order_by(payments.c.id)


def _payment_cells(row: Iterable[Any]) -> list[str]:
    confirmation, number, amount, status, method, last4, created_at = row
    at: datetime = created_at
    return [
        *(confirmation or "", number, dollars(amount), status, method, last4 or ""),
        at.astimezone(UTC).isoformat(timespec="seconds"),
    ]


def write_rows(file: Path, columns: Iterable[str], lines: Iterable[list[str]]) -> int:
    """Write a CSV file of these columns whole, readable by its owner alone; returns how many lines.

    Raises `StoreError` where the file cannot be written.
    """
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    count = 0
    try:
        with draft.open("x", encoding="utf-8", newline="") as text:
            os.fchmod(text.fileno(), 0o600)  # names, numbers and balances
            writer = csv.writer(text)
            writer.writerow(columns)
            for line in lines:
                writer.writerow(line)
                count += 1
        draft.replace(file)
    except OSError as error:
        raise StoreError(f"cannot write {file}: {error.strerror}") from error
    finally:
        draft.unlink(missing_ok=True)
    return count

"""What billing says became of payments: posted, returned by a bank, or refunded.

One file, all of it or none, and the same file may come twice.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from ivr.store import restores
from ivr.store.columns import Field, matching, moment
from ivr.store.engine import unhurried
from ivr.store.history import OVER
from ivr.store.payments import TRANSITIONS, move
from ivr.store.rows import CLOCKS_DIFFER, Problems, header, records
from ivr.store.tables import payments

WHEN = {"posted": "posted_at", "returned": "returned_at", "refunded": "refunded_at"}
"""What billing may say, and the column that keeps since when it is so."""


def _status(value: str) -> str:
    if value not in WHEN:
        raise ValueError(f"must be one of {', '.join(WHEN)}")
    return value


def _fields(now: datetime, place: Callable[[], tzinfo]) -> tuple[Field, ...]:
    """The columns of the file. A date without a time is the end of that day at `place`, or `now`
    where that is earlier: at its beginning, the balance of that morning would seem to know it."""

    def at(value: str) -> datetime:
        try:
            day = date.fromisoformat(value)
        except ValueError:
            return moment(value, place)
        today = now.astimezone(place()).date()
        return now if day == today else _end(day, place())

    return (
        Field(
            "confirmation",
            None,
            matching(r"\d{8}", "is no confirmation number: they have eight digits"),
            required=True,
        ),
        Field("status", None, _status, required=True),
        Field("date", None, at, required=True),
    )


def _end(day: date, zone: tzinfo) -> datetime:
    try:
        return datetime.combine(day, time(23, 59, 59), zone).astimezone(UTC)
    except OverflowError as error:
        raise ValueError("is no day that can be: write one like 2026-12-01") from error


_FIND = select(payments).where(payments.c.confirmation == bindparam("number"))


@dataclass(frozen=True, slots=True)
class Posted:
    """How many rows told something new, and how many were known."""

    updated: int
    known: int


def post_payments(
    connection: Connection, file: Path, now: datetime, place: Callable[[], tzinfo]
) -> Posted:
    """Move every payment in `file` to what its row says, in the order of its rows.

    `place` gives the line's zone, and is asked only where a time has no offset. Raises
    `ImportRefused` with every bad row's place; the transaction is then to be rolled back.
    """
    unhurried(connection)
    problems, new, known = Problems(file), 0, 0
    columns = header(file, _fields(now, place))
    for line, row in records(file, columns, problems):
        wrong, is_new = _post(connection, row, now)
        new, known = new + is_new, known + (not is_new)
        if wrong:
            problems.add(line, *wrong)
    problems.refuse()
    return Posted(new, known)


def _post(
    connection: Connection, row: Mapping[str, Any], now: datetime
) -> tuple[tuple[str, str] | None, bool]:
    """What is wrong with a row, by its column, or None; and whether it told something new."""
    number, status, at = row["confirmation"], row["status"], row["date"]
    if at > now + CLOCKS_DIFFER:
        return ("date", f'"{at.isoformat()}" must not be in the future'), False
    found = connection.execute(_FIND, {"number": number}).one_or_none()
    if found is None:
        return ("confirmation", f'"{number}" is no payment of ours'), False
    if getattr(found, WHEN[status]) is not None:
        return None, False
    if found.charged_at and at < found.charged_at - CLOCKS_DIFFER:
        return ("date", f'"{at.isoformat()}" must not be before payment {number} was made'), False
    if status not in TRANSITIONS[found.status] or not _move(connection, found, status, at, now):
        return ("status", f"payment {number} is {found.status} and cannot become {status}"), False
    return None, True


def _move(
    connection: Connection, found: Row[Any], status: str, at: datetime, now: datetime
) -> bool:
    # The time of the last move stays: a call after it has told the caller that the money is here.
    moved = move(connection, found.id, status, {WHEN[status]: at})
    if moved and status in OVER:
        restores.money_back(connection, found.id, now)
    return moved

"""Calls, their turns and events: as few statements as a turn needs, built once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, insert, select, update

from ivr.store.inserts import on_each, run, unless_there
from ivr.store.tables import books, calls, events, turns


@dataclass(frozen=True, slots=True)
class Found:
    """A call with one of its turns; the turn's fields are None where nobody claimed it yet."""

    version: int
    turn: int
    state: str
    status: str
    digest: str | None
    owner: str | None
    lease_until: datetime | None
    answered: bool
    reply: bytes | None


@dataclass(frozen=True, slots=True)
class Claim:
    """A turn in work: who answers it, and the version of the call it was read at."""

    sid: str
    number: int
    digest: str
    owner: str
    version: int


# PostgreSQL locks the call, so that copies of a webhook take turns; SQLite's transaction already
# holds the only lock there is, and its dialect leaves FOR UPDATE out.
_FIND = (
    select(
        calls.c.version,
        calls.c.turn,
        calls.c.state,
        calls.c.status,
        turns.c.digest,
        turns.c.owner,
        turns.c.lease_until,
        turns.c.answered_at.is_not(None).label("answered"),
        turns.c.reply,
    )
    .select_from(
        calls.outerjoin(
            turns, and_(turns.c.call_sid == calls.c.sid, turns.c.number == bindparam("number"))
        )
    )
    .where(calls.c.sid == bindparam("sid"))
    .with_for_update(of=calls)
)
_REPLY = select(turns.c.reply).where(
    turns.c.call_sid == bindparam("sid"), turns.c.number == bindparam("number")
)
_ADVANCE = (
    update(calls)
    .where(calls.c.sid == bindparam("of_sid"), calls.c.version == bindparam("of_version"))
    .values(version=calls.c.version + 1)
)
_TAKE_OVER = (
    update(turns)
    .where(turns.c.call_sid == bindparam("of_sid"), turns.c.number == bindparam("of_number"))
    .values(owner=bindparam("owner"), lease_until=bindparam("lease_until"))
)
_ANSWER = (
    update(turns)
    .where(
        turns.c.call_sid == bindparam("of_sid"),
        turns.c.number == bindparam("of_number"),
        turns.c.owner == bindparam("of_owner"),
        turns.c.answered_at.is_(None),
    )
    .values(answered_at=bindparam("answered_at"), reply=bindparam("reply"))
)
_EVENTS = insert(events)


def _book(insert: Any) -> Any:
    row = insert(books)
    return row.on_conflict_do_update(
        index_elements=["digest"], set_={"used_at": row.excluded.used_at}
    )


_NEW_CALL, _NEW_TURN = unless_there(calls), unless_there(turns)
_BOOK = on_each(_book)


def find(connection: Connection, sid: str, number: int) -> Found | None:
    """A call and its turn `number`, locked until the transaction ends."""
    row = connection.execute(_FIND, {"sid": sid, "number": number}).one_or_none()
    return Found(*row) if row else None


def reply(connection: Connection, sid: str, number: int) -> bytes | None:
    """What was answered at a turn."""
    return connection.execute(_REPLY, {"sid": sid, "number": number}).scalar()


def add_book(connection: Connection, digest: str, sources: str, now: datetime) -> None:
    """Keep a book that a process takes up; of one that is there only the time changes."""
    row = {"digest": digest, "sources": sources, "used_at": now}
    run(connection, _BOOK, row)


def book_sources(connection: Connection, digest: str) -> str | None:
    """The files of a book, as JSON, or None where it is gone."""
    statement = select(books.c.sources).where(books.c.digest == digest)
    return connection.execute(statement).scalar_one_or_none()


def newest_book(connection: Connection) -> str | None:
    """The digest of the book that a process took up last."""
    statement = select(books.c.digest).order_by(books.c.used_at.desc()).limit(1)
    return connection.execute(statement).scalar_one_or_none()


def add_call(connection: Connection, row: dict[str, Any]) -> bool:
    """Begin a call's record; False where another copy of its first webhook did so."""
    return run(connection, _NEW_CALL, row).rowcount == 1


def claim(connection: Connection, claim: Claim, lease: float, now: datetime) -> bool:
    """Take a turn that nobody has; False where somebody was faster."""
    row = {
        "call_sid": claim.sid,
        "number": claim.number,
        "digest": claim.digest,
        "owner": claim.owner,
        "lease_until": now + timedelta(seconds=lease),
    }
    return run(connection, _NEW_TURN, row).rowcount == 1


def take_over(connection: Connection, claim: Claim, lease: float, now: datetime) -> None:
    """Take a turn whose owner let its lease run out."""
    connection.execute(
        _TAKE_OVER,
        {
            "of_sid": claim.sid,
            "of_number": claim.number,
            "owner": claim.owner,
            "lease_until": now + timedelta(seconds=lease),
        },
    )


def answer(connection: Connection, claim: Claim, body: bytes, now: datetime) -> bool:
    """Store the reply of a claimed turn; False where somebody else answered it or took it over."""
    done = connection.execute(
        _ANSWER,
        {
            "of_sid": claim.sid,
            "of_number": claim.number,
            "of_owner": claim.owner,
            "answered_at": now,
            "reply": body,
        },
    )
    return done.rowcount == 1


def add_answered(connection: Connection, claim: Claim, body: bytes, now: datetime) -> bool:
    """Store a turn and its reply in one go; False where somebody was faster."""
    row = {
        "call_sid": claim.sid,
        "number": claim.number,
        "digest": claim.digest,
        "owner": claim.owner,
        "answered_at": now,
        "reply": body,
    }
    return run(connection, _NEW_TURN, row).rowcount == 1


def save(connection: Connection, claim: Claim, values: dict[str, Any]) -> bool:
    """Store a call's next state; False where it changed since it was read."""
    row = {"of_sid": claim.sid, "of_version": claim.version, **values}
    return connection.execute(_ADVANCE, row).rowcount == 1


def add_events(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Store what happened in a turn."""
    connection.execute(_EVENTS, rows)

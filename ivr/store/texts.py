"""Texts: who may get one, the outbox of those to send, and what became of each.

A text is leased for sending once. What happens to it afterwards is either known, or is looked up
with the carrier: it goes back to pending only where it surely never left.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Update,
    and_,
    bindparam,
    func,
    or_,
    select,
    update,
)

from ivr.store.inserts import run, unless_there
from ivr.store.tables import opt_outs, reports, texts


@dataclass(frozen=True, slots=True)
class Text:
    """A text in work. `attempts` counts this one."""

    id: int
    number: str
    body: str
    reference: str
    attempts: int


_OPTED_OUT = select(opt_outs.c.number).where(opt_outs.c.number == bindparam("number"))
_WISHES = select(func.count()).where(reports.c.created_at > bindparam("since"))
_ALLOWANCE = select(
    _WISHES.where(reports.c.text_to == bindparam("number")).scalar_subquery(),
    _WISHES.where(reports.c.account_id == bindparam("account"), reports.c.text_to.is_not(None))
    .scalar_subquery()
    .label("account"),
)
_WANT = (
    update(reports)
    .where(
        reports.c.id == bindparam("report"),
        reports.c.text_to.is_(None),
        reports.c.closed_at.is_(None),
    )
    .values(text_to=bindparam("number"))
)
_DUE = and_(texts.c.status == "pending", texts.c.next_at <= bindparam("now"))
_UNSURE = and_(
    texts.c.created_at > bindparam("since"),
    or_(
        and_(texts.c.status == "sending", texts.c.lease_until < bindparam("now")),
        and_(texts.c.status == "unknown", texts.c.next_at <= bindparam("now")),
    ),
)


def _lease(which: ColumnElement[bool]) -> Update:
    """Take one such text; on PostgreSQL past those that others are taking right now."""
    first = select(texts.c.id).where(which).order_by(texts.c.next_at, texts.c.id).limit(1)
    return (
        update(texts)
        .where(texts.c.id == first.with_for_update(skip_locked=True).scalar_subquery())
        .values(owner=bindparam("me"), lease_until=bindparam("until"), status="sending")
        .returning(texts.c.id, texts.c.number, texts.c.body, texts.c.reference, texts.c.attempts)
    )


_TAKE = _lease(_DUE).values(attempts=texts.c.attempts + 1)
_TAKE_UNSURE = _lease(_UNSURE)
_SENT = (
    update(texts)
    .where(texts.c.id == bindparam("text"))
    .values(status="sent", sid=bindparam("message"), sent_at=bindparam("now"))
)
_RESULT = (
    update(texts)
    .where(
        texts.c.id == bindparam("text"),
        texts.c.owner == bindparam("me"),
        texts.c.status == "sending",
    )
    .values(status=bindparam("result"), next_at=bindparam("again"))
)
_REFUSED = (
    update(texts)
    .where(texts.c.status == "pending", texts.c.number.in_(select(opt_outs.c.number)))
    .values(status="opted-out")
)
_TOO_OLD = (
    update(texts)
    .where(texts.c.status == "pending", texts.c.created_at <= bindparam("since"))
    .values(status="failed")
)
# One that is being sent may come back as not sent; who did send it still says so.
_WITHDRAW = (
    update(texts)
    .where(texts.c.key == bindparam("of_key"), texts.c.status.in_(("pending", "sending")))
    .values(status="failed")
)
_OPT_OUT = unless_there(opt_outs)
_NEW = unless_there(texts)


def wishes(connection: Connection, number: str, account: int, since: datetime) -> tuple[int, int]:
    """How many texts were asked for since then to a number, and for an account."""
    values = {"number": number, "account": account, "since": since}
    to_number, for_account = connection.execute(_ALLOWANCE, values).one()
    return to_number, for_account


def want(connection: Connection, report: int, number: str) -> bool:
    """Remember whom to text about a report; False where it is closed or has somebody already."""
    done = connection.execute(_WANT, {"report": report, "number": number})
    return done.rowcount == 1


def put(
    connection: Connection, key: str, number: str, body: str, language: str, now: datetime
) -> None:
    """Put a text into the outbox, in the transaction of what it tells of.

    `key` is why it exists: one reason makes one text. It stands in the text's reference too, by
    which a text whose fate is unknown is found: so `body` must hold what follows its last colon.
    """
    row = {
        "key": key,
        "number": number,
        "body": body,
        "reference": key.rpartition(":")[2],
        "language": language,
        "next_at": now,
        "created_at": now,
    }
    run(connection, _NEW, row)


def take_due(connection: Connection, me: str, now: datetime, until: datetime) -> Text | None:
    """Lease the text that is due longest."""
    row = connection.execute(_TAKE, {"me": me, "now": now, "until": until}).one_or_none()
    return Text(*row) if row else None


def take_unsure(
    connection: Connection, me: str, now: datetime, until: datetime, since: datetime
) -> Text | None:
    """Lease a text, made after `since`, whose fate is to be looked up: its sender is gone, or it
    was unknown at the last look."""
    values = {"me": me, "now": now, "until": until, "since": since}
    row = connection.execute(_TAKE_UNSURE, values).one_or_none()
    return Text(*row) if row else None


def mark_sent(connection: Connection, text: Text, message: str, now: datetime) -> None:
    """The carrier took it as `message`; that holds whoever says so."""
    connection.execute(_SENT, {"text": text.id, "message": message, "now": now})


def mark(connection: Connection, text: Text, me: str, result: str, again: datetime) -> None:
    """Store what became of a text in work, unless its lease went to somebody else."""
    values: dict[str, Any] = {"text": text.id, "me": me, "result": result, "again": again}
    connection.execute(_RESULT, values)


def tidy(connection: Connection, since: datetime) -> int:
    """Give up pending texts to numbers that opted out, or made before `since`; how many."""
    refused = connection.execute(_REFUSED).rowcount
    return refused + connection.execute(_TOO_OLD, {"since": since}).rowcount


def withdraw(connection: Connection, key: str) -> None:
    """Give up a text whose words are true no more, in the transaction that makes them so.

    It counts as failed. One that has reached the carrier stays as it is.
    """
    connection.execute(_WITHDRAW, {"of_key": key})


def opted_out(connection: Connection, number: str) -> bool:
    """Whether a number wants no texts: the carrier told so when it refused one (21610)."""
    return connection.scalar(_OPTED_OUT, {"number": number}) is not None


def opt_out(connection: Connection, number: str, now: datetime) -> None:
    """No texts to this number any more."""
    run(connection, _OPT_OUT, {"number": number, "at": now})

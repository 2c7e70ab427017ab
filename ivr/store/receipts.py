"""Receipts by text: the number one went to, and what speaks against sending one there.

A receipt is an ordinary text of the outbox; its key names the payment by its confirmation number.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, exists, func, select

from ivr.store.inserts import run, unless_there
from ivr.store.tables import landlines, opt_outs, payments, texts

RECEIPT = "receipt:"
"""What the key of a receipt begins with."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Whether a number takes texts, and how many receipts it was sent lately.

    `agreed` tells that it had a receipt for a payment of this account before.
    """

    opted_out: bool
    landline: bool
    lately: int
    agreed: bool


_ITS = texts.c.number == bindparam("to")
_REACH = select(
    exists().where(opt_outs.c.number == bindparam("to")),
    exists().where(landlines.c.number == bindparam("to")),
    select(func.count())
    .where(_ITS, texts.c.created_at > bindparam("lately"), texts.c.key.startswith(RECEIPT))
    .scalar_subquery(),
    exists().where(
        _ITS,
        texts.c.created_at > bindparam("since"),
        texts.c.key == RECEIPT + payments.c.confirmation,
        payments.c.account_id == bindparam("account"),
    ),
)
_SENT_TO = select(texts.c.number).where(texts.c.key == bindparam("of_key"))
_LANDLINE = unless_there(landlines)
_IS_LANDLINE = select(landlines.c.number).where(landlines.c.number == bindparam("to"))


def reach(
    connection: Connection, number: str, account: int, lately: datetime, since: datetime
) -> Reach:
    """How a number may be reached: receipts since `lately` are counted, one since `since` is
    what it agreed to."""
    values = {"to": number, "account": account, "lately": lately, "since": since}
    return Reach(*connection.execute(_REACH, values).one())


def sent_to(connection: Connection, confirmation: str) -> str | None:
    """The number to which a payment's receipt goes; None where there is none."""
    number: str | None = connection.scalar(_SENT_TO, {"of_key": f"{RECEIPT}{confirmation}"})
    return number


def is_landline(connection: Connection, number: str) -> bool:
    """Whether a number is known to take no texts at all."""
    return connection.scalar(_IS_LANDLINE, {"to": number}) is not None


def note_landline(connection: Connection, number: str, now: datetime) -> None:
    """Remember that a number takes no texts at all."""
    run(connection, _LANDLINE, {"number": number, "at": now})

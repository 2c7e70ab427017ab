"""What callers agreed to: the words they heard, when, and how they said yes.

Kept as the rules for debits by telephone ask: two years from the day on which a consent ends.
Nothing here deletes a row.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from ivr.store.inserts import run, unless_there
from ivr.store.tables import accounts, consents, payments, texts
from ivr.store.texts import withdraw

COPY = "consent:"
"""How the key of a text begins that carries a copy of a consent; its reference follows."""
KEPT_YEARS = 2


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent as it stands in the books: `account` is the account's number.

    `copy` is what became of the text with the words, or `owed` where none could be sent.
    """

    id: int
    account: str
    kind: str
    language: str
    words: str
    recording: str | None
    given_at: datetime
    revoked_at: datetime | None
    copy: str

    @property
    def keep_until(self) -> date | None:
        """The day to which it must be kept at least; None while it is still in force."""
        ended = self.given_at if self.kind == "bank-debit" else self.revoked_at
        if ended is None:
            return None
        day = min(ended.day, 28) if ended.month == 2 else ended.day
        return date(ended.year + KEPT_YEARS, ended.month, day)


def reference(consent: int) -> str:
    """How a consent is named to whom it belongs."""
    return f"C{consent:07}"


def copy_key(consent: int) -> str:
    """The key of the text with a copy of a consent."""
    return f"{COPY}{reference(consent)}"


_NEW = unless_there(consents)
_GIVEN = select(consents.c.id).where(
    consents.c.call_sid == bindparam("sid"),
    consents.c.turn == bindparam("number"),
    consents.c.kind == bindparam("of_kind"),
)
_OF_TURN = select(consents.c.id).where(
    consents.c.call_sid == bindparam("sid"), consents.c.turn == bindparam("number")
)
_RECORDING = (
    select(consents.c.recording)
    .where(
        consents.c.call_sid == bindparam("sid"),
        consents.c.turn == bindparam("number"),
        consents.c.recording.is_not(None),
    )
    .limit(1)
)
_TEXTED = select(texts.c.key).where(texts.c.key.in_(bindparam("keys", expanding=True))).limit(1)
_REVOKE = (
    update(consents)
    .where(consents.c.id == bindparam("of_id"), consents.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"))
)
# A consent to one debit ends with it; one to AutoPay outlives a draft that is declined.
_END_DEBIT = (
    update(consents)
    .where(
        consents.c.id
        == select(payments.c.consent_id)
        .where(payments.c.id == bindparam("payment"))
        .scalar_subquery(),
        consents.c.kind == "bank-debit",
        consents.c.revoked_at.is_(None),
    )
    .values(revoked_at=bindparam("now"))
    .returning(consents.c.id)
)


def give(connection: Connection, row: Mapping[str, Any]) -> int:
    """Write a consent down, once for each turn and kind, and return its id.

    `row` holds account_id, kind, language, words, call_sid, turn, given_at, and recording where
    the yes was spoken.
    """
    run(connection, _NEW, row)
    given = {"sid": row["call_sid"], "number": row["turn"], "of_kind": row["kind"]}
    return int(connection.execute(_GIVEN, given).scalar_one())


def recording(connection: Connection, call_sid: str, turn: int) -> str | None:
    """The carrier's name for the yes that was said aloud in this turn, if one was."""
    found: str | None = connection.scalar(_RECORDING, {"sid": call_sid, "number": turn})
    return found


def is_texted(connection: Connection, call_sid: str, turn: int) -> bool:
    """Whether a copy of what a caller agreed to in this turn goes to them by text."""
    named = connection.scalars(_OF_TURN, {"sid": call_sid, "number": turn})
    keys = {"keys": [copy_key(consent) for consent in named]}
    return connection.scalar(_TEXTED, keys) is not None


def revoke(connection: Connection, consent: int, now: datetime) -> None:
    """Note when a consent ended; the first time it did stays."""
    connection.execute(_REVOKE, {"of_id": consent, "now": now})


def end_debit(connection: Connection, payment: int, now: datetime) -> None:
    """Note that nothing was or stays debited as agreed to for this one payment; a copy of the
    words that has not gone out is not sent any more."""
    ended = connection.scalar(_END_DEBIT, {"payment": payment, "now": now})
    if ended is not None:
        withdraw(connection, copy_key(ended))


def given(connection: Connection, account: str | None = None) -> Iterator[Consent]:
    """Every consent, or those of one account number, oldest first."""
    wanted = select(*consents.c, accounts.c.number).join(accounts).order_by(consents.c.id)
    if account is not None:
        wanted = wanted.where(accounts.c.number == account)
    sent = select(texts.c.reference, texts.c.status).where(texts.c.key.startswith(COPY))
    copies = {row.reference: row.status for row in connection.execute(sent)}
    for row in connection.execute(wanted):
        yield Consent(
            id=row.id,
            account=row.number,
            kind=row.kind,
            language=row.language,
            words=row.words,
            recording=row.recording,
            given_at=row.given_at,
            revoked_at=row.revoked_at,
            copy=copies.get(reference(row.id), "owed"),
        )

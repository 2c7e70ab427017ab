"""What callers agreed to: the words they heard, when, and how they said yes.

Kept as the rules for debits by telephone ask: two years from the day on which a consent ends.
Nothing here deletes a row.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from ivr.store.inserts import run, unless_there
from ivr.store.tables import consents

_NEW = unless_there(consents)
_GIVEN = select(consents.c.id).where(
    consents.c.call_sid == bindparam("sid"),
    consents.c.turn == bindparam("number"),
    consents.c.kind == bindparam("of_kind"),
)
_REVOKE = (
    update(consents)
    .where(consents.c.id == bindparam("of_id"), consents.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"))
)


def give(connection: Connection, row: Mapping[str, Any]) -> int:
    """Write a consent down, once for each turn and kind, and return its id.

    `row` holds account_id, kind, language, words, call_sid, turn, given_at, and recording where
    the yes was spoken.
    """
    run(connection, _NEW, row)
    given = {"sid": row["call_sid"], "number": row["turn"], "of_kind": row["kind"]}
    return int(connection.execute(_GIVEN, given).scalar_one())


def revoke(connection: Connection, consent: int, now: datetime) -> None:
    """Note when a consent ended; the first time it did stays."""
    connection.execute(_REVOKE, {"of_id": consent, "now": now})

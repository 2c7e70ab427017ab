"""How a caller likes to be spoken to: kept on their account, else on their number."""

from typing import Any

from sqlalchemy import Connection, bindparam, update

from ivr.store.inserts import on_each, run
from ivr.store.tables import accounts, numbers

_ON_ACCOUNT = update(accounts).where(accounts.c.id == bindparam("of_account"))


def _on_number(insert: Any) -> Any:
    row = insert(numbers)
    newer = {"language": row.excluded.language, "pace": row.excluded.pace}
    return row.on_conflict_do_update(index_elements=["number"], set_=newer)


_ON_NUMBER = on_each(_on_number)


def keep(
    connection: Connection, account: int | None, number: str | None, language: str, pace: str
) -> None:
    """Remember a language and a pace for the next call; with neither key there is nowhere to."""
    wishes = {"language": language, "pace": pace}
    if account is not None:
        connection.execute(_ON_ACCOUNT, {"of_account": account, **wishes})
    elif number is not None:
        run(connection, _ON_NUMBER, {"number": number, **wishes})

"""How a caller likes to be spoken to: kept on their account, else on their number."""

from typing import Any

from sqlalchemy import Connection, bindparam, update
from sqlalchemy.dialects import postgresql, sqlite

from ivr.store.tables import accounts, numbers

_ON_ACCOUNT = update(accounts).where(accounts.c.id == bindparam("of_account"))


def _on_number(dialect: Any) -> Any:
    row = dialect.insert(numbers)
    newer = {"language": row.excluded.language, "pace": row.excluded.pace}
    return row.on_conflict_do_update(index_elements=["number"], set_=newer)


_ON_NUMBER = {"sqlite": _on_number(sqlite), "postgresql": _on_number(postgresql)}


def keep(
    connection: Connection, account: int | None, number: str | None, language: str, pace: str
) -> None:
    """Remember a language and a pace for the next call; with neither key there is nowhere to."""
    wishes = {"language": language, "pace": pace}
    if account is not None:
        connection.execute(_ON_ACCOUNT, {"of_account": account, **wishes})
    elif number is not None:
        connection.execute(_ON_NUMBER[connection.dialect.name], {"number": number, **wishes})

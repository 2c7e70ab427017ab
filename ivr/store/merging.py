"""Merges sealed staged rows into the accounts, slice by slice, so that calls go on meanwhile.

A slice is merged and taken off the staged rows in one transaction: whoever goes on after a process
died merges no account twice, and so undoes nothing that a caller changed since.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    Executable,
    and_,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)

from ivr.store import staging
from ivr.store.columns import BY_NAME
from ivr.store.import_lock import sole
from ivr.store.inserts import on_each
from ivr.store.staging import Span, within
from ivr.store.tables import (
    accounts,
    open_restore,
    phones,
    pins,
    restores,
    sealed_imports,
    staged_accounts,
    staged_phones,
)

KEPT = frozenset({"language"})  # an empty cell leaves these, since callers choose them too


@dataclass(frozen=True, slots=True)
class Imported:
    """How many accounts an import added, and how many it found there and updated."""

    added: int
    updated: int


def finish_import(engine: Engine) -> Imported | None:
    """Finish an import that died after all its rows were staged; None where there is none.

    Also None while another process imports, which then does it itself.
    """
    with sole(engine) as connection:
        return finished(connection) if connection else None


def finished(connection: Connection) -> Imported | None:
    """What `finish_import` does, for whoever is the one import already."""
    for _ in merged(connection):
        pass
    with connection.begin():
        done = connection.execute(
            delete(sealed_imports).returning(sealed_imports.c.added, sealed_imports.c.updated)
        ).one_or_none()
    return Imported(*done) if done else None


def merged(connection: Connection) -> Iterator[int]:
    """Merge what is sealed, telling after each slice how many accounts are done."""
    with connection.begin():
        columns = connection.scalar(select(sealed_imports.c.columns))
    if columns is not None:
        yield from staging.taken(connection, _merge(connection, set(columns.split(";"))))


def _merge(connection: Connection, names: set[str]) -> Callable[[Span], None]:
    found = {BY_NAME[name].column for name in names} | {"balance_as_of"}
    columns = sorted(column for column in found if column)
    changing, adding = _update_accounts(columns), _add_accounts(columns)
    then: list[Executable] = []
    if "phone" in names:
        then += [_remove_phones(), _add_phones()]
    if "status" in names:
        then.append(_restored())
    if "pin" in names:
        then.append(_SET_PINS[connection.dialect.name])

    def merge(span: Span) -> None:
        updated = connection.execute(changing, span).rowcount
        added = connection.execute(adding, span).rowcount
        for statement in then:
            connection.execute(statement, span)
        connection.execute(_count(added, updated))

    return merge


def _count(added: int, updated: int) -> Executable:
    before = sealed_imports.c
    return update(sealed_imports).values(
        added=before.added + added, updated=before.updated + updated
    )


# Update, then insert what is missing: an upsert would take a number off PostgreSQL's sequence for
# every account that is there already, and a sequence is 32 bits long.


def _update_accounts(columns: list[str]) -> Executable:
    changes: dict[str, Any] = {
        name: func.coalesce(staged_accounts.c[name], accounts.c[name])
        if name in KEPT
        else staged_accounts.c[name]
        for name in columns
        if name != "number"
    }
    same = accounts.c.number == staged_accounts.c.number
    return update(accounts).where(same, within(staged_accounts)).values(changes)


def _add_accounts(columns: list[str]) -> Executable:
    there = exists().where(accounts.c.number == staged_accounts.c.number)
    missing = select(*(staged_accounts.c[name] for name in columns))
    statement = insert(accounts).from_select(
        columns, missing.where(within(staged_accounts), ~there)
    )
    return statement.execution_options(preserve_rowcount=True)


_SAME = accounts.c.number == staged_accounts.c.number


def _remove_phones() -> Executable:
    listed = exists().where(
        staged_phones.c.line == staged_accounts.c.line, staged_phones.c.number == phones.c.number
    )
    had = staged_accounts.join(accounts, _SAME).join(phones, phones.c.account_id == accounts.c.id)
    gone = select(phones.c.id).select_from(had).where(within(staged_accounts), ~listed)
    return delete(phones).where(phones.c.id.in_(gone))


def _add_phones() -> Executable:
    same_line = staged_accounts.c.line == staged_phones.c.line
    listed = staged_phones.join(staged_accounts, same_line).join(accounts, _SAME)
    there = exists().where(
        phones.c.account_id == accounts.c.id, phones.c.number == staged_phones.c.number
    )
    missing = select(accounts.c.id, staged_phones.c.number).select_from(listed)
    return insert(phones).from_select(
        ["account_id", "number"], missing.where(within(staged_phones), ~there)
    )


def _restored() -> Executable:
    """What billing says is on again is asked of the network desk no more."""
    ours = accounts.c.id == restores.c.account_id
    on_again = select(accounts.c.id).join(staged_accounts, _SAME)
    on_again = on_again.where(within(staged_accounts), accounts.c.status != "suspended")
    told = select(accounts.c.balance_as_of).where(ours).scalar_subquery()
    waiting = and_(open_restore, restores.c.asked_at <= told)
    mine = restores.c.account_id.in_(on_again)
    return update(restores).where(waiting, mine).values(done_at=told)


def _set_pins(insert: Any) -> Executable:
    """New PINs in, wrong tries and locks as they are: an import is no way around a lock."""
    found = select(accounts.c.id, staged_accounts.c.pin).join(staged_accounts, _SAME)
    given = found.where(within(staged_accounts), staged_accounts.c.pin.is_not(None))
    statement = insert(pins)
    added = statement.from_select(["account_id", "hash"], given)
    changes = {"hash": statement.excluded.hash}
    changed: Executable = added.on_conflict_do_update(index_elements=["account_id"], set_=changes)
    return changed


_SET_PINS = on_each(_set_pins)

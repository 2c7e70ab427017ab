"""Agents who could be rung, and callbacks: who is owed a call."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    text,
)

from ivr.store.inserts import on_each, run
from ivr.store.tables import LIVE_OFFER, agents, callbacks, offers


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent who could be rung: E.164 phone, and languages, the agent's own first."""

    id: int
    phone: str
    languages: tuple[str, ...]


def _lists(column: ColumnElement[str], parameter: str) -> ColumnElement[bool]:
    """Whether a list joined with ";" holds a word; the parameter is given as `%;word;%`."""
    return literal(";").concat(column).concat(";").like(bindparam(parameter))


_BUSY = select(offers.c.id).where(offers.c.agent_id == agents.c.id, text(LIVE_OFFER)).exists()
_RUNG_BEFORE = (
    select(offers.c.id)
    .where(offers.c.agent_id == agents.c.id, offers.c.transfer_id == bindparam("transfer"))
    .exists()
)
_LAST_RUNG = (
    select(func.max(offers.c.rung_at))
    .where(offers.c.agent_id == agents.c.id)
    .correlate(agents)
    .scalar_subquery()
)
_FREE = (
    select(agents.c.id, agents.c.phone, agents.c.languages)
    .where(agents.c.state == "ready", _lists(agents.c.queues, "queue"), ~_BUSY, ~_RUNG_BEFORE)
    .order_by(
        case((_lists(agents.c.languages, "language"), 0), else_=1),
        _LAST_RUNG.asc().nulls_first(),
        agents.c.changed_at,
        agents.c.id,
    )
    .limit(bindparam("limit"))
)


def free_agents(
    connection: Connection, queue: str, language: str, transfer: int = 0, limit: int = 5
) -> list[Agent]:
    """Agents of a queue who are ready and not at a call, whom `transfer` has not rung yet.

    Those who speak the caller's language come first, then who was rung least recently.
    """
    wanted = {
        "queue": f"%;{queue};%",
        "language": f"%;{language};%",
        "transfer": transfer,
        "limit": limit,
    }
    rows = connection.execute(_FREE, wanted)
    return [Agent(row.id, row.phone, tuple(row.languages.split(";"))) for row in rows]


@dataclass(frozen=True, slots=True)
class Kept:
    """Callbacks so far: the number this call left, and how many other calls left one today."""

    number: str | None
    of_number: int
    of_account: int


_OWN = callbacks.c.call_sid == bindparam("sid")


def _others(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((and_(~_OWN, condition), 1), else_=0)), 0)


_KEPT = select(
    func.max(case((_OWN, callbacks.c.number))),
    _others(callbacks.c.number == bindparam("number")),
    _others(callbacks.c.account_id == bindparam("account")),
).where(or_(callbacks.c.created_at >= bindparam("since"), _OWN))


def callbacks_kept(
    connection: Connection, sid: str, number: str, account: int | None, since: datetime
) -> Kept:
    """What this call, this number and this account have asked for since `since`."""
    row = {"sid": sid, "number": number, "account": account, "since": since}
    return Kept(*connection.execute(_KEPT, row).one())


def _upsert(insert: Any) -> Any:
    new = insert(callbacks)
    changes = {name: new.excluded[name] for name in ("account_id", "number", "queue", "language")}
    pressed_none = and_(callbacks.c.no_key, new.excluded.no_key)
    return new.on_conflict_do_update(
        index_elements=["call_sid"],
        # Asked for again, it is owed again; what they were about first stays its reason.
        set_={**changes, "no_key": pressed_none, "done_at": None},
    )


_KEEP = on_each(_upsert)


def keep_callback(connection: Connection, row: dict[str, Any]) -> None:
    """Keep the one callback of a call; asked again, it takes the new number."""
    run(connection, _KEEP, row)

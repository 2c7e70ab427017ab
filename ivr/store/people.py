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
from ivr.store.offers import LONGEST_RING
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


_SPEAKS = _lists(agents.c.languages, "language")
_BUSY = (
    select(offers.c.id)
    .where(
        offers.c.agent_id == agents.c.id,
        text(LIVE_OFFER),
        or_(offers.c.status == "accepted", offers.c.rung_at > bindparam("dead_by")),
    )
    .exists()
)
_RUNG_BEFORE = (
    select(offers.c.id)
    .where(offers.c.agent_id == agents.c.id, offers.c.transfer_id == bindparam("transfer"))
    .exists()
)
_FIRST = agents.alias("first")
# Whoever was rung first tells whether the caller was led to expect another language.
_BEGAN_IN_LANGUAGE = (
    select(offers.c.id)
    .select_from(offers.outerjoin(_FIRST))
    .where(
        offers.c.transfer_id == bindparam("transfer"),
        offers.c.position == 1,
        or_(_FIRST.c.id.is_(None), _lists(_FIRST.c.languages, "language")),
    )
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
    .where(
        agents.c.state == "ready",
        _lists(agents.c.queues, "queue"),
        ~_BUSY,
        ~_RUNG_BEFORE,
        or_(_SPEAKS, ~_BEGAN_IN_LANGUAGE),
    )
    .order_by(
        case((_SPEAKS, 0), else_=1),
        _LAST_RUNG.asc().nulls_first(),
        agents.c.changed_at,
        agents.c.id,
    )
    .limit(bindparam("limit"))
)


def free_agents(
    connection: Connection,
    queue: str,
    language: str,
    now: datetime,
    transfer: int = 0,
    limit: int = 5,
) -> list[Agent]:
    """Agents of a queue who are ready and not at a call, whom `transfer` has not rung yet.

    Who was rung least recently comes first. Where one of them speaks the caller's language, only
    those who do are given, and none but those for a transfer that began with one: its caller was
    not told of another language.
    """
    wanted = {
        "queue": f"%;{queue};%",
        "language": f"%;{language};%",
        "dead_by": now - LONGEST_RING,
        "transfer": transfer,
        "limit": limit,
    }
    rows = connection.execute(_FREE, wanted)
    free = [Agent(row.id, row.phone, tuple(row.languages.split(";"))) for row in rows]
    return [agent for agent in free if language in agent.languages] or free


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

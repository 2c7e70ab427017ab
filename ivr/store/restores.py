"""Requests to turn suspended service on again: one for each payment that earned it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from ivr.store.inserts import run, unless_there
from ivr.store.tables import accounts, payments, restores


@dataclass(frozen=True, slots=True)
class Restore:
    """A request as the network desk sees it.

    `status` is the account's now, `payment` that of the payment: money may have gone back since.
    """

    id: int
    number: str
    name: str
    services: tuple[str, ...]
    node: str | None
    status: str
    confirmation: str | None
    payment: str
    asked_at: datetime
    done_at: datetime | None


_NEW = unless_there(restores)
_OPEN = restores.c.done_at.is_(None)
_ASKED = select(restores.c.asked_at).where(restores.c.account_id == bindparam("account"), _OPEN)
_LIST = (
    select(
        restores,
        *(accounts.c[name] for name in ("number", "name", "services", "node", "status")),
        payments.c.confirmation,
        payments.c.status.label("payment"),
    )
    .select_from(restores.join(accounts).join(payments, payments.c.id == restores.c.payment_id))
    .order_by(restores.c.asked_at, restores.c.id)
)
_DONE = (
    update(restores)
    .where(restores.c.id == bindparam("of_id"), _OPEN)
    .values(done_at=bindparam("now"))
)


def ask(connection: Connection, account: int, payment: int, now: datetime) -> None:
    """Ask for an account's service, once for a payment and while no request of it is open."""
    run(connection, _NEW, {"account_id": account, "payment_id": payment, "asked_at": now})


def asked_at(connection: Connection, account: int) -> datetime | None:
    """Since when an account waits for its service; None where it does not."""
    return connection.scalar(_ASKED, {"account": account})


def every(connection: Connection, *, done_too: bool) -> list[Restore]:
    """The requests, the oldest first; only the open ones unless `done_too`."""
    found = connection.execute(_LIST if done_too else _LIST.where(_OPEN))
    return [
        Restore(
            id=row.id,
            number=row.number,
            name=row.name,
            services=tuple(filter(None, row.services.split(";"))),
            node=row.node,
            status=row.status,
            confirmation=row.confirmation,
            payment=row.payment,
            asked_at=row.asked_at,
            done_at=row.done_at,
        )
        for row in found
    ]


def done(connection: Connection, restore: int, now: datetime) -> bool | None:
    """Close a request; False where it was closed before, None where there is none."""
    if connection.execute(_DONE, {"of_id": restore, "now": now}).rowcount:
        return True
    there = connection.scalar(select(restores.c.id).where(restores.c.id == restore))
    return None if there is None else False

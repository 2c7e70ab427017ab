"""Requests to turn suspended service on again: one for each payment that earned it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import Connection, and_, bindparam, case, select, update

from ivr.store.accounts import PAID, read_bill
from ivr.store.inserts import run, unless_there
from ivr.store.tables import accounts, open_restore, payments, restores

REFUND_ASKED = "refund-asked"


@dataclass(frozen=True, slots=True)
class Restore:
    """A request as the network desk sees it.

    `status` is the account's now, `payment` that of the payment, or `refund-asked` while nobody
    knows whether its money goes back.
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
    withdrawn_at: datetime | None


Closed = Literal["done", "done-before", "withdrawn", "unknown"]
"""What became of a wish to close a request."""

_NEW = unless_there(restores)
_ASKED = select(restores.c.asked_at).where(
    restores.c.account_id == bindparam("account"), open_restore
)
_PAYMENT = case(
    (and_(payments.c.status.in_(PAID), payments.c.refund_asked_at.is_not(None)), REFUND_ASKED),
    else_=payments.c.status,
)
_NEWEST_PAID = (
    select(payments.c.id)
    .where(payments.c.account_id == bindparam("account"), payments.c.status.in_(PAID))
    .order_by(payments.c.id.desc())
    .limit(1)
)
_LIST = (
    select(
        restores,
        *(accounts.c[name] for name in ("number", "name", "services", "node", "status")),
        payments.c.confirmation,
        _PAYMENT.label("payment"),
    )
    .select_from(restores.join(accounts).join(payments, payments.c.id == restores.c.payment_id))
    .order_by(restores.c.asked_at, restores.c.id)
)
_DONE = (
    update(restores)
    .where(restores.c.id == bindparam("of_id"), open_restore)
    .values(done_at=bindparam("now"))
)
_CLOSED = select(restores.c.withdrawn_at).where(restores.c.id == bindparam("of_id"))
_WITHDRAW = (
    update(restores)
    .where(restores.c.payment_id == bindparam("payment"), open_restore)
    .values(withdrawn_at=bindparam("now"))
    .returning(restores.c.account_id, restores.c.asked_at)
)


def ask(connection: Connection, account: int, payment: int, now: datetime) -> None:
    """Ask for an account's service, once for a payment and while no request of it is open."""
    run(connection, _NEW, {"account_id": account, "payment_id": payment, "asked_at": now})


def asked_at(connection: Connection, account: int) -> datetime | None:
    """Since when an account waits for its service; None where it does not."""
    return connection.scalar(_ASKED, {"account": account})


def money_back(connection: Connection, payment: int, now: datetime) -> None:
    """Withdraw what a payment asked for that went back, in the transaction that records this.

    What is done stays so. Where a later payment keeps all paid that was past due, the request is
    that one's from now on.
    """
    row = connection.execute(_WITHDRAW, {"payment": payment, "now": now}).one_or_none()
    bill = read_bill(connection, row.account_id, UTC) if row else None
    if row is None or bill is None or bill.past_due_cents > 0:
        return
    other = connection.scalar(_NEWEST_PAID, {"account": bill.account})
    if other is not None:
        ask(connection, bill.account, other, row.asked_at)


def every(connection: Connection, *, done_too: bool) -> list[Restore]:
    """The requests, the oldest first; only the open ones unless `done_too`, which
    shows the withdrawn ones as well."""
    found = connection.execute(_LIST if done_too else _LIST.where(open_restore))
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
            withdrawn_at=row.withdrawn_at,
        )
        for row in found
    ]


def done(connection: Connection, restore: int, now: datetime) -> Closed:
    """Close a request; one that was withdrawn stays so."""
    if connection.execute(_DONE, {"of_id": restore, "now": now}).rowcount:
        return "done"
    row = connection.execute(_CLOSED, {"of_id": restore}).one_or_none()
    if row is None:
        return "unknown"
    return "withdrawn" if row.withdrawn_at else "done-before"

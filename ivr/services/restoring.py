"""Suspended service that was paid for: asked of the network desk once, and when it is back."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from ivr.flows.services import Field
from ivr.prompts.values import Kind, Value, YesNo
from ivr.services.context import Context
from ivr.store import accounts, outages, payments, restores
from ivr.store.accounts import PAID, Bill
from ivr.store.payments import Payment

QUARTER = timedelta(minutes=15)
BACK = {
    "back-by": Field(Kind.MOMENT, maybe=True, there="has-back-by"),
    "has-back-by": Field(Kind.YES_NO, apart="restore"),
    "late": Field(Kind.YES_NO, apart="restore"),
}
"""When service should be back: a time to come, or that the time said before is past."""


def ask_if_paid(connection: Connection, payment: Payment, now: datetime) -> None:
    """Ask for the service of a suspended account whose past due part this payment has paid.

    Whoever records a charge calls this in the same transaction, so that neither a crash between
    the two nor a charge that is learned of later leaves somebody without service.
    """
    bill = accounts.read_bill(connection, payment.account, UTC)
    if bill is None or bill.status != "suspended":
        return
    here = payments.read(connection, payment.id).status in PAID
    if here and bill.before(payment.amount_cents).restored_by(payment.amount_cents):
        restores.ask(connection, payment.account, payment.id, now)


def under_way(context: Context, bill: Bill) -> datetime | None:
    """Since when a suspended account that paid what is past due waits for its service."""
    if bill.status != "suspended" or bill.past_due_cents > 0:
        return None
    return restores.asked_at(context.connection, bill.account)


def back(context: Context, account: int, asked_at: datetime | None) -> dict[str, Value]:
    """The fields of `BACK` for an account's request made at `asked_at`, None where there is none.

    Where an outage is known there, nobody can say when they have service again.
    """
    within = context.book.restored_within
    by = _spoken(asked_at + within) if asked_at and within else None
    if by and _is_out(context, account):
        by = None
    late = by is not None and by <= context.now
    fields: dict[str, Value] = {"has-back-by": YesNo(by is not None and not late)}
    fields["late"] = YesNo(late)
    if by and not late:
        fields["back-by"] = context.moment(by)
    return fields


def _is_out(context: Context, account: int) -> bool:
    """Whether a confirmed incident touches something that the account has."""
    call = context.call
    found = outages.look(context.connection, account, call.caller, call.sid)
    if found is None:
        return False
    premise, known = found
    return any(set(premise.services) & set(incident.services) for incident in known)


def _spoken(instant: datetime) -> datetime:
    """The next quarter of an hour, since nobody promises 5:04."""
    return instant + (datetime.min.replace(tzinfo=UTC) - instant) % QUARTER

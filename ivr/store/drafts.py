"""What AutoPay will take of each bill: announced, then taken under one payment, or not.

A draft stays `announced` until its payment has an end, so that a run which was killed is known by
the payment it leaves. Whoever moves one holds its account (`payments.hold_account`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, bindparam, func, select, update

from ivr.store.accounts import PAID
from ivr.store.inserts import on_each, run
from ivr.store.payments import PENDING
from ivr.store.tables import (
    accounts,
    autopays,
    drafts,
    landlines,
    methods,
    opt_outs,
    payments,
    phones,
    texts,
)
from ivr.store.texts import withdraw

End = Literal["taken", "failed", "skipped"]

ANNOUNCED = "draft-announced:"
"""How the key of a text begins that announces a draft; see `notice`."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be taken of the bill due on `due`, in integer cents, and on which day."""

    id: int
    account: int
    autopay: int
    due: date
    amount_cents: int
    take_on: date
    payment: int | None
    status: str


@dataclass(frozen=True, slots=True)
class Listed:
    """An enrolment as its keepers see it, with the draft announced next.

    `notice` is what became of the text that announced it, or `owed` where none could be sent.
    """

    account: str
    method: str
    enrolled_at: datetime
    amount_cents: int | None
    take_on: date | None
    notice: str | None


_READ = select(drafts).where(drafts.c.id == bindparam("of_id"))
_OF_BILL = select(drafts).where(
    drafts.c.account_id == bindparam("account"), drafts.c.due_date == bindparam("due")
)
_NEXT = (
    select(drafts)
    .where(drafts.c.account_id == bindparam("account"), drafts.c.status == "announced")
    .order_by(drafts.c.take_on, drafts.c.id)
    .limit(1)
)
_TO_TAKE = (
    select(drafts.c.id)
    .where(
        drafts.c.status == "announced",
        drafts.c.take_on <= bindparam("day"),
        drafts.c.payment_id.is_(None),
    )
    .order_by(drafts.c.id)
)
_BEGUN = (
    select(drafts)
    .where(drafts.c.status == "announced", drafts.c.payment_id.is_not(None))
    .order_by(drafts.c.id)
)
_OPEN = (
    select(func.count())
    .select_from(drafts.join(payments, payments.c.id == drafts.c.payment_id))
    .where(drafts.c.status == "announced", payments.c.status.in_(PENDING))
)
_LAST_TAKEN = (
    select(payments.c.amount_cents)
    .where(payments.c.consent_id == bindparam("consent"), payments.c.status.in_(PAID))
    .order_by(payments.c.charged_at.desc(), payments.c.id.desc())
    .limit(1)
)
_BEGIN = (
    update(drafts)
    .where(drafts.c.id == bindparam("of_id"), drafts.c.payment_id.is_(None))
    .values(payment_id=bindparam("payment"))
)
_BEFORE: Mapping[End, tuple[str, ...]] = {
    # Should a gateway ever report money for what we gave up, the money is what is true.
    "taken": ("announced", "failed", "skipped"),
    "failed": ("announced",),
    "skipped": ("announced",),
}
_END = {
    ending: update(drafts)
    .where(drafts.c.id == bindparam("of_id"), drafts.c.status.in_(before))
    .values(status=ending)
    for ending, before in _BEFORE.items()
}
_SKIP = (
    update(drafts)
    .where(
        drafts.c.autopay_id == bindparam("of_autopay"),
        drafts.c.status == "announced",
        drafts.c.payment_id.is_(None),
    )
    .values(status="skipped")
    .returning(drafts)
)
_FRESH = ("autopay_id", "amount_cents", "take_on", "announced_at", "status")
# One draft a bill. What was skipped because AutoPay was canceled is announced anew by another
# enrolment; the run itself never announces a bill twice.
_NEW = on_each(
    lambda insert: (
        (new := insert(drafts))
        .on_conflict_do_update(
            index_elements=("account_id", "due_date"),
            set_={name: new.excluded[name] for name in _FRESH},
            where=(drafts.c.status == "skipped")
            & drafts.c.payment_id.is_(None)
            & (drafts.c.autopay_id != new.excluded.autopay_id),
        )
        .returning(drafts)
    )
)
_TO_TEXT = (
    select(phones.c.number)
    .outerjoin(opt_outs, opt_outs.c.number == phones.c.number)
    .outerjoin(landlines, landlines.c.number == phones.c.number)
    .where(
        phones.c.account_id == bindparam("account"),
        opt_outs.c.number.is_(None),
        landlines.c.number.is_(None),
    )
    .order_by(phones.c.id)
)
_next = drafts.alias("next")
_LIST = (
    select(
        accounts.c.number,
        methods.c.kind,
        methods.c.brand,
        methods.c.last4,
        autopays.c.enrolled_at,
        _next.c.id,
        _next.c.amount_cents,
        _next.c.take_on,
    )
    .select_from(
        autopays.join(accounts)
        .join(methods, methods.c.id == autopays.c.method_id)
        .outerjoin(_next, (_next.c.autopay_id == autopays.c.id) & (_next.c.status == "announced"))
    )
    .where(autopays.c.canceled_at.is_(None))
    .order_by(accounts.c.number, _next.c.take_on)
)


def reference(draft: int) -> str:
    """How a draft is named to whom it belongs."""
    return f"D{draft:07}"


def notice(draft: Draft) -> str:
    """The key of the text that announces a draft; it tells apart one announced anew."""
    return f"{ANNOUNCED}{draft.autopay}:{reference(draft.id)}"


def read(connection: Connection, draft: int) -> Draft:
    """A draft by its id, which must be one."""
    return _draft(connection.execute(_READ, {"of_id": draft}).one())


def of_bill(connection: Connection, account: int, due: date) -> Draft | None:
    """The draft of the bill that is due on a day, whatever became of it."""
    row = connection.execute(_OF_BILL, {"account": account, "due": due}).one_or_none()
    return _draft(row) if row else None


def next_of(connection: Connection, account: int) -> Draft | None:
    """What AutoPay will take next of an account."""
    row = connection.execute(_NEXT, {"account": account}).one_or_none()
    return _draft(row) if row else None


def announce(
    connection: Connection,
    account: int,
    autopay: int,
    due: date,
    amount_cents: int,
    take_on: date,
    now: datetime,
) -> Draft | None:
    """Write down what will be taken of a bill; None where that was said of it before."""
    row = {
        "account_id": account,
        "autopay_id": autopay,
        "due_date": due,
        "amount_cents": amount_cents,
        "take_on": take_on,
        "announced_at": now,
        "status": "announced",
    }
    made = run(connection, _NEW, row).one_or_none()
    return _draft(made) if made else None


def to_take(connection: Connection, day: date) -> list[int]:
    """Drafts whose day has come and that nobody has begun to take."""
    return list(connection.scalars(_TO_TAKE, {"day": day}))


def begun(connection: Connection) -> list[Draft]:
    """Drafts that have a payment, and of which it is not written down how that ended."""
    return [_draft(row) for row in connection.execute(_BEGUN)]


def still_open(connection: Connection) -> int:
    """How many drafts have a payment that may have been charged without our knowing."""
    return int(connection.execute(_OPEN).scalar_one())


def last_taken(connection: Connection, consent: int) -> int | None:
    """What was taken last as agreed to in a consent, in integer cents."""
    return connection.execute(_LAST_TAKEN, {"consent": consent}).scalar_one_or_none()


def begin(connection: Connection, draft: int, payment: int) -> None:
    """Take a draft by this payment and no other."""
    connection.execute(_BEGIN, {"of_id": draft, "payment": payment})


def end(connection: Connection, draft: int, ending: End) -> bool:
    """Write down what became of a draft; no where somebody did before.

    What is skipped is not announced any more, if that has not gone out.
    """
    ended = connection.execute(_END[ending], {"of_id": draft}).rowcount == 1
    if ended and ending == "skipped":
        withdraw(connection, notice(read(connection, draft)))
    return ended


def skip(connection: Connection, autopay: int) -> None:
    """Take none of the drafts of an enrolment that has ended, nor announce them any more."""
    for row in connection.execute(_SKIP, {"of_autopay": autopay}).all():
        withdraw(connection, notice(_draft(row)))


def to_text(connection: Connection, account: int) -> list[str]:
    """The phones of an account that may take a text, the first on file first."""
    return list(connection.scalars(_TO_TEXT, {"account": account}))


def listed(connection: Connection) -> Iterator[Listed]:
    """Every enrolment, by account number."""
    announced = select(texts.c.reference, texts.c.status).where(texts.c.key.startswith(ANNOUNCED))
    sent = connection.execute(announced.order_by(texts.c.id))
    notices = {row.reference: row.status for row in sent}
    for row in connection.execute(_LIST):
        yield Listed(
            account=row.number,
            method=f"{row.brand or row.kind} {row.last4}",
            enrolled_at=row.enrolled_at,
            amount_cents=row.amount_cents,
            take_on=row.take_on,
            notice=notices.get(reference(row.id), "owed") if row.id else None,
        )


def _draft(row: Row[Any]) -> Draft:
    return Draft(
        id=row.id,
        account=row.account_id,
        autopay=row.autopay_id,
        due=row.due_date,
        amount_cents=row.amount_cents,
        take_on=row.take_on,
        payment=row.payment_id,
        status=row.status,
    )

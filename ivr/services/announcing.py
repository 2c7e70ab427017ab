"""What AutoPay will take of a bill and when, told to its customer before it is taken.

Regulation E asks for the amount and date of a varying debit ten days ahead (12 CFR 1005.10(d)),
and the card brands for notice of recurring charges; we treat cards and bank accounts alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from ivr.dialog.phones import us_phone
from ivr.flows.model import Book
from ivr.prompts.values import Date, Money, Text, Value
from ivr.services.spoken import TEXT_DRAFT_ANNOUNCED
from ivr.store import autopays, drafts, methods, texts
from ivr.store.accounts import Bill
from ivr.store.autopays import Autopay
from ivr.store.drafts import Draft

AHEAD = timedelta(days=10)
"""How long before an amount is taken it is announced, where it is not what was taken last."""


@dataclass(frozen=True, slots=True)
class Sender:
    """What texts are written with. Without `texts_on` none are sent."""

    book: Book
    texts_on: bool

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the line's place, where a day begins and ends."""
        return ZoneInfo(self.book.hours.zone)


def announce(
    connection: Connection, sender: Sender, autopay: Autopay, bill: Bill, day: date, now: datetime
) -> Draft | None:
    """Announce on `day` what will be taken of a bill; None where there is nothing to announce.

    AutoPay is for the bills that come due once it is on. What is taken is never more than was
    announced, and never more than is owed by then. Notice counts from `now` where `day` is over.
    """
    due = bill.due_date
    if due is None or bill.balance_cents <= 0 or bill.status != "active":
        return None
    if due < autopay.enrolled_at.astimezone(sender.zone).date():
        return None
    cents = bill.balance_cents
    same = drafts.last_taken(connection, autopay.consent) == cents
    today = max(day, now.astimezone(sender.zone).date())
    take_on = max(due, today if same else today + AHEAD)
    draft = drafts.announce(connection, bill.account, autopay.id, due, cents, take_on, now)
    if draft:
        _tell(connection, sender, bill, draft, now)
    return draft


def _tell(connection: Connection, sender: Sender, bill: Bill, draft: Draft, now: datetime) -> None:
    named = drafts.reference(draft.id)
    method = methods.read(connection, autopays.read(connection, draft.autopay).method)
    values: dict[str, Value] = {
        "amount": Money(draft.amount_cents),
        "date": Date(draft.take_on),
        "ending": Text(method.last4),
        "reference": Text(named),
    }
    write(connection, sender, bill, drafts.notice(draft), TEXT_DRAFT_ANNOUNCED, values, now)


def write(
    connection: Connection,
    sender: Sender,
    bill: Bill,
    key: str,
    prompt: str,
    values: Mapping[str, Value],
    now: datetime,
) -> None:
    """Put a text to an account's phone into the outbox, in the account's language.

    Who has no phone that takes texts gets none: `ivr autopay list` says who is owed a letter.
    """
    found = filter(None, map(us_phone, drafts.to_text(connection, bill.account)))
    number = next(found, None) if sender.texts_on else None
    if number is None:
        return
    book = sender.book
    language = bill.language if bill.language in book.languages else book.languages[0]
    body = book.catalogue.text(prompt, language, {"company": Text(book.company), **values})
    texts.put(connection, key, number, body, language, now)

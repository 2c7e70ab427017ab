"""The ring: who it seems to be, in which language, and the news they must hear first.

One question to the store for the caller's accounts, one for a payment that was cut off, and, for
a caller matched to a working account, one for outages.
"""

from collections.abc import Sequence
from datetime import UTC, timedelta

from ivr.dialog.call import Identity, Pace
from ivr.dialog.events import Replied
from ivr.dialog.turns import Request
from ivr.flows.services import Field, Level, Service
from ivr.prompts.values import Kind, Reference, YesNo
from ivr.services import outages, restoring
from ivr.services.context import Context
from ivr.services.outages import HERE
from ivr.store import accounts, identity, payments
from ivr.store.identity import Owner

NEWS = {
    "plain": {},
    "payment-charged": {"confirmation": Field(Kind.REFERENCE)},
    "payment-unknown": {},
    "payment-stopped": {},
    "suspended": {"payable": Field(Kind.YES_NO)},
    "restoring": restoring.BACK,
    "outage": {**HERE, "eta": Field(Kind.MOMENT)},
    "outage-late": HERE,
    "outage-no-time": HERE,
}
ARRIVE = Service("caller.arrive", outcomes=NEWS, grants=dict.fromkeys(NEWS, Level.MATCHED))


def arrive(context: Context, request: Request) -> Replied:
    """Look the caller up, and choose the one piece of news that comes before the menu.

    A payment that was cut off comes before a suspension, and that before an outage. A phone with
    several accounts matches none of them until one is chosen.
    """
    caller = context.call.caller
    if caller is None:
        return Replied("plain")
    owners = identity.owners(context.connection, caller)
    language, pace = _preference(context, caller, owners)
    who = _who(owners)
    news = _payment_news(context, caller) or _account_news(context, owners) or Replied("plain")
    return Replied(news.outcome, news.fields, who, language, pace)


def _who(owners: Sequence[Owner]) -> Identity | None:
    if len(owners) != 1:
        return None
    return Identity(Level.MATCHED, owners[0].id, owners[0].id)


def _preference(
    context: Context, caller: str, owners: Sequence[Owner]
) -> tuple[str | None, Pace | None]:
    """The account's language and pace, else the number's; a language the book lacks is none."""
    own = owners[0] if len(owners) == 1 else None
    kept: tuple[str | None, str | None]
    if own and own.language:
        kept = (own.language, own.pace)
    else:
        kept = identity.preference(context.connection, caller)
    language, pace = kept
    known = language if language in context.book.languages else None
    return known, Pace(pace) if pace else None


def _payment_news(context: Context, caller: str) -> Replied | None:
    """What became of a payment whose end this caller did not hear; never its amount."""
    since = context.now - timedelta(seconds=context.settings.times.redial)
    cut = payments.cut_off(context.connection, caller, since)
    if cut is None:
        return None
    if cut.status == "charged" and cut.confirmation:
        return Replied("payment-charged", {"confirmation": Reference(cut.confirmation)})
    if cut.status == "unknown":
        return Replied("payment-unknown")
    return Replied("payment-stopped")


def _account_news(context: Context, owners: Sequence[Owner]) -> Replied | None:
    if len(owners) != 1:
        return None
    owner = owners[0]
    if owner.status == "suspended":
        bill = accounts.read_bill(context.connection, owner.id, context.local.tzinfo or UTC)
        if bill and (asked := restoring.under_way(context, bill)):
            return Replied("restoring", restoring.back(context, owner.id, asked))
        payable = bill is not None and bill.past_due_cents > 0
        return Replied("suspended", {"payable": YesNo(payable)})
    if owner.status == "closed":
        return None
    found = outages.news_for(context, owner)
    if found is None:
        return None
    return Replied(f"outage{found.suffix}", outages.greeting_fields(context, found))

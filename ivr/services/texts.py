"""Texts a caller asks for: which number, whether it may be texted, and the wish kept.

A text goes only to the number the caller rings from, and only where that is one in the US: "+1"
has other countries and premium numbers behind it too.
"""

from datetime import timedelta

from ivr.dialog.call import Call
from ivr.dialog.events import Replied
from ivr.dialog.turns import Request
from ivr.flows.services import Field, Level, Service
from ivr.prompts.values import Kind, Phone
from ivr.services import reporting
from ivr.services.context import Context
from ivr.services.outages import News, news, number_to_text, premise_of
from ivr.store import outages
from ivr.store import texts as store
from ivr.store.outages import EVERYTHING, Premise, Report

NUMBER = {"number": Field(Kind.PHONE)}

OFFER = Service(name="texts.offer", outcomes={"possible": NUMBER, "kept": NUMBER, "impossible": {}})
KEEP = Service(name="texts.keep", outcomes={"kept": NUMBER, "impossible": {}})

A_DAY = timedelta(hours=24)
MOST_A_DAY = 5  # wishes for one number, and for one account
IMPOSSIBLE = Replied("impossible")


def offer(context: Context, request: Request) -> Replied:
    """Whether a text can be offered about what this caller reported or heard of."""
    number, account = number_to_text(context), premise_of(context.call)
    if not number or not account:
        return IMPOSSIBLE
    match _subject(context, account):
        case None:
            return IMPOSSIBLE
        case Report(text_to=str(wanted)):
            return _kept(context.call, number, wanted)
        case _:
            possible = _may_text(context, number, account)
            return Replied("possible", {"number": Phone(number)}) if possible else IMPOSSIBLE


def keep(context: Context, request: Request) -> Replied:
    """Remember to text the caller once it is fixed; who heard of an incident is made part of it."""
    number, account = number_to_text(context), premise_of(context.call)
    if not number or not account:
        return IMPOSSIBLE
    subject = _subject(context, account)
    if isinstance(subject, Report) and subject.text_to:
        return _kept(context.call, number, subject.text_to)
    if not (subject and _may_text(context, number, account) and _goes_on(context, subject)):
        return IMPOSSIBLE
    if isinstance(subject, Report):
        kept = store.want(context.connection, subject.id, number)
    else:
        kept = _join(context, *subject, number)
    return Replied("kept", {"number": Phone(number)}) if kept else IMPOSSIBLE


def _subject(context: Context, account: int) -> Report | tuple[Premise, News] | None:
    """What a text would be about.

    What was reported in this call; else the premise's report in the incident known there, or that
    incident itself; else what was last reported.
    """
    reports = outages.reports_of(context.connection, account, context.call.sid, context.now)
    if reports and reports[0].this_call:
        return reports[0]
    if here := _heard(context, account):
        theirs = (one for one in reports if one.incident == here[1].incident)
        return next(theirs, here)
    return reports[0] if reports else None


def _heard(context: Context, account: int) -> tuple[Premise, News] | None:
    call = context.call
    found = outages.look(context.connection, account, call.caller, call.sid)
    if not found:
        return None
    premise, known = found
    here = news(context, premise.services, known)
    return (premise, here) if here else None


def _kept(call: Call, number: str, wanted: str) -> Replied:
    """Somebody is to be texted already: a promise that stays. Its number is named to the caller
    whose it is, or who is matched to the account."""
    if wanted == number or call.identity.level >= Level.MATCHED:
        return Replied("kept", {"number": Phone(wanted)})
    return IMPOSSIBLE


def _may_text(context: Context, number: str, account: int) -> bool:
    since = context.now - A_DAY
    return max(store.wishes(context.connection, number, account, since)) < MOST_A_DAY


def _goes_on(context: Context, subject: Report | tuple[Premise, News]) -> bool:
    """Whether its incident, if it has one, is still open; from here on it stays so for this
    turn, or its closing would miss the text."""
    incident = subject.incident if isinstance(subject, Report) else subject[1].incident
    return incident is None or outages.hold_incident(context.connection, incident)


def _join(context: Context, premise: Premise, here: News, number: str) -> bool:
    """A report for who only heard of the incident, so that its end is told to them too."""
    service = here.out[0] if len(here.out) == 1 else EVERYTHING
    reporting.write(context, premise, service, incident=here.incident, text_to=number)
    return True

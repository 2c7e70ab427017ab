"""What an agent is told about a call: before accepting only whose call it is, then what was tried.

Before a key is pressed the phone may be a voicemail, so nothing about the caller is said. After
it the caller hears silence, so the words must fit five seconds: two words on how far the caller
is identified, and a sentence on what they did or, where they did nothing, on what they chose.
"""

import json
from collections.abc import Iterable

from ivr.dialog.directives import Say
from ivr.flows.model import Book
from ivr.flows.services import Level
from ivr.prompts.catalogue import PromptError
from ivr.prompts.values import Money, Text
from ivr.store.offers import Offer
from ivr.store.tried import Try

AGENT_PROMPTS = (
    "agent-offer",
    "agent-unknown",
    "agent-matched",
    "agent-pin-wrong",
    "agent-verified",
    "agent-danger",
    "agent-outage",
    "agent-payment-unsure",
    "agent-paid",
    "agent-declined-once",
    "agent-declined-twice",
    "agent-declined-often",
    "agent-payment-unfinished",
    "agent-chose",
    "queue-billing",
    "queue-repair",
    "language-en",
    "language-es",
)
"""The prompts an agent may hear. A queue or language without a prompt is named as the book does."""

LONGEST_CHOICE = 8
"""Words of a choice an agent is told; a longer one would not fit the five seconds."""
PAYMENTS = {
    "charging": "agent-payment-unsure",
    "unknown": "agent-payment-unsure",
    "charged": "agent-paid",
    "posted": "agent-paid",
    "intended": "agent-payment-unfinished",
    "awaiting-method": "agent-payment-unfinished",
    "canceled": "agent-payment-unfinished",
}
DECLINED = {1: "agent-declined-once", 2: "agent-declined-twice"}
WRONG_PIN = "agent-pin-wrong"

Fact = tuple[str, int]
"""A prompt key, and cents."""


def tried(tries: Iterable[Try]) -> str:
    """What was tried, as JSON: a list of facts, the one that matters most first."""
    every = list(tries)
    results = {(one.what, one.result) for one in every}
    facts: list[Fact] = []
    if ("report", "danger") in results:
        facts.append(("agent-danger", 0))
    facts += _money(every)
    if ("report", "outage") in results:
        facts.append(("agent-outage", 0))
    if ("pin", "") in results:
        facts.append((WRONG_PIN, 0))
    return json.dumps(facts)


def _money(tries: list[Try]) -> list[Fact]:
    """How the last payment stands, and how many cards were declined on the way to it."""
    payments = [one for one in tries if one.what == "payment"]
    declined = sum(one.result == "declined" for one in payments)
    for last in payments[-1:]:
        if last.result == "declined":
            return [(DECLINED.get(declined, "agent-declined-often"), last.cents)]
        if last.result in PAYMENTS:
            return [(PAYMENTS[last.result], last.cents)]
    return []


def language_of(offer: Offer, book: Book) -> str:
    """The agent's first language, or the book's where the book does not speak it."""
    first = (offer.agent_languages or "").split(";")[0]
    return first if first in book.languages else book.languages[0]


def introduction(offer: Offer, book: Book) -> list[Say]:
    """Said as soon as the phone is answered, by whomever: "Northside, billing, Spanish. Press 1."

    Queue and the caller's language are all it tells.
    """
    language = language_of(offer, book)
    values = {
        "company": Text(book.company),
        "queue": _named(book, f"queue-{offer.queue}", offer.queue, language),
        "language": _named(book, f"language-{offer.language}", offer.language, language),
    }
    return [Say("agent-offer", tuple(values.items()), language)]


def context(offer: Offer, book: Book) -> list[Say]:
    """Said to the agent who took the call: "PIN checked. Declined twice, $62.40." """
    language = language_of(offer, book)
    facts: list[Fact] = [(key, cents) for key, cents in json.loads(offer.tried)]
    said = [Say(_level(offer, facts), language=language)]
    for key, cents in [fact for fact in facts if fact[0] != WRONG_PIN][:1]:
        return [*said, Say(key, (("amount", Money(cents)),), language)]
    choice = _choice(book, offer.reason, language)
    return [*said, Say("agent-chose", (("choice", choice),), language)] if choice else said


def _level(offer: Offer, facts: list[Fact]) -> str:
    """How far the caller is identified; a PIN that led no further was wrong."""
    wrong = any(key == WRONG_PIN for key, _ in facts)
    if wrong and offer.level == Level.MATCHED.name.lower():
        return WRONG_PIN
    return f"agent-{offer.level}"


def _choice(book: Book, reason: str | None, language: str) -> Text | None:
    """The words of the last choice; none where they are long or hold a value of that moment."""
    try:
        words = book.catalogue.text(reason, language) if reason else ""
    except PromptError:
        return None
    return Text(words) if 0 < len(words.split()) <= LONGEST_CHOICE else None


def _named(book: Book, key: str, otherwise: str, language: str) -> Text:
    try:
        return Text(book.catalogue.text(key, language))
    except PromptError:
        return Text(otherwise)

"""What a document says to the caller about money, and what it asks of them next.

Statements are known by the words of prompts/en.yaml up to their first value.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from urllib.parse import urljoin
from xml.etree.ElementTree import Element

import yaml

from ivr.carrier.transport import Answer
from ivr.carrier.twiml import Alert, BadDocument, Document, complaints, read_document

PROMPTS = Path(__file__).parent.parent / "prompts" / "en.yaml"


class Claim(StrEnum):
    """What a caller is told of a payment; `LAST_` of one of an earlier call."""

    CHARGED = "charged"
    REFUNDED = "given back"
    NOT_KNOWN_BACK = "not known to be given back"
    NOTHING = "nothing was charged"
    UNKNOWN = "not known"
    LAST_CHARGED = "the last one was charged"
    LAST_NOTHING = "the last one was not charged"
    CHECKING = "still checking"


KEYS = {
    Claim.CHARGED: ("payment-received", "debit-begun"),
    Claim.REFUNDED: ("cancel-done",),
    Claim.NOT_KNOWN_BACK: ("cancel-not-known",),
    Claim.NOTHING: (
        *("card-declined", "card-declined-funds", "payments-down", "card-not-read"),
        *("card-has-expired", "card-details-differ", "card-declined-bank", "card-not-tried"),
        *("stopped-not-charged", "nothing-charged-try-later", "payment-overtaken"),
        *("payment-expired", "saved-declined", "saved-declined-funds", "saved-overtaken"),
        *("saved-down", "bank-declined", "bank-declined-funds", "bank-not-read"),
    ),
    Claim.UNKNOWN: ("payment-not-known", "saved-not-known"),
    Claim.LAST_CHARGED: ("payment-went-through",),
    Claim.LAST_NOTHING: ("payment-was-not-taken",),
    Claim.CHECKING: ("payment-still-checking",),
}
"""The prompts that claim it."""


@dataclass(frozen=True, slots=True)
class Said:
    """One document as a caller hears it: its words, its claims, and where it leads.

    `action` is the next webhook's URL; `asks` the verb that waits (Gather, Pay, Record, Redirect,
    Dial), or empty where the call just ends.
    """

    words: str
    claims: tuple[Claim, ...]
    asks: str
    action: str

    @property
    def is_one_moment(self) -> bool:
        """Whether another worker is at it, so that this is no answer yet."""
        return self.asks == "Redirect"

    @property
    def is_rescue(self) -> bool:
        """Whether it was said from memory, since the line could not answer."""
        return self.asks == "Dial" and self.words == _prompts()["sorry-trouble"]


def listen(url: str, answer: Answer) -> Said:
    """What a caller hears. Raises `BadDocument` where it is an error document, or silence."""
    document = read_document(url, answer)
    if problems := list(complaints(document.root)):
        raise BadDocument(_alert(document, problems[0]))
    words = " ".join(" ".join(_spoken(document.root)).split())
    waits = next((verb for verb in document.root if verb.tag in _WAITS), None)
    asks = "" if waits is None else waits.tag
    action = "" if waits is None else _action(document.url, waits)
    return Said(words, tuple(_claims(words)), asks, action)


_WAITS = frozenset({"Gather", "Pay", "Record", "Redirect", "Dial"})


def _alert(document: Document, problem: str) -> Alert:
    return Alert(12200, problem, document.url, 200)


def _spoken(verb: Element) -> Iterator[str]:
    for child in verb:
        if child.tag == "Say":
            yield "".join(child.itertext())
        elif child.tag == "Gather":
            yield from _spoken(child)


def _action(url: str, verb: Element) -> str:
    written = (verb.text or "").strip() if verb.tag == "Redirect" else verb.get("action", "")
    return urljoin(url, written)


def _claims(words: str) -> Iterator[Claim]:
    for claim, keys in KEYS.items():
        if any(_beginning(_prompts()[key]) in words for key in keys):
            yield claim


def _beginning(prompt: str) -> str:
    return prompt.partition("{")[0].strip()


@cache
def _prompts() -> dict[str, str]:
    found: dict[str, str] = yaml.safe_load(PROMPTS.read_text(encoding="utf-8"))
    return found


def key_for(choice: str, words: str) -> str | None:
    """The key of an option, as it is offered: "For {choice}, press {key}."."""
    offered = _beginning(_prompts()[choice]).rstrip(",")
    found = re.search(rf"For {re.escape(offered)}.*?, press (\d)", words)
    return found[1] if found else None


def is_asked(prompt: str, words: str) -> bool:
    """Whether these words hold a prompt's, whatever its values are."""
    fixed = re.split(r"\{.*?\}", _prompts()[prompt])
    return re.search(".+?".join(map(re.escape, fixed)), words) is not None

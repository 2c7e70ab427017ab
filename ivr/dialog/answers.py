"""What typed keys mean at a question. The universal keys are the same everywhere."""

from dataclasses import dataclass
from enum import StrEnum

from ivr.dialog.phones import us_phone
from ivr.flows.model import AnswerKind, Ask, Limits
from ivr.prompts.values import Digits, Money, Phone, Value


class Universal(StrEnum):
    """What a key means at every question."""

    PERSON = "0"
    AGAIN = "9"
    LANGUAGE = "8"
    MORE_TIME = "7"
    BACK = "*"


UNIVERSAL_KEYS = frozenset(meaning.value for meaning in Universal)


@dataclass(frozen=True, slots=True)
class Given:
    """A usable answer."""

    value: Value


class Unusable(StrEnum):
    """Why there is no answer: it does not fit, or nothing was said and the question stands."""

    MISMATCH = "mismatch"
    NOTHING = "nothing"


Meaning = Given | Universal | Unusable


def universal(key: str) -> Universal | None:
    """The universal meaning of one key, where it has one."""
    return Universal(key) if key in UNIVERSAL_KEYS else None


def without_cleared(text: str) -> str:
    """What is left when each `*` clears what was typed before it; a lone `*` is back."""
    return text if text == "*" else text.rpartition("*")[2]


def read(ask: Ask, text: str, least: int | None, most: int | None) -> Meaning:
    """The meaning of what was typed at a question that takes digits.

    `least` and `most` bound an amount in cents. A lone 0, 9, 8 or 7 has its universal meaning
    wherever one digit cannot be the answer.
    """
    kept = without_cleared(text)
    if not kept:
        return Unusable.NOTHING if text else Unusable.MISMATCH
    key = universal(kept)
    if key and (key is Universal.BACK or not _one_digit_answers(ask)):
        return key
    if not (kept.isascii() and kept.isdigit()):
        return Unusable.MISMATCH
    if value := _value(ask.kind, kept, ask.limits, least, most):
        return Given(value)
    # After a * the carrier's digit count ends a fixed-length answer too early: no fault of theirs.
    return Unusable.NOTHING if "*" in text else Unusable.MISMATCH


def _one_digit_answers(ask: Ask) -> bool:
    return ask.kind is AnswerKind.DIGITS and ask.limits.longest == 1


def _value(
    kind: AnswerKind, text: str, limits: Limits, least: int | None, most: int | None
) -> Value | None:
    if kind is AnswerKind.MONEY:
        return _money(text, least, most)
    if kind is AnswerKind.PHONE:
        number = us_phone(text)
        return Phone(number) if number else None
    return Digits(text) if limits.shortest <= len(text) <= limits.longest else None


def _money(text: str, least: int | None, most: int | None) -> Money | None:
    cents = int(text.lstrip("0")[:12] or "0")
    if (least is not None and cents < least) or (most is not None and cents > most):
        return None
    return Money(cents)

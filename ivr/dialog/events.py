"""What can happen to a call. Times arrive in the event; the engine has no clock of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from ivr.dialog.call import Identity, Pace
from ivr.flows.model import PayMethod
from ivr.prompts.values import Value
from ivr.telemetry import Secret

Means = Literal["keys", "speech", "text"]


@dataclass(frozen=True, slots=True)
class Arrived:
    """The line was dialled."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Answered:
    """The caller answered the open question.

    What they typed may be a PIN, so it travels as a `Secret` until the question is known.
    `finished` tells that they ended it with #.
    """

    at: datetime
    text: Secret
    finished: bool = False
    by: Means = "keys"


@dataclass(frozen=True, slots=True)
class Recorded:
    """The caller said something aloud, and it was recorded: `reference` is the recording's name
    with the carrier. What was said is not judged; the recording itself is the proof of it."""

    at: datetime
    reference: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Silent:
    """The question's time ran out without a key."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Card:
    """A payment method the carrier took: a token, and what may be known of what it stands for.

    `last4` are the last digits the carrier shows: four of a card, two of a bank account, which has
    no `brand`. `expires` is YYYY-MM, empty where it is not known.
    """

    token: Secret
    brand: str
    last4: str
    method: PayMethod = PayMethod.CARD
    expires: str = ""


@dataclass(frozen=True, slots=True)
class CardTaken:
    """Secure entry of a payment method ended: one of `PAY_OUTCOMES`, with it where it was given."""

    at: datetime
    outcome: str
    card: Card | None = None


@dataclass(frozen=True, slots=True)
class Rang:
    """An agent's phone stopped ringing, or a talk with an agent ended; the offer knows which."""

    at: datetime
    bridged: bool


@dataclass(frozen=True, slots=True)
class Replied:
    """A service's answer. `identity`, `language` and `pace` change the call where they are set."""

    outcome: str
    fields: Mapping[str, Value] = field(default_factory=dict)
    identity: Identity | None = None
    language: str | None = None
    pace: Pace | None = None


Event = Arrived | Answered | Recorded | Silent | CardTaken | Rang | Replied
"""Everything `advance` understands."""

"""The reference caller, with whom jobs are counted: what they are told, what they press, and when
their job is done."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ivr.flows.services import Level
from ivr.prompts.values import Value


@dataclass(frozen=True, slots=True)
class Reply:
    """What a service replies to the reference caller; `level` is what it raises them to."""

    outcome: str
    fields: Mapping[str, Value] = field(default_factory=dict)
    level: Level = Level.UNKNOWN


class Manner(StrEnum):
    """How soon the reference caller presses: having heard the option, or sooner."""

    HEARD = "heard"
    AT_ONCE = "at once"
    AT_FIRST_CHOICE = "at first choice"


@dataclass(frozen=True, slots=True)
class Press:
    """The reference caller's answer to one question: keys; none for a payment method or a voice."""

    keys: str
    manner: Manner = Manner.HEARD


class Mark(StrEnum):
    """What ends a job: the first choice is offered, a phone rings, a prompt was heard to its end,
    or a step that finishes a job is reached and what leads to the next choice was heard."""

    CHOICE = "choice"
    RINGING = "ringing"
    HEARD = "heard"
    FINISHED = "finished"

"""What one step of the conversation gives: a new state, what to say, and what to wait for."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ivr.dialog.call import Call, Spot
from ivr.dialog.directives import Directive
from ivr.dialog.events import Card
from ivr.flows.model import PayMethod
from ivr.flows.services import Service
from ivr.prompts.values import Value
from ivr.telemetry import Secret


@dataclass(frozen=True, slots=True)
class Request:
    """What a service is asked. `words` are literals of the book; `secrets` exist only in memory."""

    service: Service
    values: Mapping[str, Value] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, Secret | Card] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AwaitReply:
    """A service must answer before the call can go on. Nothing is spoken yet."""

    request: Request


@dataclass(frozen=True, slots=True)
class AwaitKey:
    """One key, within `wait` seconds."""

    wait: int


@dataclass(frozen=True, slots=True)
class AwaitTyped:
    """Digits: `wait` seconds for the first, `between` for each later one, up to `longest`.

    `fixed` ends at the last digit; otherwise # or the pause ends it.
    """

    wait: int
    between: int
    longest: int
    fixed: bool
    secret: bool


@dataclass(frozen=True, slots=True)
class AwaitRecording:
    """A sentence said aloud, which begins and ends with `wait` seconds of silence at most.

    A key ends it, too. It is recorded for up to `longest` seconds. Until it begins no key is heard.
    """

    wait: int
    longest: int


@dataclass(frozen=True, slots=True)
class AwaitCard:
    """The carrier takes a card or a bank account; their digits never reach us."""

    method: PayMethod = PayMethod.CARD


@dataclass(frozen=True, slots=True)
class AwaitAgent:
    """One agent's phone rings for this offer."""

    number: str
    offer: int


@dataclass(frozen=True, slots=True)
class Finished:
    """The line hangs up."""


LISTENING = AwaitKey | AwaitTyped | AwaitRecording
"""The waits at which an answer of the caller's own is listened for, keys among them."""
Wait = AwaitReply | AwaitKey | AwaitTyped | AwaitRecording | AwaitCard | AwaitAgent | Finished


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn. `before` is spoken where no key can be heard, `within` while listening.

    `ran` are the steps that were carried out, in their order.
    """

    call: Call
    before: tuple[Directive, ...]
    within: tuple[Directive, ...]
    wait: Wait
    ran: tuple[Spot, ...] = ()

    @property
    def secret(self) -> bool:
        """Whether the answer to this turn must be kept nowhere."""
        return isinstance(self.wait, AwaitCard) or (
            isinstance(self.wait, AwaitTyped) and self.wait.secret
        )

"""A call's state between two turns: small, immutable, and all there is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ivr.dialog.directives import Say
from ivr.flows.services import Level
from ivr.prompts.values import Value


class Pace(StrEnum):
    """How much time the caller asked for."""

    NORMAL = "normal"
    SLOW = "slow"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the caller is taken to be.

    `account` is the id of an account they are matched to. `premise` is the id of an account of
    which they only know public facts (phone and ZIP): it serves outages and stays unknown.
    """

    level: Level = Level.UNKNOWN
    account: int | None = None
    premise: int | None = None


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in the book: step `step` of flow `name`, or, where `step` is -1, menu `name`."""

    name: str
    step: int

    @property
    def is_menu(self) -> bool:
        """Whether this is a menu."""
        return self.step < 0


@dataclass(frozen=True, slots=True)
class Detour:
    """A step that waits for the caller to be identified to `level`, and will be tried again."""

    spot: Spot
    level: Level


@dataclass(frozen=True, slots=True)
class Stop:
    """An earlier question, for `*`: where it was asked and what was still to return to."""

    spot: Spot
    stack: tuple[Detour, ...]


@dataclass(frozen=True, slots=True)
class Tries:
    """Failures: at the open question by kind, and over the call since its last finished job."""

    silences: int = 0
    mismatches: int = 0
    call: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """Everything the engine remembers.

    `turn` is the number of the question now open. `said` is what was spoken before it, which 9
    and 8 speak again. `open` is the question being asked, `trail` those before it. `memory` maps
    a name to fields; an answer is the field "" of its name.
    `fixed` tells that the last answer had a fixed length, after which a stray # means nothing.
    `reason` is the prompt that named the last choice, for whoever picks up. `caller` is E.164, or
    None where the number is withheld or cannot be trusted.
    """

    sid: str
    book: str
    line: str
    caller: str | None
    language: str
    turn: int = 0
    chose_language: bool = False
    pace: Pace = Pace.NORMAL
    identity: Identity = Identity()
    spot: Spot | None = None
    stack: tuple[Detour, ...] = ()
    open: Stop | None = None
    trail: tuple[Stop, ...] = ()
    memory: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    said: tuple[Say, ...] = ()
    tries: Tries = Tries()
    repeats: int = 0
    fixed: bool = False
    reason: str = ""
    done: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    ended: bool = False

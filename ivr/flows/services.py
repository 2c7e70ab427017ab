"""How a business service presents itself to a book: its name, arguments, outcomes and fields.

Plain data on this floor, so that a book can be checked without the code that does the work.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from ivr.prompts.values import Kind


class Level(IntEnum):
    """How far a caller is identified; each level may do and hear all that the ones below it may."""

    UNKNOWN = 0
    MATCHED = 1
    VERIFIED = 2


@dataclass(frozen=True, slots=True)
class Field:
    """One fact an outcome gives. `level` is the least level at which it may be spoken.

    `prompts` are the prompt keys that a value of kind words or choices may carry. A reply may
    leave a field out only where it is `maybe`; `there` names the yes/no of the same outcome that
    tells, where one does. Of the yes/no facts of an outcome that share the word `apart` at most
    one is yes. The proof relies on both, and needs no others to stay quick.
    """

    kind: Kind
    level: Level = Level.UNKNOWN
    prompts: tuple[str, ...] = ()
    maybe: bool = False
    there: str = ""
    apart: str = ""


@dataclass(frozen=True, slots=True)
class Service:
    """What a book may ask of the company.

    `takes` names the arguments; an argument of kind text is a literal word in the book, every
    other one a value of the call. `secrets` are the arguments that only an answer given in the
    step just before may fill. `grants` are the outcomes that may raise the caller's level, and how
    far; a service that is only asked of a matched caller never changes their account. After an
    outcome in `settles` (money moved, a report filed) `back` leads to the home menu.
    `agreed` is the argument that must be the amount the caller just said yes to, and the outcome
    that takes it down; a service that `charges` may only follow such an outcome.
    Every service also has the outcome `unavailable`, without fields.
    """

    name: str
    outcomes: Mapping[str, Mapping[str, Field]]
    takes: Mapping[str, Kind] = field(default_factory=dict)
    optional: frozenset[str] = frozenset()
    secrets: frozenset[str] = frozenset()
    level: Level = Level.UNKNOWN
    grants: Mapping[str, Level] = field(default_factory=dict)
    settles: frozenset[str] = frozenset()
    agreed: tuple[str, str] | None = None
    charges: bool = False

    def every_outcome(self) -> Mapping[str, Mapping[str, Field]]:
        """Its outcomes with `unavailable` among them."""
        return {**self.outcomes, "unavailable": {}}


RING = Service(
    name="transfers.ring",
    outcomes={
        "ring": {"number": Field(Kind.PHONE), "offer": Field(Kind.COUNT)},
        "next": {"number": Field(Kind.PHONE), "offer": Field(Kind.COUNT)},
        "talked": {},
        "nobody": {},
    },
    takes={"queue": Kind.TEXT},
)
"""What a `transfer` step asks before each ring: whose phone is next, or how it ended."""

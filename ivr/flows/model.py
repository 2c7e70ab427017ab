"""A book in memory: immutable, checked whole before anyone sees it, knowing where it came from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from ivr.document import Place
from ivr.flows.reference import Mark, Press, Reply
from ivr.flows.rules import USUAL, PaymentRules, PromiseRules
from ivr.flows.services import Level, Service
from ivr.prompts.catalogue import Catalogue


class Move(StrEnum):
    """Targets that are relative to where the call is."""

    NEXT = "next"
    REPEAT = "repeat"
    BACK = "back"
    END = "end"


@dataclass(frozen=True, slots=True)
class ToMenu:
    """`menu NAME`"""

    name: str


@dataclass(frozen=True, slots=True)
class ToFlow:
    """`flow NAME`"""

    name: str


Target = ToMenu | ToFlow | Move


@dataclass(frozen=True, slots=True)
class Ref:
    """`bill.balance` is a field of the reply kept as `bill`; `amount` alone is an answer."""

    name: str
    field: str = ""

    def __str__(self) -> str:
        return f"{self.name}.{self.field}" if self.field else self.name


@dataclass(frozen=True, slots=True)
class Word:
    """A literal word in the book, such as the name of a queue."""

    text: str


Source = Ref | Word


@dataclass(frozen=True, slots=True)
class Line:
    """Something to say. `binds` fills placeholders.

    `needs` leaves it unsaid when that yes/no field is no. `others` speaks it in each other
    language of the book; `once` keeps it out of repetitions, as a greeting should be.
    """

    prompt: str
    binds: tuple[tuple[str, Source], ...] = ()
    needs: Ref | None = None
    others: bool = False
    once: bool = False
    at: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class Branch:
    """What an outcome, an answer or a key leads to: something to say, then a target.

    `finishes` is the job that is done with it.
    """

    says: tuple[Line, ...]
    go: Target
    at: Place = field(default=Place(), compare=False)
    finishes: str | None = None


@dataclass(frozen=True, slots=True)
class Patience:
    """How a question waits, helps and gives up. Seconds; counts of failures.

    `wait` is for the first key, `between` for each later one. `silent`, where set, is where the
    first silence leads at once, as after a finished job.
    """

    wait: int
    between: int
    tries: int
    call_tries: int
    silence: tuple[Line, ...]
    mismatch: tuple[Line, ...]
    give_up: Branch
    silent: Branch | None = None


class AnswerKind(StrEnum):
    """What an answer means. A spoken yes is said aloud and recorded; all others are typed."""

    DIGITS = "digits"
    MONEY = "money"
    PHONE = "phone"
    PIN = "pin"
    YES_NO = "yes-no"
    SPOKEN_YES = "spoken-yes"


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a typed answer: of its length in digits, or of an amount of money in cents."""

    shortest: int = 1
    longest: int = 20
    least: int | Ref | None = None
    most: int | Ref | None = None


@dataclass(frozen=True, slots=True)
class Say:
    """Speak, and go on."""

    line: Line
    finishes: str | None = None
    needs: Ref | None = None
    at: Place = field(default=Place(), compare=False)


STOPPED = "stopped"
"""What `*` is called where it ends something: card entry, or a yes that is said aloud."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A question answered by typing, or aloud. `first` is said where no key can be heard yet.

    A yes/no question needs both branches in `when`, and may have no `prompt` beside `first`; every
    other one goes on to the next step. Where a yes is said aloud, `when` may have `stopped`, to
    which `*` leads in place of the question before.
    """

    answer: str
    kind: AnswerKind
    prompt: Line | None
    patience: Patience
    person: Target
    first: Line | None = None
    limits: Limits = Limits()
    when: Mapping[str, Branch] = field(default_factory=dict)
    needs: Ref | None = None
    finishes: str | None = None
    at: Place = field(default=Place(), compare=False)

    @property
    def secret(self) -> bool:
        """Whether what is typed may be kept nowhere."""
        return self.kind is AnswerKind.PIN


@dataclass(frozen=True, slots=True)
class Choose:
    """A question whose options are a list field; they take the keys 1 to 6 in order."""

    source: Ref
    answer: str
    prompt: Line
    patience: Patience
    person: Target
    needs: Ref | None = None
    finishes: str | None = None
    at: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class Do:
    """Ask a service. `level` is the higher of the service's own and what the book demands."""

    service: Service
    arguments: tuple[tuple[str, Source], ...]
    into: str | None
    when: Mapping[str, Branch]
    level: Level
    needs: Ref | None = None
    finishes: str | None = None
    at: Place = field(default=Place(), compare=False)


class PayMethod(StrEnum):
    """What the carrier takes: a card, or a checking account in the US."""

    CARD = "card"
    BANK = "bank"


@dataclass(frozen=True, slots=True)
class Pay:
    """Have the carrier take a card or bank account; its token is the secret `answer`.

    `amount` is what it is taken for, None where it is only to be kept for later. `when` handles
    stopped, failed, connector-down and hung-up; `given` goes to the next step.
    """

    amount: Ref | None
    answer: str
    when: Mapping[str, Branch]
    method: PayMethod = PayMethod.CARD
    needs: Ref | None = None
    finishes: str | None = None
    at: Place = field(default=Place(), compare=False)


PAY_OUTCOMES = ("given", STOPPED, "failed", "connector-down", "hung-up")


@dataclass(frozen=True, slots=True)
class Transfer:
    """Ring the queue's agents one after the other.

    `when` handles talked, nobody and unavailable; `ringing` is said before each further ring.
    """

    queue: str
    ringing: Line
    when: Mapping[str, Branch]
    needs: Ref | None = None
    finishes: str | None = None
    at: Place = field(default=Place(), compare=False)


TRANSFER_OUTCOMES = ("talked", "nobody", "unavailable")


@dataclass(frozen=True, slots=True)
class Go:
    """Go on elsewhere."""

    target: Target
    needs: Ref | None = None
    finishes: str | None = None
    at: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class End:
    """Hang up."""

    needs: Ref | None = None
    finishes: str | None = None
    at: Place = field(default=Place(), compare=False)


Step = Say | Ask | Choose | Do | Pay | Transfer | Go | End


@dataclass(frozen=True, slots=True)
class Option:
    """A key of a menu, the prompt that names its choice, and where it leads.

    Not offered, and silently absent, when `needs` is no; `quiet` works without being spoken.
    """

    key: str
    offer: str
    branch: Branch
    binds: tuple[tuple[str, Source], ...] = ()
    needs: Ref | None = None
    quiet: bool = False
    at: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class Menu:
    """Keys to choose from. `greet` opens it, `again` opens every later hearing.

    `also` are the universal keys it speaks, with the prompts that name them.
    """

    name: str
    greet: tuple[Line, ...]
    again: tuple[Line, ...]
    options: tuple[Option, ...]
    also: tuple[tuple[str, str], ...]
    patience: Patience
    person: Target
    at: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class Flow:
    """Named steps, one after the other."""

    name: str
    steps: tuple[Step, ...]
    at: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class PhoneLine:
    """A dialled number: where a call to it starts, and where it goes when all else is lost."""

    number: str
    start: Target
    language: str
    lost: Target
    rescue: str


@dataclass(frozen=True, slots=True)
class Voice:
    """How a language sounds: the carrier's voice and language tag, and `<Pay>`'s language tag."""

    voice: str
    language: str
    pay: str


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """When people answer. `week` maps a queue to seven (opens, closes) pairs of minutes, or None.

    `zone` is an IANA name; on `closed` days nobody answers.
    """

    zone: str
    week: Mapping[str, tuple[tuple[int, int] | None, ...]]
    closed: frozenset[date]


@dataclass(frozen=True, slots=True)
class Job:
    """What a caller rings for, and how long it may take them.

    `start` is None where it begins with the ring. `until` is a mark and, for HEARD and FINISHED,
    the name of a prompt or of what a step finishes. `seconds` is the budget by language, of the
    typical caller; `keys` that of key presses, without those of a card. `replies` are by service.
    """

    name: str
    start: Target | None
    press: tuple[Press, ...]
    until: tuple[Mark, str]
    seconds: Mapping[str, float]
    keys: int
    replies: Mapping[str, Reply]
    at: Place = field(default=Place(), compare=False)


@dataclass(frozen=True, slots=True)
class Book:
    """Everything a line says and does. `digest` names exactly these files; `sources` are they."""

    digest: str
    sources: Mapping[str, str]
    company: str
    languages: tuple[str, ...]
    voices: Mapping[str, Voice]
    lines: Mapping[str, PhoneLine]
    person: Target
    home: Target
    identify: Mapping[Level, ToFlow]
    hours: OpeningHours
    flows: Mapping[str, Flow]
    menus: Mapping[str, Menu]
    catalogue: Catalogue
    announce: Line | None = None
    payments: PaymentRules = USUAL
    promises: PromiseRules | None = None
    restored_within: timedelta | None = None
    jobs: Mapping[str, Job] = field(default_factory=dict)

    def line(self, number: str) -> PhoneLine:
        """The line dialled; a number the book does not know is served by its first line."""
        return self.lines.get(number) or next(iter(self.lines.values()))

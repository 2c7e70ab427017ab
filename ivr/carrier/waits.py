"""What the carrier waits for and what may come: the two sides of every pause in a call.

A call is played by generators (`Playing`): they yield a `Wait`, and are sent a `Reply`. No thread
and no sleep is needed, whoever is on the phone: a test, a script of keys or a person.
"""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeVar

Party = Literal["caller", "agent"]
Speaker = Literal["line", "caller", "agent", "carrier"]
Kind = Literal[
    "said",
    "pressed",
    "silence",
    "voice",
    "hang-up",
    "card",
    "bank",
    "answered",
    "busy",
    "no-answer",
    "bridged",
]


@dataclass(frozen=True, slots=True)
class Heard:
    """One thing that happened on the phone: words said, or what a party did.

    `text` is what was said or pressed; keys typed into `<Pay>` never stand in it. `at` is seconds
    since the call was answered; `to` is the party whose telephone it happened on.
    """

    who: Speaker
    text: str
    language: str
    at: float
    to: Party = "caller"
    kind: Kind = "said"


@dataclass(frozen=True, slots=True)
class Listening:
    """Keys are awaited from one party; where `voice`, a sentence is recorded until a key comes.

    `complete(keys)` says whether these keys end the wait without a pause. `began` and `spoken`
    are when its words begin and end, in seconds; `option_ends(key)` is when the words that offer
    a key end (None: no such words). `secret` keys are not to be shown.
    """

    party: Party
    complete: Callable[[str], bool]
    timeout: float
    began: float
    spoken: float
    option_ends: Callable[[str], float | None]
    secret: bool = False
    voice: bool = False


@dataclass(frozen=True, slots=True)
class Ringing:
    """An agent's phone rings, for at most `timeout` seconds."""

    number: str
    timeout: float


@dataclass(frozen=True, slots=True)
class Talking:
    """Caller and agent are bridged until one hangs up, for at most `limit` seconds."""

    number: str
    limit: float


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys of one party; none is silence. `at_once` presses them as the words begin."""

    keys: str = field(repr=False)  # they may be a card's
    at_once: bool = False


@dataclass(frozen=True, slots=True)
class Voice:
    """A party says a sentence aloud, `seconds` long, and then presses `key`, or nothing."""

    seconds: float = 3.0
    key: str = ""


@dataclass(frozen=True, slots=True)
class HangUp:
    """A party hangs up, `after` seconds."""

    by: Party
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Agent:
    """How the person at an agent's number behaves when it rings.

    `keys` answers the screening document; commas separate answers, an empty one is silence and
    `x` hangs up. `rings` and `talks` are seconds. `caller_leaves` has the caller hang up while it
    rings, while the agent listens to the screening, or during the talk.
    """

    answers: bool = True
    keys: str = ""
    busy: bool = False
    rings: float = 3.0
    talks: float = 60.0
    caller_leaves: Literal["never", "ringing", "screening", "talking"] = "never"


Wait = Listening | Ringing | Talking
Reply = Keys | Voice | HangUp | Agent
Result = TypeVar("Result")
Playing = Generator[Wait, Reply, Result]
Operator = Callable[[Wait], Reply]


class HungUp(Exception):
    """A leg of the call ended: hung up by a party, by the line's document or by the carrier."""

    def __init__(self, by: Speaker) -> None:
        super().__init__(f"hung up by the {by}")
        self.by: Speaker = by


NOBODY = Agent(answers=False)


@dataclass(slots=True)
class ScriptedAgents:
    """Answers for the agents from a table of numbers; at any other number nobody answers."""

    scripts: dict[str, Agent]
    _agent: Agent = NOBODY
    _answers: Iterator[str] = field(default_factory=lambda: iter(()))

    def __call__(self, wait: Wait) -> Reply:
        """What the agent (or the caller, where the script says so) does at this wait."""
        match wait:
            case Ringing():
                return self._pick_up(wait.number)
            case Listening():
                return self._press()
            case Talking():
                by: Party = "caller" if self._agent.caller_leaves == "talking" else "agent"
                return HangUp(by, after=self._agent.talks)

    def _pick_up(self, number: str) -> Reply:
        self._agent = self.scripts.get(number, NOBODY)
        self._answers = iter(self._agent.keys.split(","))
        leaves = self._agent.caller_leaves == "ringing"
        return HangUp("caller", after=self._agent.rings) if leaves else self._agent

    def _press(self) -> Reply:
        if self._agent.caller_leaves == "screening":
            return HangUp("caller")
        keys = next(self._answers, "")
        return HangUp("agent") if keys == "x" else Keys(keys)

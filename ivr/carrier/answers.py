"""Where a terminal's answers come from: a script of keys, lines of input, or single key presses.

Each is an `Operator`: it is shown a wait and gives the reply, for the caller and for agents.
"""

from collections.abc import Callable, Iterable, Iterator

from ivr.carrier.keyboard import END
from ivr.carrier.waits import (
    NOBODY,
    Agent,
    HangUp,
    Keys,
    Listening,
    Reply,
    Ringing,
    Talking,
    Voice,
    Wait,
)

VOICE = "voice"
PHONE_KEYS = frozenset("0123456789*#")
TALK = 10.0  # seconds a conversation with an agent is taken to last
HELP = (
    "Keys as on a phone. Enter or space: press nothing (more). h or Ctrl-D: hang up. ?: this help."
)
RINGING = "the agent's phone rings: a answers, n lets it ring, b is busy, h the caller hangs up"
RECORDING = "after the tone, Enter says it aloud; a key is pressed; space says nothing"
TALKING = "caller and agent talk: Enter the agent hangs up, h the caller does"


class Script:
    """Answers in order; where they run out, the caller hangs up.

    `x` hangs up, an empty answer is silence, `a` answers an agent's ringing phone (anything else
    lets it ring, and is kept for what follows), and what the agent hears takes answers too.
    `voice` says a sentence aloud; where only keys are listened to, that is silence.
    """

    def __init__(self, answers: Iterable[str]) -> None:
        self._answers: Iterator[str] = iter(answers)
        self._kept: str | None = None

    def __call__(self, wait: Wait) -> Reply:
        """The reply to a wait."""
        match wait:
            case Ringing():
                return self._pick_up()
            case Talking():
                return HangUp("agent", after=TALK)
            case Listening():
                return self._answer(wait)

    def _answer(self, wait: Listening) -> Reply:
        answer = self._next()
        if answer in (None, "x"):
            return HangUp(wait.party)
        if answer == VOICE:
            return Voice() if wait.voice else Keys("")
        return Keys(answer or "")

    def _pick_up(self) -> Agent:
        answer = self._next()
        if answer == "a":
            return Agent()
        self._kept = answer
        return NOBODY

    def _next(self) -> str | None:
        kept, self._kept = self._kept, None
        return kept if kept is not None else next(self._answers, None)


class Fingers:
    """Answers typed key by key: `key()` gives the next one, `show` prints without a new line."""

    def __init__(self, key: Callable[[], str], show: Callable[[str], None]) -> None:
        self._key = key
        self._show = show

    def __call__(self, wait: Wait) -> Reply:
        """The reply to a wait. Ctrl-C hangs up."""
        try:
            return self._typed(wait)
        except KeyboardInterrupt:
            return HangUp("caller")
        finally:
            self._show("\n")

    def _typed(self, wait: Wait) -> Reply:
        match wait:
            case Listening(voice=True):
                return self._voice(wait)
            case Listening():
                return self._keys(wait)
            case Ringing():
                return self._pick_up()
            case Talking():
                key = self._one_of(TALKING, "\n\re", "h")
                return HangUp("caller" if key == "h" else "agent", after=TALK)

    def _voice(self, wait: Listening) -> Reply:
        key = self._one_of(RECORDING, f"\n\r {''.join(PHONE_KEYS)}", "h")
        if key == "h":
            return HangUp(wait.party)
        return Voice() if key in "\n\r" else Keys(key.strip())

    def _keys(self, wait: Listening) -> Reply:
        keys = ""
        while not (keys and wait.complete(keys)):
            key = self._key()
            if key in ("h", END):
                return HangUp(wait.party)
            if key in ("\n", "\r", " "):
                break
            if key in PHONE_KEYS:
                keys += key
                self._show("•" if wait.secret and key not in "*#" else key)
            elif key == "?":
                self._show(f"\n{HELP}\n{keys if not wait.secret else '•' * len(keys)}")
        return Keys(keys)

    def _pick_up(self) -> Reply:
        match self._one_of(RINGING, "anb", "h"):
            case "a":
                return Agent()
            case "b":
                return Agent(busy=True)
            case "n":
                return NOBODY
        return HangUp("caller")

    def _one_of(self, question: str, keys: str, hang_up: str) -> str:
        self._show(question + " ")
        while True:
            key = self._key()
            if key in (hang_up, END):
                return "h"
            if key in keys:
                return key

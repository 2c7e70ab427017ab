"""A telephone that rings the line through the stand-in carrier.

phone = Phone("http://127.0.0.1:8000/voice", token, caller="+12025550142",
              called="+18005550199", today=date(2026, 11, 22))
phone.dial()
phone.press("1")
assert "You owe" in phone.text
"""

import secrets
from collections.abc import Iterable, Mapping
from datetime import date

from ivr.carrier.banks import account_keys
from ivr.carrier.cards import card_keys
from ivr.carrier.legs import ANSWERED, ENDS, Leg, inbound_form
from ivr.carrier.play import play_call
from ivr.carrier.transport import Answer, Post, Request, post_over_http
from ivr.carrier.twiml import Alert
from ivr.carrier.waits import (
    Agent,
    HangUp,
    Heard,
    HungUp,
    Keys,
    Listening,
    Operator,
    Playing,
    Reply,
    ScriptedAgents,
    Voice,
)
from ivr.carrier.wire import Carrier, Wire, event_form


class PhoneError(Exception):
    """The phone was used in a way no phone can be: a key pressed when no call is up."""


class Phone:
    """One call from one telephone. Nothing sleeps: `seconds` is a simulated clock.

    `agents` says how the people at dialled numbers behave (others never answer); an `operator`
    decides it live instead. `extra` are further webhook parameters, such as StirVerstat. `post`
    replaces HTTP, to run against a test client. A withheld caller is "anonymous".
    """

    def __init__(
        self,
        url: str,
        token: str,
        caller: str,
        called: str,
        today: date,
        *,
        post: Post = post_over_http,
        agents: dict[str, Agent] | None = None,
        operator: Operator | None = None,
        fallback_url: str | None = None,
        status_url: str | None = None,
        broken_connectors: Iterable[str] = (),
        account_sid: str = "AC" + "0" * 32,
        call_sid: str | None = None,
        extra: Mapping[str, str] | None = None,
    ) -> None:
        self.url = url
        self.today = today
        carrier = Carrier(
            token=token,
            today=today,
            status_url=status_url or f"{url}/status",
            fallback_url=fallback_url,
            broken_connectors=frozenset(broken_connectors),
        )
        self.wire = Wire(carrier, post)
        self._scripted = ScriptedAgents(agents or {})
        self.operator: Operator = operator or self._scripted
        form = inbound_form(account_sid, call_sid or f"CA{secrets.token_hex(16)}", caller, called)
        self.leg = Leg(self.wire, "caller", {**form, **(extra or {})})
        self.listening: Listening | None = None
        self.ended = False
        self._playing: Playing[None] | None = None
        self._since = 0

    def dial(self) -> None:
        """Ring the line and listen until it wants something, or has hung up."""
        if self._playing is not None:
            raise PhoneError("this phone has already dialled; a new call is a new Phone")
        self._playing = play_call(self.leg, self.url)
        self._advance(self._playing, None)

    def press(self, keys: str, *, at_once: bool = False) -> None:
        """Answer with keys; commas separate answers, an empty one is silence, `x` hangs up.

        Keys after the end of a question are lost, as they are while the line thinks. `at_once`
        interrupts the words as they begin. Raises PhoneError where the line is not listening.
        """
        self._since = len(self.wire.heard)
        for answer in keys.split(","):
            self._reply(HangUp("caller") if answer == "x" else Keys(answer, at_once))

    def silence(self) -> None:
        """Press nothing until the line goes on. Raises PhoneError where it is not listening."""
        self.press("")

    def press_ahead(self, keys: str) -> None:
        """Press keys just as the next document begins: heard only if it begins with a Gather."""
        self.wire.ahead = keys

    def enter_card(self, name: str, zip_code: str = "60601") -> None:
        """Type a test card (cards.TEST_CARDS) into `<Pay>`. Raises KeyError for an unknown one."""
        self._enter(card_keys(name, self.today, zip_code))

    def enter_bank(self, name: str) -> None:
        """Type a test account (banks.TEST_ACCOUNTS) into `<Pay>`. Raises KeyError for no such."""
        self._enter(account_keys(name))

    def speak(self, seconds: float = 3.0, key: str = "") -> None:
        """Say a sentence aloud where one is recorded, then press a key, or nothing.

        Where only keys are listened to, it is silence.
        """
        spoken = self.listening is not None and self.listening.voice
        self.reply(Voice(seconds, key) if spoken else Keys(key))

    def _enter(self, answers: str) -> None:
        self._since = len(self.wire.heard)
        for answer in answers.split(","):
            if self.listening is None or not self.listening.secret:
                return  # this line asks for fewer fields
            self._reply(Keys(answer))

    def hang_up(self) -> None:
        """End the call from this side. Raises PhoneError where there is none."""
        self.reply(HangUp("caller"))

    def drop(self) -> None:
        """Cut the call where it stands, as a lost connection does; the app hears only its end."""
        if self._playing is not None and not self.ended:
            self._end()

    def reply(self, reply: Reply) -> None:
        """Give one reply to what the line waits for. Raises PhoneError where it does not wait."""
        self._since = len(self.wire.heard)
        self._reply(reply)

    @property
    def agents(self) -> dict[str, Agent]:
        """How the people at dialled numbers behave."""
        return self._scripted.scripts

    @agents.setter
    def agents(self, agents: dict[str, Agent]) -> None:
        self._scripted.scripts = agents

    @property
    def said(self) -> list[str]:
        """What the caller heard since their last answer, piece by piece."""
        return [
            heard.text
            for heard in self.wire.heard[self._since :]
            if heard.kind == "said" and heard.to == "caller"
        ]

    @property
    def text(self) -> str:
        """What the caller heard since their last answer, in one line."""
        return " ".join(self.said)

    @property
    def heard(self) -> list[Heard]:
        """Everything said and done in this call, on both legs."""
        return self.wire.heard

    @property
    def documents(self) -> list[bytes]:
        """Every well-formed document as it came, of both legs."""
        return self.wire.documents

    @property
    def requests(self) -> list[Request]:
        """Every request for a document, oldest first; callbacks are not among them."""
        return self.wire.requests

    @property
    def errors(self) -> list[Alert]:
        """What made a document or a callback fail."""
        return self.wire.errors

    @property
    def warnings(self) -> list[Alert]:
        """What Twilio would warn of (12200)."""
        return self.wire.warnings

    @property
    def seconds(self) -> float:
        """The call's clock, in seconds."""
        return self.wire.clock

    @property
    def pressed(self) -> int:
        """How many keys were pressed and heard, on both legs."""
        return self.wire.pressed

    @property
    def sid(self) -> str:
        """The CallSid."""
        return self.leg.form["CallSid"]

    def send_again(self, request: Request, **changed: str) -> Answer:
        """Post a request once more, with some parameters changed; the call does not notice."""
        return self.wire.send(Request(request.url, {**request.form, **changed}))

    def repeat_last_request(self) -> bytes:
        """The same webhook again, as a retry would be: the bytes that come back."""
        return self.send_again(self.requests[-1]).body

    def send_stale(self, back: int, **changed: str) -> bytes:
        """The request `back` before the last one, late: the bytes that come back."""
        return self.send_again(self.requests[-1 - back], **changed).body

    def _reply(self, reply: Reply) -> None:
        if self._playing is None or self.listening is None:
            raise PhoneError("the call has ended" if self.ended else "nobody has dialled")
        self._advance(self._playing, reply)

    def _advance(self, playing: Playing[None], reply: Reply | None) -> None:
        """Play on until the caller is asked, the operator answering what agents are asked."""
        try:
            wait = next(playing) if reply is None else playing.send(reply)
            while not (isinstance(wait, Listening) and wait.party == "caller"):
                wait = playing.send(self.operator(wait))
            self.listening = wait
        except (StopIteration, HungUp):
            self._end()

    def _end(self) -> None:
        self.listening, self.ended = None, True
        leg, wire = self.leg, self.wire
        duration = round(wire.clock - leg.answered_at) if leg.status in ANSWERED else 0
        leg.status = ENDS.get(leg.status, leg.status)
        wire.notify(
            leg.request(wire.carrier.status_url, CallDuration=str(duration), **event_form(wire, 0))
        )

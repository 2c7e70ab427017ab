"""One leg of a call, the caller's or an agent's: it asks for documents, speaks and listens."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from ivr.carrier.speech import Spoken, spoken
from ivr.carrier.transport import Request
from ivr.carrier.twiml import Alert, BadDocument, Document
from ivr.carrier.waits import HangUp, HungUp, Keys, Listening, Party, Playing, Speaker
from ivr.carrier.wire import Wire

KEY = 0.4  # seconds a typed digit takes
CHOICE = 1.2  # seconds from the end of the wanted option to its key
SORRY = "We are sorry, an application error has occurred. Goodbye."
#: Final statuses: a call hung up before it was answered was never completed.
ANSWERED = frozenset({"in-progress", "completed"})
ENDS = {"in-progress": "completed", "ringing": "no-answer"}
#: The carrier's own guard against documents that redirect to each other for ever.
MOST_UNHEARD = 50


@dataclass(slots=True)
class Leg:
    """A party's telephone, as the carrier sees it. `form` goes with every request of this leg."""

    wire: Wire
    party: Party
    form: Mapping[str, str]
    status: str = "ringing"
    answered_at: float = 0.0

    def request(self, url: str, **extra: str) -> Request:
        """A request about this leg as it now stands."""
        return Request(url, {**self.form, "CallStatus": self.status, **extra})

    def answer(self) -> None:
        """The call is answered; a second time changes nothing."""
        if self.status == "ringing":
            self.status = "in-progress"
            self.answered_at = self.wire.clock

    def fetch(self, request: Request) -> Document:
        """The next document. Raises BadDocument, also where a call only ever redirects."""
        if self.wire.unheard >= MOST_UNHEARD:
            raise BadDocument(Alert(11200, f"{MOST_UNHEARD} documents, no question", request.url))
        return self.wire.fetch(request)

    def rescue(self, bad: BadDocument, failed: Request) -> Request:
        """Where a failing document leads: the fallback URL, else an apology and the end.

        https://www.twilio.com/docs/usage/security/availability-reliability. Raises HungUp.
        """
        self.wire.errors.append(bad.alert)
        fallback = self.wire.carrier.fallback_url
        if fallback is None or failed.url == fallback or self.wire.unheard >= MOST_UNHEARD:
            self.wire.hear("carrier", SORRY, to=self.party, language="en-US")
            raise HungUp("carrier")
        error = {"ErrorCode": str(bad.alert.code), "ErrorUrl": bad.alert.url}
        return self.request(fallback, **error)

    def speak(self, verb: Element, who: Speaker = "line") -> tuple[float, Spoken]:
        """Say, play or pause; gives when it began (seconds) and what it was."""
        words, began = spoken(verb), self.wire.clock
        self.say(words, who)
        return began, words

    def say(self, words: Spoken, who: Speaker) -> None:
        """Let the party hear these words and the clock run on to their end."""
        if words.text:
            self.wire.hear(who, words.text, to=self.party, language=words.language)
        self.wire.clock += words.seconds

    def listen(self, listening: Listening) -> Playing[str]:
        """Wait for keys and give those that were typed; the clock stands at the last of them."""
        self.wire.unheard = 0
        ahead, self.wire.ahead = self.wire.ahead, ""
        if ahead and not listening.secret:
            reply = Keys(ahead, at_once=True)
        else:
            reply = yield from self._keys(listening)
        keys = _taken(listening, reply.keys)
        self.wire.clock = _typed_at(listening, keys, reply.at_once)
        self.wire.pressed += len(keys)
        if not listening.complete(keys):
            self.wire.clock += listening.timeout
        return keys

    def _keys(self, listening: Listening) -> Playing[Keys]:
        reply = yield listening
        if isinstance(reply, HangUp):
            raise self.leaves(reply)
        if not isinstance(reply, Keys):
            raise TypeError(f"keys or a hang-up answer a listening line, not {reply!r}")
        return reply

    def leaves(self, hang_up: HangUp) -> HungUp:
        """Keep that a party hangs up, and give what ends the leg."""
        self.wire.clock += hang_up.after
        self.wire.hear(hang_up.by, "", to=hang_up.by, kind="hang-up")
        return HungUp(hang_up.by)


def option_finder(pieces: list[tuple[float, Spoken]]) -> Callable[[str], float | None]:
    """When the words that offer a key end, in seconds of the call, among these pieces."""

    def option_ends(key: str) -> float | None:
        for began, words in pieces:
            after = words.option_ends(key)
            if after is not None:
                return began + after
        return None

    return option_ends


def _taken(listening: Listening, keys: str) -> str:
    """The keys one wait takes: what is typed after its end is lost."""
    for count in range(1, len(keys) + 1):
        if listening.complete(keys[:count]):
            return keys[:count]
    return keys


def _typed_at(listening: Listening, keys: str, at_once: bool) -> float:
    """When the last key is pressed; with none, when the words end."""
    if at_once:
        return listening.began + KEY * len(keys)
    if len(keys) == 1:
        return (listening.option_ends(keys) or listening.spoken) + CHOICE
    return listening.spoken + KEY * len(keys)


def inbound_form(account_sid: str, call_sid: str, caller: str, called: str) -> dict[str, str]:
    """What every request of an inbound call carries (https://www.twilio.com/docs/voice/twiml).

    Places are "best effort" there and often empty: empty here.
    """
    form = {
        "CallSid": call_sid,
        "AccountSid": account_sid,
        "ApiVersion": "2010-04-01",
        "Direction": "inbound",
    }
    for party, number in (("From", caller), ("Caller", caller), ("To", called), ("Called", called)):
        form |= {party: number, f"{party}Country": "US"}
        form |= {f"{party}{place}": "" for place in ("City", "State", "Zip")}
    return form

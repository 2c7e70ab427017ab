"""`<Gather>`: what ends it, and what the app hears of it.

https://www.twilio.com/docs/voice/twiml/gather. Keys only: speech is not recognised here.
"""

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from ivr.carrier.legs import Leg, option_finder
from ivr.carrier.transport import Request
from ivr.carrier.twiml import CHILDREN, Document, said_yes, whole
from ivr.carrier.waits import Listening, Playing


@dataclass(frozen=True, slots=True)
class Collected:
    """What was typed: digits without the finish key, that key if it ended them, and whether
    anything but the pause did."""

    digits: str
    finished_on: str
    complete: bool


@dataclass(frozen=True, slots=True)
class Gather:
    """The attributes that decide when a Gather ends; `timeout` in seconds, 0 digits is no limit.

    An empty `finish_on_key` makes every key data.
    """

    timeout: int
    num_digits: int
    finish_on_key: str
    tells_when_empty: bool

    def collect(self, keys: str) -> Collected:
        """What these keys give; those after the end are not looked at."""
        for count, key in enumerate(keys):
            if key == self.finish_on_key:
                return Collected(keys[:count], key, complete=True)
            if count + 1 == self.num_digits:
                return Collected(keys[: count + 1], "", complete=True)
        return Collected(keys, "", complete=False)


def read_gather(verb: Element) -> Gather:
    """The Gather a verb describes, Twilio's defaults filled in."""
    return Gather(
        timeout=whole(verb, "timeout", 5),
        num_digits=whole(verb, "numDigits", 0),
        finish_on_key=verb.get("finishOnKey", "#"),
        tells_when_empty=said_yes(verb, "actionOnEmptyResult"),
    )


def play_gather(leg: Leg, verb: Element, document: Document) -> Playing[Request | None]:
    """Speak, listen, and give the request that tells the app; None falls to the next verb."""
    gather = read_gather(verb)
    keys = yield from leg.listen(_listening(leg, verb, gather))
    leg.wire.hear(leg.party, keys, to=leg.party, kind="pressed" if keys else "silence")
    collected = gather.collect(keys)
    if not collected.digits and not gather.tells_when_empty:
        return None
    return leg.request(
        document.resolve(verb.get("action", "")),
        Digits=collected.digits,
        FinishedOnKey=collected.finished_on,
        msg="Gather End",
    )


def _listening(leg: Leg, verb: Element, gather: Gather) -> Listening:
    began = leg.wire.clock
    pieces = [leg.speak(child) for child in verb if child.tag in CHILDREN["Gather"]]
    return Listening(
        party=leg.party,
        complete=lambda keys: gather.collect(keys).complete,
        timeout=gather.timeout,
        began=began,
        spoken=leg.wire.clock,
        option_ends=option_finder(pieces),
    )

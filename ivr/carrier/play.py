"""Playing documents, verb by verb, until the call ends."""

from xml.etree.ElementTree import Element

from ivr.carrier.dial import play_dial
from ivr.carrier.gather import play_gather
from ivr.carrier.legs import Leg
from ivr.carrier.pay import play_pay
from ivr.carrier.record import play_record
from ivr.carrier.transport import Request
from ivr.carrier.twiml import BadDocument, Document
from ivr.carrier.waits import HungUp, Playing

#: Verbs that do not answer a ringing call (https://www.twilio.com/docs/voice/twiml/reject,
#: and /pause where it comes first).
BEFORE_ANSWER = frozenset({"Reject", "Pause"})
#: What an agent may hear before the bridge (https://www.twilio.com/docs/voice/twiml/number#url).
SCREENING = frozenset({"Say", "Play", "Pause", "Gather", "Hangup"})
REJECTED = {"busy": "busy", "rejected": "no-answer"}


def play_call(leg: Leg, url: str) -> Playing[None]:
    """Play from this URL on until a document ends by itself. Raises HungUp for any other end."""
    following: Request | None = leg.request(url)
    while following is not None:
        request = following
        try:
            following = yield from _play(leg, leg.fetch(request))
        except BadDocument as bad:
            following = leg.rescue(bad, request)


def _play(leg: Leg, document: Document) -> Playing[Request | None]:
    """Play one document; the request that leads on, None where it just ends.

    Verbs after one that leads on are dead, as the document is gone.
    """
    for verb in document.root:
        if leg.party == "agent" and verb.tag not in SCREENING:
            leg.wire.warn(f"<{verb.tag}> is not allowed before the bridge", document)
            continue
        if verb.tag not in BEFORE_ANSWER:
            leg.answer()
        following = yield from _verb(leg, verb, document)
        if following is not None:
            return following
    leg.answer()
    return None


def _verb(leg: Leg, verb: Element, document: Document) -> Playing[Request | None]:
    match verb.tag:
        case "Say" | "Play" | "Pause":
            leg.wire.ahead = ""  # keys are only heard inside a Gather
            leg.speak(verb)
        case "Gather":
            return (yield from play_gather(leg, verb, document))
        case "Redirect":
            return leg.request(document.resolve((verb.text or "").strip()))
        case "Dial":
            return (yield from play_dial(leg, verb, document, play_call))
        case "Pay":
            return (yield from play_pay(leg, verb, document))
        case "Record":
            return (yield from play_record(leg, verb, document))
        case "Reject":
            leg.status = REJECTED.get(verb.get("reason", "rejected"), "no-answer")
            raise HungUp("line")
        case "Hangup":
            raise HungUp("line")
    return None

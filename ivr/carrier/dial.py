"""`<Dial>` with one `<Number>`: a second leg rings, may be screened, and is bridged.

https://www.twilio.com/docs/voice/twiml/dial and /number. Where the agent answers and then hangs
up or meets `<Hangup>` in the screening document, the status is still "completed": only
DialBridged tells.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from ivr.carrier.legs import Leg
from ivr.carrier.transport import Request
from ivr.carrier.twiml import Document, whole
from ivr.carrier.waits import Agent, HangUp, HungUp, Kind, Playing, Ringing, Talking
from ivr.carrier.wire import event_form

BUFFER = 5  # seconds Twilio adds to every Dial timeout
BUSY_TONE = 2.0  # seconds until a busy number is known: assumed
LONGEST = 4 * 60 * 60  # seconds, the default timeLimit

#: Plays the document at a URL to a leg; the player of all verbs, which imports this module.
PlayTo = Callable[[Leg, str], Playing[None]]


@dataclass(slots=True)
class Offer:
    """One ring of one agent's phone, and what became of it."""

    leg: Leg
    noun: Element
    document: Document
    number: str
    status: str = "canceled"
    bridged: bool = False
    told: int = 0
    events: set[str] = field(default_factory=set)

    def tell(self, event: str) -> None:
        """Call the statusCallback, if it asked for this event."""
        url = self.noun.get("statusCallback")
        if not url or event not in self.noun.get("statusCallbackEvent", "completed").split():
            return
        wire = self.leg.wire
        extra = {**event_form(wire, self.told), **self.duration(event, "CallDuration")}
        wire.notify(self.leg.request(self.document.resolve(url), **extra))
        self.told += 1

    def duration(self, event: str, name: str) -> dict[str, str]:
        """Whole seconds since the agent answered, once it is over."""
        if event != "completed" or not self.leg.answered_at:
            return {}
        return {name: str(round(self.leg.wire.clock - self.leg.answered_at))}

    def form(self) -> dict[str, str]:
        """What Dial's action hears."""
        return {
            "DialCallStatus": self.status,
            "DialCallSid": self.leg.form["CallSid"],
            "DialBridged": str(self.bridged).lower(),
            **self.duration("completed", "DialCallDuration"),
        }


def play_dial(
    leg: Leg, verb: Element, document: Document, play_to: PlayTo
) -> Playing[Request | None]:
    """Ring, screen and bridge; the request that tells Dial's action, None without one.

    Raises HungUp where the caller left meanwhile; the action is told all the same.
    """
    offer = _offer(leg, verb, document)
    caller_left = yield from _offered(offer, verb, play_to)
    offer.leg.status = offer.status
    offer.tell("completed")
    action = verb.get("action")
    if caller_left:
        leg.status = "completed"
    told = leg.request(document.resolve(action), **offer.form()) if action is not None else None
    if not caller_left:
        return told
    if told is not None:
        leg.wire.notify(told)
    raise HungUp("caller")


def _offer(leg: Leg, verb: Element, document: Document) -> Offer:
    nouns = verb.findall("Number")
    if len(nouns) > 1:
        leg.wire.warn("only the first <Number> of a <Dial> is rung", document)
    noun = nouns[0] if nouns else verb  # <Dial>+12025550100</Dial>
    number = (noun.text or "").strip()
    form = {
        **{name: leg.form[name] for name in ("AccountSid", "ApiVersion")},
        "CallSid": "CA" + secrets.token_hex(16),
        "ParentCallSid": leg.form["CallSid"],
        "From": verb.get("callerId", leg.form["From"]),
        "To": number,
        "Direction": "outbound-dial",
    }
    form |= {"Caller": form["From"], "Called": number}
    return Offer(Leg(leg.wire, "agent", form, status="initiated"), noun, document, number)


def _offered(offer: Offer, verb: Element, play_to: PlayTo) -> Playing[bool]:
    """Go through the offer to its end; whether it was the caller who ended it."""
    offer.tell("initiated")
    offer.leg.status = "ringing"
    offer.tell("ringing")
    try:
        answered = yield from _rung(offer, whole(verb, "timeout", 30) + BUFFER)
        if answered:
            yield from _answered(offer, verb, play_to)
    except HungUp as end:
        return end.by == "caller"
    return False


def _rung(offer: Offer, timeout: float) -> Playing[bool]:
    wire = offer.leg.wire
    wire.unheard = 0
    agent = yield Ringing(offer.number, timeout)
    if isinstance(agent, HangUp):
        raise offer.leg.leaves(agent)
    if not isinstance(agent, Agent):
        raise TypeError(f"an Agent or a hang-up answers a ringing phone, not {agent!r}")
    answered = agent.answers and not agent.busy and agent.rings <= timeout
    wire.clock += agent.rings if answered else BUSY_TONE if agent.busy else timeout
    kind: Kind = "answered" if answered else "busy" if agent.busy else "no-answer"
    offer.status = "completed" if answered else kind
    wire.hear("agent", offer.number, to="agent", kind=kind)
    return answered


def _answered(offer: Offer, verb: Element, play_to: PlayTo) -> Playing[None]:
    """Screen, if there is a document for it, then talk until one hangs up. Raises HungUp."""
    offer.leg.answer()
    offer.tell("answered")
    url = offer.noun.get("url")
    if url:
        yield from play_to(offer.leg, offer.document.resolve(url))
    offer.bridged = True
    offer.leg.wire.hear("carrier", offer.number, to="agent", kind="bridged")
    limit = whole(verb, "timeLimit", LONGEST)
    end = yield Talking(offer.number, limit)
    if not isinstance(end, HangUp):
        raise TypeError(f"a hang-up ends a talk, not {end!r}")
    raise offer.leg.leaves(HangUp(end.by, after=min(end.after, limit)))

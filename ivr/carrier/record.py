"""`<Record>`: a sentence said aloud, and what the app hears of it.

https://www.twilio.com/docs/voice/twiml/record. Where nothing is said the call goes on to the next
verb; a key that comes without a word is told to the action, which the page leaves open.
"""

import secrets
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from ivr.carrier.legs import KEY, Leg
from ivr.carrier.transport import Request
from ivr.carrier.twiml import Document, whole
from ivr.carrier.waits import HangUp, Keys, Listening, Playing, Voice

ALL_KEYS = "1234567890*#"
HOUR = 3600  # seconds, the vendor's default
RECORDINGS = "https://api.twilio.com/2010-04-01/Accounts"


@dataclass(frozen=True, slots=True)
class Said:
    """How long somebody spoke, in seconds, and the key they ended it with, if any."""

    seconds: float
    key: str


def play_record(leg: Leg, verb: Element, document: Document) -> Playing[Request | None]:
    """Record, and give the request that tells the app; None falls to the next verb.

    Raises HungUp after telling the app that the caller left.
    """
    action = document.resolve(verb.get("action", ""))
    leg.wire.unheard, leg.wire.ahead = 0, ""
    reply = yield _listening(leg, verb)
    match reply:
        case HangUp():
            ended = leg.leaves(reply)
            leg.status = "completed"
            leg.wire.notify(_told(leg, action, Said(reply.after, "hangup")))
            raise ended
        case Keys() | Voice():
            said = _said(leg, verb, reply)
            return _told(leg, action, said) if said.seconds or said.key else None
        case _:
            raise TypeError(f"a voice, keys or a hang-up answer a recording, not {reply!r}")


def _listening(leg: Leg, verb: Element) -> Listening:
    finish = verb.get("finishOnKey", ALL_KEYS)
    return Listening(
        party=leg.party,
        complete=lambda keys: keys[-1:] in finish,
        timeout=whole(verb, "timeout", 5),
        began=leg.wire.clock,
        spoken=leg.wire.clock,
        option_ends=lambda key: None,
        voice=True,
    )


def _said(leg: Leg, verb: Element, reply: Keys | Voice) -> Said:
    """What was said and pressed; the clock runs to the key, or to the end of the silence."""
    finish = verb.get("finishOnKey", ALL_KEYS)
    wire, timeout = leg.wire, whole(verb, "timeout", 5)
    if isinstance(reply, Voice):
        seconds = min(reply.seconds, whole(verb, "maxLength", HOUR))
        key = reply.key
        wire.hear(leg.party, "", to=leg.party, kind="voice")
    else:
        seconds = 0.0
        key = next((key for key in reply.keys if key in finish), "")
        wire.hear(leg.party, key, to=leg.party, kind="pressed" if key else "silence")
    wire.clock += seconds + (KEY if key else timeout)
    wire.pressed += len(key)
    return Said(seconds, key)


def _told(leg: Leg, action: str, said: Said) -> Request:
    sid = f"RE{secrets.token_hex(16)}"
    recording = {
        "RecordingSid": sid,
        "RecordingUrl": f"{RECORDINGS}/{leg.form['AccountSid']}/Recordings/{sid}",
        "RecordingDuration": str(int(said.seconds)),
    }
    return leg.request(action, **recording, **({"Digits": said.key} if said.key else {}))

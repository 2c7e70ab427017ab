"""Reading a TwiML document: what makes one fail, and what is only worth a warning.

Sources: https://www.twilio.com/docs/voice/twiml and the error pages
https://www.twilio.com/docs/api/errors/11200, /12100, /12200 and /12300.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from ivr.carrier.transport import Answer

XML_TYPES = frozenset({"text/xml", "application/xml"})
LARGEST = 64 * 1024  # bytes, https://www.twilio.com/docs/api/errors/11750

_CALLBACK = {"statusCallback", "statusCallbackMethod"}
_AUDIO = frozenset({"Say", "Play", "Pause"})
_SPEECH = frozenset(
    {"break", "emphasis", "lang", "p", "phoneme", "prosody", "s", "say-as", "sub", "w"}
)
#: Every verb and noun this carrier performs, with the attributes it may carry.
ATTRIBUTES: dict[str, frozenset[str]] = {
    name: frozenset(attributes)
    for name, attributes in {
        "Response": set[str](),
        "Say": {"voice", "language", "loop"},
        "Play": {"loop", "digits"},
        "Pause": {"length"},
        "Gather": {
            *("input", "action", "method", "actionOnEmptyResult", "finishOnKey", "numDigits"),
            *("timeout", "language", "bargeIn", "hints", "speechTimeout", "speechModel"),
            *("maxSpeechTime", "profanityFilter", "partialResultCallback"),
            *("partialResultCallbackMethod", "debug", "enhanced"),
        },
        "Redirect": {"method"},
        "Hangup": set(),
        "Reject": {"reason"},
        "Dial": {
            *("action", "method", "timeout", "timeLimit", "answerOnBridge", "hangupOnStar"),
            *("callerId", "record", "trim", "recordingStatusCallback", "recordingTrack"),
            *("recordingStatusCallbackEvent", "recordingStatusCallbackMethod", "ringTone"),
            *("sequential", "referUrl", "referMethod", "callReason", "events"),
        },
        "Number": {
            *("url", "method", "sendDigits", "statusCallbackEvent", "byoc", *_CALLBACK),
            *("machineDetection", "amdStatusCallback", "amdStatusCallbackMethod"),
        },
        "Pay": {
            *("input", "action", "bankAccountType", *_CALLBACK, "timeout", "maxAttempts"),
            *("securityCode", "postalCode", "minPostalCodeLength", "paymentConnector"),
            *("paymentMethod", "tokenType", "chargeAmount", "currency", "description"),
            *("validCardTypes", "language"),
        },
        "Record": {
            *("action", "method", "timeout", "finishOnKey", "maxLength", "playBeep", "trim"),
            *("recordingStatusCallback", "recordingStatusCallbackMethod"),
            "recordingStatusCallbackEvent",
        },
        "Prompt": {"for", "errorType", "cardType", "attempt", "requireMatchingInputs"},
        "Parameter": {"name", "value"},
    }.items()
}
CHILDREN: dict[str, frozenset[str]] = {
    "Response": _AUDIO | {"Gather", "Redirect", "Hangup", "Reject", "Dial", "Pay", "Record"},
    "Gather": _AUDIO,
    "Dial": frozenset({"Number"}),
    "Pay": frozenset({"Prompt", "Parameter"}),
    "Prompt": _AUDIO,
    "Say": _SPEECH,
}
WHOLE_NUMBERS = frozenset(
    {
        *("loop", "length", "numDigits", "timeout", "timeLimit", "maxAttempts", "maxLength"),
        "minPostalCodeLength",
    }
)


@dataclass(frozen=True, slots=True)
class Alert:
    """An error or a warning as the vendor's debugger lists it; `status` is HTTP's, 0 for none."""

    code: int
    text: str
    url: str
    status: int = 0


class BadDocument(Exception):
    """A document that cannot be fetched or played: the call goes to the fallback URL, or ends."""

    def __init__(self, alert: Alert) -> None:
        super().__init__(f"{alert.code}: {alert.text} ({alert.url})")
        self.alert = alert


@dataclass(frozen=True, slots=True)
class Document:
    """A document that can be played, and the URL its relative URLs start from."""

    url: str
    root: Element

    def resolve(self, relative: str) -> str:
        """The absolute URL of one written in this document; an empty one is the document's own."""
        return urljoin(self.url, relative)


def read_document(url: str, answer: Answer) -> Document:
    """Read the app's answer as TwiML. Raises BadDocument with Twilio's error code."""
    if answer.status != 200:
        raise BadDocument(Alert(11200, f"HTTP {answer.status}", url, answer.status))
    if answer.content_type not in XML_TYPES:
        raise BadDocument(Alert(12300, f"content type {answer.content_type!r}", url, 200))
    if len(answer.body) > LARGEST:
        raise BadDocument(Alert(11750, "the document is larger than 64 kB", url, 200))
    return Document(url, _parse(url, answer.body))


def _parse(url: str, body: bytes) -> Element:
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 the app we stand beside is no attacker
    except ElementTree.ParseError as broken:
        raise BadDocument(Alert(12100, f"not XML: {broken}", url, 200)) from broken
    if root.tag != "Response":
        raise BadDocument(Alert(12100, f"the root is <{root.tag}>, not <Response>", url, 200))
    return root


def complaints(element: Element) -> Iterator[str]:
    """What Twilio would warn of (12200) in this element and below it; it plays on without it."""
    if element.tag in _SPEECH:
        return
    known = ATTRIBUTES[element.tag]
    for name, value in element.attrib.items():
        if name not in known:
            yield f"<{element.tag}> has no attribute {name}"
        elif name in WHOLE_NUMBERS and not _is_whole(value):
            yield f"<{element.tag} {name}> is not a whole number: {value!r}"
        elif value == "GET" and name.lower().endswith("method"):
            yield f"<{element.tag} {name}>: only POST is performed, so POST it is"
    for child in element:
        if child.tag in CHILDREN.get(element.tag, frozenset()):
            yield from complaints(child)
        else:
            yield f"<{child.tag}> is not performed in <{element.tag}>"


def _is_whole(value: str) -> bool:
    return value.isascii() and value.isdigit()


def whole(element: Element, name: str, default: int) -> int:
    """A whole-number attribute; the default where it is missing or (12200) not a number."""
    value = element.get(name, "")
    return int(value) if _is_whole(value) else default


def said_yes(element: Element, name: str, default: bool = False) -> bool:
    """A yes/no attribute, written true or false."""
    return element.get(name, str(default)).lower() == "true"

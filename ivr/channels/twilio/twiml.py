"""The few shapes of TwiML we speak, as XML elements. https://www.twilio.com/docs/voice/twiml"""

from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement
from xml.sax.saxutils import escape

from ivr.flows.model import Voice
from ivr.prompts.catalogue import Pause, Piece, Recording, Spoken

MIME = "text/xml; charset=utf-8"
DECLARATION = "<?xml version='1.0' encoding='utf-8'?>\n"
QUOTED = {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
SLOW = "80%"
"""Of a voice's own speed, for those who ask again and again."""


def response() -> Element:
    """An empty document."""
    return Element("Response")


def render(document: Element) -> bytes:
    """The document as the bytes that are sent."""
    return (DECLARATION + _written(document)).encode()


def _written(element: Element) -> str:
    """An element as text. ElementTree's own writer took a twelfth of a turn, for namespaces,
    encodings and text behind an element, none of which we speak."""
    attributes = "".join(
        f' {name}="{escape(value, QUOTED)}"' for name, value in element.attrib.items()
    )
    inside = escape(element.text or "") + "".join(map(_written, element))
    if not inside:
        return f"<{element.tag}{attributes} />"
    return f"<{element.tag}{attributes}>{inside}</{element.tag}>"


def speak(
    parent: Element, pieces: Iterable[Piece], voice: Voice, after: float = 0, slow: bool = False
) -> None:
    """Speak pieces in one <Say>, with `after` seconds of pause behind the last words."""
    say: Element | None = None
    for piece in pieces:
        match piece:
            case Recording():
                say = None
                SubElement(parent, "Play").text = f"/prompts/{piece.path}"
            case Pause():
                if say is not None:
                    _break(say, piece.seconds)
            case Spoken():
                if say is None or len(say):
                    say = _say(parent, voice, slow)
                say.text = f"{say.text} {piece.text}".strip()
    if say is not None and after:
        _break(say, after)


def _say(parent: Element, voice: Voice, slow: bool) -> Element:
    say = SubElement(parent, "Say", voice=voice.voice, language=voice.language)
    words = SubElement(say, "prosody", rate=SLOW) if slow else say
    words.text = ""
    return words


def _break(say: Element, seconds: float) -> None:
    SubElement(say, "break", time=f"{round(seconds * 1000)}ms")


def hang_up(document: Element) -> None:
    """End the call."""
    SubElement(document, "Hangup")

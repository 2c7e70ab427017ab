"""Holds documents against the grammar of TwiML, as far as this line speaks it.

`twiml/grammar.json` has the facts: for every verb what it may hold, whether it has text, and its
attributes with their values: a list of words, `{"each": …}` for words with spaces between, or one
of the kinds below. https://www.twilio.com/docs/voice/twiml
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from xml.etree.ElementTree import Element, ParseError, fromstring

TYPE = "text/xml; charset=utf-8"
LARGEST = 64 * 1024
LONGEST_SAY = 3000
FACTS: Mapping[str, Mapping[str, Any]] = json.loads(
    (Path(__file__).parent / "twiml" / "grammar.json").read_text()
)
KINDS = {
    "text": re.compile(r".+"),
    "count": re.compile(r"[1-9][0-9]{0,3}"),
    "keys": re.compile(r"[0-9*#]{1,12}"),
    "flag": re.compile(r"true|false"),
    "voice": re.compile(r"(Polly|Google)\.[A-Za-z]+(-(Neural|Generative))?"),
    "milliseconds": re.compile(r"[0-9]{1,4}ms|10000ms"),
    "url": re.compile(r"(/[a-z0-9_-]+)+(\?[a-z]+=[A-Za-z0-9_.-]+(&[a-z]+=[A-Za-z0-9_.-]+)*)?"),
}
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
LAST = frozenset({"Redirect", "Hangup"})


def complaints(body: bytes) -> list[str]:
    """Everything that is wrong with a document."""
    found = [f"{len(body)} bytes"] if len(body) >= LARGEST else []
    try:
        text = body.decode("utf-8")
        root = fromstring(body)
    except (UnicodeDecodeError, ParseError) as error:
        return [*found, f"no XML: {error}"]
    if CONTROLS.search(text):
        found.append("a control character")
    if not text.startswith("<?xml") or root.tag != "Response":
        found.append("no declaration or no <Response>")
    return [*found, *_element(root), *_order(root)]


def assert_document(status: int, headers: Mapping[str, str], body: bytes) -> None:
    """What every answer of the line to a caller must be."""
    assert status == 200, f"{status}: {body[:200]!r}"
    assert headers["Content-Type"] == TYPE
    assert complaints(body) == [], body.decode(errors="replace")


def _element(element: Element) -> Iterator[str]:
    facts = FACTS.get(element.tag)
    if facts is None:
        yield f"<{element.tag}> is not spoken here"
        return
    for name, value in element.attrib.items():
        if not _fits(value, facts.get("attributes", {}).get(name)):
            yield f'<{element.tag} {name}="{value}">'
    yield from _text(element, facts)
    for child in element:
        if child.tag not in facts.get("holds", ()):
            yield f"<{child.tag}> in <{element.tag}>"
        yield from _element(child)


def _fits(value: str, wanted: Any) -> bool:
    match wanted:
        case None:
            return False
        case {"each": words}:
            parts = value.split(" ")
            return len(set(parts)) == len(parts) and all(_fits(part, words) for part in parts)
        case list():
            return value in wanted
        case _:
            return KINDS[wanted].fullmatch(value) is not None


def _text(element: Element, facts: Mapping[str, Any]) -> Iterator[str]:
    own = (element.text or "") + "".join(child.tail or "" for child in element)
    if own.strip() and not facts.get("text"):
        yield f"text in <{element.tag}>"
    if facts.get("text") and not "".join(element.itertext()).strip():
        yield f"no text in <{element.tag}>"
    if element.tag == "Say" and len("".join(element.itertext())) > LONGEST_SAY:
        yield "a <Say> that is too long for its voice"
    if element.tag == "Redirect" and not KINDS["url"].fullmatch(element.text or ""):
        yield f"<Redirect>{element.text}"


def _order(root: Element) -> Iterator[str]:
    """Whatever follows a verb that leaves the document is never carried out."""
    verbs = [verb.tag for verb in root]
    yield from (f"something follows <{tag}>" for tag in verbs[:-1] if tag in LAST)
    if not verbs:
        yield "an empty document"


def turn_of(body: bytes) -> int:
    """The number of the question a document asks: the one its action names."""
    for element in fromstring(body).iter():
        query = dict(parse_qsl(urlsplit(element.get("action", "")).query))
        if "turn" in query:
            return int(query["turn"])
    raise AssertionError("this document asks nothing")

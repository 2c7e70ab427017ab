"""From a turn to TwiML: the mirror of `hearing`, and just as free of decisions."""

from collections.abc import Iterable
from typing import assert_never
from xml.etree.ElementTree import Element, SubElement

from ivr.channels.twilio import twiml
from ivr.channels.twilio.card_entry import pay
from ivr.config import Settings
from ivr.dialog.call import Call, Pace
from ivr.dialog.directives import Directive, Offer, Say
from ivr.dialog.turns import (
    AwaitAgent,
    AwaitCard,
    AwaitKey,
    AwaitRecording,
    AwaitReply,
    AwaitTyped,
    Finished,
    Turn,
)
from ivr.errors import CallError
from ivr.flows.model import Book, PhoneLine
from ivr.services.spoken import ONE_MOMENT, SORRY

BETWEEN_OPTIONS = {Pace.NORMAL: 0.5, Pace.SLOW: 0.75}
BETWEEN_SENTENCES = 0.3
EVERY_KEY = "1234567890*#"


def turn_url(number: int) -> str:
    """Where the answer to question `number` goes."""
    return f"/voice/turn?turn={number}"


class Speaker:
    """Renders turns for one deployment."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def document(self, book: Book, turn: Turn) -> bytes:
        """The TwiML of a turn."""
        document = twiml.response()
        call = turn.call
        _speak(document, book, call, turn.before)
        action = turn_url(call.turn)
        match turn.wait:
            case AwaitKey():
                _gather_key(document, book, turn, turn.wait, action)
            case AwaitTyped():
                _gather_typed(document, book, turn, turn.wait, action)
            case AwaitRecording():
                _record(document, book, turn, turn.wait, action)
            case AwaitCard(method=method):
                pay(document, book, call.language, self.settings.pay_connector, method, action)
            case AwaitAgent():
                _dial(document, turn.wait, self.settings.times.ring, action)
            case Finished():
                twiml.hang_up(document)
            case AwaitReply():
                raise CallError("a turn that waits for a service cannot be spoken")
            case _:
                assert_never(turn.wait)
        return twiml.render(document)


def one_moment(book: Book, line: PhoneLine, url: str) -> bytes:
    """Another worker is still at this turn: fetch its answer in a moment."""
    document = twiml.response()
    pieces = book.catalogue.say(ONE_MOMENT, {}, line.language)
    twiml.speak(document, pieces, book.voices[line.language])
    SubElement(document, "Pause", length="1")
    SubElement(document, "Redirect", method="POST").text = url
    return twiml.render(document)


def rescue(book: Book, line: PhoneLine) -> bytes:
    """All else failed: an apology, and a person whose number stands in the book."""
    document = twiml.response()
    pieces = book.catalogue.say(SORRY, {}, line.language)
    twiml.speak(document, pieces, book.voices[line.language])
    SubElement(SubElement(document, "Dial"), "Number").text = line.rescue
    return twiml.render(document)


def _speak(parent: Element, book: Book, call: Call, directives: Iterable[Directive]) -> None:
    for directive in directives:
        language, slow = call.language, False
        match directive:
            case Say():
                language, slow = directive.language or language, directive.slow
                values = dict(directive.values)
                pieces = book.catalogue.say(directive.prompt, values, language, slow)
                pause = BETWEEN_SENTENCES
            case Offer():
                values = dict(directive.values)
                pieces = book.catalogue.offer(directive.key, directive.prompt, values, language)
                pause = BETWEEN_OPTIONS[call.pace]
            case _:
                assert_never(directive)
        twiml.speak(parent, pieces, book.voices[language], pause, slow)


def _gather_key(document: Element, book: Book, turn: Turn, wait: AwaitKey, action: str) -> None:
    """One key; finishOnKey is empty so that # and * arrive as keys."""
    gather = SubElement(
        document,
        "Gather",
        input="dtmf",
        action=action,
        method="POST",
        actionOnEmptyResult="true",
        finishOnKey="",
        numDigits="1",
        timeout=str(wait.wait),
    )
    _speak(gather, book, turn.call, turn.within)


def _gather_typed(document: Element, book: Book, turn: Turn, wait: AwaitTyped, action: str) -> None:
    """Digits. Twilio has one timeout for every key, so a pause makes up for the first one's."""
    gather = SubElement(
        document,
        "Gather",
        input="dtmf",
        action=action,
        method="POST",
        actionOnEmptyResult="true",
        finishOnKey="#",
        timeout=str(wait.between),
    )
    if wait.fixed:
        gather.set("numDigits", str(wait.longest))
    _speak(gather, book, turn.call, turn.within)
    if wait.wait > wait.between:
        SubElement(gather, "Pause", length=str(wait.wait - wait.between))


def _record(document: Element, book: Book, turn: Turn, wait: AwaitRecording, action: str) -> None:
    """A sentence said aloud. Where nothing is said the carrier goes on to the redirect.

    https://www.twilio.com/docs/voice/twiml/record
    """
    _speak(document, book, turn.call, turn.within)
    SubElement(
        document,
        "Record",
        action=action,
        method="POST",
        finishOnKey=EVERY_KEY,
        maxLength=str(wait.longest),
        playBeep="true",
        timeout=str(wait.wait),
        trim="trim-silence",
    )
    SubElement(document, "Redirect", method="POST").text = action


def _dial(document: Element, wait: AwaitAgent, seconds: int, action: str) -> None:
    """Ring one agent. What they hear, and whether they take the call, is the offer's matter."""
    dial = SubElement(document, "Dial", timeout=str(seconds), action=action, method="POST")
    offer = f"/voice/offer/{wait.offer}"
    number = SubElement(
        dial,
        "Number",
        url=offer,
        method="POST",
        statusCallback=f"{offer}/status",
        statusCallbackMethod="POST",
        statusCallbackEvent="completed",
    )
    number.text = wait.number

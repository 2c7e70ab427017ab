"""The webhooks of an agent's leg: a phone that rings for an offer is not a caller's call.

A whisper document that runs out without <Hangup> connects the caller to whatever picked up
(https://www.twilio.com/docs/voice/twiml/number#attributes-url), so every document here hangs up,
except the one that answers key 1.
"""

import logging
from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement

from flask import Blueprint, Response, request
from sqlalchemy import Connection
from werkzeug.exceptions import HTTPException

from ivr.channels.twilio import twiml
from ivr.channels.twilio.webhooks import check
from ivr.dialog.directives import Say
from ivr.flows.model import Book
from ivr.services import briefing, transfers
from ivr.store.offers import Offer
from ivr.switchboard import Office
from ivr.telemetry import count

log = logging.getLogger(__name__)


def agents(office: Office) -> Blueprint:
    """The three webhooks of an offer, for the app to register."""
    hooks = Blueprint("agents", __name__)

    @hooks.before_request
    def refuse_strangers() -> None:
        check(office, request)

    @hooks.post("/voice/offer/<int:offer>")
    def answered(offer: int) -> Response:
        with office.engine.begin() as connection:
            leg = request.form["CallSid"]
            found = transfers.answer(connection, offer, leg, office.now())
            return _document(_screening(office, connection, found) if found else _hang_up())

    @hooks.post("/voice/offer/<int:offer>/key")
    def key(offer: int) -> Response:
        with office.engine.begin() as connection:
            leg, pressed = request.form["CallSid"], request.form.get("Digits", "")
            found = transfers.decide(connection, offer, leg, pressed, office.now())
            return _document(_bridging(office, connection, found) if found else _hang_up())

    @hooks.post("/voice/offer/<int:offer>/status")
    def status(offer: int) -> Response:
        with office.engine.begin() as connection:
            leg, told = request.form["CallSid"], request.form.get("CallStatus", "")
            transfers.leg_ended(connection, offer, leg, told, office.now())
        return Response(status=204)

    @hooks.errorhandler(Exception)
    def fail(error: Exception) -> Response | HTTPException:
        if isinstance(error, HTTPException):
            return error
        # What was half done is rolled back; hung up, the caller gets the next agent.
        log.error("an agent's webhook failed", exc_info=error)
        count("agent legs failed")
        return _document(_hang_up())

    return hooks


def _screening(office: Office, connection: Connection, offer: Offer) -> Element:
    """Who is there? Only a person presses 1."""
    document = twiml.response()
    gather = SubElement(
        document,
        "Gather",
        input="dtmf",
        action=f"/voice/offer/{offer.id}/key",
        method="POST",
        numDigits="1",
        timeout=str(office.settings.times.whisper),
    )
    book = _book(office, connection, offer)
    _speak(gather, book, briefing.introduction(offer, book))
    twiml.hang_up(document)
    return document


def _bridging(office: Office, connection: Connection, offer: Offer) -> Element:
    """The context, and then the caller: the one document that does not hang up."""
    document = twiml.response()
    book = _book(office, connection, offer)
    _speak(document, book, briefing.context(offer, book))
    return document


def _hang_up() -> Element:
    document = twiml.response()
    twiml.hang_up(document)
    return document


def _book(office: Office, connection: Connection, offer: Offer) -> Book:
    return office.books.get(connection, offer.book) or office.books.current


def _speak(parent: Element, book: Book, said: Iterable[Say]) -> None:
    for say in said:
        language = say.language or book.languages[0]
        pieces = book.catalogue.say(say.prompt, dict(say.values), language)
        twiml.speak(parent, pieces, book.voices[language])


def _document(document: Element) -> Response:
    return Response(twiml.render(document), content_type=twiml.MIME)

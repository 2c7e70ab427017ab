"""The webhooks themselves. Whatever well signed request comes, a caller gets words they can use.

Twilio gives us 15 s, treats a 3xx as a GET without the caller's keys, and tells a caller "an
application error has occurred" at anything else than 200 and TwiML: so none of those leave here.
"""

import logging
import re
from collections.abc import Callable

from flask import Blueprint, Request, Response, abort, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from ivr.channels.twilio import hearing, speaking
from ivr.channels.twilio.signature import SIGNATURE, is_signed
from ivr.channels.twilio.twiml import MIME
from ivr.dialog.events import Arrived, CardTaken, Event
from ivr.store import call_ends
from ivr.switchboard import Office, StillWorking, Switchboard
from ivr.telemetry import count

CALL_SID = re.compile(r"[A-Za-z0-9_.-]{1,64}")
NEVER_ASKED = 1_000_000
"""A turn no call ever reaches: what any larger number is taken for."""
log = logging.getLogger(__name__)


def blueprint(office: Office) -> Blueprint:
    """Every webhook of a call, for the app to register."""
    hooks = Blueprint("twilio", __name__)
    speaker = speaking.Speaker(office.settings)
    switchboard = Switchboard(office, speaker.document)

    @hooks.before_request
    def refuse_strangers() -> None:
        check(office, request)

    @hooks.post("/voice")
    def voice() -> Response:
        came_back = "ErrorCode" in request.form or "ErrorUrl" in request.form

        def answer() -> bytes:
            sid, arrival = request.form["CallSid"], hearing.arrival(request.form)
            if came_back:
                return switchboard.resume(sid, arrival)
            return switchboard.take(sid, 0, Arrived(office.now()), arrival)

        return _speakable(office, 0, answer)

    @hooks.post("/voice/turn")
    def turn() -> Response:
        number = _turn_number()

        def answer() -> bytes:
            sid = request.form["CallSid"]
            if request.args.get("again", default=0, type=int) > office.settings.times.again:
                return _rescue(office)
            if "again" in request.args or hearing.has_left(request.form):
                return switchboard.wait_for(sid, number)
            return switchboard.take(sid, number, _event(office), hearing.arrival(request.form))

        return _speakable(office, number, answer)

    @hooks.post("/voice/status")
    def status() -> Response:
        try:
            with office.engine.begin() as connection:
                call_ends.note(connection, request.form, office.now())
        except SQLAlchemyError:
            # Nobody repeats this report; `ivr worker` ends calls whose end never arrived.
            log.exception("an end went by", extra={"fields": {"call": request.form["CallSid"]}})
        return Response(status=204)

    return hooks


def check(office: Office, request: Request) -> None:
    """Let only Twilio in: 403 where the signature is not ours, 400 where the form makes no call."""
    if SIGNATURE not in request.headers or not is_signed(
        office.settings, _called_url(office, request), _form(request), request.headers
    ):
        count("unsigned")
        log.warning("refused: not signed by Twilio; is PUBLIC_URL what Twilio calls?")
        abort(403)
    if not CALL_SID.fullmatch(request.form.get("CallSid", "")):
        abort(400)


def _turn_number() -> int:
    number = request.args.get("turn", default=-1, type=int)
    return max(-1, min(number, NEVER_ASKED))


def _form(request: Request) -> MultiDict[str, str]:
    try:
        return request.form
    except RequestEntityTooLarge:
        abort(400)


def _called_url(office: Office, request: Request) -> str:
    """The URL as Twilio called it: the public origin and the request line as it came in."""
    origin = office.settings.public_url or f"http://{request.host}"
    raw = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or request.full_path
    return origin + str(raw)


def _event(office: Office) -> Event:
    if request.args.get("card") == "failed":
        return CardTaken(office.now(), "failed")
    return hearing.event(request.form, office.now())


def _speakable(office: Office, number: int, answer: Callable[[], bytes]) -> Response:
    """The answer, or the best that can be said without one."""
    try:
        body = answer()
    except StillWorking:
        body = _one_moment(office, number)
    except HTTPException:
        raise
    except Exception:
        log.exception("a webhook failed", extra={"fields": {"call": request.form["CallSid"]}})
        count("rescued")
        body = _rescue(office)
    return Response(body, content_type=MIME)


def _one_moment(office: Office, number: int) -> bytes:
    count("one moment")
    book = office.books.current
    again = request.args.get("again", default=0, type=int) + 1
    url = f"{speaking.turn_url(number)}&again={again}"
    return speaking.one_moment(book, book.line(request.form.get("To", "")), url)


def _rescue(office: Office) -> bytes:
    book = office.books.current
    return speaking.rescue(book, book.line(request.form.get("To", "")))

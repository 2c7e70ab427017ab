"""What was heard at a turn whose worker died: the turn is seen through with that, whatever else the
carrier brings for it meanwhile."""

from datetime import datetime
from itertools import product

from sqlalchemy import Connection

from ivr.dialog.call import Call
from ivr.dialog.events import Answered, Card, CardTaken, Event, Recorded
from ivr.flows.model import AnswerKind, Ask, Book, Pay, Step
from ivr.store import consents
from ivr.store.calls import Found
from ivr.switchboard.record import describe, digest
from ivr.telemetry import Secret


def step_of(book: Book, call: Call) -> Step | None:
    """The step a call is at; None at a menu, and nowhere."""
    if call.spot is None or call.spot.is_menu:
        return None
    return book.flows[call.spot.name].steps[call.spot.step]


def under_way(
    connection: Connection, book: Book, call: Call, found: Found, at: datetime
) -> Event | None:
    """The event by which a claimed turn was begun, as far as it can be told: whatever moves money
    begins with a card, a yes or a yes that was said aloud.

    A card's token and a recording's name were committed with the claim.
    """
    match step_of(book, call):
        case Pay() as step:
            return CardTaken(at, "given", Card(Secret(""), "", "", step.method))
        case Ask(kind=AnswerKind.YES_NO):
            return _answer(found, at)
        case Ask(kind=AnswerKind.SPOKEN_YES):
            recording = consents.recording(connection, call.sid, call.turn)
            return Recorded(at, recording, 1) if recording else None
        case _:
            return None


def _answer(found: Found, at: datetime) -> Event | None:
    """The yes or no that has the digest of the claim."""
    for text, finished in product("12", (False, True)):
        event = Answered(at, Secret(text), finished)
        if digest(describe(event, secret=False)) == found.digest:
            return event
    return None

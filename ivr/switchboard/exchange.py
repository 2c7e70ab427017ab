"""One webhook, one answer: whatever is repeated, late, simultaneous or interrupted.

A turn without network is one transaction. A turn with it is two, and between them nothing is
held: the claim and what is intended are committed first, and only the owner of the claim may
write the reply. docs/decisions/turns.md has the rules and why.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from ivr.dialog import codec
from ivr.dialog.call import Call
from ivr.dialog.engine import advance, current, reach
from ivr.dialog.events import Arrived, Event, Rang
from ivr.dialog.turns import Turn
from ivr.errors import CallError
from ivr.flows.model import Ask, Book
from ivr.services.spoken import INTERRUPTED, SORRY
from ivr.store import calls
from ivr.store.calls import Claim, Found
from ivr.switchboard.attempt import Attempt, Lost, ServiceBroke
from ivr.switchboard.claimed import step_of, under_way
from ivr.switchboard.office import Office
from ivr.switchboard.record import describe, digest
from ivr.telemetry import count

log = logging.getLogger(__name__)

Speak = Callable[[Book, Turn], bytes]


@dataclass(frozen=True, slots=True)
class Arrival:
    """The dialled line, and the caller's number in E.164 where it may be trusted."""

    line: str
    caller: str | None


@dataclass(frozen=True, slots=True)
class Webhook:
    """What the carrier tells: at turn `number` of call `sid`, `event`; `owner` is this copy of it.

    Turn 0 is the ring.
    """

    sid: str
    number: int
    event: Event
    arrival: Arrival
    owner: str


class StillWorking(Exception):
    """Another worker is answering this turn and takes longer than we may wait."""


class Switchboard:
    """Answers webhooks. `speak` renders a turn in the channel's own form."""

    def __init__(self, office: Office, speak: Speak) -> None:
        self.office = office
        self.speak = speak

    def take(self, sid: str, number: int, event: Event, arrival: Arrival) -> bytes:
        """Answer an event at a turn; every copy of it gets the same bytes.

        Raises `StillWorking` where another worker is at it for longer than copies wait.
        """
        webhook = Webhook(sid, number, event, arrival, self.office.new_id())
        return self._patiently(lambda: self._once(webhook))

    def wait_for(self, sid: str, number: int) -> bytes:
        """What another worker answers at a turn. Raises `StillWorking` as `take` does."""
        return self._patiently(lambda: self._fetch(sid, number))

    def resume(self, sid: str, arrival: Arrival) -> bytes:
        """The open question after an apology, for a caller whom the carrier's fallback sent back.

        A call we never heard of is answered as a ring.
        """
        count("resumed")
        number = self._open_turn(sid)
        if number is None:
            return self.take(sid, 0, Arrived(self.office.now()), arrival)
        return self._patiently(lambda: self._fetch(sid, number))

    def _patiently(self, once: Callable[[], bytes | None]) -> bytes:
        """Try until there is an answer, holding no connection in between."""
        times = self.office.settings.times
        deadline = time.monotonic() + times.wait
        while (answer := once()) is None:
            if time.monotonic() > deadline:
                raise StillWorking
            time.sleep(times.poll)
        return answer

    # Answering

    def _once(self, webhook: Webhook) -> bytes | None:
        broken: frozenset[str] = frozenset()
        tried = False
        while True:
            try:
                with Attempt(self.office, broken) as attempt:
                    body = self._answer(attempt, webhook)
                if attempt.keeps_book:
                    self.office.books.kept()
                return body
            except Lost:
                return None
            except ServiceBroke as failure:
                # What it may have half written is rolled back; the turn runs again without it.
                broken |= {failure.service}
            except DBAPIError as error:
                # The database closed this connection while it lay idle; the next one is new.
                if tried or not error.connection_invalidated:
                    raise
                tried = True

    def _answer(self, attempt: Attempt, webhook: Webhook) -> bytes | None:
        found = calls.find(attempt.connection, webhook.sid, webhook.number)
        if found is None:
            return self._begin(attempt, webhook)
        call, book = self._book_of(attempt.connection, self._state(webhook, found))
        claim = _claim(webhook, _secret(book, call, webhook.number), found.version)
        if found.answered:
            return self._answered(attempt, webhook, found, call)
        if found.owner is not None:
            return self._contended(attempt, webhook, claim, found, call, book)
        if webhook.number < call.turn:
            return calls.reply(attempt.connection, call.sid, call.turn - 1)
        if webhook.number > call.turn:
            return self._lost(attempt, claim, replace(call, turn=webhook.number), book)
        return self._work(attempt, claim, call, book, webhook.event)

    def _begin(self, attempt: Attempt, webhook: Webhook) -> bytes:
        """The first we hear of a call: its ring, or a turn of one whose record is lost."""
        books = self.office.books
        attempt.keeps_book = books.keep(attempt.connection, attempt.now)
        call = self._add_call(attempt, webhook)
        claim = _claim(webhook, secret=True, version=0)
        if webhook.number == 0:
            return self._work(attempt, claim, call, books.current, webhook.event)
        return self._lost(attempt, claim, replace(call, turn=webhook.number), books.current)

    def _add_call(self, attempt: Attempt, webhook: Webhook) -> Call:
        book = self.office.books.current
        if webhook.arrival.line not in book.lines:
            count("unknown lines")
        line = book.line(webhook.arrival.line)
        call = Call(webhook.sid, book.digest, line.number, webhook.arrival.caller, line.language)
        row = {
            "sid": call.sid,
            "line": call.line,
            "caller": call.caller,
            "language": call.language,
            "book": call.book,
            "version": 0,
            "turn": 0,
            "state": codec.dump(call),
            "started_at": attempt.now,
            "seen_at": attempt.now,
        }
        if not calls.add_call(attempt.connection, row):
            raise Lost
        return call

    def _state(self, webhook: Webhook, found: Found) -> Call:
        """A call's state; one that another version wrote is a call that stands nowhere."""
        try:
            return codec.load(found.state)
        except CallError:
            log.exception("a state cannot be read", extra={"fields": {"call": webhook.sid}})
        book, caller = self.office.books.current, webhook.arrival.caller
        line = book.line(webhook.arrival.line)
        return Call(webhook.sid, book.digest, line.number, caller, line.language, turn=found.turn)

    def _book_of(self, connection: Connection, call: Call) -> tuple[Call, Book]:
        """The book a call began with. Where that is gone, it stands nowhere in the current one."""
        book = self.office.books.get(connection, call.book)
        if book:
            return call, book
        count("books lost")
        book = self.office.books.current
        nowhere = replace(call, book=book.digest, spot=None, open=None, stack=(), trail=())
        return nowhere, book

    def _answered(
        self, attempt: Attempt, webhook: Webhook, found: Found, call: Call
    ) -> bytes | None:
        """A turn that has its answer: the same event gets it, another one the open question.

        A ring after a later turn is the carrier's fallback bringing the caller back.
        """
        if webhook.number == 0 and self._went_on(attempt.connection, call):
            return self._ask_again(attempt.connection, call)
        if found.digest in _digests(webhook.event):
            return found.reply
        return calls.reply(attempt.connection, call.sid, call.turn - 1)

    def _went_on(self, connection: Connection, call: Call) -> bool:
        """Whether any turn after the ring was claimed."""
        first = None if call.turn > 1 else calls.find(connection, call.sid, 1)
        return call.turn > 1 or (first is not None and first.owner is not None)

    def _contended(
        self,
        attempt: Attempt,
        webhook: Webhook,
        claim: Claim,
        found: Found,
        call: Call,
        book: Book,
    ) -> bytes | None:
        """A claimed turn: wait while its owner's lease lives, then take it over with what it was
        claimed for, whatever this webhook says."""
        mine = found.owner == claim.owner
        if not mine and found.lease_until and found.lease_until > attempt.now:
            return None
        attempt.take_over(claim)
        begun = under_way(attempt.connection, book, call, found, attempt.now)
        return self._work(attempt, claim, call, book, begun or webhook.event)

    def _work(self, attempt: Attempt, claim: Claim, call: Call, book: Book, event: Event) -> bytes:
        attempt.begin(claim, call, book, describe(event, _secret(book, call, claim.number)))
        rang = event if isinstance(event, Rang) else None
        try:
            turn = attempt.perform(advance(book, call, event), rang)
        except CallError:
            log.exception("a call lost its place", extra={"fields": {"call": call.sid}})
            return self._lost(attempt, claim, call, book)
        return self._save(attempt, book, turn)

    def _lost(self, attempt: Attempt, claim: Claim, call: Call, book: Book) -> bytes:
        """Lead a call that has no place any more to the line's `lost` target."""
        count("calls lost")
        attempt.begin(claim, call, book, {"kind": "lost"})
        return self._save(attempt, book, attempt.perform(reach(book, call, SORRY)))

    def _save(self, attempt: Attempt, book: Book, turn: Turn) -> bytes:
        body = self.speak(book, turn)
        attempt.save(turn, body)
        return body

    # Coming back

    def _open_turn(self, sid: str) -> int | None:
        with Attempt(self.office, frozenset()) as attempt:
            found = calls.find(attempt.connection, sid, 0)
            return found.turn if found else None

    def _fetch(self, sid: str, number: int) -> bytes | None:
        """The stored answer of a turn, or its question again where nobody is answering it."""
        try:
            with Attempt(self.office, frozenset()) as attempt:
                found = calls.find(attempt.connection, sid, number)
                if found is None:
                    raise CallError("no call by this name")
                if found.answered:
                    return found.reply
                if found.owner and found.lease_until and found.lease_until > attempt.now:
                    return None
                call, book = self._book_of(attempt.connection, codec.load(found.state))
                event = under_way(attempt.connection, book, call, found, attempt.now)
                if not (found.owner and event):
                    return self._ask_again(attempt.connection, call)
                # A charge whose worker died is seen through.
                arrival = Arrival(call.line, call.caller)
                webhook = Webhook(sid, number, event, arrival, self.office.new_id())
                claim = _claim(webhook, False, found.version)
                return self._contended(attempt, webhook, claim, found, call, book)
        except Lost:
            return None

    def _ask_again(self, connection: Connection, call: Call) -> bytes:
        call, book = self._book_of(connection, call)
        return self.speak(book, current(book, call, INTERRUPTED))


def _claim(webhook: Webhook, secret: bool, version: int) -> Claim:
    name = digest(describe(webhook.event, secret))
    return Claim(webhook.sid, webhook.number, name, webhook.owner, version)


def _digests(event: Event) -> set[str]:
    """What an event may be stored as: which question it answered is not known any more."""
    return {digest(describe(event, secret)) for secret in (False, True)}


def _secret(book: Book, call: Call, number: int) -> bool:
    """Whether an answer at a turn may be kept nowhere; which question it was may be lost."""
    if call.spot is None or number != call.turn:
        return True
    step = step_of(book, call)
    return isinstance(step, Ask) and step.secret

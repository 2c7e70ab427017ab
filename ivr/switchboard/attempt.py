"""One try at one turn: its transaction, the services it asks, and what is saved in the end."""

import logging
from types import TracebackType
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ivr.dialog import codec
from ivr.dialog.call import Call, Pace
from ivr.dialog.engine import advance
from ivr.dialog.events import Rang, Replied
from ivr.dialog.turns import AwaitReply, Finished, Request, Turn
from ivr.errors import CallError
from ivr.flows.model import Book
from ivr.flows.services import RING
from ivr.services.context import Context, Remote
from ivr.store import calls, preferences
from ivr.store.calls import Claim
from ivr.switchboard.office import Office
from ivr.switchboard.record import Record, describe
from ivr.telemetry import count

log = logging.getLogger(__name__)
MOST_REPLIES = 100


class Lost(Exception):
    """Another worker has this turn; look again."""


class ServiceBroke(Exception):
    """A service failed in a way it should not; the turn runs again as if it were unavailable."""

    def __init__(self, service: str) -> None:
        super().__init__(service)
        self.service = service


class Attempt:
    """A context manager: commits what was done inside it, or leaves no trace."""

    def __init__(self, office: Office, broken: frozenset[str]) -> None:
        self.office = office
        self.now = office.now()
        self.keeps_book = False
        self._broken = broken
        self._claimed = False

    def __enter__(self) -> "Attempt":
        self._open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._transaction.commit()
            elif self._transaction.is_active:  # between the two of them there is nothing to undo
                self._transaction.rollback()
        finally:
            self.connection.close()

    def _open(self) -> None:
        self.connection: Connection = self.office.engine.connect()
        self._transaction = self.connection.begin()

    def begin(self, claim: Claim, call: Call, book: Book, described: dict[str, Any]) -> None:
        """Start on a turn; from here on what happens is recorded."""
        self.claim = claim
        self.book = book
        self._done = call.done
        self._record = Record(call.sid, claim.number, self.now)
        self._record.add(described)

    def take_over(self, claim: Claim) -> None:
        """Make a turn ours whose owner is gone."""
        calls.take_over(self.connection, claim, self.office.settings.times.lease, self.now)
        self._claimed = True

    # Asking services

    def perform(self, turn: Turn, rang: Rang | None = None) -> Turn:
        """Answer every service the turn asks, until it has something to say."""
        for _ in range(MOST_REPLIES):
            if not isinstance(turn.wait, AwaitReply):
                return turn
            request = _with_bridge(turn.wait.request, rang)
            rang = None
            reply = self._ask(turn.call, request)
            self._record.add(describe(reply, secret=False), service=request.service.name)
            turn = advance(self.book, turn.call, reply)
        raise CallError(f"more than {MOST_REPLIES} services in one turn")

    def _ask(self, call: Call, request: Request) -> Replied:
        service = request.service
        if service.name in self._broken:
            return Replied("unavailable")
        if call.identity.level < service.level:
            log.error("refused below its level", extra={"fields": {"service": service.name}})
            return Replied("unavailable")
        run = self.office.services[service.name].run
        try:
            if isinstance(run, Remote):
                return self._ask_remote(run, call, request)
            return run(self._context(call), request)
        except (Lost, DBAPIError, PoolTimeout):
            raise
        except Exception as error:
            fields = {"service": service.name, "call": call.sid}
            log.exception("a service broke", extra={"fields": fields})
            count("services broken")
            raise ServiceBroke(service.name) from error

    def _ask_remote(self, run: Remote, call: Call, request: Request) -> Replied:
        job = run.prepare(self._context(call), request)
        if isinstance(job, Replied):
            return job
        self._commit_claim()
        found = run.work(job)
        self._reopen()
        return run.settle(self._context(call), request, job, found)

    def _context(self, call: Call) -> Context:
        return Context(
            connection=self.connection,
            call=call,
            turn=self.claim.number,
            book=self.book,
            now=self.now,
            settings=self.office.settings,
            gateway=self.office.gateway,
        )

    def _commit_claim(self) -> None:
        """End the first transaction: the turn is ours, and what is intended is on record."""
        lease = self.office.settings.times.lease
        if not self._claimed and not calls.claim(self.connection, self.claim, lease, self.now):
            raise Lost
        self._claimed = True
        self._transaction.commit()
        self.connection.close()

    def _reopen(self) -> None:
        """Begin the second transaction, unless somebody took the turn over meanwhile."""
        self._open()
        self.now = self.office.now()
        found = calls.find(self.connection, self.claim.sid, self.claim.number)
        mine = found and found.owner == self.claim.owner and not found.answered
        if not mine or found is None or found.version != self.claim.version:
            raise Lost

    # Saving

    def save(self, turn: Turn, body: bytes) -> None:
        """Store state, events and reply together. Raises `Lost` where somebody else did."""
        stored = calls.answer if self._claimed else calls.add_answered
        if not stored(self.connection, self.claim, body, self.now):
            raise Lost
        if not calls.save(self.connection, self.claim, self._columns(turn)):
            raise Lost
        for job in turn.call.done[len(self._done) :]:
            self._record.add({"kind": "finished", "job": job})
        if turn.call.done != self._done:
            self._keep_preference(turn.call)
        calls.add_events(self.connection, self._record.rows)

    def _keep_preference(self, call: Call) -> None:
        """A finished job shows that the language and pace were meant, and no accident."""
        if call.chose_language or call.pace is Pace.SLOW:
            who = call.identity
            preferences.keep(
                self.connection, who.account, call.caller, call.language, call.pace.value
            )

    def _columns(self, turn: Turn) -> dict[str, Any]:
        if isinstance(turn.wait, Finished):
            count("calls finished")
        return {
            "turn": turn.call.turn,
            "state": codec.dump(turn.call),
            "language": turn.call.language,
            "account_id": turn.call.identity.account,
            "seen_at": self.now,
        }


def _with_bridge(request: Request, rang: Rang | None) -> Request:
    """Tell whoever rings agents how the last ring ended, which only the carrier knows."""
    if request.service is not RING:
        return request
    bridged = {None: "", True: "yes", False: "no"}[rang.bridged if rang else None]
    return Request(RING, words={**request.words, "bridged": bridged})

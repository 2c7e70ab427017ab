"""A line with some of its parts changed, and what it has written down."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import func, select
from werkzeug.test import TestResponse

from ivr.app import create_app
from ivr.config import Times
from ivr.dialog.events import Replied
from ivr.dialog.turns import Request
from ivr.flows.model import Book
from ivr.flows.services import Service
from ivr.services import balance
from ivr.services.context import Context, Entry, Remote
from ivr.store.metadata import metadata
from ivr.store.tables import calls, events, turns
from ivr.switchboard import Books
from tests.grammar import assert_document
from tests.line import Line

SECONDS = 10
"""How long a test waits for another thread before it gives up."""


def changed(line: Line, **parts: Any) -> Line:
    """The same line with other parts in its office."""
    office = replace(line.office, **parts)
    return Line(office, create_app(office.settings, office), line.clock)


def with_times(line: Line, **times: float) -> Line:
    """The same line in more or less of a hurry."""
    settings = replace(line.office.settings, times=replace(line.office.settings.times, **times))  # type: ignore[arg-type]  # all are numbers
    assert isinstance(settings.times, Times)
    return changed(line, settings=settings)


def with_service(line: Line, service: Service, run: Any) -> Line:
    """The same line, one of its services answered by `run`."""
    services = {**line.office.services, service.name: Entry(service, run)}
    return changed(line, services=services)


def with_book(line: Line, book: Book, parse: Callable[[Mapping[str, str]], Book]) -> Line:
    """The same line with another current book, as after a restart."""
    return changed(line, books=Books(book, parse))


def never_parsed(sources: Mapping[str, str]) -> Book:
    """For lines whose books are all in memory."""
    raise AssertionError("no book is to be parsed here")


def press(line: Line, turn: int, digits: str = "", sid: str = "CA1", **form: str) -> bytes:
    """An answer to a turn: the document it gets, which must be a good one."""
    fields = {"Digits": digits, **form} if digits else form
    reply = line.send(f"/voice/turn?turn={turn}", sid, **fields)
    return _document(reply)


def ring(line: Line, sid: str = "CA1", **form: str) -> bytes:
    """A ring: the document it gets."""
    reply = line.send("/voice", sid, **form)
    return _document(reply)


def _document(reply: TestResponse) -> bytes:
    body: bytes = reply.data
    assert_document(reply.status_code, dict(reply.headers), body)
    return body


def fetch(line: Line, turn: int, again: int) -> bytes:
    """What a redirect of ours fetches."""
    reply = line.send(f"/voice/turn?turn={turn}&again={again}")
    return _document(reply)


def written(line: Line) -> tuple[Any, ...]:
    """All that a turn leaves behind, to see that nothing did."""
    with line.office.engine.connect() as connection:
        state = connection.execute(select(calls.c.state, calls.c.version)).all()
        counted = [
            connection.scalar(select(func.count()).select_from(it)) for it in (turns, events)
        ]
    return (*state, *counted)


def everything(line: Line) -> str:
    """All rows of all tables as text."""
    with line.office.engine.connect() as connection:
        rows = [connection.execute(table.select()).all() for table in metadata.sorted_tables]
    return "\n".join(repr(row) for table in rows for row in table)


@dataclass
class Gate:
    """A remote service in place of `balance.read` whose work waits until a test lets it go on."""

    works: int = 0
    settled: int = 0
    started: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    gates: list[threading.Event] = field(
        default_factory=lambda: [threading.Event() for _ in range(4)]
    )

    def on(self, line: Line) -> Line:
        """The line with this in it."""
        return with_service(line, balance.READ, Remote(self._prepare, self._work, self._settle))

    def wait_for_work(self) -> None:
        """Wait until somebody has begun to work."""
        assert self.started.acquire(timeout=SECONDS)

    def open(self, number: int = 0) -> None:
        """Let the worker go on that was the `number`th to begin."""
        self.gates[number].set()

    def _prepare(self, context: Context, request: Request) -> str:
        return context.call.sid

    def _work(self, job: str) -> str:
        gate, self.works = self.gates[self.works], self.works + 1
        self.started.release()
        assert gate.wait(SECONDS)
        return job

    def _settle(self, context: Context, request: Request, job: str, found: str) -> Replied:
        self.settled += 1
        return balance.read(context, request)


def at_once(pool: ThreadPoolExecutor, times: int, do: Callable[[], bytes]) -> list[Future[bytes]]:
    """Start something several times at the same instant."""
    barrier = threading.Barrier(times)

    def start() -> bytes:
        barrier.wait(SECONDS)
        return do()

    return [pool.submit(start) for _ in range(times)]

"""What a service is given when it is asked, and the two shapes a service has.

A local service reads and writes in the turn's own transaction. A remote one reaches the network
or computes for long: what it intends is committed first, then it works without a transaction or
a connection, then what it found is saved together with the reply.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from ivr.config import Settings
from ivr.dialog.call import Call
from ivr.dialog.events import Replied
from ivr.dialog.turns import Request
from ivr.flows.model import Book
from ivr.flows.services import Service
from ivr.gateways.payments import PaymentGateway
from ivr.prompts.values import Moment


@dataclass(frozen=True, slots=True)
class Context:
    """The call that asks, at turn `turn`, at the instant `now` (UTC, aware)."""

    connection: Connection
    call: Call
    turn: int
    book: Book
    now: datetime
    settings: Settings
    gateway: PaymentGateway

    @property
    def local(self) -> datetime:
        """Now, at the line's place."""
        return self.now.astimezone(ZoneInfo(self.book.hours.zone))

    def moment(self, instant: datetime) -> Moment:
        """An instant as the time at the line's place, in whole minutes as it is spoken."""
        here = instant.astimezone(self.local.tzinfo)
        days = (here.date() - self.local.date()).days
        return Moment(here.replace(second=0, microsecond=0, tzinfo=None), days)


Local = Callable[[Context, Request], Replied]


@dataclass(frozen=True, slots=True)
class Remote:
    """A service in three parts.

    `prepare` runs in the first transaction and gives the job, or the reply where nothing needs
    doing; `work` runs with no transaction; `settle` runs in the second one. All three may run
    again after a crash and must then find what is already done.
    """

    prepare: Callable[[Context, Request], Any | Replied]
    work: Callable[[Any], Any]
    settle: Callable[[Context, Request, Any, Any], Replied]


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the table of services."""

    service: Service
    run: Local | Remote

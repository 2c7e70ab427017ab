"""Everything that runs one line, wired once by `create_app` and handed around whole."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from ivr.config import Settings
from ivr.gateways.payments import PaymentGateway
from ivr.services.context import Entry
from ivr.switchboard.books import Books


@dataclass(frozen=True, slots=True)
class Office:
    """`now` gives the instant in UTC, aware; `new_id` a name nobody else has."""

    engine: Engine
    settings: Settings
    books: Books
    services: Mapping[str, Entry]
    gateway: PaymentGateway
    now: Callable[[], datetime]
    new_id: Callable[[], str]

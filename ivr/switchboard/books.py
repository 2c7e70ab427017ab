"""The books this process knows: the current one, and older ones that calls still live on."""

import json
import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import Connection

from ivr.errors import BookError
from ivr.flows.model import Book
from ivr.store import calls

Parse = Callable[[Mapping[str, str]], Book]
log = logging.getLogger(__name__)


class Books:
    """Finds a book by its digest: in memory, else in the store, where every used book is kept."""

    def __init__(self, current: Book, parse: Parse) -> None:
        self.current = current
        self._parse = parse
        self._known = {current.digest: current}
        self._kept = False

    def keep(self, connection: Connection, now: datetime) -> bool:
        """Store the current book, once in a process, before its first call; whether it did so."""
        if self._kept:
            return False
        sources = json.dumps(dict(self.current.sources), ensure_ascii=False)
        calls.add_book(connection, self.current.digest, sources, now)
        return True

    def kept(self) -> None:
        """The transaction that stored the current book has been committed."""
        self._kept = True

    def get(self, connection: Connection, digest: str) -> Book | None:
        """The book with this digest; None where it is gone or this version cannot read it."""
        if digest not in self._known:
            book = self._stored(connection, digest)
            if book is None:
                return None
            self._known[digest] = book
        return self._known[digest]

    def _stored(self, connection: Connection, digest: str) -> Book | None:
        sources = calls.book_sources(connection, digest)
        problem = "it is not in the store"
        if sources is not None:
            try:
                return self._parse(json.loads(sources))
            except BookError as error:  # a service has changed since, say, and wants more of a book
                problem = str(error)
        log.error("a call's book is gone: %s", problem, extra={"fields": {"book": digest}})
        return None

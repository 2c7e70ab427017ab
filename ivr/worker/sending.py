"""Sends the texts in the outbox, each at most once as far as anybody can know.

Messages has no idempotency key, so a text that may have left is looked up and never sent again;
only one that surely did not leave is tried once more.
"""

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from ivr.errors import GatewayError, NoAnswer, NotSent
from ivr.gateways.rest import Landline, OptedOut, Refused
from ivr.gateways.texting import Texting
from ivr.store import receipts, texts
from ivr.store.texts import Text

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)  # far longer than the carrier may take to answer
BATCH = 100
FIRST_DELAY = timedelta(seconds=15)
LONGEST_DELAY = timedelta(minutes=15)
LOOK_AGAIN = timedelta(minutes=10)
TOO_OLD = timedelta(hours=24)  # such news helps nobody any more


@dataclass(frozen=True, slots=True)
class Outbox:
    """The texts to send, as the worker `me` meets them; `now` gives the instant, UTC."""

    engine: Engine
    texting: Texting
    me: str
    now: Callable[[], datetime]

    def send(self, stopped: Callable[[], bool]) -> Counter[str]:
        """Send what is due, then look up what is unknown; how many texts ended in which way."""
        done: Counter[str] = Counter()
        with self.engine.begin() as connection:
            done["given up"] = texts.tidy(connection, self.now() - TOO_OLD)
        for take, act in ((self._take_due, self._send), (self._take_unsure, self._look_up)):
            for _ in range(BATCH):
                text = None if stopped() else take()
                if text is None:
                    break
                result = act(text)
                done[result] += 1
                log.info("text", extra={"fields": {"text": text.id, "result": result}})
                if result == "delayed":  # the carrier takes none just now
                    break
        return +done

    def _take_due(self) -> Text | None:
        now = self.now()
        with self.engine.begin() as connection:
            return texts.take_due(connection, self.me, now, now + LEASE)

    def _take_unsure(self) -> Text | None:
        now = self.now()
        with self.engine.begin() as connection:
            return texts.take_unsure(connection, self.me, now, now + LEASE, now - TOO_OLD)

    def _send(self, text: Text) -> str:
        try:
            message = self.texting.send(text.number, text.body)
        except NotSent:
            return self._mark(text, "pending", _delay(text.attempts), "delayed")
        except NoAnswer:
            return self._look_up(text)
        except OptedOut:
            return self._opted_out(text)
        except Landline:
            return self._landline(text)
        except Refused as error:
            log.warning("a text was refused: %s", error, extra={"fields": {"text": text.id}})
            return self._mark(text, "failed", LOOK_AGAIN, "failed")
        return self._sent(text, message)

    def _look_up(self, text: Text) -> str:
        try:
            message = self.texting.find(text.number, text.reference)
        except GatewayError:
            message = None
        if message:
            return self._sent(text, message)
        return self._mark(text, "unknown", LOOK_AGAIN, "unknown")

    def _sent(self, text: Text, message: str) -> str:
        with self.engine.begin() as connection:
            texts.mark_sent(connection, text, message, self.now())
        return "sent"

    def _opted_out(self, text: Text) -> str:
        with self.engine.begin() as connection:
            texts.opt_out(connection, text.number, self.now())
        return self._mark(text, "opted-out", LOOK_AGAIN, "opted out")

    def _landline(self, text: Text) -> str:
        with self.engine.begin() as connection:
            receipts.note_landline(connection, text.number, self.now())
        return self._mark(text, "failed", LOOK_AGAIN, "to a landline")

    def _mark(self, text: Text, status: str, after: timedelta, result: str) -> str:
        with self.engine.begin() as connection:
            texts.mark(connection, text, self.me, status, self.now() + after)
        return result


def _delay(attempts: int) -> timedelta:
    """Twice as long after every attempt, up to a limit."""
    return min(FIRST_DELAY * (1 << min(attempts - 1, 10)), LONGEST_DELAY)

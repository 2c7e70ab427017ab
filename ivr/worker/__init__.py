"""What must happen though nobody is on the line: texts, lost calls, unknown payments, old offers.

Any number of workers may run and any may be killed: whatever one of them takes is leased in the
database, and what it leaves is found by the next.
"""

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Event

from sqlalchemy import Engine

from ivr.config import Settings
from ivr.gateways.calls import Calls
from ivr.gateways.payments import PaymentGateway
from ivr.gateways.texting import Texting
from ivr.services.refunding import settle_refunds
from ivr.services.settling import settle_unknown
from ivr.services.storing import forget_removed
from ivr.services.transfers import close_stale_offers
from ivr.telemetry import count
from ivr.worker.reaping import reap
from ivr.worker.sending import Outbox

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Worker:
    """One worker, called `name`. `now` gives the instant in UTC, aware.

    Without `texting` no texts are sent; without `calls` a silent call is lost, since nobody can be
    asked. Once `stop` is set it finishes what it is at and leaves the rest.
    """

    engine: Engine
    settings: Settings
    gateway: PaymentGateway
    texting: Texting | None
    calls: Calls | None
    name: str
    now: Callable[[], datetime]
    stop: Event

    def run(self, every: float) -> None:
        """Do rounds, `every` seconds apart, until `stop` is set."""
        log.info("worker begins", extra={"fields": {"worker": self.name}})
        while not self.stop.is_set():
            self.round()
            self.stop.wait(every)
        log.info("worker ends", extra={"fields": {"worker": self.name}})

    def round(self) -> dict[str, int]:
        """Do each job once. One that breaks is logged and counted, and the others are done.

        What was done, by name ("texts sent": 2), without zeros.
        """
        done: Counter[str] = Counter()
        for name, job in self._jobs().items():
            if self.stop.is_set():
                break
            try:
                found = job()
            except Exception:
                log.exception("a job broke", extra={"fields": {"job": name}})
                count("worker jobs broken")
                done["jobs broken"] += 1
            else:
                done.update({f"{name} {what}": number for what, number in found.items()})
        return {what: number for what, number in done.items() if number}

    def _jobs(self) -> Mapping[str, Callable[[], Mapping[str, int]]]:
        """In this order, since a transfer is over once its call is known to be."""
        return {
            "texts": self._send_texts,
            "payments": self._settle_payments,
            "refunds": self._settle_refunds,
            "methods": self._forget_methods,
            "calls": lambda: reap(self.engine, self.calls, self.now),
            "transfers": self._close_transfers,
        }

    def _send_texts(self) -> Mapping[str, int]:
        if self.texting is None:
            return {}
        return Outbox(self.engine, self.texting, self.name, self.now).send(self.stop.is_set)

    def _settle_payments(self) -> Mapping[str, int]:
        settled = settle_unknown(
            self.engine, self.gateway, self.settings.times, self.now, patiently=True
        )
        return {
            "charged": settled.charged,
            "declined": settled.declined,
            "canceled": settled.canceled,
            "expired": settled.expired,
            "unknown": settled.unknown,
        }

    def _settle_refunds(self) -> Mapping[str, int]:
        settled = settle_refunds(
            self.engine, self.gateway, self.settings.times, self.now, patiently=True
        )
        return {"made": settled.refunded, "unknown": settled.asked}

    def _forget_methods(self) -> Mapping[str, int]:
        return {"forgotten": forget_removed(self.engine, self.gateway, self.now())}

    def _close_transfers(self) -> Mapping[str, int]:
        with self.engine.begin() as connection:
            return {"ended": close_stale_offers(connection, self.now())}

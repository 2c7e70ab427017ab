"""The product as it is, and builds of it that are broken on purpose.

A harness that finds nothing proves something only if it finds what is known to be wrong.
"""

import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, update

from ivr.channels.twilio import hearing
from ivr.dialog.events import Event
from ivr.gateways.payments import Charge, Charged, Declined, PaymentGateway
from ivr.store import payments, tables

log = logging.getLogger("ivr.talkative")
Build = Callable[[PaymentGateway], PaymentGateway]
"""Breaks a process, and gives the gateway it is to ask."""


def right(gateway: PaymentGateway) -> PaymentGateway:
    """Nothing is broken."""
    return gateway


class _FreshKeys:
    """Makes the key when it charges, and forgets what was opened, so that whoever asks again asks
    for another charge."""

    def __init__(self, gateway: PaymentGateway) -> None:
        self._gateway = gateway

    def __getattr__(self, name: str) -> Any:
        return getattr(self._gateway, name)

    def charge(self, charge: Charge) -> Charged | Declined:
        return self._gateway.charge(
            replace(charge, key=f"{charge.key}-{uuid.uuid4().hex}", reference=None)
        )


def fresh_keys(gateway: PaymentGateway) -> PaymentGateway:
    """The idempotency key is made at the moment of the call."""
    return cast(PaymentGateway, _FreshKeys(gateway))


def _check_then_set(
    connection: Connection,
    payment: int,
    to: str,
    values: Mapping[str, Any],
    stamp: datetime | None = None,
) -> bool:
    found = payments.read(connection, payment)
    if to not in payments.TRANSITIONS[found.status] or stamp not in (None, found.stamp):
        return False
    table = tables.payments
    connection.execute(update(table).where(table.c.id == payment).values(status=to, **values))
    return True


def check_then_set(gateway: PaymentGateway) -> PaymentGateway:
    """A payment's state is looked at first and then written, whatever it has become meanwhile."""
    payments.move = _check_then_set
    return gateway


def talkative(gateway: PaymentGateway) -> PaymentGateway:
    """What the carrier posts is logged, for whoever looks for an error."""
    heard = hearing.event

    def told(form: Mapping[str, str], now: datetime) -> Event:
        log.info("a webhook came", extra={"fields": dict(form)})
        return heard(form, now)

    setattr(hearing, "event", told)  # noqa: B010  mypy lets no function be replaced
    return gateway


BUILDS: Mapping[str, Build] = {
    "right": right,
    "fresh-keys": fresh_keys,
    "check-then-set": check_then_set,
    "talkative": talkative,
}

"""The product as it is, and two builds of it that are broken on purpose.

A harness that finds nothing proves something only if it finds what is known to be wrong.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, update

from ivr.gateways.payments import Charge, Charged, Declined, PaymentGateway
from ivr.store import payments, tables
from ivr.switchboard import Office

Build = Callable[[Office], Office]


def right(office: Office) -> Office:
    """Nothing is broken."""
    return office


class _FreshKeys:
    """Makes the key when it charges, so that whoever asks again asks for another charge."""

    def __init__(self, gateway: PaymentGateway) -> None:
        self._gateway = gateway

    def __getattr__(self, name: str) -> Any:
        return getattr(self._gateway, name)

    def charge(self, charge: Charge) -> Charged | Declined:
        return self._gateway.charge(replace(charge, key=f"{charge.key}-{uuid.uuid4().hex}"))


def fresh_keys(office: Office) -> Office:
    """The idempotency key is made at the moment of the call."""
    return replace(office, gateway=cast(PaymentGateway, _FreshKeys(office.gateway)))


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


def check_then_set(office: Office) -> Office:
    """A payment's state is looked at first and then written, whatever it has become meanwhile."""
    payments.move = _check_then_set
    return office


BUILDS: Mapping[str, Build] = {
    "right": right,
    "fresh-keys": fresh_keys,
    "check-then-set": check_then_set,
}

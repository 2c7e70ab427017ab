"""What every payment gateway can do for us; the sandbox and a real one both do it."""

from dataclasses import dataclass
from typing import Literal, Protocol

from ivr.telemetry import Secret


@dataclass(frozen=True, slots=True)
class Charge:
    """What is to be charged, in integer cents. The same `key` is never charged twice."""

    key: str
    token: Secret
    cents: int
    currency: str = "usd"


@dataclass(frozen=True, slots=True)
class Charged:
    """The money moved. `reference` is the gateway's own."""

    reference: str


@dataclass(frozen=True, slots=True)
class Declined:
    """The gateway answered no; nothing moved."""

    reason: Literal["declined", "funds"]


class PaymentGateway(Protocol):
    """A payment gateway. Both calls raise `NotSent` or `NoAnswer` (ivr.errors)."""

    def charge(self, charge: Charge) -> Charged | Declined:
        """Charge once; the same key again gives the first answer again."""

    def find(self, key: str) -> Charged | Declined | None:
        """What became of a key; None where the gateway never saw it."""

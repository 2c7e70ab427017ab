"""What every payment gateway can do for us; the sandbox and a real one both do it.

A gateway may want two steps, as Stripe does: first an intent is opened under our key, then a card
charges it. Its own reference is committed by us in between, so that there is always something to
ask by.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from ivr.telemetry import Secret

Method = Literal["card", "bank"]
Reason = Literal["declined", "funds", "expired-card", "details", "call-bank"]
"""Why a card was declined, as far as its owner can do something about it: find money, take one that
has not expired, key it again, ask their bank; otherwise take another one."""


@dataclass(frozen=True, slots=True)
class Intent:
    """A caller's yes of `at` (UTC), in integer cents; `reference` is the gateway's, once opened.

    `customer` is whose the stored method is that it will be charged to, where it is to be one.
    """

    key: str
    cents: int
    at: datetime
    reference: str | None = None
    currency: str = "usd"
    customer: str | None = None


@dataclass(frozen=True, slots=True)
class Charge:
    """What is to be charged, in integer cents. The same `key` is never charged twice.

    A stored method names its `customer`, where the gateway has given one; `present` is no where
    nobody is on the line, as for AutoPay.
    """

    key: str
    token: Secret
    cents: int
    currency: str = "usd"
    reference: str | None = None
    customer: str | None = None
    present: bool = True


@dataclass(frozen=True, slots=True)
class Keeping:
    """A token to keep for later charges, under our `key`.

    `customer` is the gateway's name for whose it is, where there is one already.
    """

    key: str
    token: Secret
    customer: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """What a later charge names: the token, and whose it is at a gateway that asks for that."""

    token: Secret
    customer: str | None = None


@dataclass(frozen=True, slots=True)
class Refund:
    """A charge to take back whole, in integer cents; `key` and `reference` are the charge's."""

    key: str
    cents: int
    reference: str


@dataclass(frozen=True, slots=True)
class Charged:
    """The money moved. `reference` is the gateway's own."""

    reference: str


@dataclass(frozen=True, slots=True)
class Declined:
    """The gateway answered no; nothing moved."""

    reason: Reason


class PaymentGateway(Protocol):
    """A payment gateway.

    Every call raises `NotSent` where surely no money moved by it, and `NoAnswer` where nobody knows
    what it did (ivr.errors).
    """

    @property
    def accepts(self) -> frozenset[Method]:
        """How one may pay there."""

    @property
    def opens(self) -> bool:
        """Whether it wants intents opened before it is given a card."""

    def open(self, intent: Intent) -> str:
        """Open an intent, charging nothing, and give its reference; once, however often asked."""

    def charge(self, charge: Charge) -> Charged | Declined:
        """Charge once; the same key again gives the first answer again.

        An intent that was not opened yet is opened first.
        """

    def find(self, intent: Intent) -> Charged | Declined | None:
        """What became of an intent, by its reference or else by its key; None: nothing so far."""

    def cancel(self, intent: Intent) -> Charged | Declined | None:
        """Make sure that an intent is never charged; what became of it, where it is too late."""

    def keep(self, keeping: Keeping) -> Kept | Declined:
        """Keep a token for later charges, charging nothing; once, however often asked."""

    def forget(self, kept: Kept) -> None:
        """Make sure that a kept token is never charged again; one that is gone is no error."""

    def refund(self, refund: Refund) -> bool:
        """Give the money of a charge back once, however often asked; no where it is too late."""

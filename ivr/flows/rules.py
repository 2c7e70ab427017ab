"""What the company allows, as a book states it; the services hold to it."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class PaymentRules:
    """What one payment by phone may be, in integer cents, and how often a day one may be tried.

    `over` is how much more than is owed may be paid, `fee` what a payment costs on top. `tries`
    counts for each account how often the gateway is asked, so that nobody tries out stolen cards.
    """

    least: int = 1_00
    most: int = 9_999_999_99
    over: int = 0
    fee: int = 0
    tries: int = 6


USUAL = PaymentRules()
"""The rules of a book that states none."""


class Covers(StrEnum):
    """What a promise must be for."""

    PAST_DUE = "past-due"
    BALANCE = "balance"


@dataclass(frozen=True, slots=True)
class PromiseRules:
    """Who may promise to pay later, how much (integer cents), and until when (days).

    `past_shut_off` is how long after the day of a shut-off a promise may reach. `between` is how
    long ago the last promise must have been made, `customer_for` how long the caller must have
    been a customer. `returned` is how many payments may have come back in twelve months, and
    `suspended` whether those whose service is off may promise too.
    """

    ceiling: int
    days: int
    covers: Covers = Covers.PAST_DUE
    past_shut_off: int = 0
    between: int = 0
    customer_for: int = 0
    returned: int = 0
    suspended: bool = False

"""What the company allows, as a book states it; the services hold to it."""

from dataclasses import dataclass


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

"""One payment at Stripe: $32.10 that a caller said yes to at turn 5 of call CA1."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from ivr.config import Settings, Times
from ivr.gateways.payments import Charge, Intent
from ivr.gateways.stripe import StripeGateway
from ivr.telemetry import Secret
from tests.gateways.stripe_server import API_KEY, Fault, Stripe

AT = datetime(2026, 11, 20, 18, tzinfo=UTC)
INTENT = Intent("CA1-5", 3210, AT)
VISA = "pm_card_visa"
DECLINED = "pm_card_visa_chargeDeclined"
NO_FUNDS = "pm_card_visa_chargeDeclinedInsufficientFunds"
UNANSWERED: tuple[Fault, ...] = ("lost after", "500 after")
NOTHING_DONE: tuple[Fault, ...] = ("lost before", 500)


def settings(stripe: Stripe, **values: Any) -> Settings:
    """Settings that lead to this server."""
    given = {"stripe_api_key": API_KEY, "stripe_api_url": stripe.url, **values}
    return Settings(payment_gateway="stripe", times=Times(gateway=5.0), **given)


def charge(token: str = VISA, reference: str | None = None, **values: Any) -> Charge:
    """A charge of the payment."""
    given = {"key": "CA1-5", "cents": 3210, **values}
    return Charge(token=Secret(token), reference=reference, **given)


def opened(gateway: StripeGateway) -> Intent:
    """The payment, opened there."""
    return replace(INTENT, reference=gateway.open(INTENT))

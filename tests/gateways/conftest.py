"""The carrier's REST API, played by the stand-in."""

from collections.abc import Iterator
from typing import Any

import pytest

from ivr.carrier.rest import RestServer
from ivr.config import Settings
from ivr.gateways.rest import connect, disconnect
from ivr.gateways.stripe import StripeGateway
from tests.gateways.stripe_payments import AT
from tests.gateways.stripe_payments import settings as settings_of
from tests.gateways.stripe_server import Stripe, serving

ACCOUNT = "AC" + "1" * 32
PATIENCE = 0.2  # seconds: what a silent carrier costs a test


@pytest.fixture
def carrier() -> Iterator[RestServer]:
    """A carrier that answers."""
    with RestServer(ACCOUNT, "token") as server:
        yield server


@pytest.fixture
def settings(carrier: RestServer) -> Settings:
    """Settings that lead to it."""
    return Settings(
        account_sid=ACCOUNT,
        auth_tokens=("token", "older"),
        text_from="+12025550100",
        twilio_api_url=carrier.url,
    )


@pytest.fixture
def client(settings: Settings) -> Iterator[Any]:
    """A client of it."""
    client = connect(settings, PATIENCE)
    yield client
    disconnect(client)


@pytest.fixture
def stripe() -> Iterator[Stripe]:
    """A Stripe that answers."""
    with serving() as server:
        yield server


@pytest.fixture
def gateway(stripe: Stripe) -> StripeGateway:
    """A gateway that leads to it."""
    stripe.now = int(AT.timestamp())
    return StripeGateway(settings_of(stripe))

"""Payments at Stripe that are not over yet, or are to be over without a charge."""

from dataclasses import replace

import pytest

from ivr.errors import NoAnswer
from ivr.gateways.payments import Charged
from ivr.gateways.stripe import StripeGateway
from tests.gateways.stripe_payments import INTENT, UNANSWERED, charge, opened
from tests.gateways.stripe_server import Fault, Stripe


def test_a_charge_that_is_processed_is_not_known_until_it_is_over(
    gateway: StripeGateway, stripe: Stripe
) -> None:
    intent = opened(gateway)
    with pytest.raises(NoAnswer):
        gateway.charge(charge("pm_slow", intent.reference))
    for ask in (gateway.find, gateway.cancel):
        with pytest.raises(NoAnswer):
            ask(intent)
    stripe.intents["pi_1"]["status"] = "succeeded"
    assert gateway.find(intent) == gateway.cancel(intent) == Charged("pi_1")


@pytest.mark.parametrize("known", [True, False])
def test_what_was_given_up_can_not_be_charged_any_more(
    gateway: StripeGateway, stripe: Stripe, known: bool
) -> None:
    reference = gateway.open(INTENT)
    intent = replace(INTENT, reference=reference if known else None)
    assert gateway.cancel(intent) is gateway.cancel(intent) is gateway.find(intent) is None
    with pytest.raises(NoAnswer):
        gateway.charge(charge(reference=reference))
    assert stripe.charged == []


def test_giving_up_what_was_never_opened_asks_for_nothing(
    gateway: StripeGateway, stripe: Stripe
) -> None:
    assert gateway.cancel(INTENT) is None
    assert [one.what for one in stripe.asked] == ["list"]


@pytest.mark.parametrize("fault", UNANSWERED)
def test_giving_up_that_was_not_answered_is_read(
    gateway: StripeGateway, stripe: Stripe, fault: Fault
) -> None:
    intent = opened(gateway)
    stripe.fail("cancel", fault)
    assert gateway.cancel(intent) is None
    assert stripe.intents["pi_1"]["status"] == "canceled"


def test_giving_up_that_did_nothing_is_not_known(gateway: StripeGateway, stripe: Stripe) -> None:
    intent = opened(gateway)
    stripe.fail("cancel", "lost before")
    with pytest.raises(NoAnswer):
        gateway.cancel(intent)

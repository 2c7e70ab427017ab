"""The official library against a server that behaves as Stripe documents."""

import logging
import socket
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ivr.config import Times
from ivr.errors import GatewayError, NoAnswer, NotSent
from ivr.gateways.chosen import payment_gateway
from ivr.gateways.payments import Charged, Declined
from ivr.gateways.stripe import StripeGateway
from ivr.telemetry import COUNTS
from tests.gateways.stripe_payments import (
    AT,
    DECLINED,
    INTENT,
    NO_FUNDS,
    NOTHING_DONE,
    UNANSWERED,
    VISA,
    charge,
    opened,
    settings,
)
from tests.gateways.stripe_server import API_KEY, Fault, Stripe

PATIENCE = 0.15  # seconds: what a silent Stripe costs a test


def test_the_settings_choose_it(stripe: Stripe) -> None:
    chosen = payment_gateway(settings(stripe))
    assert isinstance(chosen, StripeGateway)
    assert chosen.accepts == {"card"}
    assert chosen.opens


def test_no_other_line_loads_the_library() -> None:
    script = (
        "import sys, ivr.app, ivr.cli, ivr.worker\n"
        "from ivr.config import Settings\n"
        "from ivr.gateways.chosen import payment_gateway\n"
        "payment_gateway(Settings())\n"
        "assert 'stripe' not in sys.modules\n"
        "payment_gateway(Settings(payment_gateway='stripe', stripe_api_key='sk_test'))\n"
        "assert 'stripe' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", script], check=True, timeout=60)


def test_an_intent_is_opened_under_our_key_and_charges_nothing(
    gateway: StripeGateway, stripe: Stripe
) -> None:
    reference = gateway.open(INTENT)
    assert gateway.open(INTENT) == reference
    assert list(stripe.intents) == [reference]
    assert stripe.asked[0].form == {
        "amount": "3210",
        "currency": "usd",
        "allowed_payment_method_types[0]": "card",
        "metadata[ivr_key]": "CA1-5",
    }
    assert gateway.find(replace(INTENT, reference=reference)) is None


@pytest.mark.parametrize("is_open", [True, False])
def test_a_charge_confirms_the_intent_with_the_card(
    gateway: StripeGateway, stripe: Stripe, is_open: bool
) -> None:
    reference = gateway.open(INTENT) if is_open else None
    answer = gateway.charge(charge(reference=reference))
    assert answer == Charged("pi_1")
    assert gateway.charge(charge(reference=reference)) == answer  # its key is replayed
    assert stripe.charged == [("CA1-5", 3210)]
    confirmed = next(one for one in stripe.asked if one.what == "confirm")
    assert confirmed.form == {"payment_method": VISA, "error_on_requires_action": "true"}
    assert {one.key for one in stripe.asked} == {"CA1-5-open", "CA1-5-charge"}


@pytest.mark.parametrize("enabled", [True, False])
def test_a_card_by_telephone_is_one_where_the_account_has_that(
    stripe: Stripe, enabled: bool
) -> None:
    stripe.moto = True
    StripeGateway(settings(stripe, stripe_moto=enabled)).charge(charge())
    form = stripe.asked[-1].form
    assert form.get("payment_method_options[card][moto]") == ("true" if enabled else None)


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        (DECLINED, "declined"),
        (NO_FUNDS, "funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired-card"),
        ("pm_card_chargeDeclinedIncorrectCvc", "details"),
        ("pm_card_visa_chargeDeclinedVelocityLimitExceeded", "call-bank"),
        ("pm_card_visa_chargeDeclinedStolenCard", "declined"),
        ("pm_card_authenticationRequired", "declined"),
        ("pm_action", "declined"),
    ],
)
def test_a_declined_card_is_declined_again_and_found_declined(
    gateway: StripeGateway, stripe: Stripe, token: str, reason: Any
) -> None:
    intent = opened(gateway)
    answers = [gateway.charge(charge(token, intent.reference)) for _ in range(2)]
    assert [*answers, gateway.find(intent), gateway.find(INTENT)] == [Declined(reason)] * 4
    assert stripe.charged == []


@pytest.mark.parametrize("fault", UNANSWERED)
def test_a_charge_that_was_not_answered_is_read(
    gateway: StripeGateway, stripe: Stripe, fault: Fault
) -> None:
    stripe.fail("confirm", fault)
    assert gateway.charge(charge()) == Charged("pi_1")
    assert stripe.charged == [("CA1-5", 3210)]


@pytest.mark.parametrize("fault", UNANSWERED)
def test_a_decline_that_was_not_answered_is_read(
    gateway: StripeGateway, stripe: Stripe, fault: Fault
) -> None:
    stripe.fail("confirm", fault)
    assert gateway.charge(charge(NO_FUNDS)) == Declined("funds")


@pytest.mark.parametrize("fault", NOTHING_DONE)
def test_a_charge_that_may_still_come_through_is_not_known(
    gateway: StripeGateway, stripe: Stripe, fault: Fault
) -> None:
    intent = opened(gateway)
    stripe.fail("confirm", fault)
    with pytest.raises(NoAnswer):
        gateway.charge(charge(reference=intent.reference))
    assert gateway.find(intent) is None


@pytest.mark.parametrize("then", [429, 401, "lost before"])
def test_a_charge_that_can_not_be_read_either_is_not_known(
    gateway: StripeGateway, stripe: Stripe, then: Fault
) -> None:
    stripe.fail("confirm", "lost after")
    stripe.fail("retrieve", then)
    with pytest.raises(NoAnswer):
        gateway.charge(charge())
    assert gateway.find(INTENT) == gateway.charge(charge()) == Charged("pi_1")
    assert stripe.charged == [("CA1-5", 3210)]


def test_a_silent_stripe_is_waited_for_no_longer_than_the_settings_say(stripe: Stripe) -> None:
    gateway = StripeGateway(replace(settings(stripe), times=Times(gateway=PATIENCE)))
    stripe.fail("confirm", "silent after")
    assert gateway.charge(charge()) == Charged("pi_1")
    stripe.fail("create", "silent before")
    with pytest.raises(NoAnswer):
        gateway.open(replace(INTENT, key="CA2-5"))


def test_a_stored_500_stays_one_and_the_intent_says_what_is_true(
    gateway: StripeGateway, stripe: Stripe
) -> None:
    intent = opened(gateway)
    stripe.fail("confirm", 500)
    for _ in range(3):
        with pytest.raises(NoAnswer):
            gateway.charge(charge(reference=intent.reference))
    assert stripe.charged == []
    assert gateway.cancel(intent) is None


@pytest.mark.parametrize("fault", [*NOTHING_DONE, *UNANSWERED])
def test_what_could_not_be_opened_was_not_charged(
    gateway: StripeGateway, stripe: Stripe, fault: Fault
) -> None:
    stripe.fail("create", fault)
    with pytest.raises(NoAnswer):
        gateway.open(INTENT)
    stripe.fail("create", fault)
    stored = fault in (500, "500 after")  # which a lost answer is not
    for error in (NotSent, NotSent) if stored else (NotSent,):
        with pytest.raises(error):
            gateway.charge(charge())
    assert stripe.charged == []


@pytest.mark.parametrize("fault", ["lost before", "lost after"])
def test_an_intent_whose_opening_was_not_answered_is_opened_once_more_with_the_card(
    gateway: StripeGateway, stripe: Stripe, fault: Fault
) -> None:
    stripe.fail("create", fault)
    with pytest.raises(NoAnswer):
        gateway.open(INTENT)
    assert gateway.charge(charge()) == Charged("pi_1")
    assert len(stripe.intents) == 1


@pytest.mark.parametrize("others", [0, 130])
def test_without_a_reference_an_intent_is_found_by_our_key(
    gateway: StripeGateway, stripe: Stripe, others: int
) -> None:
    gateway.charge(charge())
    for number in range(others):
        one = {"id": f"pi_other{number}", "metadata": {}, "status": "succeeded"}
        stripe.intents[f"pi_other{number}"] = {**one, "created": stripe.now, "amount": 100}
    assert gateway.find(INTENT) == Charged("pi_1")
    assert gateway.find(replace(INTENT, key="CA1-7")) is None
    stripe.forget_keys()
    assert gateway.find(INTENT) == Charged("pi_1")


@pytest.mark.parametrize(
    ("minutes", "found"), [(-4, True), (1439, True), (-6, False), (1441, False)]
)
def test_it_is_looked_for_about_the_time_of_the_yes(
    gateway: StripeGateway, stripe: Stripe, minutes: int, found: bool
) -> None:
    stripe.now = int((AT + timedelta(minutes=minutes)).timestamp())
    gateway.charge(charge())
    assert (gateway.find(INTENT) is not None) is found


def test_an_intent_succeeds_once_even_when_its_key_is_forgotten(
    gateway: StripeGateway, stripe: Stripe
) -> None:
    intent = opened(gateway)
    first = gateway.charge(charge(reference=intent.reference))
    stripe.forget_keys()
    assert gateway.charge(charge(reference=intent.reference)) == first
    assert stripe.charged == [("CA1-5", 3210)]


def test_a_key_used_for_another_card_charges_no_second_time_and_is_an_alarm(
    gateway: StripeGateway, stripe: Stripe
) -> None:
    COUNTS.clear()
    assert gateway.charge(charge()) == gateway.charge(charge("pm_card_mastercard"))
    assert stripe.charged == [("CA1-5", 3210)]
    assert COUNTS["payments refused a key was used for something else"] == 1
    with pytest.raises(NotSent):
        gateway.charge(charge(cents=3211))


def test_a_charge_in_flight_is_not_known_and_then_replayed(
    gateway: StripeGateway, stripe: Stripe
) -> None:
    intent = opened(gateway)
    stripe.fail("confirm", "held")
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(gateway.charge, charge(reference=intent.reference))
        assert stripe.held.wait(5)
        with pytest.raises(NoAnswer):
            gateway.charge(charge(reference=intent.reference))
        stripe.gate.set()
        assert first.result() == gateway.charge(charge(reference=intent.reference))
    assert stripe.charged == [("CA1-5", 3210)]


def test_a_card_of_another_account_charges_nothing_and_is_an_alarm(
    gateway: StripeGateway, stripe: Stripe, caplog: pytest.LogCaptureFixture
) -> None:
    COUNTS.clear()
    with pytest.raises(NotSent, match="resource_missing"):
        gateway.charge(charge("pm_elsewhere"))
    assert stripe.charged == []
    assert COUNTS["payments refused resource_missing"] == 1
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_an_intent_of_another_account_proves_nothing(gateway: StripeGateway) -> None:
    elsewhere = replace(INTENT, reference="pi_elsewhere")
    for ask in (gateway.find, gateway.cancel):
        with pytest.raises(NotSent, match="resource_missing"):
            ask(elsewhere)


@pytest.mark.parametrize("what", ["create", "confirm"])
@pytest.mark.parametrize("fault", [429, 401])
def test_who_is_turned_away_at_the_door_charged_nothing(
    gateway: StripeGateway, stripe: Stripe, what: str, fault: Fault
) -> None:
    stripe.fail(what, fault)
    with pytest.raises(NotSent):
        gateway.charge(charge())
    assert gateway.charge(charge()) == Charged("pi_1")


def test_what_the_account_does_not_allow_charges_nothing(stripe: Stripe) -> None:
    COUNTS.clear()
    with pytest.raises(NotSent):
        StripeGateway(settings(stripe, stripe_moto=True)).charge(charge())
    assert COUNTS["payments refused parameter_unknown"] == 1


def test_a_wrong_key_opens_nothing_and_is_an_alarm(stripe: Stripe) -> None:
    COUNTS.clear()
    with pytest.raises(NotSent):
        StripeGateway(settings(stripe, stripe_api_key="sk_test_wrong")).open(INTENT)
    assert COUNTS["payments refused api_key_invalid"] == 1


@pytest.mark.parametrize(
    "ask",
    [
        lambda one: one.open(INTENT),
        lambda one: one.charge(charge()),
        lambda one: one.charge(charge(reference="pi_1")),
        lambda one: one.cancel(INTENT),
        lambda one: one.find(INTENT),
    ],
)
def test_where_nobody_listens_nothing_was_sent(
    stripe: Stripe, ask: Callable[[StripeGateway], object]
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        with pytest.raises(NotSent, match="cannot be reached"):
            ask(StripeGateway(settings(stripe, stripe_api_url=url)))


@pytest.mark.parametrize(
    ("token", "faults"),
    [
        (DECLINED, []),
        ("pm_elsewhere", []),
        ("pm_slow", []),
        (VISA, ["500 after"]),
        (VISA, ["lost before"]),
    ],
)
def test_neither_card_nor_token_nor_key_is_told_to_anybody(
    gateway: StripeGateway,
    stripe: Stripe,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    token: str,
    faults: list[Fault],
) -> None:
    caplog.set_level(logging.DEBUG)
    stripe.fail("confirm", *faults)
    told = repr(charge(token))
    try:
        told += repr(gateway.charge(charge(token)))
    except GatewayError as error:
        told += repr((error, error.args))
        cause = error.__cause__
        assert cause is None or type(cause) in (NotSent, NoAnswer)  # the library's hold the card
    told += caplog.text + "".join(capfd.readouterr()) + repr(gateway)
    for secret in (token, "4242", "visa", API_KEY):
        assert secret not in told

"""Cards kept at Stripe, charges of them, and money given back: once, whatever is not answered."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from ivr.errors import GatewayError, NoAnswer, NotSent
from ivr.gateways.payments import Charged, Declined, Keeping, Kept, Refund
from ivr.gateways.stripe import StripeGateway
from ivr.telemetry import COUNTS, Secret
from tests.gateways.stripe_kept import DISPUTED, UNREFUNDABLE
from tests.gateways.stripe_payments import (
    DECLINED,
    INTENT,
    NO_FUNDS,
    NOTHING_DONE,
    UNANSWERED,
    VISA,
    charge,
    settings,
)
from tests.gateways.stripe_server import Fault, Stripe

SET_UP, DETACH, GIVE = "create setup_intents", "detach payment_methods", "create refunds"


def keeping(token: str = VISA, customer: str | None = None) -> Keeping:
    return Keeping("CA1-9", Secret(token), customer)


def kept(gateway: StripeGateway, token: str = VISA) -> Kept:
    made = gateway.keep(keeping(token))
    assert isinstance(made, Kept)
    return made


def test_a_card_is_kept_for_a_new_customer_under_our_keys(
    gateway: StripeGateway, stripe: Stripe
) -> None:
    made = kept(gateway)
    assert (made.token.reveal(), made.customer) == (VISA, "cus_1")
    assert [(one.what, one.key) for one in stripe.asked] == [
        ("create customers", "CA1-9-customer"),
        (SET_UP, "CA1-9-keep"),
    ]
    assert stripe.asked[1].form == {
        "confirm": "true",
        "customer": "cus_1",
        "payment_method": VISA,
        "allowed_payment_method_types[0]": "card",
        "usage": "off_session",
        "metadata[ivr_key]": "CA1-9",
    }


def test_a_card_is_kept_once_however_often_asked(gateway: StripeGateway, stripe: Stripe) -> None:
    assert kept(gateway).customer == kept(gateway).customer
    assert len(stripe.kept.customers) == len(stripe.kept.setups) == 1


def test_a_second_card_is_the_same_customers(gateway: StripeGateway, stripe: Stripe) -> None:
    made = gateway.keep(keeping(customer="cus_7"))
    assert isinstance(made, Kept)
    assert made.customer == "cus_7"
    assert stripe.kept.customers == []


@pytest.mark.parametrize("enabled", [True, False])
def test_keeping_is_a_telephone_order_where_the_account_has_that(
    stripe: Stripe, enabled: bool
) -> None:
    StripeGateway(settings(stripe, stripe_moto=enabled)).keep(keeping())
    form = stripe.asked[-1].form
    assert form.get("payment_method_options[card][moto]") == ("true" if enabled else None)


@pytest.mark.parametrize("faults", [[], *([fault] for fault in UNANSWERED)])
@pytest.mark.parametrize(
    ("token", "answer"),
    [
        (DECLINED, Declined("declined")),
        (NO_FUNDS, Declined("funds")),
        ("pm_action", Declined("declined")),
    ],
)
def test_a_card_that_is_declined_is_not_kept(
    gateway: StripeGateway, stripe: Stripe, token: str, answer: Declined, faults: list[Fault]
) -> None:
    stripe.fail(SET_UP, *faults)
    assert gateway.keep(keeping(token)) == answer
    assert stripe.kept.whose == {}


@pytest.mark.parametrize("fault", UNANSWERED)
def test_a_keeping_that_was_not_answered_is_read(
    gateway: StripeGateway, stripe: Stripe, fault: Fault
) -> None:
    stripe.fail(SET_UP, fault)
    assert kept(gateway).customer == "cus_1"
    assert [one.what for one in stripe.asked][-1] == "list setup_intents"


@pytest.mark.parametrize("fault", NOTHING_DONE)
def test_a_keeping_that_may_still_come_through_is_not_known(
    gateway: StripeGateway, stripe: Stripe, fault: Fault
) -> None:
    stripe.fail(SET_UP, fault)
    with pytest.raises(NoAnswer):
        gateway.keep(keeping())
    stripe.forget_keys()
    assert kept(gateway).token.reveal() == VISA
    assert len(stripe.kept.setups) == 1


def test_a_keeping_that_can_not_be_read_either_is_not_known(
    gateway: StripeGateway, stripe: Stripe
) -> None:
    stripe.fail(SET_UP, "lost after")
    stripe.fail("list setup_intents", 429)
    with pytest.raises(NoAnswer):
        gateway.keep(keeping())


def test_a_keeping_that_is_processed_is_not_known(gateway: StripeGateway) -> None:
    with pytest.raises(NoAnswer):
        gateway.keep(keeping("pm_slow"))


@pytest.mark.parametrize("fault", [*NOTHING_DONE, *UNANSWERED])
def test_without_a_customer_nothing_is_kept(
    gateway: StripeGateway, stripe: Stripe, fault: Fault
) -> None:
    stripe.fail("create customers", fault)
    with pytest.raises(NotSent):
        gateway.keep(keeping())
    assert stripe.kept.setups == []


def test_a_card_of_another_account_is_not_kept_and_is_an_alarm(gateway: StripeGateway) -> None:
    COUNTS.clear()
    with pytest.raises(NotSent):
        gateway.keep(keeping("pm_elsewhere"))
    assert COUNTS["payments refused resource_missing"] == 1


# Charging what is kept


@pytest.mark.parametrize("is_open", [True, False])
def test_a_kept_card_is_charged_for_its_customer(
    gateway: StripeGateway, stripe: Stripe, is_open: bool
) -> None:
    customer = kept(gateway).customer
    reference = gateway.open(replace(INTENT, customer=customer)) if is_open else None
    assert gateway.charge(charge(reference=reference, customer=customer)) == Charged("pi_1")
    assert stripe.charged == [("CA1-5", 3210)]
    assert stripe.intents["pi_1"]["customer"] == customer


def test_without_its_customer_a_kept_card_is_not_charged(
    gateway: StripeGateway, stripe: Stripe
) -> None:
    kept(gateway)
    with pytest.raises(NotSent):
        gateway.charge(charge())
    assert stripe.charged == []


@pytest.mark.parametrize("present", [True, False])
def test_only_who_is_on_the_line_makes_a_telephone_order(stripe: Stripe, present: bool) -> None:
    stripe.moto = True
    gateway = StripeGateway(settings(stripe, stripe_moto=True))
    gateway.charge(charge(customer=kept(gateway).customer, present=present))
    form = stripe.asked[-1].form
    assert form.get("payment_method_options[card][moto]") == ("true" if present else None)
    assert form.get("off_session") == (None if present else "true")


def test_a_bank_that_wants_to_see_an_absent_caller_declines(gateway: StripeGateway) -> None:
    asked = charge("pm_card_authenticationRequired", customer="cus_1", present=False)
    assert gateway.charge(asked) == Declined("declined")


# Forgetting


def test_what_is_forgotten_is_never_charged_again(gateway: StripeGateway, stripe: Stripe) -> None:
    made = kept(gateway)
    gateway.forget(made)
    gateway.forget(made)  # which is no error
    assert [one.what for one in stripe.asked].count(DETACH) == 1
    with pytest.raises(NotSent):
        gateway.charge(charge(customer=made.customer))
    assert stripe.charged == []


@pytest.mark.parametrize("fault", UNANSWERED)
def test_a_forgetting_that_was_not_answered_is_read(
    gateway: StripeGateway, stripe: Stripe, fault: Fault
) -> None:
    made = kept(gateway)
    stripe.fail(DETACH, fault)
    gateway.forget(made)
    assert stripe.kept.whose == {VISA: None}


def test_a_forgetting_that_did_nothing_is_not_known(gateway: StripeGateway, stripe: Stripe) -> None:
    made = kept(gateway)
    stripe.fail(DETACH, "lost before")
    with pytest.raises(NoAnswer):
        gateway.forget(made)
    gateway.forget(made)
    assert stripe.kept.whose == {VISA: None}


def test_forgetting_what_stripe_never_had_is_no_error_but_an_alarm(gateway: StripeGateway) -> None:
    COUNTS.clear()
    gateway.forget(Kept(Secret("pm_elsewhere")))
    assert COUNTS["payments refused resource_missing"] == 1


# Giving back


def paid(gateway: StripeGateway, cents: int = 3210) -> Refund:
    answer = gateway.charge(charge(cents=cents))
    assert isinstance(answer, Charged)
    return Refund("CA1-5", cents, answer.reference)


def test_money_is_given_back_once_even_when_the_key_is_forgotten(
    gateway: StripeGateway, stripe: Stripe
) -> None:
    refund = paid(gateway)
    for _ in range(2):
        assert gateway.refund(refund)
        stripe.forget_keys()
    assert [(one["payment_intent"], one["amount"]) for one in stripe.kept.refunds] == [
        ("pi_1", 3210)
    ]
    created = [one for one in stripe.asked if one.what == GIVE]
    assert [(one.key, one.form) for one in created] == [
        ("CA1-5-refund", {"payment_intent": "pi_1"})
    ]


def test_who_gives_it_back_at_the_same_time_is_no_hindrance(
    gateway: StripeGateway, stripe: Stripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have looked, and found nothing there."""
    refund = paid(gateway)
    gateway.refund(refund)
    stripe.forget_keys()
    monkeypatch.setattr(stripe.kept, "_of", _nothing_at_first(stripe.kept._of))
    assert gateway.refund(refund)
    assert len(stripe.kept.refunds) == 1


def _nothing_at_first(
    really: Callable[[str], list[dict[str, object]]],
) -> Callable[[str], list[dict[str, object]]]:
    looks: list[str] = []

    def of(intent: str) -> list[dict[str, object]]:
        looks.append(intent)
        return really(intent) if len(looks) > 1 else []

    return of


@pytest.mark.parametrize("cents", [DISPUTED, UNREFUNDABLE])
def test_where_it_is_too_late_nothing_is_given_back(gateway: StripeGateway, cents: int) -> None:
    assert not gateway.refund(paid(gateway, cents))


@pytest.mark.parametrize("fault", UNANSWERED)
def test_a_refund_that_was_not_answered_is_read(
    gateway: StripeGateway, stripe: Stripe, fault: Fault
) -> None:
    refund = paid(gateway)
    stripe.fail(GIVE, fault)
    assert gateway.refund(refund)
    assert len(stripe.kept.refunds) == 1


@pytest.mark.parametrize("fault", NOTHING_DONE)
def test_a_refund_that_may_still_come_through_is_not_known(
    gateway: StripeGateway, stripe: Stripe, fault: Fault
) -> None:
    refund = paid(gateway)
    stripe.fail(GIVE, fault)
    with pytest.raises(NoAnswer):
        gateway.refund(refund)
    stripe.forget_keys()
    assert gateway.refund(refund)
    assert len(stripe.kept.refunds) == 1


def test_a_refund_that_can_not_be_read_either_is_not_known(
    gateway: StripeGateway, stripe: Stripe
) -> None:
    refund = paid(gateway)
    stripe.fail(GIVE, "lost after")
    stripe.fail("list refunds", "lost before", "lost before")
    with pytest.raises(NoAnswer):
        gateway.refund(refund)
    with pytest.raises(NoAnswer):
        gateway.refund(refund)
    assert gateway.refund(refund)
    assert len(stripe.kept.refunds) == 1


def test_what_was_never_charged_is_not_given_back(gateway: StripeGateway) -> None:
    with pytest.raises(GatewayError):
        gateway.refund(Refund("CA1-5", 3210, gateway.open(INTENT)))

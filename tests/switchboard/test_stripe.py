"""A whole payment with Stripe as the gateway, from the ring to the number that is heard."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import select

from ivr.gateways.chosen import payment_gateway
from ivr.gateways.payments import Charge, Charged, Declined
from ivr.gateways.stripe import StripeGateway
from ivr.services.settling import settle_unknown
from ivr.store.tables import payments
from tests.gateways.stripe_server import API_KEY, Stripe, serving
from tests.line import Line, words
from tests.switchboard.lines import changed, everything, press, ring
from tests.switchboard.test_services import CARD, Killed, at_card


@pytest.fixture
def stripe(whole: Line) -> Iterator[Stripe]:
    with serving() as server:
        server.now = int(whole.clock.now.timestamp())
        yield server


@pytest.fixture
def paying(whole: Line, stripe: Stripe) -> Line:
    settings = replace(
        whole.office.settings,
        payment_gateway="stripe",
        stripe_api_key=API_KEY,
        stripe_api_url=stripe.url,
        times=replace(whole.office.settings.times, gateway=5.0),
    )
    return changed(whole, settings=settings, gateway=payment_gateway(settings))


def row(line: Line) -> Any:
    with line.office.engine.connect() as connection:
        return connection.execute(select(payments)).one()


def test_a_card_is_charged_and_its_number_heard(paying: Line, stripe: Stripe) -> None:
    turn = at_card(paying)
    answer = press(paying, turn, **CARD)
    assert b"We received $84.20" in answer
    assert press(paying, turn, **CARD) == answer
    assert [cents for _, cents in stripe.charged] == [8420]
    assert (row(paying).status, row(paying).reference) == ("charged", "pi_1")
    assert "pm_card_visa" not in everything(paying)


@pytest.mark.parametrize(
    ("token", "prompt"),
    [
        ("pm_card_visa_chargeDeclined", "card-declined"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card-declined-funds"),
        ("pm_elsewhere", "payments-down"),
    ],
)
def test_a_card_that_is_not_charged_is_told_why(
    paying: Line, stripe: Stripe, token: str, prompt: str
) -> None:
    turn = at_card(paying)
    answer = press(paying, turn, **{**CARD, "PaymentToken": token})
    assert words(prompt).encode() in answer.replace(b"&apos;", b"'")
    assert stripe.charged == []


def test_where_stripe_refuses_us_no_card_is_asked_for(paying: Line, stripe: Stripe) -> None:
    stripe.fail("create", 401)
    ring(paying)
    press(paying, 1, "2")
    press(paying, 2, "2")
    answer = press(paying, 3, "1")
    assert b"<Pay" not in answer
    assert words("nothing-charged-try-later").encode() in answer


def test_what_stripe_does_not_answer_is_not_known_until_it_was_asked(
    paying: Line, stripe: Stripe
) -> None:
    turn = at_card(paying)
    stripe.fail("confirm", "lost after")
    stripe.fail("retrieve", "lost before")
    assert b"whether your card was charged" in press(paying, turn, **CARD)
    office = paying.office
    settle_unknown(office.engine, office.gateway, office.settings.times, office.now)
    assert row(paying).status == "charged"
    assert b"went through" in ring(paying, sid="CA2")
    assert len(stripe.charged) == 1


@dataclass
class Dying:
    """Stripe, and a worker that dies with its answer in hand."""

    stripe: StripeGateway
    at: str

    accepts = StripeGateway.accepts
    opens = True

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stripe, name)

    def open(self, intent: Any) -> str:
        reference = self.stripe.open(intent)
        self._die("open")
        return reference

    def charge(self, charge: Charge) -> Charged | Declined:
        answer = self.stripe.charge(charge)
        self._die("charge")
        return answer

    def _die(self, at: str) -> None:
        if self.at == at:
            self.at = ""
            raise Killed


@pytest.mark.parametrize("at", ["open", "charge"])
def test_a_worker_that_dies_with_stripes_answer_in_hand_is_taken_over(
    paying: Line, stripe: Stripe, at: str
) -> None:
    gateway = paying.office.gateway
    assert isinstance(gateway, StripeGateway)
    dying = changed(paying, gateway=Dying(gateway, at))
    ring(dying)
    press(dying, 1, "2")
    press(dying, 2, "2")
    steps: list[tuple[int, dict[str, str]]] = [(3, {"Digits": "1"}), (4, CARD)]
    for turn, form in steps:
        try:
            answer = press(dying, turn, **form)
        except Killed:
            dying.clock.forward(seconds=60)
            answer = press(dying, turn, **form)
    assert b"We received $84.20" in answer
    assert len(stripe.intents) == len(stripe.charged) == 1

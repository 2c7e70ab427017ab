"""Paying at a gateway of two steps, Stripe, with workers that die between any two of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import pytest
from sqlalchemy import Engine, select

from ivr.config import Settings, Times
from ivr.dialog.call import Identity
from ivr.dialog.events import Card, Replied
from ivr.dialog.turns import Request
from ivr.errors import GatewayError
from ivr.flows.services import Level
from ivr.gateways.payments import Intent, PaymentGateway
from ivr.gateways.stripe import StripeGateway
from ivr.prompts.values import Money
from ivr.services.charging import charge
from ivr.services.context import Remote
from ivr.services.intending import intend
from ivr.services.payments import CHARGE, INTEND
from ivr.services.settling import Settled, charge_of, settle_unknown
from ivr.store import payments, tables
from ivr.telemetry import Secret
from tests.builders import NOW, NoGateway, account, call, context
from tests.gateways.stripe_server import API_KEY, Fault, Stripe, serving

TIMES = Times(gateway=5.0)
VISA = "pm_card_visa"
YES = Request(INTEND, {"amount": Money(3210)})
Until = Literal["prepared", "worked", "settled"]
"""The last part of a service that its worker lived to finish."""


def card(token: str) -> Request:
    return Request(CHARGE, secrets={"card": Card(Secret(token), "visa", "4242")})


TAKEN_OVER = card("")


@dataclass
class Caller:
    """Somebody who owes $84.20, says yes to $32.10 at turn 5 and gives a card at turn 6."""

    engine: Engine
    stripe: Stripe
    gateway: PaymentGateway
    account: int
    now: datetime = NOW

    def says_yes(self, until: Until = "settled", turn: int = 5) -> str | None:
        return self._ask(intend, YES, turn, until)

    def pays(self, asked: Request, until: Until = "settled", turn: int = 6) -> str | None:
        return self._ask(charge, asked, turn, until)

    def _ask(self, service: Remote, asked: Request, turn: int, until: Until) -> str | None:
        with self.engine.begin() as connection:
            job = service.prepare(self._context(connection, turn), asked)
        if isinstance(job, Replied):
            return job.outcome
        if until == "prepared":
            return None
        found = service.work(job)
        if until == "worked":
            return None
        with self.engine.begin() as connection:
            return service.settle(self._context(connection, turn), asked, job, found).outcome

    def _context(self, connection: Any, turn: int) -> Any:
        who = call(identity=Identity(Level.MATCHED, self.account, self.account))
        return context(connection, who, turn=turn, now=self.now, gateway=self.gateway)

    def settle_after(self, **duration: float) -> Settled:
        self.now += timedelta(**duration)
        return settle_unknown(self.engine, self.gateway, TIMES, lambda: self.now)

    @property
    def rows(self) -> list[Any]:
        query = select(tables.payments).order_by(tables.payments.c.id)
        with self.engine.begin() as connection:
            return list(connection.execute(query))

    @property
    def asked(self) -> list[str]:
        """What Stripe was asked, in order."""
        return [one.what for one in self.stripe.asked]


@pytest.fixture
def stripe() -> Iterator[Stripe]:
    with serving() as server:
        server.now = int(NOW.timestamp())
        yield server


@pytest.fixture
def caller(database: Engine, stripe: Stripe) -> Caller:
    settings = Settings(stripe_api_key=API_KEY, stripe_api_url=stripe.url, times=TIMES)
    with database.begin() as connection:
        number = account(connection, "84.20")
    return Caller(database, stripe, StripeGateway(settings), number)


def test_the_reference_is_committed_before_there_is_a_card(caller: Caller) -> None:
    assert caller.says_yes() == "intended"
    [row] = caller.rows
    assert (row.status, row.reference, row.updated_at) == ("awaiting-method", "pi_1", NOW)
    assert caller.pays(card(VISA)) == "charged"
    assert caller.asked == ["create", "confirm"]
    assert caller.stripe.charged == [("CA1-5", 3210)]
    assert (caller.rows[0].status, caller.rows[0].reference) == ("charged", "pi_1")


@pytest.mark.parametrize(
    ("token", "outcome", "status"),
    [
        ("pm_card_visa_chargeDeclined", "declined", "declined"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "declined-funds", "declined"),
        ("pm_elsewhere", "down", "canceled"),
        ("pm_slow", "unknown", "unknown"),
    ],
)
def test_a_card_that_is_not_charged_says_how(
    caller: Caller, token: str, outcome: str, status: str
) -> None:
    caller.says_yes()
    assert caller.pays(card(token)) == outcome
    assert caller.pays(TAKEN_OVER) == outcome
    assert caller.rows[0].status == status
    assert caller.stripe.charged == []


def test_another_card_after_a_decline_is_another_yes_and_another_intent(caller: Caller) -> None:
    caller.says_yes()
    caller.pays(card("pm_card_visa_chargeDeclined"))
    caller.says_yes(turn=8)
    assert caller.pays(card(VISA), turn=9) == "charged"
    assert [(row.reference, row.status) for row in caller.rows] == [
        ("pi_1", "declined"),
        ("pi_2", "charged"),
    ]
    assert caller.stripe.charged == [("CA1-8", 3210)]


@pytest.mark.parametrize("fault", [401, 429])
def test_who_cannot_be_charged_is_told_before_they_key_a_card(caller: Caller, fault: Fault) -> None:
    caller.stripe.fail("create", fault)
    assert caller.says_yes() == "unavailable"
    [row] = caller.rows
    assert (row.status, row.decline_code) == ("canceled", payments.STOPPED)


@pytest.mark.parametrize("fault", ["lost before", "lost after"])
def test_silence_at_the_yes_is_made_up_for_with_the_card(caller: Caller, fault: Fault) -> None:
    caller.stripe.fail("create", fault)
    assert caller.says_yes() == "intended"
    [before] = caller.rows
    assert (before.status, before.reference) == ("intended", None)
    assert caller.pays(card(VISA)) == "charged"
    [after] = caller.rows
    assert after.reference == "pi_1"
    assert len(caller.stripe.intents) == 1


def test_a_stored_failure_at_the_yes_is_told_with_the_card_and_the_next_yes_is_free_of_it(
    caller: Caller,
) -> None:
    caller.stripe.fail("create", 500)
    assert caller.says_yes() == "intended"
    assert caller.pays(card(VISA)) == "down"
    assert caller.rows[0].status == "canceled"
    caller.says_yes(turn=8)
    assert caller.pays(card(VISA), turn=9) == "charged"
    assert caller.stripe.charged == [("CA1-8", 3210)]


class Broken(NoGateway):
    """A gateway of two steps that fails in a way nobody foresaw."""

    opens = True

    def open(self, intent: Intent) -> str:
        raise ZeroDivisionError


def test_a_gateway_that_breaks_at_the_yes_is_a_silent_one(caller: Caller) -> None:
    caller.gateway = Broken()
    assert caller.says_yes() == "intended"
    assert caller.rows[0].reference is None


def test_a_yes_taken_over_is_opened_once(caller: Caller) -> None:
    caller.says_yes()
    assert caller.says_yes() == "intended"
    assert caller.asked == ["create"]


def test_a_yes_that_is_given_up_while_it_is_opened_stays_given_up(caller: Caller) -> None:
    caller.says_yes(until="worked")
    with caller.engine.begin() as connection:
        payments.cancel_open(connection, "CA1", payments.HUNG_UP, caller.now)
    caller.says_yes()
    assert [(row.status, row.reference) for row in caller.rows] == [("canceled", None)]


@pytest.mark.parametrize("yes", ["prepared", "worked", "settled", "lost after"])
@pytest.mark.parametrize("paid", ["prepared", "worked"])
@pytest.mark.parametrize("then", ["taken over", "settled soon", "settled late"])
def test_whoever_dies_between_two_steps_it_is_charged_once_or_surely_not(
    caller: Caller, yes: Any, paid: Until, then: str
) -> None:
    if yes == "lost after":  # the answer to the creation, so that there is no reference
        caller.stripe.fail("create", "lost after")
        caller.says_yes()
    else:
        caller.says_yes(until=yes)
        caller.says_yes()  # the carrier's copy of the webhook
    caller.pays(card(VISA), until=paid)

    if then == "taken over":
        assert caller.pays(TAKEN_OVER) == "charged"
    else:
        settled = caller.settle_after(seconds=20 if then == "settled soon" else 1000)
        assert settled.unknown == 0

    [row] = caller.rows
    if then == "settled late" and paid == "prepared":
        assert row.status == "canceled"
        assert caller.stripe.charged == []
    else:
        assert (row.status, row.reference, row.token) == ("charged", "pi_1", None)
        assert caller.stripe.charged == [("CA1-5", 3210)]
    assert len(caller.stripe.intents) == 1


def test_a_worker_that_wakes_up_after_it_was_given_up_can_not_charge(caller: Caller) -> None:
    caller.says_yes()
    caller.pays(card(VISA), until="prepared")
    with caller.engine.begin() as connection:
        asleep = payments.newest(connection, "CA1")
    assert asleep is not None
    assert caller.settle_after(seconds=1000).canceled == 1
    with pytest.raises(GatewayError):
        caller.gateway.charge(charge_of(asleep))
    assert caller.stripe.charged == []


def test_an_old_yes_is_only_asked_about_since_its_keys_may_be_forgotten(caller: Caller) -> None:
    caller.says_yes()
    caller.pays(card(VISA), until="prepared")
    caller.stripe.forget_keys()
    caller.now += timedelta(days=2)
    assert caller.pays(TAKEN_OVER) == "unknown"
    assert caller.asked == ["create", "retrieve"]


@pytest.mark.parametrize("faults", [["lost after"], ["lost after", "lost before"]])
def test_an_unanswered_charge_is_settled_by_asking(caller: Caller, faults: list[Fault]) -> None:
    caller.says_yes()
    caller.stripe.fail("confirm", "lost after")
    caller.stripe.fail("retrieve", *faults)
    assert caller.pays(card(VISA)) == "unknown"
    caller.settle_after(seconds=5)
    assert caller.settle_after(seconds=5).unknown == 0
    assert caller.rows[0].status == "charged"
    assert caller.asked.count("confirm") == 1

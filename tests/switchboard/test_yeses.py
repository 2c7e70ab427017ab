"""A yes that is charged in its own turn, and whose worker was killed, is seen through as a yes."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import select

from ivr.gateways.payments import Method
from ivr.services.settling import settle_unknown
from ivr.store.tables import accounts, consents, payments
from tests.line import Line
from tests.services.enrolments import method
from tests.switchboard.conftest import PIN
from tests.switchboard.lines import changed, fetch, press, ring
from tests.switchboard.test_services import Gateway, Killed

ACCOUNT = {
    "Result": "success",
    "PaymentToken": "pm_usBankAccount_success",
    "PaymentMethod": "ach-debit",
    "BankAccountNumber": "xxxxxxxxxx89",
}
SPOKEN = {"RecordingUrl": "https://api.example.com/Recordings/RE00a1", "RecordingDuration": "2"}


class Bank(Gateway):
    """The same, and it takes bank accounts."""

    accepts: frozenset[Method] = frozenset({"card", "bank"})


@dataclass
class Killing:
    """A line on which the worker that charges was killed; `turn` is the one of the yes."""

    line: Line
    gateway: Gateway
    turn: int

    @property
    def states(self) -> list[str]:
        with self.line.office.engine.connect() as connection:
            return list(connection.scalars(select(payments.c.status)))


@pytest.fixture
def stored(whole: Line) -> Killing:
    """They say yes to their stored card."""
    with whole.office.engine.begin() as connection:
        method(connection, connection.scalar(select(accounts.c.id)) or 0)
    gateway = Gateway(kills=1)
    line = changed(whole, gateway=gateway)
    ring(line)
    for turn, keys in enumerate(("2", "2", "1", PIN), start=1):
        asked = press(line, turn, keys)
    assert b"For yes" in asked
    with pytest.raises(Killed):
        press(line, 5, "1")
    line.clock.forward(seconds=60)
    return Killing(line, gateway, 5)


@pytest.fixture
def spoken(whole: Line) -> Killing:
    """They say yes aloud to the debit of an account."""
    gateway = Bank(kills=1)
    line = changed(whole, gateway=gateway)
    ring(line)
    for turn, keys in enumerate(("2", "2", "2", "2", "1"), start=1):
        asked = press(line, turn, keys)
    assert b"<Pay" in asked
    assert b"<Record" in press(line, 6, **ACCOUNT)
    with pytest.raises(Killed):
        press(line, 7, **SPOKEN)
    line.clock.forward(seconds=60)
    return Killing(line, gateway, 7)


Coming = Callable[[Killing], bytes]
WAYS: dict[str, Coming] = {
    "the same yes": lambda it: press(it.line, it.turn, "1"),
    "a fetch": lambda it: fetch(it.line, it.turn, 1),
    "a no": lambda it: press(it.line, it.turn, "2"),
    "silence": lambda it: press(it.line, it.turn, ""),
}


@pytest.mark.parametrize("comes", WAYS.values(), ids=WAYS)
def test_a_stored_card_is_charged_whatever_comes_after_the_yes(
    stored: Killing, comes: Coming
) -> None:
    assert b"We received $84.20" in comes(stored)
    assert (stored.states, len(stored.gateway.charges)) == (["charged"], 1)


@pytest.mark.parametrize("comes", WAYS.values(), ids=WAYS)
def test_what_was_settled_meanwhile_is_told_and_not_denied(stored: Killing, comes: Coming) -> None:
    office = stored.line.office
    settle_unknown(office.engine, office.gateway, office.settings.times, office.now)
    assert stored.states == ["charged"]
    assert b"We received $84.20" in comes(stored)
    assert len(stored.gateway.charges) == 1


@pytest.mark.parametrize("comes", list(WAYS.values())[1:], ids=list(WAYS)[1:])
def test_a_debit_is_seen_through_with_the_yes_that_was_said_aloud(
    spoken: Killing, comes: Coming
) -> None:
    assert b"Your payment of $84.20 is on its way" in comes(spoken)
    assert (spoken.states, len(spoken.gateway.charges)) == (["charged"], 1)
    with spoken.line.office.engine.connect() as connection:
        assert connection.scalars(select(consents.c.recording)).all() == ["RE00a1"]

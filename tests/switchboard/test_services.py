"""What reaches beyond the line: a charge whose worker was killed, agents."""

from dataclasses import dataclass, field

import pytest
from sqlalchemy import select

from ivr.gateways.payments import Charge, Charged, Declined, Intent
from ivr.store.tables import payments
from tests.builders import NoGateway, agent
from tests.line import Line
from tests.switchboard.lines import changed, fetch, press, ring

CARD = {
    "Result": "success",
    "PaymentToken": "pm_card_visa",
    "PaymentCardNumber": "xxxxxxxxxxxx4242",
    "PaymentCardType": "visa",
}


class Killed(BaseException):
    """The worker dies here: nothing catches this, nothing is tidied up."""


@dataclass
class Gateway(NoGateway):
    """A gateway that charges each key once; the first worker to ask may be killed by asking."""

    kills: int = 0
    charges: list[str] = field(default_factory=list)

    def charge(self, charge: Charge) -> Charged | Declined:
        if charge.key not in self.charges:
            self.charges.append(charge.key)
        self.kills -= 1
        if self.kills >= 0:
            raise Killed
        return Charged("reference")

    def find(self, intent: Intent) -> Charged | Declined | None:
        return Charged("reference") if intent.key in self.charges else None


def at_card(line: Line) -> int:
    """A caller who said yes to a payment: the turn that waits for the card."""
    ring(line)
    press(line, 1, "2")
    press(line, 2, "2")
    assert b"<Pay" in press(line, 3, "1")
    return 4


def test_a_charge_whose_worker_was_killed_is_seen_through_by_the_next_copy(whole: Line) -> None:
    gateway = Gateway(kills=1)
    paying = changed(whole, gateway=gateway)
    turn = at_card(paying)
    with pytest.raises(Killed):
        press(paying, turn, **CARD)
    paying.clock.forward(seconds=60)
    answer = press(paying, turn, **CARD)
    assert b"We received $84.20" in answer
    assert press(paying, turn, **CARD) == answer
    assert len(gateway.charges) == 1


def test_a_fetch_sees_a_charge_through_whose_worker_was_killed(whole: Line) -> None:
    gateway = Gateway(kills=1)
    paying = changed(whole, gateway=gateway)
    turn = at_card(paying)
    with pytest.raises(Killed):
        press(paying, turn, **CARD)
    paying.clock.forward(seconds=60)
    answer = fetch(paying, turn, 1)
    assert b"We received $84.20" in answer
    assert press(paying, turn, **CARD) == answer
    assert len(gateway.charges) == 1


def test_the_fallback_sees_such_a_charge_through_as_well(whole: Line) -> None:
    gateway = Gateway(kills=1)
    paying = changed(whole, gateway=gateway)
    turn = at_card(paying)
    with pytest.raises(Killed):
        press(paying, turn, **CARD)
    paying.clock.forward(seconds=60)
    assert b"We received $84.20" in ring(paying, ErrorCode="11205")
    with paying.office.engine.connect() as connection:
        assert connection.scalars(select(payments.c.status)).all() == ["charged"]
    assert len(gateway.charges) == 1


def test_a_card_entry_that_failed_is_told_once_whichever_way_it_came(whole: Line) -> None:
    turn = at_card(whole)
    first = press(whole, turn, Result="too-many-failed-attempts")
    again = whole.send(f"/voice/turn?turn={turn}&card=failed")
    assert again.data == first


def test_an_agent_is_rung_and_a_talk_ends_the_call(whole: Line) -> None:
    with whole.office.engine.begin() as connection:
        agent(connection, "ana", "+12025550170")
    ring(whole)
    assert b"+12025550170</Number>" in press(whole, 1, "0")
    whole.send("/voice/offer/1", "CAleg")
    whole.send("/voice/offer/1/key", "CAleg", Digits="1")
    assert b"<Hangup" in press(whole, 2, DialCallStatus="completed", DialBridged="true")

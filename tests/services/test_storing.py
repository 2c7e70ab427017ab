"""Keeping a card: once, in the words agreed to, and forgotten at the gateway when it is removed."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from ivr.dialog.call import Call, Identity
from ivr.dialog.events import Card, Replied
from ivr.dialog.turns import Request
from ivr.errors import CallError, NoAnswer, NotSent
from ivr.flows.model import PayMethod
from ivr.flows.rules import USUAL, PaymentRules
from ivr.flows.services import Level
from ivr.gateways.payments import Declined, Keeping, Kept
from ivr.prompts.values import Count, Digits, Value, Words, YesNo
from ivr.services import storing
from ivr.services.payments import standing_today
from ivr.services.storing import KEEP, Job, forget_removed
from ivr.store import methods, tables
from ivr.telemetry import Secret
from tests.builders import NOW, NoGateway, account, book, call, context, payment
from tests.services.enrolments import enrolled, method

VISA = Card(Secret("pm_new"), "visa", "4242", PayMethod.CARD, "2027-04")
BANK = Card(Secret("pm_bank"), "", "67", PayMethod.BANK)
TAKEN_OVER = Card(Secret(""), "", "")


MAILED: dict[str, Value] = {"copy-texted": YesNo(False), "copy-mailed": YesNo(True)}


@dataclass
class Vault(NoGateway):
    """A gateway that keeps and forgets, and answers as told."""

    answer: Callable[[Keeping], Kept | Declined] = lambda asked: Kept(asked.token, "cus_1")
    asked: list[tuple[str, str, str | None]] = field(default_factory=list)
    forgotten: list[tuple[str, str | None]] = field(default_factory=list)
    forgets: bool = True

    def keep(self, keeping: Keeping) -> Kept | Declined:
        self.asked.append((keeping.key, keeping.token.reveal(), keeping.customer))
        return self.answer(keeping)

    def forget(self, kept: Kept) -> None:
        if not self.forgets:
            raise NoAnswer("silence")
        self.forgotten.append((kept.token.reveal(), kept.customer))


@dataclass
class Desk:
    """A verified caller of one account."""

    engine: Engine
    account: int
    vault: Vault
    rules: PaymentRules = USUAL
    turn: int = 9
    now: datetime = NOW

    @property
    def state(self) -> Call:
        return call(identity=Identity(Level.VERIFIED, self.account, self.account))

    def context(self, connection: Any) -> Any:
        given = {"gateway": self.vault, "book": replace(book(), payments=self.rules)}
        return context(connection, self.state, turn=self.turn, now=self.now, **given)

    def prepare(self, card: Card = VISA, **values: Any) -> Job | Replied:
        asked = Request(KEEP, values, secrets={"card": card})
        with self.engine.begin() as connection:
            job: Job | Replied = storing.keep.prepare(self.context(connection), asked)
        return job

    def keep(self, card: Card = VISA, **values: Any) -> Replied:
        job = self.prepare(card, **values)
        if isinstance(job, Replied):
            return job
        found = storing.keep.work(job)
        with self.engine.begin() as connection:
            return storing.keep.settle(self.context(connection), Request(KEEP, values), job, found)

    @property
    def kept(self) -> list[methods.Method]:
        with self.engine.begin() as connection:
            return methods.kept(connection, self.account)

    def rows(self, table: str = "methods") -> list[Any]:
        with self.engine.begin() as connection:
            return list(connection.execute(select(tables.metadata.tables[table])))

    def later(self, **duration: float) -> int:
        """How many the gateway forgot when so much time has passed."""
        return forget_removed(self.engine, self.vault, self.now + timedelta(**duration))


@pytest.fixture
def desk(database: Engine) -> Desk:
    with database.begin() as connection:
        return Desk(database, account(connection, "84.20"), Vault())


def refuse(error: Exception) -> Callable[[Keeping], Kept | Declined]:
    def answer(asked: Keeping) -> Kept | Declined:
        raise error

    return answer


def test_a_card_is_kept_by_token_brand_last_four_and_expiry(desk: Desk) -> None:
    reply = desk.keep()
    # Where no texts are sent a copy is owed by mail.
    named: dict[str, Value] = {"method": Words(("visa",)), "ending": Digits("4242")}
    assert reply == Replied("kept", {**named, "may-autopay": YesNo(True), **MAILED})
    [row] = desk.rows()
    assert (row.kind, row.brand, row.last4, row.expires) == ("card", "visa", "4242", "2027-04")
    assert (row.token, row.customer, row.removed_at) == ("pm_new", "cus_1", None)
    assert desk.vault.asked == [("CA1-9-keep", "pm_new", None)]


def test_the_words_agreed_to_are_kept_with_it(desk: Desk) -> None:
    desk.keep()
    [consent] = desk.rows("consents")
    assert (consent.kind, consent.turn) == ("stored-method", 9)
    assert consent.words.startswith("We'll keep the card you enter next")
    assert desk.rows()[0].consent_id == consent.id


def test_a_bank_account_is_kept_as_one(desk: Desk) -> None:
    assert desk.keep(BANK).fields["method"] == Words(("bank",))
    [row] = desk.rows()
    assert (row.kind, row.brand, row.last4, row.expires) == ("bank", "", "67", None)


def test_a_second_card_is_the_same_customers(desk: Desk) -> None:
    desk.keep()
    desk.turn = 12
    desk.keep(replace(VISA, last4="1881"))
    assert [customer for _, _, customer in desk.vault.asked] == [None, "cus_1"]
    assert [one.last4 for one in desk.kept] == ["1881", "4242"]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (lambda asked: Declined("declined"), "declined"),
        (lambda asked: Declined("funds"), "declined"),
        (refuse(NotSent("down")), "down"),
        (refuse(NoAnswer("silence")), "down"),
        (refuse(ZeroDivisionError()), "down"),
    ],
)
def test_what_is_not_kept_for_certain_is_not_used(
    desk: Desk, answer: Callable[[Keeping], Kept | Declined], outcome: str
) -> None:
    desk.vault.answer = answer
    assert desk.keep() == Replied(outcome)
    assert desk.kept == []
    assert desk.rows("consents") == []


def test_a_turn_taken_over_asks_for_the_same_without_the_card(desk: Desk) -> None:
    """The first worker died after it had asked."""
    first = desk.prepare()
    assert isinstance(first, Job)
    storing.keep.work(first)
    assert desk.keep(TAKEN_OVER).outcome == "kept"
    assert desk.vault.asked == [("CA1-9-keep", "pm_new", None)] * 2
    assert len(desk.kept) == 1


def test_what_is_kept_by_now_is_only_told(desk: Desk) -> None:
    first = desk.keep()
    assert desk.keep(TAKEN_OVER) == first
    assert len(desk.vault.asked) == len(desk.kept) == 1


def test_without_a_card_nothing_is_kept(desk: Desk) -> None:
    with pytest.raises(CallError):
        desk.keep(TAKEN_OVER)


def test_nobody_tries_out_cards_by_having_them_kept(desk: Desk) -> None:
    desk.rules = PaymentRules(tries=2)
    desk.vault.answer = lambda asked: Declined("declined")
    told = []
    for turn in (9, 12, 15):
        desk.turn = turn
        told.append(desk.keep().outcome)
    assert told == ["declined", "declined", "limit"]
    assert len(desk.vault.asked) == 2
    desk.now += timedelta(days=1)
    assert desk.keep().outcome == "declined"


def test_cards_that_were_charged_and_cards_to_keep_are_tries_of_one_count(desk: Desk) -> None:
    desk.rules = PaymentRules(tries=2)
    with desk.engine.begin() as connection:
        payment(connection, desk.account, status="declined", asked_at=desk.now)
    assert desk.keep().outcome == "kept"
    with desk.engine.begin() as connection:
        assert standing_today(context(connection, call()), desk.account).asked == 2
    desk.turn += 1
    assert desk.keep().outcome == "limit"


def test_a_card_that_replaces_another_takes_its_place_and_autopay_with_it(desk: Desk) -> None:
    with desk.engine.begin() as connection:
        old = method(connection, desk.account, "1881")
        enrolled(connection, desk.account, old)
    assert desk.keep(replaces=Count(old)).outcome == "kept"
    [new] = desk.kept
    assert new.last4 == "4242"
    assert [row.method_id for row in desk.rows("autopays")] == [new.id]
    [heard] = [row for row in desk.rows("consents") if row.call_sid == "CA1"]
    assert heard.words.startswith("AutoPay will use the new card. ")
    assert (heard.kind, heard.id) == ("stored-method", new.consent)


def test_one_that_sounds_the_same_is_replaced_unasked(desk: Desk) -> None:
    with desk.engine.begin() as connection:
        old = method(connection, desk.account, "4242")
        enrolled(connection, desk.account, old)
    desk.keep()
    [new] = desk.kept
    assert new.id != old
    assert [row.method_id for row in desk.rows("autopays")] == [new.id]
    kinds = [row.kind for row in desk.rows("consents") if row.call_sid == "CA1"]
    assert kinds == ["stored-method"]  # of AutoPay nothing was said


def test_what_was_declined_replaces_nothing(desk: Desk) -> None:
    with desk.engine.begin() as connection:
        old = method(connection, desk.account, "1881")
    desk.vault.answer = lambda asked: Declined("declined")
    desk.keep(replaces=Count(old))
    assert [one.id for one in desk.kept] == [old]


# Forgetting


def test_what_was_removed_is_forgotten_a_day_later_and_its_token_dropped(desk: Desk) -> None:
    desk.keep()
    [kept] = desk.kept
    with desk.engine.begin() as connection:
        methods.remove(connection, kept.id, NOW)
    assert desk.later(hours=23) == 0
    assert desk.later(days=1, seconds=1) == 1
    assert desk.vault.forgotten == [("pm_new", "cus_1")]
    assert [row.token for row in desk.rows()] == [""]
    assert desk.later(days=2) == 0


def test_what_may_have_been_kept_without_our_knowing_is_forgotten_too(desk: Desk) -> None:
    desk.vault.answer = refuse(NoAnswer("silence"))
    desk.keep()
    assert desk.later(days=1, seconds=1) == 1
    assert desk.vault.forgotten == [("pm_new", None)]


def test_what_is_kept_is_never_forgotten(desk: Desk) -> None:
    desk.keep()
    assert desk.later(days=700) == 0
    assert desk.vault.forgotten == []


def test_a_gateway_that_does_not_answer_is_asked_again(desk: Desk) -> None:
    desk.vault.answer = lambda asked: Declined("declined")
    desk.keep()
    desk.vault.forgets = False
    assert desk.later(days=2) == 0
    desk.vault.forgets = True
    assert desk.later(days=2) == 1

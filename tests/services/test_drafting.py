from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from psycopg.errors import LockNotAvailable
from sqlalchemy import Engine, event, insert, text, update
from sqlalchemy.exc import OperationalError

from ivr.errors import NotSent
from ivr.gateways.payments import Charge, Charged, Declined, Method
from ivr.gateways.sandbox import SandboxGateway
from ivr.services.drafting import Ran
from ivr.services.taking import take
from ivr.store import autopays, consents, methods, payments, tables
from ivr.store.engine import connect
from tests.builders import NOW, payment
from tests.services.enrolments import (
    DECLINED,
    DOWN,
    DUE,
    SILENT,
    TODAY,
    Desk,
    desk,
    enrolled,
    method,
)

NOTHING = Ran(announced=0, taken=0, failed=0, skipped=0, waiting=0, unknown=0)
KEY = "autopay-1-20261205"


class Cards(SandboxGateway):
    """A gateway that takes no bank accounts."""

    accepts: frozenset[Method] = frozenset({"card"})


class Listening(SandboxGateway):
    """A gateway that remembers how it was asked, and is away as long as `is_away`."""

    is_away = True
    asked: tuple[Charge, ...] = ()

    def charge(self, charge: Charge) -> Charged | Declined:
        self.asked = (*self.asked, charge)
        if self.is_away:
            raise NotSent("away")
        return super().charge(charge)


@pytest.fixture
def billing(database: Engine, tmp_path: Path) -> Desk:
    return desk(database, tmp_path)


@pytest.fixture
def quick(sqlite_database: Engine, tmp_path: Path) -> Desk:
    return desk(sqlite_database, tmp_path)


def ran(**counts: int) -> Ran:
    return replace(NOTHING, **counts)


def test_a_bill_is_announced_once_and_taken_once_on_its_day(billing: Desk) -> None:
    owner = billing.customer()
    assert billing.run() == ran(announced=1)
    assert billing.run() == NOTHING
    assert billing.charges == []
    billing.later(days=15)
    assert billing.run(DUE - timedelta(days=1)) == NOTHING
    assert billing.run(DUE) == ran(taken=1)
    assert billing.run(DUE) == NOTHING
    assert billing.charges == [(KEY, 8420, "charged")]
    (row,) = billing.rows("payments")
    assert (row.account_id, row.status, row.amount_cents) == (owner, "charged", 8420)
    assert (row.method, row.last4, row.token, len(row.confirmation)) == ("card", "4242", None, 8)
    assert billing.states("drafts") == ["taken"]


def test_an_announcement_is_texted_in_the_language_of_the_account(billing: Desk) -> None:
    billing.customer(language="es")
    billing.run()
    (sent,) = billing.rows("texts")
    assert (sent.number, sent.language) == ("+12025550142", "es")
    assert "cobrará $84.20 el 5 de diciembre" in sent.body
    assert sent.reference in sent.body


@pytest.mark.parametrize(
    ("phone", "texts_on"), [("+18765550142", True), (None, True), ("+12025550142", False)]
)
def test_who_takes_no_texts_is_announced_all_the_same(
    quick: Desk, phone: str | None, texts_on: bool
) -> None:
    quick.texts_on = texts_on
    quick.customer(phone=phone)
    assert quick.run().announced == 1
    assert quick.rows("texts") == []


@pytest.mark.parametrize("table", ["opt_outs", "landlines"])
def test_a_phone_that_wants_no_texts_or_takes_none_is_passed_over(
    database: Engine, tmp_path: Path, table: str
) -> None:
    billing = desk(database, tmp_path)
    owner = billing.customer(phone="+12025550142")
    with database.begin() as connection:
        passed = insert(tables.metadata.tables[table])
        connection.execute(passed.values(number="+12025550142", at=NOW))
        second = insert(tables.phones).values(account_id=owner, number="+12025550143")
        connection.execute(second)
    billing.run()
    assert [sent.number for sent in billing.rows("texts")] == ["+12025550143"]


def test_a_first_amount_is_taken_ten_days_after_it_was_announced(quick: Desk) -> None:
    quick.customer(due_date=TODAY + timedelta(days=2))
    quick.run()
    assert [row.take_on for row in quick.rows("drafts")] == [TODAY + timedelta(days=10)]


@pytest.mark.parametrize(
    ("balance", "take_on"), [(8420, date(2027, 1, 5)), (8421, date(2027, 1, 13))]
)
def test_only_an_amount_that_varies_waits_for_ten_days(
    billing: Desk, balance: int, take_on: date
) -> None:
    owner = billing.customer()
    billing.run()
    billing.later(days=15)
    billing.run(DUE)
    billing.later(days=29)
    with billing.engine.begin() as connection:
        bill = {"balance_cents": balance, "balance_as_of": billing.now}
        mine = update(tables.accounts).where(tables.accounts.c.id == owner)
        connection.execute(mine.values(due_date=date(2027, 1, 5), **bill))
    assert billing.run(date(2027, 1, 3)).announced == 1
    assert billing.rows("drafts")[1].take_on == take_on


@pytest.mark.parametrize(
    "values",
    [
        {"balance": "0.00"},
        {"balance": "-5.00"},
        {"due_date": None},
        {"due_date": TODAY - timedelta(days=1)},  # AutoPay came later than the bill
        {"status": "suspended"},
        {"status": "closed"},
    ],
)
def test_nothing_is_announced_where_nothing_comes_due(quick: Desk, values: dict[str, str]) -> None:
    quick.customer(**values)
    assert quick.run() == NOTHING


def test_nobody_who_canceled_is_charged(billing: Desk) -> None:
    owner = billing.customer()
    billing.run()
    with billing.engine.begin() as connection:
        mine = autopays.enrolled(connection, owner)
        assert mine
        autopays.cancel(connection, mine.id, NOW)
    assert billing.run(DUE) == ran(skipped=1)
    assert billing.charges == []


def test_no_more_is_taken_than_is_still_owed(billing: Desk) -> None:
    owner = billing.customer()
    billing.run()
    with billing.engine.begin() as connection:
        payment(connection, owner, status="charged", charged_at=NOW)
    assert billing.run(DUE).taken == 1
    assert billing.charges == [(KEY, 8420 - 3210, "charged")]


def test_no_more_is_taken_than_was_announced(quick: Desk) -> None:
    quick.customer()
    quick.run()
    with quick.engine.begin() as connection:
        connection.execute(update(tables.accounts).values(balance_cents=9999))
    assert quick.run(DUE).taken == 1
    assert quick.charges == [(KEY, 8420, "charged")]


def test_a_bill_that_was_paid_meanwhile_is_left_alone(quick: Desk) -> None:
    owner = quick.customer()
    quick.run()
    with quick.engine.begin() as connection:
        payment(connection, owner, status="charged", charged_at=NOW, amount_cents=8420)
    assert quick.run(DUE) == ran(skipped=1)
    assert (quick.charges, quick.states("drafts")) == ([], ["skipped"])
    assert quick.states("texts") == ["failed"]  # it would have told of what is not taken


def test_a_bill_that_was_paid_is_not_announced_to_the_same_enrolment_again(quick: Desk) -> None:
    owner = quick.customer()
    quick.run()
    with quick.engine.begin() as connection:
        paid = payment(connection, owner, status="charged", charged_at=NOW, amount_cents=8420)
    quick.run(DUE)
    with quick.engine.begin() as connection:
        payments.move(connection, paid, "returned", {"updated_at": NOW})
    assert quick.run(DUE) == NOTHING


def test_a_declined_draft_is_told_of_and_not_tried_again(billing: Desk) -> None:
    billing.customer(token=DECLINED)
    billing.run()
    assert billing.run(DUE) == ran(failed=1)
    assert billing.run(DUE) == NOTHING
    assert billing.charges == [(KEY, 8420, "declined")]
    assert billing.states("drafts") == ["failed"]
    told = billing.rows("texts")[1]
    assert "could not take $84.20" in told.body
    assert told.reference in told.body
    assert told.reference != billing.rows("texts")[0].reference


def test_a_draft_whose_method_was_removed_fails_and_charges_nobody(quick: Desk) -> None:
    quick.customer()
    quick.run()
    with quick.engine.begin() as connection:
        methods.remove(connection, 1, NOW)
    assert quick.run(DUE) == ran(failed=1)
    assert quick.rows("payments") == []
    assert len(quick.rows("texts")) == 2


def test_a_draft_waits_while_a_caller_s_payment_has_no_answer(billing: Desk) -> None:
    owner = billing.customer()
    billing.run()
    pending = {"created_at": billing.now, "asked_at": billing.now, "updated_at": billing.now}
    with billing.engine.begin() as connection:
        paid = payment(connection, owner, status="charging", **pending)
    assert billing.run(DUE) == ran(waiting=1)
    assert billing.charges == []
    with billing.engine.begin() as connection:
        payments.move(connection, paid, "declined", {"updated_at": NOW})
    assert billing.run(DUE).taken == 1


def test_a_silent_gateway_is_asked_before_anything_is_charged_again(billing: Desk) -> None:
    billing.customer(token=SILENT)
    billing.run()
    assert billing.run(DUE) == ran(unknown=1)
    assert billing.states("drafts") == ["announced"]
    assert billing.run(DUE) == ran(taken=1)
    assert billing.charges == [(KEY, 8420, "charged")]


def test_a_gateway_that_was_away_is_asked_again_under_the_same_key(billing: Desk) -> None:
    billing.customer(token=DOWN)
    billing.run()
    assert billing.run(DUE).unknown == 1
    billing.later(hours=2)
    assert billing.run(DUE).unknown == 1
    with billing.engine.begin() as connection:
        connection.execute(update(tables.payments).values(token="pm_card_visa"))
    assert billing.run(DUE) == ran(taken=1)
    assert billing.charges == [(KEY, 8420, "charged")]


def test_the_gateway_is_told_whose_card_it_is_and_that_nobody_is_on_the_line(
    quick: Desk,
) -> None:
    listening = quick.gateway = Listening(quick.ledger, timeout=0.01)
    quick.customer()
    with quick.engine.begin() as connection:
        connection.execute(update(tables.methods).values(customer="cus_1"))
    quick.run()
    quick.run(DUE)
    listening.is_away = False
    assert quick.run(DUE).taken == 1
    asked = [(one.key, one.cents, one.customer, one.present) for one in listening.asked]
    assert asked == [(KEY, 8420, "cus_1", False)] * 2


def test_a_draft_that_another_run_began_is_left_to_it(quick: Desk) -> None:
    quick.customer(token=SILENT)
    quick.run()
    quick.run(DUE)
    assert take(quick.of(DUE), 1) == "done"


def test_no_caller_can_pay_while_a_run_decides_what_is_owed(
    clean_postgresql_url: str, tmp_path: Path
) -> None:
    engine = connect(clean_postgresql_url)
    billing = desk(engine, tmp_path)
    billing.customer()
    billing.run()
    other = connect(clean_postgresql_url)
    found: list[object] = []

    def try_to_hold(*of: Any) -> None:
        if "balance_cents" in of[2] and not found:
            with other.connect() as caller, pytest.raises(OperationalError) as refused:
                caller.execute(text("SELECT id FROM accounts FOR NO KEY UPDATE NOWAIT"))
            found.append(refused.value.orig)

    event.listen(engine, "before_cursor_execute", try_to_hold)
    assert take(billing.of(DUE), 1) == "taken"
    assert [type(error) for error in found] == [LockNotAvailable]
    engine.dispose()
    other.dispose()


def test_a_gateway_that_was_away_for_a_day_charges_nothing_any_more(quick: Desk) -> None:
    quick.customer(token=DOWN)
    quick.run()
    quick.run(DUE)
    quick.later(hours=24)
    assert quick.run(DUE) == ran(failed=1)
    assert (quick.charges, quick.states("payments")) == ([], ["canceled"])
    assert len(quick.rows("texts")) == 2


def test_what_never_reached_the_gateway_is_not_charged_once_autopay_is_canceled(
    quick: Desk,
) -> None:
    quick.customer(token=DOWN)
    quick.run()
    quick.run(DUE)
    with quick.engine.begin() as connection:
        connection.execute(update(tables.payments).values(token="pm_card_visa"))
        consents.revoke(connection, 1, NOW)
        autopays.cancel(connection, 1, NOW)
    assert quick.run(DUE).skipped == 1
    assert quick.charges == []
    assert len(quick.rows("texts")) == 1  # nobody is asked to pay what AutoPay was not to take


def test_who_paid_otherwise_before_the_gateway_answered_is_not_asked_to_pay(quick: Desk) -> None:
    quick.customer(token=DOWN)
    quick.run()
    quick.run(DUE)
    quick.later(minutes=5)
    with quick.engine.begin() as connection:
        connection.execute(update(tables.accounts).values(balance_cents=0))
    assert quick.run(DUE).skipped == 1
    assert (quick.charges, len(quick.rows("texts"))) == ([], 1)


def test_a_run_for_a_day_that_is_over_gives_ten_days_notice_all_the_same(quick: Desk) -> None:
    quick.customer(due_date=TODAY)
    assert quick.run(TODAY - timedelta(days=10)) == ran(announced=1)
    assert quick.rows("drafts")[0].take_on == TODAY + timedelta(days=10)
    assert quick.run(TODAY) == NOTHING


def test_who_enrols_again_has_the_bill_announced_again(billing: Desk) -> None:
    owner = billing.customer()
    billing.run()
    with billing.engine.begin() as connection:
        autopays.cancel(connection, 1, NOW)
    billing.run(DUE)
    with billing.engine.begin() as connection:
        second = method(connection, owner, "1881")
        enrolled(connection, owner, second, NOW + timedelta(days=1))
    assert billing.run().announced == 1
    assert billing.run(DUE).taken == 1
    assert [key for key, _, _ in billing.charges] == ["autopay-2-20261205"]
    assert [row.last4 for row in billing.rows("payments")] == ["1881"]


def test_a_bank_account_is_not_charged_where_the_gateway_takes_cards_only(quick: Desk) -> None:
    quick.gateway = Cards(quick.ledger, timeout=0.01)
    quick.customer()
    with quick.engine.begin() as connection:
        connection.execute(update(tables.methods).values(kind="bank"))
    quick.run()
    assert quick.run(DUE).failed == 1
    assert quick.charges == []

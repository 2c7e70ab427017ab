from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from faults.judge import Evidence, Heard, violations
from faults.kinds import Errand, Schedule
from faults.lines import LedgerRow
from faults.words import Claim

CALLER = "+11000000000"
CHARGE = LedgerRow("CA1-3", 8420, "charged")


def payment(**values: Any) -> Any:
    """A row of the table of payments: $84.20 of call CA1, charged."""
    row = {
        "id": 1,
        "call_sid": "CA1",
        "idempotency_key": "CA1-3",
        "amount_cents": 8420,
        "fee_cents": 0,
        "status": "charged",
        "decline_code": None,
        "asked_at": "a moment",
        "token": None,
        "refund_asked_at": None,
    }
    return SimpleNamespace(**{**row, **values})


def heard(*claims: Claim, **values: Any) -> Heard:
    """What a call of this caller heard; by default the one that pays, at the end of it."""
    ended = [payment()]
    first = Heard("CA1", "", claims, (), ended, frozenset({CHARGE.key}), is_greeting=False)
    return replace(first, **values)


def redial(*claims: Claim, **values: Any) -> Heard:
    """The first words of a later call."""
    return heard(*claims, **{"sid": "CA2", "is_greeting": True, "before": [payment()], **values})


def charged(**values: Any) -> Evidence:
    """A payment that went well; a test says what is different."""
    seen = {
        "payments": [payment()],
        "charges": [CHARGE],
        "balance": 0,
        "heard": [heard(Claim.CHARGED)],
        **values,
    }
    return Evidence(Schedule("one"), numbers={"CA1": CALLER, "CA2": CALLER}, **seen)


def given_up(**values: Any) -> Evidence:
    """A payment that was canceled before a card came."""
    row = payment(status="canceled", decline_code="hung-up", asked_at=None)
    seen = {"payments": [row], "charges": [], "balance": 8420, "heard": [], **values}
    return charged(**seen)


def refunded(**values: Any) -> Evidence:
    """A payment that was given back."""
    row = payment(status="refunded", refund_asked_at="a moment")
    told = heard(Claim.REFUNDED, given_back=frozenset({CHARGE.key}))
    back = replace(CHARGE, refunded=8420)
    seen = {"payments": [row], "charges": [back], "balance": 8420, "heard": [told]}
    return charged(**{**seen, **values})


def drafted(**values: Any) -> Evidence:
    """A bill that AutoPay took."""
    bill = charged(heard=[], drafts=["taken"], **values)
    bill.schedule = Schedule("autopay:one", errand=Errand.AUTOPAY)
    return bill


def test_payments_that_kept_every_promise_are_passed() -> None:
    assert violations(charged()) == []
    assert violations(charged(heard=[redial(Claim.LAST_CHARGED)])) == []
    assert violations(given_up()) == []
    assert violations(refunded()) == []
    assert violations(drafted()) == []


@pytest.mark.parametrize(
    ("evidence", "wrong"),
    [
        (charged(charges=[CHARGE, replace(CHARGE, key="CA1-9")]), "a key that no intent has"),
        (charged(charges=[replace(CHARGE, cents=100)], balance=8320), "100 cents were charged"),
        (charged(charges=[CHARGE, CHARGE]), "8420 were owed"),
        (charged(balance=8420), "the balance is 8420"),
        (charged(charges=[], balance=8420, heard=[]), "is charged, the ledger says None"),
        (given_up(charges=[CHARGE], balance=0), "is canceled, the ledger says charged"),
        (charged(payments=[payment(token="pm_card_visa")]), "still has its token"),
        (charged(payments=[payment(status="unknown")]), "still unknown after the reconciler"),
        (charged(is_settled=False), "left a payment unknown"),
        (
            given_up(payments=[payment(status="canceled", decline_code="not-charged")]),
            "a card was given and never charged",
        ),
        (refunded(charges=[CHARGE], balance=0), "the ledger gave 0 cents back"),
        (refunded(charges=[replace(CHARGE, refunded=16840)]), "gave 16840 cents back"),
        (refunded(balance=0), "the balance is 0"),
        (charged(charges=[replace(CHARGE, refunded=8420)], balance=8420), "gave 8420 cents back"),
        (charged(payments=[payment(refund_asked_at="a moment")]), "nobody knows the end of it"),
        (drafted(payments=[], charges=[], balance=8420), "left 8420 cents of a bill unpaid"),
        (charged(drafts=["announced"]), "neither taken nor given up"),
    ],
)
def test_money_that_moved_otherwise_than_was_promised_is_found(
    evidence: Evidence, wrong: str
) -> None:
    assert any(wrong in found for found in violations(evidence))


@pytest.mark.parametrize(
    "told",
    [
        heard(Claim.NOTHING),
        heard(Claim.CHARGED, charged=frozenset()),
        heard(Claim.UNKNOWN, before=[payment()]),
        redial(Claim.LAST_NOTHING),
        redial(Claim.CHECKING),
        redial(Claim.LAST_CHARGED, charged=frozenset()),
        redial(),
        heard(Claim.REFUNDED),
        heard(Claim.NOT_KNOWN_BACK, before=[payment(status="refunded")]),
    ],
)
def test_words_that_were_not_true_are_found(told: Heard) -> None:
    assert len(violations(charged(heard=[told]))) == 1


def test_a_redial_is_owed_no_news_that_was_heard_or_that_they_made_themselves() -> None:
    assert violations(charged(heard=[heard(Claim.CHARGED), redial()])) == []
    stopped = [payment(status="canceled", decline_code="stopped", asked_at=None)]
    silent = redial(before=stopped, after=stopped)
    assert violations(given_up(payments=stopped, heard=[silent])) == []

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select, update

from ivr.store import tables
from ivr.store.payments import TRANSITIONS, CutOff, cut_off, move
from tests.builders import CALLER, NOW, account, call, payment, stored_call

HOUR = timedelta(hours=1)
SINCE = NOW - HOUR
MINUTE = timedelta(minutes=1)
CHARGED = {"status": "charged", "confirmation": "40278815", "charge_turn": 6}


@pytest.mark.parametrize("before", TRANSITIONS)
def test_a_payment_moves_only_along_its_transitions(sqlite_database: Engine, before: str) -> None:
    with sqlite_database.begin() as connection:
        number = account(connection)
        for turn, after in enumerate(TRANSITIONS.keys() - {"intended"}):  # where many begin
            one = payment(connection, number, status=before, turn=turn)
            allowed = after in TRANSITIONS[before]
            assert move(connection, one, after, {"updated_at": NOW + HOUR}) is allowed
            query = select(tables.payments).where(tables.payments.c.id == one)
            row = connection.execute(query).one()
            assert row.status == (after if allowed else before)
            assert row.updated_at == (NOW + HOUR if allowed else NOW)


def test_only_who_has_the_stamp_moves_a_payment_by_it(database: Engine) -> None:
    with database.begin() as connection:
        number = payment(connection, account(connection), status="charging")
        assert not move(connection, number, "canceled", {"updated_at": NOW}, NOW + MINUTE)
        assert move(connection, number, "canceled", {"updated_at": NOW}, NOW)


def rang(connection: Connection, turn: int = 7, sid: str = "CA1", **values: Any) -> None:
    """A call of the caller's that has come to question `turn`; the card came at turn 6."""
    stored_call(connection, call(sid, turn=turn), **{"started_at": NOW, **values})


def news(connection: Connection, turn: int, **values: Any) -> CutOff | None:
    rang(connection, turn)
    payment(connection, account(connection), **values)
    return cut_off(connection, CALLER, SINCE)


@pytest.mark.parametrize(
    ("turn", "values", "expected"),
    [
        (7, CHARGED, CutOff("charged", "40278815")),
        (6, CHARGED, CutOff("charged", "40278815")),
        (8, CHARGED, None),
        (7, {**CHARGED, "status": "posted"}, CutOff("charged", "40278815")),
        (7, {**CHARGED, "status": "refunded"}, None),
        (9, {**CHARGED, "charge_turn": None}, CutOff("charged", "40278815")),
        (7, {"status": "unknown", "charge_turn": 6}, CutOff("unknown")),
        (9, {"status": "unknown", "charge_turn": 6}, CutOff("unknown")),
        (6, {"status": "charging", "charge_turn": 6}, CutOff("unknown")),
        (7, {"status": "declined", "charge_turn": 6}, CutOff("canceled")),
        (8, {"status": "declined", "charge_turn": 6}, None),
        (6, {"status": "awaiting-method"}, CutOff("canceled")),
        (6, {"status": "intended"}, CutOff("canceled")),
        (7, {"status": "canceled", "decline_code": "hung-up"}, CutOff("canceled")),
        (7, {"status": "canceled", "decline_code": "expired"}, CutOff("canceled")),
        (7, {"status": "canceled", "decline_code": "stopped"}, None),
        (8, {"status": "canceled", "decline_code": "not-charged", "charge_turn": 6}, None),
    ],
)
def test_who_was_cut_off_is_told_what_became_of_it_and_nobody_else(
    database: Engine, turn: int, values: dict[str, Any], expected: CutOff | None
) -> None:
    with database.begin() as connection:
        assert news(connection, turn, **values) == expected


def test_a_card_entry_called_not_charged_can_no_longer_be_charged(database: Engine) -> None:
    with database.begin() as connection:
        assert news(connection, 6, status="awaiting-method") == CutOff("canceled")
        row = connection.execute(select(tables.payments)).one()
        assert (row.status, row.decline_code, row.updated_at) == ("canceled", "hung-up", NOW)
        assert cut_off(connection, CALLER, SINCE) == CutOff("canceled")


def test_only_the_newest_payment_is_told(database: Engine) -> None:
    with database.begin() as connection:
        rang(connection, 7)
        number = account(connection)
        payment(connection, number, status="declined", charge_turn=6)
        payment(connection, number, turn=9, status="canceled", decline_code="stopped")
        assert cut_off(connection, CALLER, SINCE) is None


@pytest.mark.parametrize(
    ("values", "of_call"),
    [
        ({"created_at": SINCE - MINUTE}, {}),
        ({}, {"caller": "+12025550101"}),
        ({}, {"caller": None}),
        ({}, {"started_at": SINCE - 4 * HOUR}),
    ],
)
def test_old_payments_and_other_callers_are_no_news(
    sqlite_database: Engine, values: dict[str, Any], of_call: dict[str, Any]
) -> None:
    with sqlite_database.begin() as connection:
        rang(connection, 7, **of_call)
        payment(connection, account(connection), **{**CHARGED, **values})
        assert cut_off(connection, CALLER, SINCE) is None


@pytest.mark.parametrize(
    ("turn", "started", "told"),
    [
        (2, MINUTE, True),
        (1, MINUTE, False),
        (2, -MINUTE, False),
        (2, timedelta(seconds=4), False),  # before the payment was committed, as far as we know
    ],
)
def test_news_is_told_until_a_call_got_past_it(
    database: Engine, turn: int, started: timedelta, told: bool
) -> None:
    with database.begin() as connection:
        rang(connection, turn, "CA2", started_at=NOW + started)
        assert (news(connection, 7, **CHARGED) is None) is told


def test_what_is_still_unknown_is_told_every_time(sqlite_database: Engine) -> None:
    with sqlite_database.begin() as connection:
        rang(connection, 5, "CA2", started_at=NOW + MINUTE)
        assert news(connection, 7, status="unknown", charge_turn=6) == CutOff("unknown")


def test_a_card_that_comes_while_the_news_is_read_is_not_called_uncharged(
    sqlite_database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ivr.store import payments as store

    unheard = store._unheard

    def charging_now(row: Any) -> bool:
        monkeypatch.undo()
        now_asked = {"status": "charging", "updated_at": NOW + MINUTE}
        connection.execute(update(tables.payments).values(now_asked))
        return unheard(row)

    monkeypatch.setattr(store, "_unheard", charging_now)
    with sqlite_database.begin() as connection:
        assert news(connection, 6, status="awaiting-method") == CutOff("unknown")

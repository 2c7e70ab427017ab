from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select

from ivr.dialog.call import Identity
from ivr.dialog.events import Replied
from ivr.dialog.turns import Request
from ivr.flows.services import Level
from ivr.gateways.payments import Charged, Declined
from ivr.prompts.values import Moment, Value, YesNo
from ivr.services.arrival import ARRIVE, arrive
from ivr.services.balance import READ, read
from ivr.services.incidents import close_incident, open_incident
from ivr.services.restoring import BACK, back
from ivr.services.settling import Found, record
from ivr.store import payments, restores, tables
from tests.builders import CALLER, NOW, account, book, call, context, payment

HOUR = timedelta(hours=1)
YES, NO = YesNo(True), YesNo(False)
CHARGED = Charged("r")
BY_TWO = {
    "has-back-by": YES,
    "late": NO,
    "back-by": Moment(datetime.fromisoformat("2026-11-20T14:00"), 0),
}


def suspended(connection: Connection, **values: Any) -> int:
    """An account that owes $84.20, of which $32.10 is past due."""
    facts = {"status": "suspended", "past_due_cents": 3210, "phone": CALLER}
    return account(connection, "84.20", **{**facts, **values})


def charging(connection: Connection, number: int, cents: int = 3210, **values: Any) -> int:
    """A payment that the gateway is being asked for."""
    given = {"status": "charging", "amount_cents": cents, "token": "t", **values}
    return payment(connection, number, **given)


def learn(connection: Connection, made: int, found: Found = CHARGED) -> None:
    record(connection, payments.read(connection, made), found, NOW, None)


def requests(connection: Connection) -> list[Any]:
    return list(connection.execute(select(tables.restores)))


def heard(connection: Connection, number: int, **values: Any) -> Replied:
    given = {"book": book(restored_within=2 * HOUR), **values}
    state = call(identity=Identity(Level.MATCHED, number, number))
    return read(context(connection, state, **given), Request(READ))


def greeted(connection: Connection, **values: Any) -> Replied:
    given = {"book": book(restored_within=2 * HOUR), **values}
    return arrive(context(connection, call("CA9"), **given), Request(ARRIVE))


def test_a_charge_that_earns_it_asks_for_service_once(database: Engine) -> None:
    with database.begin() as connection:
        number = suspended(connection)
        made = charging(connection, number)
        for _ in range(2):
            learn(connection, made)
        [row] = requests(connection)
    assert (row.account_id, row.payment_id, row.asked_at, row.done_at) == (number, made, NOW, None)


def test_neither_the_charge_nor_the_request_is_there_without_the_other(database: Engine) -> None:
    with database.begin() as connection:
        made = charging(connection, suspended(connection))
    with database.connect() as connection:
        learn(connection, made)
        assert requests(connection)
        connection.rollback()
    with database.begin() as connection:
        assert payments.read(connection, made).status == "charging"
        assert requests(connection) == []


def test_a_charge_learned_again_after_the_desk_was_done_asks_no_more(database: Engine) -> None:
    with database.begin() as connection:
        made = charging(connection, suspended(connection))
        learn(connection, made)
        [row] = requests(connection)
        restores.done(connection, row.id, NOW)
        learn(connection, made)
        assert len(requests(connection)) == 1


def test_the_payment_that_completes_what_is_past_due_asks(database: Engine) -> None:
    with database.begin() as connection:
        number = suspended(connection)
        learn(connection, charging(connection, number, 3209))
        assert requests(connection) == []
        last = charging(connection, number, 1, turn=6)
        learn(connection, last)
        learn(connection, charging(connection, number, 5210, turn=7))
        assert [row.payment_id for row in requests(connection)] == [last]


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({}, Declined("funds")),
        ({}, "not-charged"),
        ({}, "unknown"),
        ({"status": "active"}, CHARGED),
        ({"past_due_cents": 0}, CHARGED),
    ],
)
def test_nothing_is_asked_for_without_a_charge_that_earns_it(
    sqlite_database: Engine, values: dict[str, Any], found: Found
) -> None:
    with sqlite_database.begin() as connection:
        learn(connection, charging(connection, suspended(connection, **values)), found)
        assert requests(connection) == []


def test_money_that_went_back_already_asks_for_nothing(sqlite_database: Engine) -> None:
    with sqlite_database.begin() as connection:
        number = suspended(connection)
        payment(connection, number, status="charged", charged_at=NOW)
        gone = charging(connection, number, status="refunded", charged_at=NOW, turn=6)
        learn(connection, gone)
        assert requests(connection) == []


def test_who_waits_for_service_hears_so_first_and_with_the_balance(database: Engine) -> None:
    with database.begin() as connection:
        number = suspended(connection)
        assert greeted(connection).outcome == "suspended"
        learn(connection, charging(connection, number, call_sid="CA-autopay"))
        greeting, reply = greeted(connection), heard(connection, number)
    assert (greeting.outcome, greeting.fields) == ("restoring", BY_TWO)
    assert reply.outcome == "restoring"
    assert BY_TWO.items() <= reply.fields.items()
    assert reply.fields["owes-nothing"] == NO


def test_who_owes_nothing_any_more_hears_that_too(sqlite_database: Engine) -> None:
    with sqlite_database.begin() as connection:
        number = suspended(connection)
        learn(connection, charging(connection, number, 8420))
        assert heard(connection, number).fields["owes-nothing"] == YES


def test_past_due_again_is_suspended_again(sqlite_database: Engine) -> None:
    with sqlite_database.begin() as connection:
        number = suspended(connection)
        learn(connection, charging(connection, number))
        connection.execute(tables.accounts.update().values(past_due_cents=3211))
        assert heard(connection, number).outcome == "suspended"
        assert greeted(connection).outcome == "suspended"


@pytest.mark.parametrize(
    ("asked", "fields"),
    [
        (NOW, BY_TWO),
        (
            NOW - 2 * HOUR + timedelta(seconds=1),
            {**BY_TWO, "back-by": Moment(datetime.fromisoformat("2026-11-20T12:15"), 0)},
        ),
        (NOW - 2 * HOUR, {"has-back-by": NO, "late": YES}),
        (None, {"has-back-by": NO, "late": NO}),
    ],
)
def test_when_service_is_back_is_said_by_the_quarter_until_that_is_past(
    sqlite_database: Engine, asked: datetime | None, fields: dict[str, Value]
) -> None:
    with sqlite_database.begin() as connection:
        number = suspended(connection)
        given = context(connection, call(), book=book(restored_within=2 * HOUR))
        assert back(given, number, asked) == fields
    assert fields.keys() <= BACK.keys()


def test_a_book_that_names_no_time_promises_none(sqlite_database: Engine) -> None:
    with sqlite_database.begin() as connection:
        number = suspended(connection)
        given = context(connection, call(), book=book())
        assert back(given, number, NOW) == {"has-back-by": NO, "late": NO}


@pytest.mark.parametrize("asked", [NOW, NOW - 2 * HOUR])
@pytest.mark.parametrize(
    ("node", "service", "status", "is_out"),
    [
        ("N12", "tv", "confirmed", True),
        ("N12", "mobile", "confirmed", False),
        ("N31", "tv", "confirmed", False),
        ("N12", "tv", "suspected", False),
    ],
)
def test_where_there_is_an_outage_no_time_is_said_and_none_is_past(
    sqlite_database: Engine, asked: datetime, node: str, service: str, status: str, is_out: bool
) -> None:
    with sqlite_database.begin() as connection:
        number = suspended(connection, node="N12", services="internet;tv")
        incident = open_incident(connection, [node], [service], NOW, status=status)
        given = context(connection, call(), book=book(restored_within=2 * HOUR))
        told = back(given, number, asked)
        assert (told == {"has-back-by": NO, "late": NO}) is is_out
        close_incident(connection, incident, NOW, str)
        assert back(given, number, asked) != {"has-back-by": NO, "late": NO}

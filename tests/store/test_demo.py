import re
from collections import Counter
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine, func, select

from ivr.dialog.phones import us_phone
from ivr.errors import StoreError
from ivr.services.incidents import list_incidents
from ivr.store.demo import is_empty, load_demo
from ivr.store.demo_cases import CASES
from ivr.store.phones import as_e164
from ivr.store.pins import check_pin
from ivr.store.tables import accounts, agents, phones, pins

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_the_demo_goes_into_an_empty_database_once(database: Engine) -> None:
    with database.begin() as connection:
        assert is_empty(connection)
        assert load_demo(connection, NOON, "pepper") == len(CASES)
        assert not is_empty(connection)
        with pytest.raises(StoreError, match="there are accounts already"):
            load_demo(connection, NOON, "pepper")
        assert connection.scalar(select(func.count()).select_from(accounts)) == len(CASES)


def test_the_first_caller_owes_what_the_documents_say(database: Engine) -> None:
    with database.begin() as connection:
        load_demo(connection, NOON, "pepper")
        query = select(accounts, pins.c.hash).join(phones).join(pins)
        row = connection.execute(query.where(phones.c.number == "+12025550142")).one()
    assert (row.balance_cents, row.due_date) == (8420, date(2026, 12, 2))
    assert check_pin("1234", row.hash, "pepper")


def test_dates_stand_around_the_day_it_is(database: Engine) -> None:
    with database.begin() as connection:
        load_demo(connection, NOON, "pepper")
        due = list(connection.scalars(select(accounts.c.due_date)))
    assert {date(2026, 11, 20), date(2026, 11, 21), None} <= set(due)


def test_two_outages_are_confirmed_one_with_a_time(database: Engine) -> None:
    with database.begin() as connection:
        load_demo(connection, NOON, "pepper")
        found = list_incidents(connection)
    assert [(one.nodes, one.status, one.eta is None) for one in found] == [
        (("N31",), "confirmed", True),
        (("N12",), "confirmed", False),
    ]
    assert found[1].eta is not None
    assert found[1].eta > NOON


def test_agents_are_ready_in_both_languages_and_queues(database: Engine) -> None:
    with database.begin() as connection:
        load_demo(connection, NOON, "pepper")
        found = connection.execute(select(agents)).all()
    assert {row.state for row in found} == {"ready"}
    assert {queue for row in found for queue in row.queues.split(";")} == {"billing", "repair"}
    assert {word for row in found for word in row.languages.split(";")} == {"en", "es"}
    assert all(us_phone(row.phone) == row.phone for row in found)


def test_every_number_is_reserved_for_fiction() -> None:
    written = [number for case in CASES for number in case.phone.split(";") if number]
    assert all(re.fullmatch(r"\+1\d{3}55501\d\d", number) for number in written)
    assert all(as_e164(number) == number for number in written)


def test_every_account_has_a_number_and_a_case_of_its_own() -> None:
    for values in ([case.number for case in CASES], [case.case for case in CASES]):
        assert Counter(values).most_common(1)[0][1] == 1


def test_the_cases_a_line_meets_are_all_there() -> None:
    assert {case.status for case in CASES} == {"active", "suspended", "closed"}
    assert any(case.balance < 0 for case in CASES)
    assert any(case.balance == 0 and case.due is None and case.paid is None for case in CASES)
    assert any(0 < case.past_due < case.balance for case in CASES)
    assert any(0 < case.past_due == case.balance for case in CASES)
    assert any(not case.pin for case in CASES)
    assert any(not case.phone for case in CASES)
    assert any(";" in case.phone for case in CASES)
    assert max(Counter(case.phone for case in CASES if case.phone).values()) == 3
    assert any(case.autopay and 0 < (case.due or 0) < 4 for case in CASES)
    assert {case.language for case in CASES} == {None, "es"}

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert, select, update

from ivr.config import Settings
from ivr.dialog.call import Call, Identity
from ivr.dialog.events import Replied
from ivr.dialog.turns import Request
from ivr.prompts.values import Phone
from ivr.services import texts
from ivr.services.incidents import close_incident, open_incident
from ivr.store.tables import incidents, opt_outs, reports
from ivr.store.tables import texts as outbox
from tests.builders import CALLER, NOW, call, context
from tests.services.premises import caller, home, report, rows

OTHER = "+12025550143"
TEXTING = Settings(text_from="+12025550100")
POSSIBLE = Replied("possible", {"number": Phone(CALLER)})
KEPT = Replied("kept", {"number": Phone(CALLER)})
IMPOSSIBLE = Replied("impossible")


def offer(connection: Connection, state: Call, **values: Any) -> Replied:
    given = {"settings": TEXTING, "turn": 2, **values}
    return texts.offer(context(connection, state, **given), Request(texts.OFFER))


def keep(connection: Connection, state: Call, **values: Any) -> Replied:
    given = {"settings": TEXTING, "turn": 3, **values}
    return texts.keep(context(connection, state, **given), Request(texts.KEEP))


def test_who_reported_is_offered_a_text_and_it_is_kept(database: Engine) -> None:
    with database.begin() as connection:
        state = caller(connection, home(connection))
        report(connection, state)
        assert offer(connection, state) == POSSIBLE
        assert rows(connection)[0].text_to is None
        assert keep(connection, state) == KEPT
        assert rows(connection)[0].text_to == CALLER


def test_a_text_kept_is_not_offered_again_and_keeps_being_kept(database: Engine) -> None:
    with database.begin() as connection:
        state = caller(connection, home(connection))
        report(connection, state)
        keep(connection, state)
        assert offer(connection, state) == KEPT
        assert keep(connection, state) == KEPT
        assert len(rows(connection)) == 1


def test_no_texts_are_offered_where_none_are_sent(database: Engine) -> None:
    with database.begin() as connection:
        state = caller(connection, home(connection))
        report(connection, state)
        assert offer(connection, state, settings=Settings()) == IMPOSSIBLE
        assert keep(connection, state, settings=Settings()) == IMPOSSIBLE
        assert rows(connection)[0].text_to is None


@pytest.mark.parametrize("number", [None, "+18765550123", "+18005550199", "+442079460123"])
def test_only_a_us_number_of_the_callers_own_is_texted(
    database: Engine, number: str | None
) -> None:
    with database.begin() as connection:
        state = caller(connection, home(connection), caller=number)
        report(connection, state)
        assert offer(connection, state) == IMPOSSIBLE
        assert keep(connection, state) == IMPOSSIBLE


def test_a_number_that_opted_out_is_not_texted(database: Engine) -> None:
    with database.begin() as connection:
        state = caller(connection, home(connection))
        report(connection, state)
        connection.execute(insert(opt_outs).values(number=CALLER, at=NOW))
        assert offer(connection, state) == IMPOSSIBLE
        assert keep(connection, state) == IMPOSSIBLE
        assert rows(connection)[0].text_to is None


def test_without_a_premise_there_is_nothing_to_text_about(database: Engine) -> None:
    with database.begin() as connection:
        assert offer(connection, call()) == IMPOSSIBLE
        assert keep(connection, call()) == IMPOSSIBLE


def test_a_premise_that_is_gone_is_nothing_to_text_about(database: Engine) -> None:
    with database.begin() as connection:
        assert offer(connection, call(identity=Identity(premise=99))) == IMPOSSIBLE


@pytest.mark.parametrize("reported", [True, False])
def test_an_outage_that_is_being_closed_promises_no_text(database: Engine, reported: bool) -> None:
    with database.begin() as connection:
        incident = open_incident(connection, ["N12"], ["tv"], NOW)
        state = caller(connection, home(connection))
        if reported:
            report(connection, state)
        over = update(incidents).where(incidents.c.id == incident)
        connection.execute(over.values(status="closed"))
        assert keep(connection, state) == IMPOSSIBLE


def test_without_a_report_or_an_outage_there_is_nothing_to_text_about(database: Engine) -> None:
    with database.begin() as connection:
        state = caller(connection, home(connection))
        assert offer(connection, state) == IMPOSSIBLE
        assert keep(connection, state) == IMPOSSIBLE
        assert rows(connection) == []


@pytest.mark.parametrize(
    ("out", "service"), [(["tv"], "tv"), (["tv", "mobile"], "tv"), (["tv", "internet"], "all")]
)
def test_who_only_heard_of_an_outage_becomes_part_of_it(
    database: Engine, out: list[str], service: str
) -> None:
    with database.begin() as connection:
        premise = home(connection)
        incident = open_incident(connection, ["N12"], out, NOW)
        state = caller(connection, premise)
        assert offer(connection, state) == POSSIBLE
        assert keep(connection, state) == KEPT
        assert keep(connection, state) == KEPT
        (row,) = rows(connection)
    assert (row.account_id, row.incident_id, row.service) == (premise, incident, service)
    assert (row.text_to, row.call_sid, row.turn) == (CALLER, "CA1", 3)


def test_an_earlier_report_in_the_incident_is_the_one_to_text_about(database: Engine) -> None:
    with database.begin() as connection:
        premise = home(connection)
        report(connection, caller(connection, premise, "CA0"))
        open_incident(connection, ["N12"], ["tv"], NOW)
        later = NOW + timedelta(hours=1)
        state = caller(connection, premise, "CA1", started_at=later)
        assert keep(connection, state, now=later) == KEPT
        (row,) = rows(connection)
    assert row.text_to == CALLER


def test_an_outage_just_heard_of_comes_before_an_earlier_report_of_something_else(
    database: Engine,
) -> None:
    with database.begin() as connection:
        premise = home(connection)
        report(connection, caller(connection, premise, "CA0"), "internet")
        incident = open_incident(connection, ["N12"], ["tv"], NOW)
        later = NOW + timedelta(hours=1)
        state = caller(connection, premise, "CA1", started_at=later)
        assert keep(connection, state, now=later) == KEPT
        wanted = [(row.service, row.incident_id, row.text_to) for row in rows(connection)]
    assert wanted == [("internet", None, None), ("tv", incident, CALLER)]


def test_what_this_call_reported_comes_before_an_outage_known_there(database: Engine) -> None:
    with database.begin() as connection:
        premise = home(connection)
        open_incident(connection, ["N12"], ["tv"], NOW)
        state = caller(connection, premise)
        report(connection, state, "internet")
        keep(connection, state)
        (row,) = rows(connection)
    assert (row.service, row.text_to) == ("internet", CALLER)


def test_a_closed_report_is_nothing_to_text_about(database: Engine) -> None:
    with database.begin() as connection:
        premise = home(connection)
        incident = open_incident(connection, ["N12"], ["tv"], NOW)
        state = caller(connection, premise)
        report(connection, state)
        close_incident(connection, incident, NOW, str)
        assert keep(connection, state) == IMPOSSIBLE


def test_closing_the_outage_owes_the_text_that_was_kept(database: Engine) -> None:
    with database.begin() as connection:
        incident = open_incident(connection, ["N12"], ["tv"], NOW)
        keep(connection, caller(connection, home(connection)))
        assert close_incident(connection, incident, NOW, lambda language: "Back.") == 1
        (text,) = connection.execute(select(outbox))
        (row,) = rows(connection)
    assert (text.number, text.body) == (CALLER, f"Back. ({row.reference})")


def test_a_promise_to_another_number_stays(database: Engine) -> None:
    with database.begin() as connection:
        premise = home(connection)
        first = caller(connection, premise, "CA0", caller=OTHER)
        report(connection, first)
        keep(connection, first)
        state = caller(connection, premise)
        assert keep(connection, state) == Replied("kept", {"number": Phone(OTHER)})
        stranger = replace(state, identity=Identity(premise=premise))
        assert offer(connection, stranger) == IMPOSSIBLE
        assert keep(connection, stranger) == IMPOSSIBLE
        assert [row.text_to for row in rows(connection)] == [OTHER]


def wish(connection: Connection, number: int, **values: Any) -> None:
    """Somebody asked for a text before."""
    row = {
        "reference": f"{number:06}",
        "service": "tv",
        "call_sid": f"CAwish{number}",
        "turn": 1,
        "created_at": NOW - timedelta(hours=23),
        "last_touch_at": NOW - timedelta(hours=23),
        "closed_at": NOW - timedelta(hours=22),
        "text_to": OTHER,
        **values,
    }
    connection.execute(insert(reports).values(row))


@pytest.mark.parametrize("of", ["number", "account"])
@pytest.mark.parametrize(
    ("wishes", "hours", "possible"),
    [(texts.MOST_A_DAY - 1, 23, True), (texts.MOST_A_DAY, 23, False), (texts.MOST_A_DAY, 25, True)],
)
def test_texts_are_capped_for_a_number_and_for_an_account(
    database: Engine, of: str, wishes: int, hours: int, possible: bool
) -> None:
    with database.begin() as connection:
        premise, stranger = home(connection), home(connection, "2")
        mine = (stranger, CALLER) if of == "number" else (premise, OTHER)
        for number in range(wishes):
            values = {"account_id": mine[0], "text_to": mine[1]}
            wish(connection, number, created_at=NOW - timedelta(hours=hours), **values)
        state = caller(connection, premise)
        report(connection, state)
        assert offer(connection, state) == (POSSIBLE if possible else IMPOSSIBLE)
        assert keep(connection, state) == (KEPT if possible else IMPOSSIBLE)

from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select, update

from ivr.config import Settings
from ivr.dialog.call import Call, Identity
from ivr.dialog.events import Replied
from ivr.dialog.turns import Request
from ivr.prompts.values import Choices, Moment, Value, Words, YesNo
from ivr.services import outages
from ivr.services.incidents import (
    Change,
    close_incident,
    open_incident,
    update_incident,
)
from ivr.store import restores
from ivr.store.identity import Owner
from ivr.store.tables import accounts
from ivr.store.texts import opt_out
from tests.builders import CALLER, NOW, book, call, context, payment
from tests.services.premises import caller, home, report, rows

ETA = NOW + timedelta(hours=4, minutes=30)


def look(connection: Connection, state: Call, **values: Any) -> Replied:
    return outages.look(context(connection, state, **values), Request(outages.LOOK))


def danger(connection: Connection, state: Call, **values: Any) -> Replied:
    return outages.danger(context(connection, state, **values), Request(outages.DANGER))


# Looking


def test_without_a_premise_the_caller_is_asked_where(database: Engine) -> None:
    with database.begin() as connection:
        assert look(connection, call()) == Replied("where")
        assert look(connection, call(identity=Identity(premise=99))) == Replied("where")


def test_where_nothing_is_known_what_could_be_out_is_offered(database: Engine) -> None:
    with database.begin() as connection:
        reply = look(connection, caller(connection, home(connection)))
    assert reply.outcome == "clear"
    offered = reply.fields["services"]
    assert isinstance(offered, Choices)
    assert [(choice.value, choice.prompt) for choice in offered.items] == [
        ("internet", "internet"),
        ("tv", "tv"),
        ("voice", "home-phone"),
        ("all", "everything"),
        ("danger", "danger"),
    ]


def test_everything_is_no_choice_for_who_has_one_service(database: Engine) -> None:
    with database.begin() as connection:
        reply = look(connection, caller(connection, home(connection, services="mobile")))
    offered = reply.fields["services"]
    assert isinstance(offered, Choices)
    assert [choice.value for choice in offered.items] == ["mobile", "danger"]


def test_a_known_outage_tells_what_is_out_here_and_until_when(database: Engine) -> None:
    with database.begin() as connection:
        open_incident(connection, ["N11", "N12"], ["mobile", "tv", "internet"], NOW, eta=ETA)
        reply = look(connection, caller(connection, home(connection)))
    assert reply.outcome == "known"
    assert reply.fields["out"] == Words(("internet", "tv"))
    assert reply.fields["eta"] == Moment(datetime.fromisoformat("2026-11-20T16:30"), 0)
    assert set(reply.fields) == set(outages.LOOK.outcomes["known"])


def test_a_time_after_midnight_there_is_tomorrow(database: Engine) -> None:
    with database.begin() as connection:
        open_incident(connection, ["N12"], ["tv"], NOW, eta=NOW + timedelta(hours=13))
        reply = look(connection, caller(connection, home(connection)))
    assert reply.fields["eta"] == Moment(datetime.fromisoformat("2026-11-21T01:00"), 1)


def test_a_time_already_past_is_never_said(database: Engine) -> None:
    with database.begin() as connection:
        open_incident(connection, ["N12"], ["tv"], NOW, eta=ETA)
        reply = look(connection, caller(connection, home(connection)), now=ETA)
    assert reply.outcome == "known-late"
    assert set(reply.fields) == set(outages.LOOK.outcomes["known-late"])


def test_an_outage_without_a_time_says_so(database: Engine) -> None:
    with database.begin() as connection:
        open_incident(connection, ["N12"], ["tv"], NOW)
        reply = look(connection, caller(connection, home(connection)))
    assert reply.outcome == "known-no-time"
    assert set(reply.fields) == set(outages.LOOK.outcomes["known-no-time"])


@pytest.mark.parametrize(
    ("node", "services", "status"),
    [("N31", "tv", "confirmed"), ("N12", "mobile", "confirmed"), ("N12", "tv", "suspected")],
)
def test_elsewhere_something_else_or_only_suspected_is_not_known_here(
    database: Engine, node: str, services: str, status: str
) -> None:
    with database.begin() as connection:
        open_incident(connection, [node], [services], NOW, status=status)
        assert look(connection, caller(connection, home(connection))).outcome == "clear"


def test_a_closed_incident_is_no_longer_known(database: Engine) -> None:
    with database.begin() as connection:
        incident = open_incident(connection, ["N12"], ["tv"], NOW)
        close_incident(connection, incident, NOW, str)
        assert look(connection, caller(connection, home(connection))).outcome == "clear"


def test_of_two_incidents_the_one_that_takes_more_is_told(database: Engine) -> None:
    with database.begin() as connection:
        open_incident(connection, ["N12"], ["tv", "internet"], NOW)
        open_incident(connection, ["N12"], ["voice"], NOW, eta=ETA)
        reply = look(connection, caller(connection, home(connection)))
    assert reply.fields["out"] == Words(("internet", "tv"))


def test_a_suspended_caller_hears_that_before_any_outage(database: Engine) -> None:
    with database.begin() as connection:
        open_incident(connection, ["N12"], ["tv"], NOW)
        premise = home(connection, status="suspended")
        assert look(connection, caller(connection, premise)) == Replied("suspended")


def test_who_paid_for_their_service_hears_that_it_is_on_its_way(database: Engine) -> None:
    with database.begin() as connection:
        premise = home(connection, status="suspended", balance_cents=8420)
        state, two_hours = caller(connection, premise), book(restored_within=timedelta(hours=2))
        made = payment(connection, premise, status="charged", charged_at=NOW)
        restores.ask(connection, premise, made, NOW)
        reply = look(connection, state, book=two_hours)
        stranger = call(identity=Identity(premise=premise))
        assert look(connection, stranger, book=two_hours) == Replied("no-service")
        connection.execute(update(accounts).values(past_due_cents=8420))
        assert look(connection, state, book=two_hours) == Replied("suspended")
    back = Moment(datetime.fromisoformat("2026-11-20T14:00"), 0)
    told: dict[str, Value] = {"has-back-by": YesNo(True), "late": YesNo(False), "back-by": back}
    assert reply == Replied("restoring", told)


@pytest.mark.parametrize("status", ["suspended", "closed"])
def test_who_only_knows_phone_and_zip_never_hears_an_accounts_status(
    database: Engine, status: str
) -> None:
    with database.begin() as connection:
        stranger = call(identity=Identity(premise=home(connection, status=status)))
        assert look(connection, stranger) == Replied("no-service")


def test_phone_and_zip_are_enough_for_outage_news(database: Engine) -> None:
    with database.begin() as connection:
        open_incident(connection, ["N12"], ["tv"], NOW)
        stranger = call(identity=Identity(premise=home(connection)))
        assert look(connection, stranger).outcome == "known-no-time"


@pytest.mark.parametrize("values", [{"status": "closed"}, {"services": ""}])
def test_nothing_can_be_out_where_there_is_no_service(
    database: Engine, values: dict[str, str]
) -> None:
    with database.begin() as connection:
        premise = home(connection, **values)
        assert look(connection, caller(connection, premise)) == Replied("no-service")


def test_a_premise_without_a_node_has_no_known_outage(database: Engine) -> None:
    with database.begin() as connection:
        open_incident(connection, ["N12"], ["tv"], NOW)
        assert look(connection, caller(connection, home(connection, node=None))).outcome == "clear"


# The greeting's news


def news(connection: Connection, premise: int, state: Call, **values: Any) -> outages.News | None:
    row = connection.execute(select(accounts).where(accounts.c.id == premise)).one()
    names = (field.name for field in fields(Owner))
    owner = Owner(**{name: getattr(row, name) for name in names})
    return outages.news_for(context(connection, state, **values), owner)


def test_who_answered_a_text_with_stop_is_offered_none(database: Engine) -> None:
    with database.begin() as connection:
        given = context(connection, call(), settings=Settings(text_from="+12025550100"))
        assert outages.number_to_text(given) == CALLER
        opt_out(connection, "+12025550143", NOW)
        assert outages.number_to_text(given) == CALLER
        opt_out(connection, CALLER, NOW)
        assert outages.number_to_text(given) is None


def test_the_greeting_names_the_outage_and_its_time(database: Engine) -> None:
    with database.begin() as connection:
        incident = open_incident(connection, ["N12"], ["tv"], NOW, eta=ETA)
        premise = home(connection)
        found = news(connection, premise, caller(connection, premise))
    assert found
    assert (found.incident, found.suffix, found.changed) == (incident, "", False)
    given = outages.greeting_fields(context(connection, call()), found)
    assert given["services"] == Words(("tv",))
    assert given["can-text"] == YesNo(False)
    assert set(given) == {"services", "changed", "can-text", "eta"}


@pytest.mark.parametrize("values", [{"node": None}, {"node": "N31"}, {"services": "mobile"}])
def test_the_greeting_is_plain_where_no_outage_touches_the_caller(
    database: Engine, values: dict[str, Any]
) -> None:
    with database.begin() as connection:
        open_incident(connection, ["N12"], ["tv"], NOW)
        premise = home(connection, **values)
        assert news(connection, premise, caller(connection, premise)) is None


def test_a_late_outage_has_no_time_to_greet_with(database: Engine) -> None:
    with database.begin() as connection:
        open_incident(connection, ["N12"], ["tv"], NOW, eta=ETA)
        premise = home(connection)
        found = news(connection, premise, caller(connection, premise), now=ETA)
    assert found
    assert found.suffix == "-late"
    assert "eta" not in outages.greeting_fields(context(connection, call()), found)


@pytest.mark.parametrize(
    ("rang", "updated", "changed"), [(5, 10, True), (10, 5, False), (-5, 10, False)]
)
def test_news_has_changed_if_it_did_since_the_callers_last_call_about_it(
    database: Engine, rang: int, updated: int, changed: bool
) -> None:
    with database.begin() as connection:
        premise = home(connection)
        incident = open_incident(connection, ["N12"], ["tv"], NOW)
        caller(connection, premise, "CA0", started_at=NOW + timedelta(minutes=rang))
        update_incident(connection, incident, NOW + timedelta(minutes=updated), Change(eta=ETA))
        later = NOW + timedelta(minutes=20)
        state = caller(connection, premise, "CA1", started_at=later)
        found = news(connection, premise, state, now=later)
    assert found
    assert found.changed is changed


# Danger


def test_danger_is_left_to_the_flow_that_leads_to_a_person(database: Engine) -> None:
    with database.begin() as connection:
        assert (
            report(connection, caller(connection, home(connection)), "danger").outcome == "danger"
        )
        assert rows(connection) == []


def test_danger_is_kept_with_the_premise_once_a_call(database: Engine) -> None:
    with database.begin() as connection:
        premise = home(connection)
        state = caller(connection, premise)
        assert danger(connection, state, turn=3) == Replied("kept")
        assert danger(connection, state, turn=3) == danger(connection, state, turn=8)
        (row,) = rows(connection)
    assert (row.danger, row.account_id, row.node, row.turn) == (True, premise, "N12", 3)


def test_danger_is_kept_from_whoever_tells_of_it(database: Engine) -> None:
    with database.begin() as connection:
        assert danger(connection, call()) == Replied("kept")
        (row,) = rows(connection)
    assert (row.danger, row.account_id, row.node) == (True, None, None)


def test_danger_is_no_report_of_an_outage(database: Engine) -> None:
    with database.begin() as connection:
        state = caller(connection, home(connection))
        danger(connection, state, turn=1)
        assert report(connection, state, "tv", turn=2).outcome == "reported"

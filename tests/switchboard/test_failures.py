"""What breaks behind the line: a caller hears an apology and gets a way to a person, with a 200."""

import json
import logging
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import OperationalError

from ivr.dialog.events import Replied
from ivr.dialog.turns import Request
from ivr.flows import parse_book
from ivr.flows.model import Branch, Do, Flow, ToFlow
from ivr.flows.services import Level
from ivr.services import balance
from ivr.services.context import Context, Remote
from ivr.services.table import CHANNEL_PROMPTS, declared
from ivr.store.engine import connect
from ivr.store.tables import books, calls, numbers, turns
from ivr.switchboard.record import digest
from ivr.telemetry import COUNTS, JsonLines
from tests.line import SHIPPED, SPANISH_LINE, Line, words
from tests.switchboard.lines import (
    changed,
    never_parsed,
    press,
    ring,
    with_book,
    with_service,
    written,
)

SORRY = words("sorry-trouble").encode()


UNAVAILABLE = words("try-later").encode()
RESCUE = b"<Number>+12025550100</Number>"


def fail(*args: Any) -> Any:
    raise ValueError("the secret is 8642975")


def begin(context: Context, request: Request) -> str:
    return "job"


def go_on(job: str) -> str:
    return job


BROKEN: dict[str, Any] = {
    "local": fail,
    "prepare": Remote(fail, go_on, fail),
    "work": Remote(begin, fail, fail),
    "settle": Remote(begin, go_on, fail),
}


@pytest.mark.parametrize("where", BROKEN)
def test_a_service_that_raises_is_unavailable(whole: Line, where: str) -> None:
    broken = with_service(whole, balance.READ, BROKEN[where])
    ring(broken)
    before = COUNTS["services broken"]
    answer = press(broken, 1, "1")
    assert UNAVAILABLE in answer
    assert COUNTS["services broken"] == before + 1
    assert press(broken, 1, "1") == answer


def test_what_a_broken_service_had_written_is_rolled_back(whole: Line) -> None:
    def half(context: Context, request: Request) -> Replied:
        context.connection.execute(insert(numbers).values(number="+12025550199", language="es"))
        raise KeyError("half")

    broken = with_service(whole, balance.READ, half)
    ring(broken)
    assert UNAVAILABLE in press(broken, 1, "1")
    with whole.office.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(numbers)) == 0


def test_a_service_below_its_level_is_never_asked(whole: Line) -> None:
    """Whatever a book says: here its step forgot the level that the service has."""
    flow = SHIPPED.flows["hear-balance"]
    read = flow.steps[0]
    assert isinstance(read, Do)
    steps = (replace(read, level=Level.UNKNOWN), *flow.steps[1:])
    careless = replace(SHIPPED, flows={**SHIPPED.flows, flow.name: Flow(flow.name, steps)})
    asked: list[Request] = []
    watched = with_service(
        with_book(whole, careless, never_parsed),
        balance.READ,
        lambda context, request: asked.append(request),
    )
    ring(watched, From="+12025550177")
    assert UNAVAILABLE in press(watched, 1, "1")
    assert asked == []


def test_services_that_ask_each_other_for_ever_lose_the_call_to_a_person(whole: Line) -> None:
    read = SHIPPED.flows["hear-balance"].steps[0]
    assert isinstance(read, Do)
    again = {name: Branch((), ToFlow("hear-balance")) for name in read.when}
    flow = Flow("hear-balance", (replace(read, when=again),))
    endless = replace(SHIPPED, flows={**SHIPPED.flows, flow.name: flow})
    round_and_round = with_book(whole, endless, never_parsed)
    ring(round_and_round)
    before = COUNTS["calls lost"]
    assert SORRY in press(round_and_round, 1, "1")
    assert COUNTS["calls lost"] == before + 1


# The database


@pytest.mark.parametrize("called", ["+18005550199", SPANISH_LINE, "+12025550123"])
def test_without_a_database_the_caller_gets_the_lines_rescue_number(
    whole: Line, called: str
) -> None:
    gone = changed(whole, engine=connect("postgresql://nobody@127.0.0.1:1/nothing"))
    before = COUNTS["rescued"]
    for answer in (ring(gone, To=called), press(gone, 1, "1", To=called)):
        assert RESCUE in answer
    assert COUNTS["rescued"] == before + 2
    gone.office.engine.dispose()


def test_a_database_that_fails_in_a_service_is_no_broken_service(whole: Line) -> None:
    def gone(context: Context, request: Request) -> Replied:
        raise OperationalError("SELECT", {"pin": "8642975"}, Exception("gone"))

    broken = with_service(whole, balance.READ, gone)
    ring(broken)
    before = written(broken)
    assert RESCUE in press(broken, 1, "1")
    assert written(broken) == before


def test_what_went_wrong_is_logged_with_the_call_and_without_secrets(
    whole: Line, caplog: pytest.LogCaptureFixture
) -> None:
    logger = logging.getLogger("ivr")
    logger.addHandler(caplog.handler)
    try:
        broken = with_service(whole, balance.READ, fail)
        ring(broken)
        press(broken, 1, "1")
    finally:
        logger.removeHandler(caplog.handler)
    (record,) = [it for it in caplog.records if it.levelno >= logging.ERROR]
    line = json.loads(JsonLines().format(record))
    assert (line["call"], line["service"], line["error"]) == ("CA1", "balance.read", "ValueError")
    assert "8642975" not in json.dumps(line)
    assert any("fail" in place for place in line["where"])


# Books


def test_a_call_finishes_on_the_book_it_began_with(whole: Line) -> None:
    ring(whole)
    sources = dict(SHIPPED.sources)
    sources["prompts/en.yaml"] = sources["prompts/en.yaml"].replace("You owe {", "You now owe {")
    edited = parse_book(sources, declared(), CHANNEL_PROMPTS)
    parsed: list[int] = []

    def parse(sources: Any) -> Any:
        parsed.append(1)
        return parse_book(sources, declared(), CHANNEL_PROMPTS)

    restarted = with_book(whole, edited, parse)
    ring(restarted, "CA2")
    assert b"You owe $84.20" in press(restarted, 1, "1")
    assert b"You now owe $84.20" in press(restarted, 1, "1", "CA2")
    press(restarted, 2, "*")
    assert parsed == [1]


def test_every_book_that_takes_a_call_is_kept_once(whole: Line) -> None:
    for sid in ("CA1", "CA2"):
        ring(whole, sid)
    with whole.office.engine.connect() as connection:
        assert connection.scalars(select(books.c.digest)).all() == [SHIPPED.digest]
        assert not whole.office.books.keep(connection, whole.clock.now)


def lose_book(line: Line) -> None:
    with line.office.engine.begin() as connection:
        state = connection.scalars(select(calls.c.state)).one()
        lost = state.replace(SHIPPED.digest, "0" * 64)
        connection.execute(update(calls).values(state=lost))


def test_a_call_whose_book_is_gone_is_led_to_a_person(whole: Line) -> None:
    ring(whole)
    lose_book(whole)
    before = COUNTS["books lost"]
    answer = press(whole, 1, "1")
    assert SORRY in answer
    assert COUNTS["books lost"] == before + 1
    assert press(whole, 1, "1") == answer


def test_a_call_whose_book_this_version_cannot_read_is_led_to_a_person(whole: Line) -> None:
    """As after an update in which a service has one more outcome."""
    ring(whole)
    with whole.office.engine.begin() as connection:
        connection.execute(update(books).values(sources=json.dumps({"flows.yaml": "flows: {}"})))

    def read_again(sources: Any) -> Any:
        return parse_book(sources, declared(), CHANNEL_PROMPTS)

    updated = with_book(whole, replace(SHIPPED, digest="1" * 64), read_again)
    answer = press(updated, 1, "1")
    assert SORRY in answer
    assert RESCUE not in answer
    assert press(updated, 1, "1") == answer


def test_a_call_whose_state_another_version_wrote_is_led_to_a_person(whole: Line) -> None:
    ring(whole)
    with whole.office.engine.begin() as connection:
        connection.execute(update(calls).values(state='{"format": 0}'))
    answer = press(whole, 1, "1")
    assert SORRY in answer
    assert RESCUE not in answer
    assert press(whole, 1, "1") == answer


def test_digits_typed_when_the_book_is_gone_may_be_a_pin_and_are_not_kept(whole: Line) -> None:
    ring(whole)
    press(whole, 1, "1")
    press(whole, 2, "3")
    lose_book(whole)
    press(whole, 3, "8642975")
    with whole.office.engine.connect() as connection:
        kept = connection.scalar(select(turns.c.digest).where(turns.c.number == 3))
    assert kept == digest({"kind": "answered", "secret": True})


def test_an_event_that_does_not_fit_leads_to_a_person(whole: Line) -> None:
    ring(whole)
    answer = press(whole, 1, Result="success", PaymentToken="pm_card_visa")
    assert SORRY in answer

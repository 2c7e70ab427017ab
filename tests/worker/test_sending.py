from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select

from ivr.carrier.rest import Fault, RestServer
from ivr.config import Settings
from ivr.gateways.rest import Refused, connect, disconnect
from ivr.gateways.texting import Texting
from ivr.store import texts as store
from ivr.store.tables import landlines, opt_outs, texts
from ivr.worker.sending import BATCH, LEASE, LOOK_AGAIN, TOO_OLD, Outbox
from tests.builders import NOW

TO = "+12025550142"


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at


def owe(engine: Engine, reference: str = "517220", **values: Any) -> None:
    """A text in the outbox."""
    row = {
        "key": f"restored:{reference}",
        "number": TO,
        "body": f"Service is back. ({reference})",
        "reference": reference,
        "language": "en",
        "next_at": NOW,
        "created_at": NOW,
        **values,
    }
    with engine.begin() as connection:
        connection.execute(insert(texts).values(row))


def row(engine: Engine) -> Any:
    with engine.begin() as connection:
        return connection.execute(select(texts)).one()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def outbox(database: Engine, client: Any, settings: Settings, clock: Clock) -> Outbox:
    return Outbox(database, Texting(client, settings), "me", clock)


def go_on() -> bool:
    return False


def test_a_text_that_is_due_is_sent_once(
    database: Engine, outbox: Outbox, carrier: RestServer
) -> None:
    owe(database)
    assert outbox.send(go_on) == {"sent": 1}
    assert outbox.send(go_on) == {}
    (message,) = carrier.messages
    assert (message["to"], message["body"]) == (TO, "Service is back. (517220)")
    sent = row(database)
    assert (sent.status, sent.sid, sent.sent_at) == ("sent", message["sid"], NOW)


def test_a_text_that_is_not_due_waits(
    database: Engine, outbox: Outbox, carrier: RestServer, clock: Clock
) -> None:
    owe(database, next_at=NOW + timedelta(seconds=1))
    assert outbox.send(go_on) == {}
    clock.at += timedelta(seconds=1)
    assert outbox.send(go_on) == {"sent": 1}
    assert len(carrier.messages) == 1


def test_a_worker_told_to_stop_sends_nothing_more(
    database: Engine, outbox: Outbox, carrier: RestServer
) -> None:
    owe(database)
    assert outbox.send(lambda: True) == {}
    assert carrier.messages == []


def test_a_text_the_carrier_did_not_take_is_tried_later_and_later(
    database: Engine, outbox: Outbox, carrier: RestServer, clock: Clock
) -> None:
    owe(database)
    carrier.fail("429", 3)
    waits = []
    for _ in range(3):
        assert outbox.send(go_on) == {"delayed": 1}
        waiting = row(database)
        assert waiting.status == "pending"
        waits.append((waiting.next_at - clock.at).total_seconds())
        clock.at = waiting.next_at
    assert waits == [15, 30, 60]
    assert outbox.send(go_on) == {"sent": 1}
    assert len(carrier.messages) == 1


def test_a_delay_has_a_limit(
    database: Engine, outbox: Outbox, carrier: RestServer, clock: Clock
) -> None:
    owe(database, attempts=40)
    carrier.fail("429")
    outbox.send(go_on)
    assert row(database).next_at == NOW + timedelta(minutes=15)


def test_a_carrier_that_takes_nothing_is_left_alone_for_this_round(
    database: Engine, outbox: Outbox, carrier: RestServer
) -> None:
    for number in range(3):
        owe(database, f"10000{number}")
    carrier.fail("429")
    assert outbox.send(go_on) == {"delayed": 1}
    assert carrier.messages == []


def test_a_carrier_out_of_reach_leaves_the_text_for_later(
    database: Engine, settings: Settings, clock: Clock
) -> None:
    nowhere = replace(settings, twilio_api_url="http://127.0.0.1:1")
    client = connect(nowhere)
    owe(database)
    assert Outbox(database, Texting(client, nowhere), "me", clock).send(go_on) == {"delayed": 1}
    disconnect(client)
    assert row(database).status == "pending"


@pytest.mark.parametrize("fault", ["500-sent", "hang-sent"])
def test_a_text_that_left_without_an_answer_is_found_and_not_sent_again(
    database: Engine, outbox: Outbox, carrier: RestServer, fault: Fault
) -> None:
    owe(database)
    carrier.fail(fault)
    assert outbox.send(go_on) == {"sent": 1}
    assert outbox.send(go_on) == {}
    (message,) = carrier.messages
    assert (row(database).status, row(database).sid) == ("sent", message["sid"])


@pytest.mark.parametrize("fault", ["500", "hang"])
def test_a_text_that_cannot_be_found_is_unknown_and_never_sent_again(
    database: Engine, outbox: Outbox, carrier: RestServer, clock: Clock, fault: Fault
) -> None:
    owe(database)
    carrier.fail(fault)
    assert outbox.send(go_on) == {"unknown": 1}
    assert outbox.send(go_on) == {}
    clock.at += LOOK_AGAIN
    assert outbox.send(go_on) == {"unknown": 1}
    clock.at = NOW + TOO_OLD
    assert outbox.send(go_on) == {}
    assert row(database).status == "unknown"
    assert carrier.messages == []


def test_an_unknown_text_that_turns_up_later_was_sent(
    database: Engine, outbox: Outbox, carrier: RestServer, clock: Clock
) -> None:
    owe(database)
    carrier.fail("500")
    outbox.send(go_on)
    carrier.create({"To": TO, "From": "+12025550100", "Body": "Service is back. (517220)"})
    clock.at += LOOK_AGAIN
    assert outbox.send(go_on) == {"sent": 1}
    assert row(database).status == "sent"


def test_a_lookup_that_fails_leaves_the_text_unknown(
    database: Engine, settings: Settings, clock: Clock
) -> None:
    nowhere = replace(settings, twilio_api_url="http://127.0.0.1:1")
    client = connect(nowhere)
    owe(database, status="unknown")
    assert Outbox(database, Texting(client, nowhere), "me", clock).send(go_on) == {"unknown": 1}
    disconnect(client)
    assert row(database).status == "unknown"


def test_a_number_that_opted_out_gets_no_text_ever_again(
    database: Engine, outbox: Outbox, carrier: RestServer
) -> None:
    owe(database, "100001")
    carrier.fail("21610")
    assert outbox.send(go_on) == {"opted out": 1}
    owe(database, "100002")
    assert outbox.send(go_on) == {"given up": 1}
    assert carrier.messages == []
    with database.begin() as connection:
        assert set(connection.scalars(select(texts.c.status))) == {"opted-out"}
        assert connection.execute(select(opt_outs)).one() == (TO, NOW)


def test_a_landline_is_remembered_and_its_text_has_failed(
    database: Engine, outbox: Outbox, carrier: RestServer
) -> None:
    owe(database)
    carrier.fail("21614")
    assert outbox.send(go_on) == {"to a landline": 1}
    assert outbox.send(go_on) == {}
    assert (row(database).status, carrier.messages) == ("failed", [])
    with database.begin() as connection:
        assert connection.execute(select(landlines)).one() == (TO, NOW)


def test_a_refused_text_has_failed_and_the_next_one_is_sent(
    database: Engine, settings: Settings, clock: Clock
) -> None:
    class Refusing(Texting):
        def send(self, number: str, body: str) -> str:
            if "100001" in body:
                raise Refused("the carrier refused with 21211")
            return "SM1"

    owe(database, "100001")
    owe(database, "100002")
    outbox = Outbox(database, Refusing(None, settings), "me", clock)
    assert outbox.send(go_on) == {"failed": 1, "sent": 1}
    with database.begin() as connection:
        found = connection.execute(select(texts.c.reference, texts.c.status))
        assert {row.reference: row.status for row in found} == {
            "100001": "failed",
            "100002": "sent",
        }


def test_a_text_too_old_to_help_is_given_up(
    database: Engine, outbox: Outbox, carrier: RestServer, clock: Clock
) -> None:
    owe(database)
    clock.at += TOO_OLD
    assert outbox.send(go_on) == {"given up": 1}
    assert row(database).status == "failed"
    assert carrier.messages == []


@pytest.mark.parametrize("left", [True, False])
def test_a_text_whose_sender_was_killed_is_looked_up_and_not_sent_again(
    database: Engine, outbox: Outbox, carrier: RestServer, clock: Clock, left: bool
) -> None:
    owe(database)
    with database.begin() as connection:
        assert store.take_due(connection, "the one killed", NOW, NOW + LEASE)
    if left:
        carrier.create({"To": TO, "From": "+12025550100", "Body": "Service is back. (517220)"})
    assert outbox.send(go_on) == {}
    clock.at += LEASE + timedelta(seconds=1)
    assert outbox.send(go_on) == ({"sent": 1} if left else {"unknown": 1})
    assert len(carrier.messages) == left


def test_what_a_worker_says_too_late_counts_only_if_the_text_was_sent(
    database: Engine, clock: Clock
) -> None:
    owe(database)
    later = NOW + LEASE + timedelta(seconds=1)
    with database.begin() as connection:
        slow = store.take_due(connection, "slow", NOW, NOW + LEASE)
        assert slow
        other = store.take_unsure(connection, "other", later, later + LEASE, NOW - LEASE)
        assert other
        store.mark(connection, slow, "slow", "pending", later)
    assert row(database).status == "sending"
    with database.begin() as connection:
        store.mark(connection, other, "other", "unknown", later)
        store.mark_sent(connection, slow, "SM1", later)
        store.mark(connection, other, "other", "unknown", later)
    assert (row(database).status, row(database).sid) == ("sent", "SM1")


def test_workers_at_once_send_each_text_once(
    database: Engine, settings: Settings, carrier: RestServer, clock: Clock
) -> None:
    references = [f"{number:06}" for number in range(24)]
    for reference in references:
        owe(database, reference)

    def work(name: str) -> Counter[str]:
        client = connect(settings)
        done = Outbox(database, Texting(client, settings), name, clock).send(go_on)
        disconnect(client)
        return done

    with ThreadPoolExecutor(3) as pool:
        done = sum(pool.map(work, ("one", "two", "three")), Counter[str]())
    assert done == {"sent": 24}
    assert sorted(str(message["body"])[-7:-1] for message in carrier.messages) == references


def test_one_round_sends_no_more_than_a_batch(
    database: Engine, clock: Clock, settings: Settings
) -> None:
    class Counting(Texting):
        def send(self, number: str, body: str) -> str:
            return "SM1"

    for number in range(BATCH + 1):
        owe(database, f"{number:06}")
    quick = Outbox(database, Counting(None, settings), "me", clock)
    assert quick.send(go_on) == {"sent": BATCH}
    assert quick.send(go_on) == {"sent": 1}

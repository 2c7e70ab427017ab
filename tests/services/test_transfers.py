from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, delete, select, update

from ivr.config import Settings, Times
from ivr.dialog.call import Identity
from ivr.dialog.events import Replied
from ivr.dialog.turns import Request
from ivr.flows.services import RING, Level
from ivr.prompts.values import Count, Phone
from ivr.services import transfers as service
from ivr.store import offers as offers_store
from ivr.store import people as people_store
from ivr.store.tables import agents, calls, offers, transfers
from tests.builders import NOW, account, agent, call, context, stored_call

ANA, LUIS, EVA = "+12025550170", "+12025550171", "+12025550172"
LEG = "CAleg"


def ring(
    connection: Connection,
    turn: int,
    bridged: str = "",
    *,
    sid: str = "CA1",
    now: datetime = NOW,
    queue: str = "billing",
    times: Times | None = None,
    **state: Any,
) -> Replied:
    asked = Request(RING, words={"queue": queue, "bridged": bridged})
    settings = Settings(times=times or Times())
    given = context(connection, call(sid, **state), turn=turn, now=now, settings=settings)
    return service.ring(given, asked)


def rung(reply: Replied) -> tuple[str, str]:
    number = reply.fields["number"]
    assert isinstance(number, Phone)
    return reply.outcome, number.number


def offer_of(reply: Replied) -> int:
    offer = reply.fields["offer"]
    assert isinstance(offer, Count)
    return offer.number


def accept(connection: Connection, reply: Replied, leg: str = LEG) -> None:
    service.answer(connection, offer_of(reply), leg, NOW)
    assert service.decide(connection, offer_of(reply), leg, "1", NOW)


def statuses(connection: Connection) -> list[tuple[str, bool]]:
    rows = connection.execute(select(offers).order_by(offers.c.id))
    return [(row.status, row.ended_at is not None) for row in rows]


def status(connection: Connection, transfer: int = 1) -> str:
    found = select(transfers.c.status).where(transfers.c.id == transfer)
    return str(connection.execute(found).scalar_one())


@pytest.fixture
def connection(database: Engine) -> Iterator[Connection]:
    """A transaction with two billing agents, Luis bilingual, and a call that is under way."""
    with database.begin() as opened:
        agent(opened, "ana", ANA)
        agent(opened, "luis", LUIS, languages="es;en")
        stored_call(opened, call())
        yield opened


def test_the_first_ring_begins_a_transfer_that_knows_the_caller(connection: Connection) -> None:
    who = Identity(Level.MATCHED, account=account(connection))
    reply = ring(connection, 5, identity=who, reason="pay")
    row = connection.execute(select(transfers)).one()
    assert rung(reply) == ("ring", ANA)
    assert (row.call_sid, row.turn, row.queue, row.account_id) == ("CA1", 5, "billing", who.account)
    assert (row.level, row.language, row.reason, row.status) == ("matched", "en", "pay", "open")
    assert statuses(connection) == [("ringing", False)]


def test_who_speaks_the_language_rings_first(connection: Connection) -> None:
    assert rung(ring(connection, 1, language="es")) == ("ring", LUIS)


def test_who_was_rung_least_recently_rings_first(connection: Connection) -> None:
    first = ring(connection, 1)
    service.leg_ended(connection, offer_of(first), LEG, "no-answer", NOW)
    assert rung(ring(connection, 1, sid="CA2")) == ("ring", LUIS)
    later = NOW + timedelta(minutes=5)
    service.close_stale_offers(connection, later)
    connection.execute(update(offers).values(ended_at=later))
    connection.execute(update(offers).where(offers.c.agent_id == 1).values(rung_at=later))
    assert rung(ring(connection, 1, sid="CA3", now=later)) == ("ring", LUIS)


def test_an_unanswered_ring_leads_to_the_next_agent_and_then_to_nobody(
    connection: Connection,
) -> None:
    assert rung(ring(connection, 5)) == ("ring", ANA)
    assert rung(ring(connection, 6, "no")) == ("next", LUIS)
    assert ring(connection, 7, "no") == Replied("nobody")
    assert statuses(connection) == [("no-answer", True), ("no-answer", True)]
    assert status(connection) == "failed"


def test_no_agent_at_all_is_nobody_at_once(connection: Connection) -> None:
    connection.execute(update(agents).values(state="away"))
    assert ring(connection, 5) == Replied("nobody")
    assert ring(connection, 5) == Replied("nobody")
    assert status(connection) == "failed"
    assert len(connection.execute(select(transfers)).all()) == 1


def test_a_turn_that_runs_again_gets_the_same_answer(connection: Connection) -> None:
    first = ring(connection, 5)
    assert ring(connection, 5) == first
    second = ring(connection, 6, "no")
    assert ring(connection, 6, "no") == second
    accept(connection, second)
    assert ring(connection, 7, "yes") == ring(connection, 7, "yes") == Replied("talked")
    assert len(statuses(connection)) == 2


def test_an_agent_who_took_the_call_and_was_bridged_is_a_talk(connection: Connection) -> None:
    accept(connection, ring(connection, 5))
    assert statuses(connection) == [("accepted", False)]
    assert ring(connection, 6, "yes") == Replied("talked")
    assert statuses(connection) == [("accepted", True)]
    assert status(connection) == "accepted"


@pytest.mark.parametrize("bridged", ["no", ""])
def test_an_agent_who_hung_up_before_the_bridge_is_no_talk(
    connection: Connection, bridged: str
) -> None:
    accept(connection, ring(connection, 5))
    assert rung(ring(connection, 6, bridged)) == ("next", LUIS)


def test_a_bridge_nobody_accepted_was_a_voicemail(connection: Connection) -> None:
    service.answer(connection, offer_of(ring(connection, 5)), LEG, NOW)
    assert rung(ring(connection, 6, "yes")) == ("next", LUIS)
    assert statuses(connection)[0] == ("no-answer", True)


def test_three_agents_are_rung_at_most(connection: Connection) -> None:
    for number in (2, 3, 4):
        agent(connection, f"eva{number}", f"+1202555017{number}")
    outcomes = [ring(connection, turn, "no").outcome for turn in range(5, 9)]
    assert outcomes == ["ring", "next", "next", "nobody"]


def test_a_caller_waits_ninety_seconds_at_most(connection: Connection) -> None:
    ring(connection, 5)
    late = NOW + timedelta(seconds=90)
    assert ring(connection, 6, "no", now=late) == Replied("nobody")


def test_the_limits_are_settings(connection: Connection) -> None:
    ring(connection, 5)
    assert ring(connection, 6, "no", times=Times(rings=1)) == Replied("nobody")


def test_two_callers_never_ring_the_same_agent(connection: Connection) -> None:
    assert rung(ring(connection, 1)) == ("ring", ANA)
    assert rung(ring(connection, 1, sid="CA2")) == ("ring", LUIS)
    assert ring(connection, 1, sid="CA3") == Replied("nobody")


def test_callers_who_come_together_ring_different_agents(database: Engine) -> None:
    with database.begin() as connection:
        agent(connection, "ana", ANA)
        agent(connection, "luis", LUIS)
    together = Barrier(4)

    def come(number: int) -> Replied:
        together.wait()
        with database.begin() as connection:
            return ring(connection, 1, sid=f"CA{number}")

    with ThreadPoolExecutor(4) as callers:
        replies = list(callers.map(come, range(4)))
    assert sorted(rung(reply) for reply in replies if reply.fields) == [
        ("ring", ANA),
        ("ring", LUIS),
    ]
    assert [reply.outcome for reply in replies].count("nobody") == 2


def test_an_agent_taken_in_the_same_moment_leaves_the_transaction_usable(
    connection: Connection,
) -> None:
    ring(connection, 1)
    transfer = connection.scalars(select(transfers.c.id)).one()
    assert offers_store.ring(connection, transfer, 1, 2, NOW) is None
    assert statuses(connection) == [("ringing", False)]


def test_coming_to_a_person_anew_rings_anew(connection: Connection) -> None:
    ring(connection, 5)
    ring(connection, 6, "no")
    assert ring(connection, 7, "no").outcome == "nobody"
    assert rung(ring(connection, 9))[0] == "ring"


def test_a_transfer_left_halfway_frees_its_agent(connection: Connection) -> None:
    connection.execute(delete(agents).where(agents.c.phone == LUIS))
    ring(connection, 5)
    assert rung(ring(connection, 9)) == ("ring", ANA)
    assert status(connection) == "abandoned"


def test_another_queue_is_another_transfer(connection: Connection) -> None:
    agent(connection, "eva", EVA, queues="repair")
    ring(connection, 5)
    assert rung(ring(connection, 6, queue="repair")) == ("ring", EVA)
    assert statuses(connection) == [("no-answer", True), ("ringing", False)]


def test_an_agent_removed_while_ringing_does_not_break_the_call(connection: Connection) -> None:
    ring(connection, 5)
    connection.execute(delete(agents).where(agents.c.phone == ANA))
    assert ring(connection, 5) == Replied("nobody")
    assert rung(ring(connection, 6, "no")) == ("next", LUIS)


def test_only_the_one_key_takes_a_call(connection: Connection) -> None:
    offer = offer_of(ring(connection, 5))
    assert service.answer(connection, offer, LEG, NOW)
    assert service.decide(connection, offer, LEG, "2", NOW) is None
    assert statuses(connection) == [("declined", True)]
    assert service.decide(connection, offer, LEG, "1", NOW) is None
    assert rung(ring(connection, 6, "no")) == ("next", LUIS)


def test_a_key_told_twice_takes_the_call_once(connection: Connection) -> None:
    reply = ring(connection, 5)
    accept(connection, reply)
    accept(connection, reply)
    assert statuses(connection) == [("accepted", False)]
    assert service.decide(connection, offer_of(reply), "CAother", "1", NOW) is None


def test_a_second_leg_of_one_offer_gets_nothing(connection: Connection) -> None:
    offer = offer_of(ring(connection, 5))
    service.answer(connection, offer, LEG, NOW)
    assert service.answer(connection, offer, LEG, NOW)
    assert service.answer(connection, offer, "CAother", NOW) is None
    assert service.decide(connection, offer, "CAother", "1", NOW) is None
    service.leg_ended(connection, offer, "CAother", "completed", NOW)
    assert statuses(connection) == [("screening", False)]


def test_a_key_before_the_phone_was_answered_takes_nothing(connection: Connection) -> None:
    offer = offer_of(ring(connection, 5))
    assert service.decide(connection, offer, LEG, "1", NOW) is None
    assert statuses(connection) == [("ringing", False)]


def test_an_unknown_offer_is_nothing(connection: Connection) -> None:
    assert service.answer(connection, 99, LEG, NOW) is None
    assert service.decide(connection, 99, LEG, "1", NOW) is None


def test_an_agent_is_offered_nothing_once_the_caller_is_gone(connection: Connection) -> None:
    offer = offer_of(ring(connection, 5))
    service.answer(connection, offer, LEG, NOW)
    connection.execute(update(calls).values(status="completed"))
    assert service.answer(connection, offer, LEG, NOW) is None
    assert service.decide(connection, offer, LEG, "1", NOW) is None


def test_an_offer_passed_to_the_next_agent_is_over(connection: Connection) -> None:
    offer = offer_of(ring(connection, 5))
    ring(connection, 6, "no")
    assert service.answer(connection, offer, LEG, NOW) is None


@pytest.mark.parametrize("told", ["completed", "busy", "no-answer", "failed", "canceled"])
def test_a_leg_that_ended_unanswered_frees_its_agent(connection: Connection, told: str) -> None:
    service.leg_ended(connection, offer_of(ring(connection, 5)), LEG, told, NOW)
    assert statuses(connection) == [("no-answer", True)]


@pytest.mark.parametrize("told", ["initiated", "ringing", "in-progress", ""])
def test_a_leg_under_way_changes_nothing(connection: Connection, told: str) -> None:
    service.leg_ended(connection, offer_of(ring(connection, 5)), LEG, told, NOW)
    assert statuses(connection) == [("ringing", False)]


def test_the_end_of_an_accepted_leg_ends_the_talk_and_stays_accepted(
    connection: Connection,
) -> None:
    reply = ring(connection, 5)
    accept(connection, reply)
    service.leg_ended(connection, offer_of(reply), LEG, "completed", NOW)
    assert statuses(connection) == [("accepted", True)]
    assert ring(connection, 6, "yes") == Replied("talked")


def test_a_late_status_changes_no_decision(connection: Connection) -> None:
    offer = offer_of(ring(connection, 5))
    service.answer(connection, offer, LEG, NOW)
    service.decide(connection, offer, LEG, "9", NOW)
    service.leg_ended(connection, offer, LEG, "completed", NOW)
    assert statuses(connection) == [("declined", True)]


@pytest.mark.parametrize(("accepted", "result"), [(False, "abandoned"), (True, "accepted")])
def test_offers_of_calls_that_ended_are_closed(
    connection: Connection, accepted: bool, result: str
) -> None:
    reply = ring(connection, 5)
    if accepted:
        accept(connection, reply)
    assert service.close_stale_offers(connection, NOW) == 0
    connection.execute(update(calls).values(status="lost"))
    assert service.close_stale_offers(connection, NOW) == 1
    assert service.close_stale_offers(connection, NOW) == 0
    assert statuses(connection) == [("accepted" if accepted else "no-answer", True)]
    assert status(connection) == result


@pytest.mark.parametrize("answered", [False, True])
def test_an_agent_whose_webhooks_were_lost_rings_again_for_another_caller(
    connection: Connection, answered: bool
) -> None:
    connection.execute(delete(agents).where(agents.c.phone == LUIS))
    lost = offer_of(ring(connection, 5))
    if answered:
        service.answer(connection, lost, LEG, NOW)
    soon, later = NOW + timedelta(seconds=59), NOW + timedelta(seconds=60)
    assert ring(connection, 1, sid="CA2", now=soon) == Replied("nobody")
    assert rung(ring(connection, 1, sid="CA3", now=later)) == ("ring", ANA)
    assert statuses(connection) == [("no-answer", True), ("ringing", False)]
    assert service.decide(connection, lost, LEG, "1", later) is None


def test_the_worker_ends_rings_whose_webhooks_were_lost_but_no_talk(
    connection: Connection,
) -> None:
    accept(connection, ring(connection, 5))
    stored_call(connection, call("CA2"))
    ring(connection, 1, sid="CA2")
    assert service.close_stale_offers(connection, NOW + timedelta(seconds=59)) == 0
    assert service.close_stale_offers(connection, NOW + timedelta(seconds=60)) == 1
    assert service.close_stale_offers(connection, NOW + timedelta(seconds=60)) == 0
    assert statuses(connection) == [("accepted", False), ("no-answer", True)]


def test_a_caller_who_was_not_told_rings_nobody_of_another_language(
    connection: Connection,
) -> None:
    agent(connection, "eva", EVA, languages="es")
    rings = [ring(connection, turn, "no") for turn in (5, 6, 7)]
    assert [reply.outcome for reply in rings] == ["ring", "next", "nobody"]
    assert EVA not in {rung(reply)[1] for reply in rings[:2]}


def test_whoever_is_passed_over_no_other_language_is_next(connection: Connection) -> None:
    agent(connection, "eva", EVA, languages="es")
    free = people_store.free_agents(connection, "billing", "en", NOW)
    assert [found.phone for found in free] == [ANA, LUIS]


def test_a_removed_agent_does_not_open_the_other_languages(connection: Connection) -> None:
    agent(connection, "eva", EVA, languages="es")
    ring(connection, 5)
    connection.execute(delete(agents).where(agents.c.languages != "es"))
    assert ring(connection, 6, "no") == Replied("nobody")


def test_a_transfer_begun_in_another_language_rings_on_in_it(connection: Connection) -> None:
    connection.execute(update(agents).values(languages="es"))
    assert rung(ring(connection, 5)) == ("ring", ANA)
    assert rung(ring(connection, 6, "no")) == ("next", LUIS)


def test_who_comes_back_and_speaks_the_language_rings_before_the_others(
    connection: Connection,
) -> None:
    connection.execute(update(agents).values(languages="es"))
    ring(connection, 5)
    agent(connection, "eva", EVA)
    assert rung(ring(connection, 6, "no")) == ("next", EVA)
    assert rung(ring(connection, 7, "no")) == ("next", LUIS)


def test_a_ring_told_after_the_caller_left_rings_nobody(connection: Connection) -> None:
    ring(connection, 5)
    connection.execute(update(calls).values(status="completed"))
    service.close_stale_offers(connection, NOW)
    assert ring(connection, 6, "no") == Replied("nobody")
    assert len(statuses(connection)) == 1

"""What can happen next: each answer is of the class it stands for, each reply one there may be."""

from collections.abc import Callable
from itertools import chain

import pytest

from ivr.authoring.proof.facts import Facts, Undecided
from ivr.authoring.proof.happenings import (
    ANOTHER,
    MOST_RINGS,
    NOT_RINGING,
    SOMEBODY,
    Happenings,
    Lost,
    Ringing,
    answered,
    decided,
    step_at,
)
from ivr.authoring.proof.reads import Reads
from ivr.config import Times
from ivr.dialog.answers import Given, Meaning, Universal, Unusable, read
from ivr.dialog.call import Call, Identity, Spot
from ivr.dialog.events import Answered, CardTaken, Event, Rang, Replied, Silent
from ivr.dialog.memory import Memory
from ivr.dialog.turns import AwaitCard, AwaitKey, AwaitReply, AwaitTyped, Finished, Request, Wait
from ivr.flows.model import PAY_OUTCOMES, AnswerKind, Ask, Book, Do
from ivr.flows.services import RING, Level
from ivr.prompts.values import Money, YesNo
from tests.authoring.proof.books import small_book
from tests.authoring.proof.explored import Explored, shipped, small

TYPED = AwaitTyped(6, 3, 9, fixed=False, secret=False)


def after(
    call: Call, wait: Wait, ringing: Ringing = NOT_RINGING, on: Book | None = None
) -> list[Event]:
    book = on or small_book()
    facts = Facts(book)
    return list(Happenings(book, facts, Reads(book)).after(call, wait, ringing))


def at(name: str, step: int = -1, **more: object) -> Call:
    return Call("CA1", "", "+18005550199", None, "en", spot=Spot(name, step), **more)  # type: ignore[arg-type]  # any field


def keys(events: list[Event]) -> list[str]:
    return [it.text.reveal() for it in events if isinstance(it, Answered)]


def test_a_menu_hears_its_keys_one_it_does_not_offer_and_the_universal_ones() -> None:
    events = after(at("main"), AwaitKey(6))
    assert keys(events) == ["1", "2", "3", "4", "0", "9", "8", "7", "*", "#"]
    assert isinstance(events[-1], Silent)


def test_a_list_hears_six_keys_and_a_yes_no_two() -> None:
    assert keys(after(at("pick", 1), AwaitKey(6)))[:6] == list("123456")
    assert keys(after(at("pay", 2), AwaitKey(6)))[:3] == ["1", "2", "3"]


def meanings(ask: Ask, call: Call, events: list[Event]) -> dict[str, Meaning]:
    memory = Memory(call.memory)
    least, most = memory.cents(ask.limits.least), memory.cents(ask.limits.most)
    return {
        text: read(ask, text or "#", least, most)
        for it in events
        if isinstance(it, Answered)
        for text in [it.text.reveal()]
    }


@pytest.mark.parametrize("known", [small, shipped])
def test_every_question_hears_an_answer_of_every_class(known: Callable[[], Explored]) -> None:
    explored = known()
    asked = 0
    for node in explored.space.nodes:
        step = step_at(explored.book, node.call.spot)
        if not (isinstance(step, Ask) and isinstance(node.wait, AwaitTyped)):
            continue
        asked += 1
        events = [it.happening for it in node.onward if not isinstance(it.happening, Lost)]
        classes = list(meanings(step, node.call, events).values())
        assert any(isinstance(it, Given) for it in classes), step
        assert {it for it in classes if isinstance(it, Universal)} == set(Universal)
        assert Unusable.MISMATCH in classes
        assert Unusable.NOTHING in classes
        assert any(isinstance(it, Silent) for it in events)
    assert asked


def test_an_amount_is_tried_below_between_and_above_its_bounds() -> None:
    facts = Facts(small_book())
    bill = small_book().flows["bill"].steps[0]
    assert isinstance(bill, Do)
    balance = facts.value("bill", "balance", bill.service.outcomes["owes"]["balance"])
    assert isinstance(balance, Money)
    call = at("pay", 0, memory={"bill": {"balance": balance}})
    ask = small_book().flows["pay"].steps[0]
    assert isinstance(ask, Ask)
    typed = [text for text in keys(after(call, TYPED)) if len(text) > 1 and text.isdigit()]
    cents = [int(text) for text in typed]
    assert any(it < 100 for it in cents)
    assert any(100 <= it <= balance.cents for it in cents)
    assert any(it > balance.cents for it in cents)


def test_an_amount_whose_bound_is_not_known_has_none_above() -> None:
    cents = [int(it) for it in keys(after(at("pay", 0), TYPED)) if len(it) > 1 and it.isdigit()]
    assert [it for it in cents if it >= 100] == [100]


def test_digits_are_tried_too_short_and_a_phone_that_nobody_has() -> None:
    assert {"3333", "111"} <= set(keys(after(at("who", 0), TYPED)))
    phone = next(
        (flow.name, number)
        for flow in shipped().book.flows.values()
        for number, step in enumerate(flow.steps)
        if isinstance(step, Ask) and step.kind is AnswerKind.PHONE
    )
    heard = keys(after(at(*phone), TYPED, on=shipped().book))
    assert {"2025550142", "1" * 9, "1" * 10} <= set(heard)


def test_card_entry_ends_in_every_way_and_a_card_comes_only_when_given() -> None:
    events = after(at("pay", 4), AwaitCard())
    cards = {it.outcome: it.card for it in events if isinstance(it, CardTaken)}
    assert tuple(cards) == PAY_OUTCOMES
    assert [outcome for outcome, card in cards.items() if card] == ["given"]


def test_after_the_end_nothing_happens() -> None:
    assert after(at("bye", 1), Finished()) == []


# Replies


def replies(call: Call, ringing: Ringing = NOT_RINGING) -> list[Replied]:
    step = step_at(small_book(), call.spot)
    service = step.service if isinstance(step, Do) else RING
    events = after(call, AwaitReply(Request(service)), ringing)
    assert all(isinstance(it, Replied) for it in events)
    return [it for it in events if isinstance(it, Replied)]


def test_every_outcome_of_every_service_is_replied() -> None:
    for explored in (small(), shipped()):
        for node in explored.space.nodes:
            step = step_at(explored.book, node.call.spot)
            if isinstance(node.wait, AwaitReply) and isinstance(step, Do):
                told = {getattr(it.happening, "outcome", None) for it in node.onward} - {None}
                outcomes = set(step.service.every_outcome())
                assert told == outcomes


def test_a_fact_is_told_only_where_it_may_be_read_and_stays_open() -> None:
    (owes, _) = replies(at("bill", 0))
    assert set(owes.fields) == {"balance", "past-due"}
    assert type(owes.fields["past-due"]) is Undecided


def test_a_fact_that_may_be_left_out_is_there_and_is_not() -> None:
    seen = set()
    for node in shipped().space.nodes:
        step = step_at(shipped().book, node.call.spot)
        if isinstance(node.wait, AwaitReply) and isinstance(step, Do) and step.into:
            for passage in node.onward:
                if isinstance(passage.happening, Replied):
                    told = step.service.every_outcome()[passage.happening.outcome]
                    for name, field in told.items():
                        there = name in passage.happening.fields
                        seen.add((step.service.name, name, field.maybe, there))
    maybe = {it[:2] for it in seen if it[2] and it[3]}
    assert maybe
    assert {(*it, True, False) for it in maybe} <= seen


def test_only_an_outcome_that_grants_raises_anybody() -> None:
    raised = {(it.outcome, it.identity) for it in replies(at("pin", 1))}
    assert raised == {
        ("right", None),
        ("right", Identity(Level.VERIFIED, SOMEBODY)),
        *((outcome, None) for outcome in ("wrong", "forgotten", "unavailable")),
    }


def test_a_caller_who_is_somebody_may_turn_out_to_be_another() -> None:
    known = at("who", 1, identity=Identity(Level.MATCHED, SOMEBODY))
    who = [it.identity for it in replies(known) if it.outcome == "matched"]
    assert who == [None, Identity(Level.MATCHED, SOMEBODY), Identity(Level.MATCHED, ANOTHER)]


def outcomes(ringing: Ringing) -> list[str]:
    return [it.outcome for it in replies(at("person", 1), ringing)]


def test_phones_ring_one_after_the_other_and_nobody_talks_before_one_rang() -> None:
    assert outcomes(NOT_RINGING) == ["ring", "nobody", "unavailable"]
    assert outcomes(Ringing(1)) == ["next", "nobody", "unavailable"]
    assert outcomes(Ringing(1, bridged=True)) == ["talked", "next", "nobody", "unavailable"]
    assert outcomes(Ringing(MOST_RINGS)) == ["nobody", "unavailable"]
    assert Times().rings == MOST_RINGS


def test_a_phone_that_rang_was_picked_up_or_not() -> None:
    rang = chain.from_iterable(
        [it.happening for it in node.onward] for node in small().at("person", 1)
    )
    assert {it.bridged for it in rang if isinstance(it, Rang)} == {True, False}


# Decisions


def test_a_fact_is_decided_in_the_reply_that_tells_it_else_in_memory() -> None:
    fact = Facts(small_book()).undecided("bill", "past-due")
    reply = Replied("owes", {"past-due": fact})
    told, call = decided(reply, at("bill", 0), "bill", "past-due", yes=True)
    assert isinstance(told, Replied)
    assert told.fields == {"past-due": YesNo(True)}
    assert call == at("bill", 0)
    known = at("after", memory={"bill": {"past-due": fact}})
    event, call = decided(answered("2"), known, "bill", "past-due", yes=False)
    assert event == answered("2")
    assert call.memory == {"bill": {"past-due": YesNo(False)}}

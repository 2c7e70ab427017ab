"""Who may do and hear what, and the detours that identify a caller first."""

from dataclasses import replace

import pytest

from ivr.dialog.call import Detour, Identity, Pace, Spot
from ivr.dialog.events import Replied
from ivr.dialog.turns import AwaitAgent, Finished
from ivr.dialog.walk import Walk
from ivr.errors import CallError
from ivr.flows.model import Do, Flow, ToFlow
from ivr.flows.services import Level
from ivr.prompts.values import Digits, Money, YesNo
from tests.dialog.books import FLOWS, book
from tests.dialog.replies import (
    BILL,
    CHARGED,
    DANA,
    DANA_PROVEN,
    FOUND,
    KNOWN_PHONE,
    NEXT,
    OWES,
    QUOTE,
    RIGHT_PIN,
    RING,
    RINGS,
)
from tests.dialog.talk import Talk


def test_a_caller_known_by_their_phone_is_not_asked_who_they_are() -> None:
    talk = Talk(KNOWN_PHONE | BILL).press("1")
    assert talk.said == ["you-owe", "past-due-note", "1:full", "*:main"]


def test_an_unknown_caller_is_identified_and_comes_back_to_the_same_step() -> None:
    talk = Talk(FOUND | BILL).press("1")
    assert talk.said == ["number-please"]
    assert talk.call.stack == (Detour(Spot("bill", 0), Level.MATCHED),)
    talk.press("0042")
    assert talk.requests[-2].values == {"number": Digits("0042")}
    assert talk.said[0] == "you-owe"
    assert talk.call.identity == DANA
    assert not talk.call.stack


def test_two_levels_are_climbed_one_after_the_other() -> None:
    talk = Talk(FOUND | RIGHT_PIN | BILL).press("3")
    assert talk.said == ["number-please"]
    assert talk.press("0042").said == ["pin-please"]
    assert talk.press("1234#").said == ["last-was", "1:full", "*:main"]
    assert talk.call.identity == DANA_PROVEN


def test_a_detour_within_a_detour_comes_back_through_both() -> None:
    """The flow for the PIN needs a step that a matched caller may take."""
    steps = (book().flows["bill"].steps[0], *book().flows["pin"].steps)
    flows = {**book().flows, "pin": Flow("pin", steps)}
    nested = replace(book(), flows=flows)
    talk = Talk(FOUND | RIGHT_PIN | BILL, on=nested).press("3", "0042", "1234#")
    assert talk.said == ["last-was", "1:full", "*:main"]
    assert talk.call.stack == ()


def test_a_detour_that_needs_itself_is_a_call_error_and_no_endless_way() -> None:
    flows = {**book().flows, "who": book().flows["bill"]}
    with pytest.raises(CallError, match="too many detours"):
        Talk(on=replace(book(), flows=flows)).press("1")


def test_a_detour_that_does_not_identify_leads_to_the_person() -> None:
    talk = Talk(RINGS | {"who.find": Replied("not-found")}).press("1", "0042")
    assert talk.said == ["getting-agent"]
    assert isinstance(talk.turn.wait, AwaitAgent)
    assert talk.call.stack == ()


def test_zero_and_menus_leave_a_detour_for_good() -> None:
    assert Talk(RINGS).press("1", "0#").call.stack == ()
    talk = Talk(KNOWN_PHONE | {"pin.check": Replied("forgotten")}).press("3", "1234#")
    assert (talk.said[0], talk.call.stack) == ("main-short", ())


def test_back_from_a_detour_leaves_it() -> None:
    talk = Talk(FOUND | BILL).press("1", "*")
    assert (talk.said[0], talk.call.stack) == ("main-short", ())


def test_back_within_a_detour_stays_in_it() -> None:
    talk = Talk(FOUND | BILL | RIGHT_PIN).press("3", "0042", "*")
    assert talk.said == ["number-please"]
    assert talk.press("0042", "1234#").said[0] == "last-was"


def test_a_service_never_lifts_a_caller_above_what_it_grants() -> None:
    boast = Replied("matched", identity=DANA_PROVEN)
    talk = Talk({"who.find": boast} | BILL).press("1", "0042")
    assert talk.call.identity == DANA
    boast = Replied("owes", OWES.fields, identity=DANA_PROVEN)
    assert Talk(KNOWN_PHONE | {"bill.read": boast}).press("1").call.identity == DANA


def test_a_known_premise_is_kept_at_its_level() -> None:
    premise = Identity(Level.UNKNOWN, None, 9)
    talk = Talk({"caller.arrive": Replied("plain", identity=premise)})
    assert talk.call.identity == premise


def test_facts_above_the_level_are_neither_kept_nor_spoken() -> None:
    talk = Talk(KNOWN_PHONE | BILL).press("1")
    assert talk.call.memory["bill"] == {"balance": Money(8420), "past-due": YesNo(True)}
    assert "last-was" not in talk.said
    assert "5000" not in "".join(talk.states)


def test_facts_nobody_declared_are_not_kept() -> None:
    assert "unheard-of" not in Talk(KNOWN_PHONE | BILL).press("1").call.memory["bill"]


def test_a_fact_that_is_no_is_not_said_and_one_not_known_is_no() -> None:
    reply = Replied("owes", {"balance": Money(100), "past-due": YesNo(False)})
    assert Talk(KNOWN_PHONE | {"bill.read": reply}).press("1").said[:2] == ["you-owe", "1:full"]
    reply = Replied("owes", {"balance": Money(100)})
    assert Talk(KNOWN_PHONE | {"bill.read": reply}).press("1").said[:2] == ["you-owe", "1:full"]


def test_what_is_missing_is_left_out_of_a_request() -> None:
    talk = Talk(KNOWN_PHONE | QUOTE).press("2", "4000#")
    assert talk.requests[-1].values == {"amount": Money(4000)}
    flows = book().flows
    quote = flows["pay"].steps[1]
    alone = replace(book(), flows={**flows, "bill": Flow("bill", (quote, *flows["bill"].steps))})
    assert Talk(KNOWN_PHONE | QUOTE, on=alone).press("1").requests[-2].values == {}


# Secrets


def test_a_pin_reaches_its_service_and_is_in_no_state() -> None:
    talk = Talk(KNOWN_PHONE | RIGHT_PIN | BILL).press("3")
    assert talk.turn.secret
    talk.press("1379#")
    asked = next(it for it in talk.requests if it.service.name == "pin.check")
    pin = asked.secrets["pin"]
    assert pin.reveal() == "1379"  # type: ignore[union-attr]  # a PIN is no card
    assert asked.values == {}
    assert "1379" not in "".join(talk.states)
    assert "1379" not in repr(asked)


def test_a_wrong_pin_asks_anew_at_a_new_turn() -> None:
    check = [Replied("wrong"), Replied("right", identity=DANA_PROVEN)]
    talk = Talk(KNOWN_PHONE | BILL | {"pin.check": check}).press("3")
    turn = talk.call.turn
    assert talk.press("1379#").said == ["pin-wrong", "pin-please"]
    assert talk.call.turn == turn + 1
    assert talk.press("2468#").said[0] == "last-was"


def test_a_question_that_is_no_secret_says_so() -> None:
    assert not Talk().press("2").turn.secret
    assert not Talk().turn.secret


def test_a_secret_that_is_gone_is_a_call_error() -> None:
    """A `do` that takes a secret without the question before it."""
    check = Flow("pin", book().flows["pin"].steps[1:])
    short = replace(book(), flows={**book().flows, "pin": check})
    with pytest.raises(CallError, match="the secret pin is gone"):
        Talk(KNOWN_PHONE, on=short).press("3")


# What a reply changes


def test_a_reply_sets_language_and_pace() -> None:
    talk = Talk({"caller.arrive": Replied("plain", language="es", pace=Pace.SLOW)})
    assert (talk.call.language, talk.call.pace) == ("es", Pace.SLOW)
    assert talk.said[:2] == ["welcome", "other-language@en"]


def test_a_chosen_language_is_not_changed_by_a_reply() -> None:
    spanish = Replied("matched", identity=DANA, language="en")
    talk = Talk({"who.find": spanish} | BILL).press("8", "1", "0042")
    assert talk.call.language == "es"


# People


def test_a_ring_waits_for_that_phone_and_then_for_the_next() -> None:
    talk = Talk({"transfers.ring": [RING, NEXT, Replied("talked")]}).press("0")
    assert (talk.turn.wait, talk.call.done) == (AwaitAgent("+12025550170", 1), ())
    talk.rang(bridged=False)
    assert (talk.said, talk.turn.wait) == (["still-trying"], AwaitAgent("+12025550171", 2))
    assert talk.rang(bridged=True).turn.wait == Finished()
    assert talk.call.done == ("agent",)
    assert [it.words for it in talk.requests[1:]] == [{"queue": "billing"}] * 3


def test_when_nobody_answers_the_caller_is_told() -> None:
    talk = Talk({"transfers.ring": Replied("nobody")}).press("0")
    assert talk.said == ["getting-agent", "nobody-free", "goodbye"]


def test_where_rings_fail_the_book_says_what_happens() -> None:
    assert Talk().press("0").said == ["getting-agent", "goodbye"]


def test_home_may_be_a_flow() -> None:
    assert Talk(on=replace(book(), home=ToFlow("bye"))).press("*").said == ["goodbye"]


def test_a_charge_is_settled_only_where_money_moved() -> None:
    asking_on = book(
        FLOWS.replace("declined: {say: not-paid, go: menu main}", "declined: flow paid")
    )
    declined = KNOWN_PHONE | QUOTE | {"money.charge": Replied("declined")}
    assert Talk(declined, on=asking_on).press("2", "4000#", "1").card("given").call.trail
    charged = KNOWN_PHONE | QUOTE | CHARGED
    assert not Talk(charged, on=asking_on).press("2", "4000#", "1").card("given").call.trail


def test_another_account_forgets_what_was_known_of_the_first() -> None:
    other = Replied("matched", identity=Identity(Level.MATCHED, 8, 8))
    talk = Talk(KNOWN_PHONE | BILL | {"who.find": other}).press("1")
    assert "bill" in talk.call.memory
    walk = Walk(talk.book, talk.call)
    walk.learn(next(s for s in talk.book.flows["who"].steps if isinstance(s, Do)), other)
    assert not walk.memory.facts
    assert not walk.trail

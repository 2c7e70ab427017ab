"""Back, home, the barrier behind a settled job, coming back and being lost."""

from dataclasses import replace

import pytest

from ivr.dialog.call import Call, Spot, Tries
from ivr.dialog.directives import Say as SaySomething
from ivr.dialog.engine import advance
from ivr.dialog.events import Answered, Arrived, Rang, Replied, Silent
from ivr.dialog.turns import AwaitCard, Finished
from ivr.errors import CallError
from ivr.flows.model import Flow, Go, Move, Ref, Say, ToFlow, ToMenu, Word
from ivr.flows.model import Line as Words
from ivr.prompts.values import Text
from ivr.telemetry import Secret
from tests.dialog.books import FLOWS, LINE, book
from tests.dialog.replies import (
    BILL,
    CHARGED,
    COMPANY,
    FOUND,
    KNOWN_PHONE,
    QUOTE,
    RIGHT_PIN,
    RINGS,
    SEVERAL,
)
from tests.dialog.talk import NOON, Talk, heard

OPTIONS = ["1:bill", "2:pay", "3:details", "0:agent"]
PAYING = KNOWN_PHONE | QUOTE | CHARGED


def test_star_at_the_first_question_says_the_menu_again() -> None:
    talk = Talk().press("*")
    assert talk.said == ["main-short", *OPTIONS]
    assert talk.call.trail == ()


def test_star_walks_back_question_by_question() -> None:
    talk = Talk(PAYING).press("2", "4000#")
    assert talk.said == ["you-will-pay", "yes-no"]
    assert talk.press("*").said == ["how-much"]
    assert talk.press("*").said == ["main-short", *OPTIONS]
    assert talk.press("*").said == ["main-short", *OPTIONS]


def test_star_forgets_the_failures_at_the_question_it_left() -> None:
    talk = Talk(PAYING).press("2").silence(2).press("*")
    assert talk.call.tries == Tries(call=2)


def test_the_same_question_asked_again_is_one_step_back() -> None:
    talk = Talk(PAYING).press("2").press("99#", "4000#", "*", "*")
    assert talk.said == ["main-short", *OPTIONS]


def test_a_question_asked_again_is_no_second_place_to_go_back_to() -> None:
    talk = Talk(KNOWN_PHONE | BILL | QUOTE, on=replace(book(), home=ToFlow("bye")))
    for _ in range(3):
        talk.press("1", "1", "4000#", "1").card("stopped")
    assert [stop.spot.name for stop in talk.call.trail] == ["after", "pay", "pay"]


def test_all_ways_begin_at_the_home_menu() -> None:
    talk = Talk(KNOWN_PHONE | BILL | QUOTE).press("1", "1", "4000#")
    assert [stop.spot.name for stop in talk.call.trail] == ["after", "pay"]
    assert talk.press("1").card("stopped").call.trail == ()


def test_a_list_that_is_gone_is_no_place_to_go_back_to() -> None:
    talk = Talk(SEVERAL | PAYING, on=replace(book(), home=ToFlow("bye"))).press("6")
    assert talk.said[0] == "which-thing"
    choosing = talk.call.open
    assert choosing is not None
    elsewhere = replace(talk.press("*", "2").call, memory={})
    elsewhere = replace(elsewhere, trail=(*elsewhere.trail, choosing))
    back = advance(talk.book, elsewhere, Answered(NOON, Secret("*"), finished=True))
    assert back.call.spot == Spot("main", -1)


def test_a_choice_of_nothing_is_given_up() -> None:
    listless = book(FLOWS.replace("none: menu main, un", "none: next, un"))
    talk = Talk({"list.read": Replied("none")}, on=listless).press("6")
    assert talk.said[:2] == ["sorry-trouble", "getting-agent"]


def test_after_a_charge_star_leads_home_and_never_to_the_yes() -> None:
    talk = Talk(PAYING).press("2", "4000#", "1").card("given")
    assert talk.said == ["paid", "phone-please"]
    assert talk.call.trail == ()
    assert talk.press("*").said == ["main-short", *OPTIONS]


def test_after_the_charge_the_trail_begins_anew() -> None:
    talk = Talk(PAYING).press("2", "4000#", "1").card("given")
    assert talk.said[-1] == "phone-please"
    assert talk.press("*").said == ["main-short", *OPTIONS]


def test_back_leads_to_the_home_menu_where_it_is_offered_and_nowhere_from_there() -> None:
    talk = Talk(PAYING).press("2", "4000#", "1").card("given").press("2025550142")
    assert talk.said == ["*:main"]  # the other option needs an amount that nobody knows here
    assert talk.press("*").said == ["main-short", *OPTIONS]
    assert talk.press("*").said == ["main-short", *OPTIONS]


def test_back_at_a_home_flow_leaves_no_detour_behind() -> None:
    small = replace(book(), home=ToFlow("bye"))
    talk = Talk({"caller.arrive": Replied("plain")}, on=small).press("3")
    talk.change(trail=(), open=None).press("*")
    assert talk.said == ["goodbye"]
    assert talk.call.stack == ()


def test_back_as_a_target_says_what_its_branch_says() -> None:
    talk = Talk(KNOWN_PHONE | {"bill.read": Replied("unavailable")}).press("1")
    assert talk.said == ["try-later", "main-short", *OPTIONS]


# Cards


def test_a_yes_waits_for_a_card_and_keeps_its_token_out_of_the_state() -> None:
    talk = Talk(PAYING).press("2", "4000#", "1")
    assert (talk.turn.wait, talk.turn.secret) == (AwaitCard(), True)
    talk.card("given")
    request = talk.requests[-1]
    assert request.service.name == "money.charge"
    assert "pm_card_visa" not in "".join(talk.states)
    assert "pm_card_visa" not in repr(request)


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        ("stopped", ["not-paid", "main-short", *OPTIONS]),
        ("failed", ["main-short", *OPTIONS]),
        ("connector-down", ["main-short", *OPTIONS]),
        ("hung-up", []),
    ],
)
def test_a_card_that_was_not_given_goes_its_own_way(outcome: str, said: list[str]) -> None:
    talk = Talk(PAYING).press("2", "4000#", "1").card(outcome)
    assert talk.said == said
    assert talk.requests[-1].service.name == "money.quote"


# Coming back


def test_who_comes_back_hears_an_apology_and_the_open_question_and_nothing_changes() -> None:
    talk = Talk(KNOWN_PHONE | BILL).press("1")
    turn = talk.come_back()
    assert heard(turn) == ["interrupted", *talk.said]
    assert replace(turn.call, said=()) == replace(talk.call, said=())
    assert turn.wait == talk.turn.wait


def test_who_comes_back_does_not_hear_the_greeting_again() -> None:
    assert heard(Talk().come_back()) == ["interrupted", "news", "main-long", *OPTIONS]


def test_who_comes_back_to_card_entry_is_asked_for_the_card() -> None:
    turn = Talk(PAYING).press("2", "4000#", "1").come_back()
    assert (heard(turn), turn.wait) == (["interrupted"], AwaitCard())


def test_who_comes_back_while_an_agent_rings_hears_the_ring_go_on() -> None:
    talk = Talk(RINGS).press("0")
    turn = talk.come_back()
    assert (heard(turn), turn.wait) == (["interrupted"], talk.turn.wait)


def test_a_call_that_ended_stays_ended() -> None:
    talk = Talk(KNOWN_PHONE | BILL).press("1").silence()
    assert talk.come_back().wait == Finished()


def test_a_call_that_stands_nowhere_cannot_come_back() -> None:
    talk = Talk().change(spot=None)
    with pytest.raises(CallError, match="no step"):
        talk.come_back()
    with pytest.raises(CallError, match="nothing to resume"):
        talk.change(spot=Spot("welcome", 1)).come_back()


def test_a_lost_call_is_led_to_the_lines_lost_target() -> None:
    talk = Talk(RINGS | FOUND | RIGHT_PIN).press("3", "0042").silence(2)
    turn = talk.lose_place()
    kept = turn.call
    assert [say.prompt for say in kept.said] == ["interrupted", "getting-agent"]
    assert (kept.stack, kept.trail, kept.open, kept.tries) == ((), (), None, Tries())


# What does not fit


@pytest.mark.parametrize("event", [Silent(NOON), Rang(NOON, False), Replied("plain")])
def test_an_event_that_does_not_fit_is_a_call_error(event: Silent | Rang | Replied) -> None:
    call = Talk(PAYING).press("2", "4000#", "1").call
    with pytest.raises(CallError):
        advance(book(), call, event)


def test_a_card_that_was_not_asked_for_is_a_call_error() -> None:
    with pytest.raises(CallError, match="card"):
        Talk().press("2").card("given")


def test_a_list_that_is_gone_is_a_call_error() -> None:
    talk = Talk().change(spot=Spot("pick", 1))
    with pytest.raises(CallError, match=r"found\.things is not a list"):
        talk.press("1")
    with pytest.raises(CallError, match=r"found\.things is not a list"):
        talk.come_back()


def test_a_turn_of_more_than_a_hundred_steps_is_a_call_error() -> None:
    steps = (Say(Words("tip")), Go(ToFlow("round")))
    flows = {**book().flows, "round": Flow("round", steps)}
    endless = replace(book(), flows=flows, home=ToFlow("round"))
    with pytest.raises(CallError, match="more than 100 steps"):
        Talk(on=endless).press("*")


def test_a_flow_that_ends_nowhere_is_a_call_error() -> None:
    short = replace(book(), flows={**book().flows, "bye": Flow("bye", (Say(Words("goodbye")),))})
    with pytest.raises(CallError, match="ends nowhere"):
        Talk({"transfers.ring": Replied("unavailable")}, on=short).press("0")


def test_next_has_no_meaning_at_a_menu() -> None:
    menu = book().menus["main"]
    option = replace(menu.options[0], branch=replace(menu.options[0].branch, go=Move.NEXT))
    odd = replace(book(), menus={"main": replace(menu, options=(option,))})
    with pytest.raises(CallError, match="next has no meaning"):
        Talk(on=odd).press("1")


def test_a_ring_where_no_transfer_is_or_without_a_number_is_a_call_error() -> None:
    with pytest.raises(CallError, match="no transfer"):
        Talk().press("2").rang(bridged=False)
    with pytest.raises(CallError, match="a ring without a number"):
        Talk({"transfers.ring": Replied("ring")}).press("0")


def test_a_question_where_the_call_stands_nowhere_is_a_call_error() -> None:
    call = Call("CA1", book().digest, LINE, None, "en")
    with pytest.raises(CallError, match="no step at None"):
        advance(book(), call, Silent(NOON))


def test_a_line_nobody_listed_is_served_by_the_first() -> None:
    call = Call("CA1", book().digest, "+18005550100", None, "en")
    lines = {LINE: replace(book().lines[LINE], start=ToMenu("main"))}
    turn = advance(replace(book(), lines=lines), call, Arrived(NOON))
    assert heard(turn)[0] == "main-long"


def test_a_word_of_the_book_fills_a_placeholder() -> None:
    line = Words("hint", (("word", Word("left")),))
    odd = replace(book(), announce=line)
    said = Talk(on=odd).turn.within[0]
    assert said == SaySomething("hint", (("word", Text("left")), COMPANY))


def test_a_line_whose_need_is_not_met_is_not_spoken() -> None:
    line = Words("hint", needs=Ref("bill", "past-due"))
    assert "hint" not in Talk(KNOWN_PHONE | BILL, on=replace(book(), announce=line)).said


def test_back_never_leads_into_a_detour_that_is_over() -> None:
    talk = Talk(FOUND | BILL).press("1", "0042")
    assert talk.said[0] == "you-owe"
    assert talk.press("*").said == ["main-short", *OPTIONS[:3], "4:pick", "0:agent"]

"""Keys at menus and questions, and what each of the universal ones does."""

import pytest

from ivr.dialog.call import Pace
from ivr.dialog.directives import Offer, Say
from ivr.dialog.events import Answered, Replied
from ivr.dialog.turns import AwaitAgent, AwaitKey, AwaitTyped, Finished
from ivr.flows.model import Book
from ivr.prompts.values import Digits, Money, Text
from ivr.telemetry import Secret
from tests.dialog.books import FLOWS, FRONT, book
from tests.dialog.replies import BILL, COMPANY, FOUND, KNOWN_PHONE, QUOTE, RINGS, SEVERAL
from tests.dialog.talk import NOON, Talk

OPTIONS = ["1:bill", "2:pay", "3:details", "0:agent"]


def test_a_menu_greets_and_offers_what_holds_and_is_not_quiet() -> None:
    talk = Talk()
    assert talk.said == ["welcome", "other-language@es", "news", "main-long", "tip", *OPTIONS]
    assert talk.turn.wait == AwaitKey(6)
    assert (talk.turn.before, talk.call.turn) == ((), 1)


def test_a_menu_greets_shorter_the_second_time() -> None:
    assert Talk().press("1", "*").said == ["main-short", *OPTIONS]


def test_a_choice_whose_need_is_met_is_offered_on_its_own_key() -> None:
    talk = Talk({**KNOWN_PHONE, **BILL}).press("1", "*")
    assert talk.said == ["main-short", *OPTIONS[:3], "4:pick", "0:agent"]


def test_a_choice_whose_need_is_not_met_is_a_wrong_key() -> None:
    assert Talk(SEVERAL).press("4").said == ["not-an-option", *OPTIONS]


def test_a_quiet_choice_works_unspoken_and_what_a_branch_says_comes_before_repeat() -> None:
    talk = Talk().press("5")
    assert talk.said == ["tip", *OPTIONS]
    assert talk.press("9").said == ["tip", *OPTIONS]


def test_the_chosen_prompt_is_remembered_as_the_reason() -> None:
    assert Talk().press("2").call.reason == "pay"


def test_an_event_leaves_the_state_before_it_alone() -> None:
    talk = Talk()
    before = talk.call
    talk.press("2")
    assert (before.turn, before.memory, talk.call.turn) == (1, {}, 2)


@pytest.mark.parametrize("key", ["4", "#", "12", "A"])
def test_a_key_that_is_no_option_is_a_mismatch(key: str) -> None:
    assert Talk().press(key).said[0] == "not-an-option"


def test_zero_leads_to_a_person_without_what_was_said_before() -> None:
    talk = Talk(RINGS).press("0")
    assert talk.said == ["getting-agent"]
    assert isinstance(talk.turn.wait, AwaitAgent)


def test_zero_forgets_the_failures_at_the_question_it_left() -> None:
    talk = Talk({"list.read": Replied("none")}, on=person_asks()).silence(2).press("0")
    assert talk.call.tries.silences == 0
    assert talk.call.tries.call == 2
    assert talk.silence().said == ["heard-nothing", "number-please"]


def person_asks() -> Book:
    return book(
        FLOWS.replace(
            "    - say: getting-agent\n    - transfer",
            "    - ask: number\n      prompt: number-please\n      kind: digits\n"
            "      patience: {give-up: flow bye}\n"
            "    - say: getting-agent\n    - transfer",
        )
    )


def test_nine_says_it_all_again_and_slower_the_second_time() -> None:
    talk = Talk(KNOWN_PHONE | BILL).press("1")
    first = talk.said
    assert talk.press("9").said == first
    assert not slow(talk)
    assert talk.press("9").said == first
    assert slow(talk)
    assert talk.press("9").said == first


def test_nine_leaves_out_what_is_said_once() -> None:
    assert Talk().press("9").said == ["news", "main-long", *OPTIONS]


def test_another_answer_ends_the_slowness() -> None:
    talk = Talk(KNOWN_PHONE | BILL).press("9", "9", "1")
    assert talk.call.repeats == 0
    assert not slow(talk)


def slow(talk: Talk) -> bool:
    says = [it for it in talk.turn.within if isinstance(it, Say) and it.prompt != "yes-no"]
    assert len({say.slow for say in says}) == 1
    return says[0].slow


def test_eight_switches_the_language_and_keeps_the_question() -> None:
    talk = Talk(KNOWN_PHONE | BILL).press("1", "6")
    failed = talk.call.tries
    assert failed.call == 1
    talk.press("8")
    assert talk.said == ["you-owe", "past-due-note", "1:full", "*:main"]
    assert (talk.call.language, talk.call.chose_language) == ("es", True)
    assert talk.call.tries == failed
    assert talk.press("8").call.language == "en"


def test_eight_leaves_out_what_is_said_once_and_offers_nothing_twice() -> None:
    assert Talk().press("8").said == ["news", "main-long", *OPTIONS]


def test_seven_gives_three_times_as_long_and_counts_nothing() -> None:
    talk = Talk().press("7")
    assert talk.said == ["more-time", *OPTIONS]
    assert talk.turn.wait == AwaitKey(18)
    assert (talk.call.pace, talk.call.tries.call) == (Pace.SLOW, 0)
    assert talk.press("2").turn.wait == AwaitTyped(18, 9, 9, fixed=False, secret=False)


def test_with_one_language_eight_is_no_key() -> None:
    front = FRONT.replace("[en, es]", "[en]").replace(
        "  es: {voice: Polly.Lupe-Neural, language: es-US, pay: es-US}\n", ""
    )
    talk = Talk(on=book(FLOWS, front))
    assert talk.said[:2] == ["welcome", "news"]
    assert talk.press("8").said[0] == "not-an-option"
    assert talk.press("2", "8").call.language == "en"


def test_the_caller_hears_an_announcement_before_anything_else() -> None:
    talk = Talk(on=book(FLOWS, FRONT + "announce: tip\n"))
    assert talk.said[0] == "tip"


# Typed questions


def test_a_typed_question_waits_longer_for_the_first_key() -> None:
    talk = Talk().press("3")
    assert talk.said == ["number-please"]
    assert talk.turn.wait == AwaitTyped(15, 5, 4, fixed=True, secret=False)


def test_universal_keys_work_alone_at_a_typed_question() -> None:
    talk = Talk(RINGS).press("2")
    assert talk.press("9#").said == ["how-much"]
    assert talk.press("7#").said == ["more-time", "how-much"]
    assert talk.press("8#").call.language == "es"
    assert talk.press("0#").said == ["getting-agent"]


def test_star_after_digits_asks_again_and_counts_nothing() -> None:
    talk = Talk().press("2", "12*")
    assert talk.said == ["how-much"]
    assert talk.call.tries.call == 0


def test_an_amount_out_of_bounds_is_asked_for_again() -> None:
    talk = Talk(KNOWN_PHONE | BILL).press("1", "1")
    assert talk.press("99#").said == ["not-an-option", "how-much"]
    assert talk.press("8421#").said == ["listen-again", "how-much"]


def test_a_pound_alone_where_an_answer_is_due_is_a_mismatch() -> None:
    talk = Talk().press("2").pound()
    assert talk.said == ["how-much"]  # the first may belong to the key before it
    assert talk.pound().said == ["not-an-option", "how-much"]


def test_a_stray_pound_after_a_fixed_length_answer_is_swallowed() -> None:
    talk = Talk(FOUND | BILL)
    talk.press("1", "0042")
    heard = talk.said
    assert heard[0] == "you-owe"
    assert talk.press("#").said == heard  # the # cut it short
    assert talk.call.tries.call == 0
    assert talk.press("#").said[0] == "not-an-option"


def test_a_stray_pound_at_a_typed_question_is_swallowed_too() -> None:
    talk = Talk(FOUND).press("3", "0042").pound()
    assert (talk.said, talk.call.tries.call) == (["pin-please"], 0)
    assert talk.pound().said == ["not-an-option", "pin-please"]


# A list of things


def test_the_choices_of_a_list_take_the_keys_in_order() -> None:
    talk = Talk(SEVERAL).press("6")
    assert talk.said == ["which-thing", "1:thing-ending", "2:thing-ending"]
    assert talk.turn.within[1] == Offer("1", "thing-ending", (("ending", Digits("0042")),))
    assert talk.turn.wait == AwaitKey(6)


def test_a_choice_and_a_word_of_the_book_reach_the_service() -> None:
    talk = Talk({**SEVERAL, "list.take": Replied("taken")}).press("6", "2")
    asked = talk.requests[-1]
    assert asked.values == {"thing": Text("thing-0043")}
    assert asked.words == {"mark": "silent"}
    assert isinstance(talk.turn.wait, Finished)
    assert talk.call.ended


@pytest.mark.parametrize("key", ["3", "12", "A"])
def test_a_key_beyond_the_list_is_a_mismatch(key: str) -> None:
    talk = Talk(SEVERAL).press("6", key)
    assert talk.said[:2] == ["not-an-option", "which-thing"]


def test_an_empty_answer_at_a_list_is_a_mismatch() -> None:
    talk = Talk(SEVERAL).press("6").hear(Answered(NOON, Secret("")))
    assert talk.said[0] == "not-an-option"


# Yes or no


def at_the_yes() -> Talk:
    return Talk(KNOWN_PHONE | BILL | QUOTE).press("2", "4000#")


def test_at_a_yes_to_money_the_amount_is_said_where_no_key_is_heard() -> None:
    talk = at_the_yes()
    assert talk.turn.before == (Say("you-will-pay", (("amount", Money(4000)), COMPANY)),)
    assert talk.turn.within == (Say("yes-no"),)
    assert talk.requests[-1].values == {"amount": Money(4000)}


def test_the_amount_comes_first_again_after_a_failure_and_on_nine() -> None:
    talk = at_the_yes().press("3")
    assert [it.prompt for it in talk.turn.before] == ["not-an-option", "you-will-pay"]
    assert [it.prompt for it in talk.press("9").turn.before] == ["you-will-pay"]


def test_no_follows_its_own_branch() -> None:
    talk = at_the_yes().press("2")
    assert talk.said == ["not-paid", "you-will-pay", "yes-no"]

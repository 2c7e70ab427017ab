"""Silence and wrong keys: help that grows, counts that end, and a person instead of a hang-up."""

from dataclasses import replace

from ivr.dialog.call import Tries
from ivr.dialog.turns import AwaitAgent, AwaitKey, Finished
from ivr.flows.model import Ref
from tests.dialog.books import FLOWS, book
from tests.dialog.replies import BILL, FOUND, KNOWN_PHONE, RINGS
from tests.dialog.talk import Talk

OPTIONS = ["1:bill", "2:pay", "3:details", "0:agent"]


def test_help_grows_with_every_silence() -> None:
    talk = Talk()
    assert talk.silence().said == ["heard-nothing", *OPTIONS]
    assert talk.silence().said == ["still-nothing", *OPTIONS]
    assert talk.turn.wait == AwaitKey(6)


def test_help_grows_with_every_wrong_key() -> None:
    talk = Talk()
    assert talk.press("#").said == ["not-an-option", *OPTIONS]
    assert talk.press("#").said == ["listen-again", *OPTIONS]


def test_silence_and_wrong_keys_have_helps_of_their_own() -> None:
    talk = Talk().silence().press("#")
    assert talk.said[0] == "not-an-option"
    assert talk.call.tries == Tries(silences=1, mismatches=1, call=2)


def test_the_third_failure_at_a_question_leads_to_a_person_with_an_apology() -> None:
    talk = Talk(RINGS).silence().press("#").silence()
    assert talk.said == ["sorry-trouble", "getting-agent"]
    assert isinstance(talk.turn.wait, AwaitAgent)
    assert talk.call.tries == Tries()


def test_failures_do_not_follow_the_caller_to_the_person() -> None:
    asking = FLOWS.replace(
        "    - say: getting-agent\n    - transfer",
        "    - ask: number\n      prompt: number-please\n      kind: digits\n"
        "      patience: {give-up: flow bye}\n"
        "    - say: getting-agent\n    - transfer",
    )
    talk = Talk(on=book(asking)).silence(3)
    assert talk.said == ["sorry-trouble", "number-please"]
    assert talk.call.tries == Tries()
    assert talk.silence().said == ["heard-nothing", "number-please"]


def test_a_question_may_have_fewer_tries() -> None:
    talk = Talk(RINGS | KNOWN_PHONE | BILL).press("1").press("6")
    assert talk.said[0] == "not-an-option"
    assert talk.press("6").said == ["sorry-trouble", "getting-agent"]


def test_the_fifth_failure_of_a_call_leads_to_a_person() -> None:
    talk = Talk(RINGS | FOUND).silence(2).press("3").silence(2)
    assert talk.said == ["still-nothing", "number-please"]
    assert talk.call.tries == Tries(silences=2, mismatches=0, call=4)
    talk.press("0042").silence()
    assert talk.said == ["sorry-trouble", "getting-agent"]
    assert talk.call.stack == ()


def test_an_answer_forgets_the_failures_at_its_question_but_not_the_calls() -> None:
    talk = Talk().silence(2).press("3")
    assert talk.call.tries == Tries(call=2)
    assert talk.silence().said == ["heard-nothing", "number-please"]


def test_a_finished_job_forgets_the_failures_of_the_call() -> None:
    talk = Talk(KNOWN_PHONE | BILL).silence(2).press("1")
    assert talk.call.tries == Tries()
    assert talk.call.done == ("bill",)


def test_the_help_of_a_question_longer_failed_at_than_helps_there_are_is_the_last() -> None:
    patient = book(FLOWS.replace("kind: money\n", "kind: money\n      patience: {tries: 9}\n"))
    talk = Talk(on=patient).press("2").silence(4)
    assert talk.said == ["still-nothing", "how-much"]


def test_silence_after_a_job_leads_on_at_once_and_counts_nothing() -> None:
    talk = Talk(KNOWN_PHONE | BILL).press("1").silence()
    assert talk.said == ["thanks", "goodbye"]
    assert isinstance(talk.turn.wait, Finished)
    assert talk.call.tries == Tries()


def test_nine_after_a_failure_leaves_the_apology_out() -> None:
    talk = Talk().silence().press("9")
    assert talk.said == ["news", "main-long", *OPTIONS]
    assert talk.call.tries.silences == 1


def test_a_stray_pound_means_nothing_once_the_caller_was_helped() -> None:
    talk = Talk(FOUND).press("3", "0042")
    assert talk.call.fixed
    talk.silence()
    assert talk.pound().said == ["not-an-option", "pin-please"]


def test_helps_that_may_not_be_known_are_left_out() -> None:
    talk = Talk()
    line = replace(talk.book.menus["main"].patience.silence[0], binds=(("last", Ref("nothing")),))
    menu = talk.book.menus["main"]
    patience = replace(menu.patience, silence=(line,))
    menus = {**talk.book.menus, "main": replace(menu, patience=patience)}
    talk.book = replace(talk.book, menus=menus)
    assert talk.silence().said == OPTIONS

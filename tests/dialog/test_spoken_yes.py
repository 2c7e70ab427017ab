"""A yes that is said aloud and recorded, and a payment method that is kept without an amount."""

import pytest

from ivr.dialog.call import Pace, Spot, Tries
from ivr.dialog.events import Card, CardTaken, Recorded, Replied
from ivr.dialog.turns import AwaitAgent, AwaitCard, AwaitKey, AwaitRecording
from ivr.errors import CallError
from ivr.flows.model import Book, PayMethod
from ivr.prompts.values import Text
from ivr.telemetry import Secret
from tests.dialog.replies import RINGS
from tests.dialog.talk import NOON, Talk, heard
from tests.saving import saving

SAID = Recorded(NOON, "RE00a1", 3)
KEPT = {"methods.keep": Replied("kept"), **RINGS}
ACCOUNT = Card(Secret("pm_bank"), "", "89", PayMethod.BANK)


def asked() -> Talk:
    """A caller who is asked to say that they agree."""
    return Talk(KEPT, saving()).press("4")


def test_it_is_asked_for_with_five_seconds_of_silence_at_least() -> None:
    talk = asked()
    assert talk.said == ["say-you-agree"]
    assert (talk.turn.wait, talk.turn.secret) == (AwaitRecording(wait=5, longest=15), False)


def test_a_book_may_wait_longer() -> None:
    talk = Talk(KEPT, saving(("wait: 4s", "wait: 8s"))).press("4")
    assert talk.turn.wait == AwaitRecording(wait=8, longest=15)


def test_who_asked_for_more_time_is_waited_for_three_times_as_long() -> None:
    talk = asked().press("7")
    assert talk.said == ["more-time", "say-you-agree"]
    assert talk.call.pace is Pace.SLOW
    assert talk.turn.wait == AwaitRecording(wait=15, longest=45)


def test_what_was_said_is_kept_by_the_name_of_its_recording() -> None:
    talk = asked().silence().hear(SAID)
    assert talk.call.memory["agreement"] == {"": Text("RE00a1")}
    assert talk.call.tries == Tries(call=1)


def test_star_leads_where_the_book_says_that_it_was_stopped() -> None:
    stopped = "kind: spoken-yes\n      when: {stopped: {say: not-saved, go: menu main}}"
    talk = Talk(KEPT, saving(("kind: spoken-yes", stopped))).press("4", "*")
    assert talk.said[0] == "not-saved"
    assert (talk.call.spot, talk.call.tries) == (Spot("main", -1), Tries())


def test_star_leads_back_where_the_book_says_nothing() -> None:
    talk = asked().press("*")
    assert "not-saved" not in talk.said
    assert talk.call.spot == Spot("main", -1)


def test_then_the_account_is_taken_for_no_amount() -> None:
    talk = asked().hear(SAID)
    assert (talk.turn.wait, talk.turn.secret) == (AwaitCard(PayMethod.BANK), True)
    back = talk.come_back()
    assert (heard(back), back.wait) == (["interrupted"], AwaitCard(PayMethod.BANK))


def test_the_service_gets_the_account_as_a_secret_and_the_recording_as_a_text() -> None:
    talk = asked().hear(SAID).hear(CardTaken(NOON, "given", ACCOUNT))
    request = talk.requests[-1]
    assert request.secrets == {"method": ACCOUNT}
    assert request.values == {"recording": Text("RE00a1")}
    assert request.words == {}
    assert talk.said[0] == "saved"
    assert talk.call.done == ("saved",)
    assert not any("pm_bank" in state for state in talk.states)


@pytest.mark.parametrize(
    ("outcome", "said"), [("stopped", "not-saved"), ("failed", "not-saved"), ("hung-up", None)]
)
def test_an_account_that_was_not_given_is_handled_as_a_card_is(
    outcome: str, said: str | None
) -> None:
    talk = asked().hear(SAID).hear(CardTaken(NOON, outcome))
    assert next(iter(talk.said), None) == said


def test_silence_is_helped_and_given_up_as_everywhere() -> None:
    talk = asked().silence()
    assert talk.said == ["heard-nothing", "say-you-agree"]
    assert talk.silence().said == ["still-nothing", "say-you-agree"]
    talk.silence()
    assert talk.said[0] == "sorry-trouble"
    assert isinstance(talk.turn.wait, AwaitAgent)


@pytest.mark.parametrize("key", ["1", "2", "5"])
def test_a_key_is_no_spoken_yes(key: str) -> None:
    talk = asked().press(key)
    assert talk.said == ["not-an-option", "say-you-agree"]
    assert "agreement" not in talk.call.memory
    assert talk.call.tries.mismatches == 1


def test_the_universal_keys_mean_what_they_mean_everywhere() -> None:
    assert isinstance(asked().press("0").turn.wait, AwaitAgent)
    assert asked().press("9").said == ["say-you-agree"]
    switched = asked().press("8")
    assert (switched.call.language, switched.said) == ("es", ["say-you-agree"])
    back = asked().press("*")
    assert (back.turn.wait, back.said[0]) == (AwaitKey(6), "1:bill")


def then_by_key(*changes: tuple[str, str]) -> Book:
    """The book with a question behind it that a key answers."""
    wait = "patience: {wait: 4s}"
    by_key = "{ask: sure, first: saved, kind: yes-no, when: {'yes': next, 'no': next}}"
    return saving((wait, f"{wait}\n    - {by_key}"), *changes)


def test_star_leads_back_to_it_from_the_question_behind() -> None:
    talk = Talk(KEPT, then_by_key()).press("4").hear(SAID)
    assert talk.turn.wait == AwaitKey(6)
    back = talk.press("*").turn
    assert back.wait == AwaitRecording(wait=5, longest=15)
    talk.hear(Recorded(NOON, "RE00a2", 1))
    assert talk.call.memory["agreement"] == {"": Text("RE00a2")}


def test_no_star_leads_back_to_it_once_it_was_stopped() -> None:
    stopped = ("kind: spoken-yes", "kind: spoken-yes\n      when: {stopped: next}")
    talk = Talk(KEPT, then_by_key(stopped)).press("4", "*")
    assert talk.turn.wait == AwaitKey(6)
    assert talk.press("*").call.spot == Spot("main", -1)


def test_a_recording_that_nobody_asked_for_belongs_nowhere() -> None:
    with pytest.raises(CallError, match="a recording came where none was asked for"):
        Talk(KEPT, saving()).hear(SAID)
    talk = Talk(KEPT, then_by_key()).press("4").hear(SAID)
    with pytest.raises(CallError, match="a recording came where none was asked for"):
        talk.hear(SAID)

"""What a form of Twilio's means."""

from collections.abc import Mapping

import pytest

from ivr.channels.twilio.hearing import arrival, event
from ivr.dialog.events import Answered, CardTaken, Rang, Silent
from ivr.switchboard import Arrival
from tests.line import CALLER, LINE, MONDAY_NOON


@pytest.mark.parametrize(
    ("form", "text", "finished"),
    [
        ({"Digits": "1"}, "1", False),
        ({"Digits": "0042", "FinishedOnKey": "#"}, "0042", True),
        ({"Digits": "0042", "FinishedOnKey": ""}, "0042", False),
        ({"Digits": "#"}, "#", False),
        ({"Digits": "*", "FinishedOnKey": ""}, "*", False),
        ({"Digits": "", "FinishedOnKey": "#"}, "", True),
        ({"FinishedOnKey": "#"}, "", True),
        ({"Digits": "12*34", "msg": "Gather End"}, "12*34", False),
    ],
)
def test_keys_are_an_answer(form: Mapping[str, str], text: str, finished: bool) -> None:
    heard = event(form, MONDAY_NOON)
    assert isinstance(heard, Answered)
    assert (heard.text.reveal(), heard.finished, heard.at) == (text, finished, MONDAY_NOON)
    assert text not in repr(heard) or not text.strip("*#01")


@pytest.mark.parametrize(
    "form",
    [{}, {"Digits": ""}, {"Digits": "", "FinishedOnKey": ""}, {"msg": "Gather End"}, {"X": "1"}],
)
def test_no_key_is_silence(form: Mapping[str, str]) -> None:
    assert event(form, MONDAY_NOON) == Silent(MONDAY_NOON)


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        ("caller-interrupted-with-star", "stopped"),
        ("payment-connector-error", "connector-down"),
        ("internal-error", "connector-down"),
        ("caller-hung-up", "hung-up"),
        ("too-many-failed-attempts", "failed"),
        ("validation-error", "failed"),
        ("something new", "failed"),
        ("", "failed"),
        ("success", "failed"),  # without a token it is none
    ],
)
def test_card_entry_without_a_token_ends_without_a_card(result: str, outcome: str) -> None:
    assert event({"Result": result}, MONDAY_NOON) == CardTaken(MONDAY_NOON, outcome)


def test_a_card_is_its_token_and_its_last_four_digits() -> None:
    form = {
        "Result": "success",
        "PaymentToken": "pm_card_visa",
        "PaymentCardNumber": "xxxxxxxxxxxx4242",
        "PaymentCardType": "visa",
    }
    heard = event(form, MONDAY_NOON)
    assert isinstance(heard, CardTaken)
    assert heard.outcome == "given"
    assert heard.card
    assert (heard.card.token.reveal(), heard.card.brand) == ("pm_card_visa", "visa")
    assert heard.card.last4 == "4242"
    assert "pm_card_visa" not in repr(heard)


def test_a_token_alone_is_a_card_too() -> None:
    heard = event({"Result": "success", "PaymentToken": "pm_1"}, MONDAY_NOON)
    assert isinstance(heard, CardTaken)
    assert heard.card
    assert (heard.card.brand, heard.card.last4) == ("", "")


def test_a_token_that_comes_with_a_failure_is_no_card() -> None:
    form = {"Result": "caller-hung-up", "PaymentToken": "pm_1"}
    assert event(form, MONDAY_NOON) == CardTaken(MONDAY_NOON, "hung-up")


@pytest.mark.parametrize(
    ("form", "bridged"),
    [
        ({"DialCallStatus": "completed", "DialBridged": "true"}, True),
        ({"DialCallStatus": "completed", "DialBridged": "false"}, False),
        ({"DialCallStatus": "completed"}, False),
        ({"DialCallStatus": "no-answer", "DialBridged": "false"}, False),
    ],
)
def test_only_a_bridged_dial_was_a_talk(form: Mapping[str, str], bridged: bool) -> None:
    assert event(form, MONDAY_NOON) == Rang(MONDAY_NOON, bridged)


@pytest.mark.parametrize(
    "caller",
    [
        "",
        "anonymous",
        "unknown",
        "client:dana",
        "sip:dana@example.com",
        "+0123456789",
        "2025550142",
        "+1202555014२",
        "+266696687",
        "+7378742883",
        "+12025550142\n",
        "+" + "1" * 16,
    ],
)
def test_what_is_no_number_to_be_trusted_is_withheld(caller: str) -> None:
    assert arrival({"From": caller, "To": LINE}) == Arrival(LINE, None)


@pytest.mark.parametrize(
    ("verdict", "trusted"),
    [
        ("TN-Validation-Passed-A", True),
        ("TN-Validation-Passed-C", True),
        ("No-TN-Validation", True),
        ("", True),
        ("TN-Validation-Failed", False),
        ("TN-Validation-Failed-B", False),
    ],
)
def test_a_number_known_to_be_forged_is_withheld(verdict: str, trusted: bool) -> None:
    form = {"From": CALLER, "To": LINE, "StirVerstat": verdict}
    assert arrival(form) == Arrival(LINE, CALLER if trusted else None)


def test_a_form_without_numbers_is_an_arrival_all_the_same() -> None:
    assert arrival({}) == Arrival("", None)

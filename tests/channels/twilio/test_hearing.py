"""What a form of Twilio's means."""

from collections.abc import Mapping

import pytest

from ivr.channels.twilio.hearing import arrival, event, has_left
from ivr.dialog.events import Answered, Card, CardTaken, Rang, Recorded, Silent
from ivr.flows.model import PayMethod
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


ACCOUNT = {
    "Result": "success",
    "PaymentToken": "pm_bank",
    "PaymentMethod": "ach-debit",
    "BankAccountNumber": "xxxxxxxxxx89",
    "BankRoutingNumber": "061938257",
    "BankAccountType": "consumer-checking",
    "PaymentCardPostalCode": "73317",
    "PaymentConfirmationCode": "ch_73317",
    "PayConnector_name": "Dana Vale",
}


def taken(form: Mapping[str, str]) -> Card:
    heard = event(form, MONDAY_NOON)
    assert isinstance(heard, CardTaken)
    assert heard.card
    return heard.card


def test_an_account_is_its_token_and_the_digits_that_are_shown() -> None:
    card = taken(ACCOUNT)
    assert card.token.reveal() == "pm_bank"
    assert (card.method, card.brand, card.last4) == (PayMethod.BANK, "", "89")
    assert card.expires == ""


def test_nothing_else_that_comes_with_a_payment_method_is_kept() -> None:
    clear = {"SecurityCode": "731", "ExpirationDate": "1230", "PaymentMethod": "credit-card"}
    for form in (ACCOUNT, {**ACCOUNT, **clear}):
        kept = repr(taken(form))
        for told in ("061938257", "73317", "731", "Dana", "1230", "pm_bank", "checking"):
            assert told not in kept


@pytest.mark.parametrize("method", ["credit-card", "ach-debit"])
def test_of_a_number_that_is_not_masked_four_digits_are_kept(method: str) -> None:
    numbers = {"PaymentCardNumber": "4242424242424242", "BankAccountNumber": "000123454242"}
    card = taken({"Result": "success", "PaymentToken": "pm", "PaymentMethod": method, **numbers})
    assert card.last4 == "4242"


@pytest.mark.parametrize("masked", ["", "xxxx", "xxxx12xx", "4242 hidden"])
def test_a_number_that_shows_no_end_has_none(masked: str) -> None:
    form = {"Result": "success", "PaymentToken": "pm", "PaymentCardNumber": masked}
    assert taken(form).last4 == ""


@pytest.mark.parametrize(
    ("written", "expires"),
    [
        ("1230", "2030-12"),
        ("01/29", "2029-01"),
        ("1330", ""),
        ("0030", ""),
        ("12/2030", ""),
        ("123", ""),
        ("", ""),
    ],
)
def test_a_card_expires_at_the_end_of_a_month(written: str, expires: str) -> None:
    form = {"Result": "success", "PaymentToken": "pm", "ExpirationDate": written}
    assert taken(form).expires == expires


def test_a_token_alone_is_a_card_too() -> None:
    heard = event({"Result": "success", "PaymentToken": "pm_1"}, MONDAY_NOON)
    assert isinstance(heard, CardTaken)
    assert heard.card
    assert (heard.card.brand, heard.card.last4) == ("", "")
    assert heard.card.method is PayMethod.CARD


def test_a_token_that_comes_with_a_failure_is_no_card() -> None:
    form = {"Result": "caller-hung-up", "PaymentToken": "pm_1"}
    assert event(form, MONDAY_NOON) == CardTaken(MONDAY_NOON, "hung-up")


RECORDED = {
    "RecordingSid": "RE00a1",
    "RecordingUrl": "https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE00a1",
    "RecordingDuration": "3",
}


@pytest.mark.parametrize("key", [{}, {"Digits": ""}, {"Digits": "#"}])
def test_what_is_said_aloud_is_the_name_of_its_recording(key: Mapping[str, str]) -> None:
    assert event({**RECORDED, **key}, MONDAY_NOON) == Recorded(MONDAY_NOON, "RE00a1", 3)


def test_a_recording_without_a_name_has_that_of_its_address() -> None:
    form = {name: it for name, it in RECORDED.items() if name != "RecordingSid"}
    assert event(form, MONDAY_NOON) == Recorded(MONDAY_NOON, "RE00a1", 3)


@pytest.mark.parametrize(
    "changed",
    [
        {"RecordingDuration": "0"},
        {"RecordingDuration": ""},
        {"RecordingDuration": "-3"},
        {"RecordingDuration": "३"},
        {"RecordingDuration": "0", "Digits": "#"},
        {"RecordingSid": "", "RecordingUrl": ""},
        {"RecordingSid": "a b"},
    ],
)
def test_less_than_a_second_is_silence(changed: Mapping[str, str]) -> None:
    assert event({**RECORDED, **changed}, MONDAY_NOON) == Silent(MONDAY_NOON)


@pytest.mark.parametrize("key", ["0", "*", "1", "9"])
def test_a_key_ends_a_recording_and_is_the_answer(key: str) -> None:
    heard = event({**RECORDED, "Digits": key}, MONDAY_NOON)
    assert isinstance(heard, Answered)
    assert heard.text.reveal() == key


@pytest.mark.parametrize(("digits", "left"), [("hangup", True), ("#", False), ("", False)])
def test_who_hung_up_while_it_recorded_has_left(digits: str, left: bool) -> None:
    assert has_left({**RECORDED, "Digits": digits}) is left


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

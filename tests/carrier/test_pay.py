"""Card entry: fields in order, mistakes, prompts, tokens, and the ways it ends."""

from datetime import date
from typing import Any

import pytest

from ivr.carrier.cards import (
    TEST_CARDS,
    brand,
    card_keys,
    card_token,
    is_card_number,
    is_current,
    masked,
)
from ivr.carrier.phone import Phone
from ivr.carrier.waits import Keys
from tests.carrier.script import App, Page, heard, ring

VISA = TEST_CARDS["visa"]


def pay(attributes: str = "", prompts: str = "", **settings: Any) -> tuple[Phone, App]:
    verb = f"<Pay action='/paid' {attributes}>{prompts}</Pay><Say>Never.</Say>"
    pages: dict[str, Page | list[Page]] = {"/voice": verb, "/paid": "<Say>Done.</Say>"}
    return ring(pages, **settings)


def test_a_good_card_gives_a_token_and_no_digits() -> None:
    phone, app = pay()
    phone.press(f"{VISA},1228,123,60601#")
    form = app.form("/paid")
    assert form["Result"] == "success"
    assert {name: form[name] for name in form if name.startswith(("Pay", "Exp", "Sec"))} == {
        "PaymentToken": "pm_card_visa",
        "PaymentMethod": "credit-card",
        "PaymentCardNumber": "xxxxxxxxxxxx4242",
        "PaymentCardType": "visa",
        "ExpirationDate": "1228",
        "SecurityCode": "***",
        "PaymentCardPostalCode": "60601",
    }
    assert phone.said[-1] == "Done."


def test_what_is_typed_stands_nowhere_but_in_the_masked_form() -> None:
    phone, _ = pay()
    phone.press(f"{VISA},1228,987,60601#")
    kept = repr(phone.heard) + repr([dict(request.form) for request in phone.requests])
    assert VISA not in kept
    assert "987" not in kept
    assert VISA not in repr(phone.wire) + repr(Keys(VISA))


def test_the_fields_are_asked_in_order() -> None:
    phone, _ = pay()
    asked = [phone.text]
    for keys in (VISA, "1228", "123"):
        phone.press(keys)
        asked.append(phone.text)
    assert [
        "number" in asked[0],
        "date" in asked[1],
        "security" in asked[2],
        "ZIP" in asked[3],
    ] == [True] * 4


@pytest.mark.parametrize(
    ("attributes", "keys", "sent"),
    [
        ("securityCode='false'", f"{VISA},1228,60601#", ("", "60601")),
        ("postalCode='false'", f"{VISA},1228,123", ("***", "")),
        ("postalCode='60602'", f"{VISA},1228,123", ("***", "60602")),
    ],
)
def test_fields_may_be_left_out(attributes: str, keys: str, sent: tuple[str, str]) -> None:
    phone, app = pay(attributes)
    phone.press(keys)
    form = app.form("/paid")
    assert (form["SecurityCode"], form["PaymentCardPostalCode"]) == sent


@pytest.mark.parametrize("name", TEST_CARDS)
def test_every_test_card_can_be_typed(name: str) -> None:
    phone, app = pay()
    phone.enter_card(name)
    form = app.form("/paid")
    assert form["Result"] == "success"
    assert form["PaymentToken"] == card_token(TEST_CARDS[name])
    assert [entry.text for entry in heard(phone, "card")] == [name]


def test_a_test_card_is_typed_only_as_far_as_it_is_asked_for() -> None:
    phone, app = pay("postalCode='false'")
    phone.enter_card("visa")
    assert app.form("/paid")["Result"] == "success"


@pytest.mark.parametrize(
    ("typed", "wrong", "error"),
    [
        ("", "4242424242424241", "invalid-card-number"),
        ("", "4242#", "invalid-card-number"),
        ("", "6011111111111117", "invalid-card-type"),
        ("", "4242", "input-timeout"),
        ("", "", "input-timeout"),
        ("", "#", "input-timeout"),
        (VISA, "1328", "invalid-date"),
        (VISA, "0026", "invalid-date"),
        (VISA, "1026", "invalid-date"),
        (VISA, "12#", "invalid-date"),
        (f"{VISA},1228", "12#", "invalid-security-code"),
        (f"{VISA},1228,123", "1234#", "invalid-postal-code"),
        (f"{VISA},1228,123", "60601", "input-timeout"),
    ],
)
def test_a_field_wrong_too_often_ends_the_entry(typed: str, wrong: str, error: str) -> None:
    phone, app = pay("maxAttempts='2' minPostalCodeLength='5'")
    if typed:
        phone.press(typed)
    phone.press(f"{wrong},{wrong}")
    assert not phone.ended
    phone.press(wrong)
    form = app.form("/paid")
    assert (form["Result"], form["PaymentError"]) == ("too-many-failed-attempts", error)
    assert "PaymentToken" not in form
    assert [entry.text for entry in heard(phone, "card")] == ["refused"]


def test_attempts_are_counted_per_field_and_one_retry_is_the_default() -> None:
    phone, app = pay()
    phone.press(f"1#,{VISA},1,1228,1#,123,60601#")
    assert app.form("/paid")["Result"] == "success"


def test_this_month_is_still_current() -> None:
    phone, app = pay()
    phone.press(f"{VISA},1126,123,60601#")
    assert app.form("/paid")["Result"] == "success"


def test_an_amex_has_fifteen_digits_and_a_code_of_four() -> None:
    phone, app = pay()
    phone.press(f"{TEST_CARDS['amex']},1228,1234,60601#")
    form = app.form("/paid")
    assert (form["PaymentToken"], form["SecurityCode"]) == ("pm_card_amex", "****")


def test_card_types_may_be_widened() -> None:
    phone, app = pay("validCardTypes='discover'")
    phone.press("6011111111111117,1228,123,60601#")
    assert app.form("/paid")["PaymentToken"] == "pm_card_discover"


@pytest.mark.parametrize("before", ["*", "4242*", f"{VISA},*", f"{VISA},1228,123,606*"])
def test_star_ends_the_entry_at_any_time(before: str) -> None:
    phone, app = pay()
    phone.press(before)
    form = app.form("/paid")
    assert form["Result"] == "caller-interrupted-with-star"
    assert "PaymentToken" not in form
    assert phone.said[-1] == "Done."


def test_a_hang_up_in_the_entry_is_told_to_the_action_and_the_status_url() -> None:
    phone, app = pay()
    phone.press(VISA)
    phone.hang_up()
    assert app.form("/paid")["Result"] == "caller-hung-up"
    assert app.form("/paid")["CallStatus"] == "completed"
    assert app.paths[-1] == "/voice/status"
    assert "Done." not in phone.text


def test_a_broken_connector_is_told() -> None:
    phone, app = pay("paymentConnector='Shaky'", broken_connectors=["Shaky"])
    phone.enter_card("visa")
    assert app.form("/paid")["Result"] == "payment-connector-error"


PROMPTS = """
<Prompt for='payment-card-number'><Say>Card number, please.</Say><Pause/></Prompt>
<Prompt for='payment-card-number' errorType='invalid-card-number timeout'>
  <Say>Not a card.</Say></Prompt>
<Prompt for='payment-card-number' attempt='3'><Say>Last time.</Say></Prompt>
<Prompt for='payment-card-number' errorType='invalid-card-type' attempt='2 3'>
  <Say>Another kind.</Say></Prompt>
<Prompt for='security-code'><Say>Three digits.</Say></Prompt>
<Prompt for='security-code' cardType='amex'><Say>Four digits.</Say></Prompt>
<Prompt for='postal-code' attempt='2 3'><Say>Not a ZIP.</Say></Prompt>
<Prompt for='payment-processing'><Say>One moment.</Say></Prompt>
"""


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (None, "Card number, please."),
        ("1#", "Not a card."),
        ("", "Not a card."),
        ("6011111111111117", "Another kind."),
        ("6011111111111117,6011111111111117", "Another kind."),
        (f"{VISA},1228", "Three digits."),
        (f"{TEST_CARDS['amex']},1228", "Four digits."),
        (f"{VISA},1228,123,1#", "Not a ZIP."),
        (f"{VISA},1228,123,60601#", "One moment."),
    ],
)
def test_the_apps_own_prompts_are_said_where_they_match(keys: str | None, said: str) -> None:
    phone, _ = pay("maxAttempts='3' minPostalCodeLength='5'", PROMPTS)
    if keys is not None:
        phone.press(keys)
    assert [text for text in phone.said if text != "Done."][-1] == said
    assert {entry.who for entry in phone.heard if entry.text == said} == {"line"}


def test_without_a_prompt_the_carrier_speaks_the_language_of_pay() -> None:
    phone, _ = pay("language='es-US'")
    assert phone.text == "Ingrese el número de su tarjeta."
    assert phone.heard[-1].who == "carrier"
    phone.press("1#")
    assert phone.text == "Eso no es correcto. Ingrese el número de su tarjeta."


@pytest.mark.parametrize(
    ("action", "allowed"),
    [
        ("https://line.example/paid", True),
        ("http://127.0.0.1:8000/paid", True),
        ("http://localhost/paid", True),
        ("http://line.example/paid", False),
    ],
)
def test_the_action_is_https_or_on_loopback(action: str, allowed: bool) -> None:
    phone, _ = ring(f"<Pay action='{action}'/>")
    assert phone.ended is not allowed
    assert [error.code for error in phone.errors] == ([] if allowed else [64016])


@pytest.mark.parametrize(
    ("number", "name"),
    [
        ("4", "visa"),
        ("34", "amex"),
        ("2221", "mastercard"),
        ("2720", "mastercard"),
        ("2721", ""),
        ("55", "mastercard"),
        ("6011", "discover"),
        ("3566", "jcb"),
        ("3065", ""),
        ("305", "diners-club"),
        ("6771", "maestro"),
        ("9", ""),
    ],
)
def test_a_brand_is_known_by_its_first_digits(number: str, name: str) -> None:
    assert brand(number) == name


@pytest.mark.parametrize(
    ("number", "good"),
    [
        (VISA, True),
        ("4242424242424243", False),
        ("424242424242424", False),
        ("378282246310005", True),
        ("30569309025904", True),
        ("9242424242424242", False),
    ],
)
def test_a_card_number_has_a_check_digit_and_a_length(number: str, good: bool) -> None:
    assert is_card_number(number) is good


def test_an_expiry_is_good_through_its_month() -> None:
    assert is_current("1126", date(2026, 11, 30))
    assert not is_current("1126", date(2026, 12, 1))


def test_a_mask_shows_four_digits() -> None:
    assert masked("378282246310005") == "xxxxxxxxxxx0005"


def test_an_unknown_test_card_has_no_keys() -> None:
    with pytest.raises(KeyError):
        card_keys("gold", date(2026, 11, 22))

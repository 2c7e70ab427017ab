"""Bank account entry: two fields, their mistakes and prompts, and what the app is told."""

from typing import Any

import pytest

from ivr.carrier.banks import TEST_ACCOUNTS, account_keys, is_routing_number, masked_account
from ivr.carrier.phone import Phone
from tests.carrier.script import App, Page, heard, ring

ROUTING, ACCOUNT = TEST_ACCOUNTS["checking"]


def pay(attributes: str = "", prompts: str = "", **settings: Any) -> tuple[Phone, App]:
    verb = f"<Pay action='/paid' paymentMethod='ach-debit' {attributes}>{prompts}</Pay>"
    pages: dict[str, Page | list[Page]] = {"/voice": verb, "/paid": "<Say>Done.</Say>"}
    return ring(pages, **settings)


def told(app: App) -> dict[str, str]:
    """What of the form is about the payment."""
    form = app.form("/paid")
    return {name: form[name] for name in form if name.startswith(("Pay", "Bank", "Exp", "Sec"))}


def test_a_good_account_gives_a_token_and_its_last_two_digits() -> None:
    phone, app = pay()
    phone.press(f"{ROUTING},{ACCOUNT}#")
    assert app.form("/paid")["Result"] == "success"
    assert told(app) == {
        "PaymentToken": "pm_usBankAccount_success",
        "PaymentMethod": "ach-debit",
        "BankAccountNumber": "xxxxxxxxxx89",
        "BankRoutingNumber": ROUTING,
        "BankAccountType": "consumer-checking",
    }
    assert phone.said[-1] == "Done."


def test_the_kind_of_account_is_the_one_that_was_asked_for() -> None:
    phone, app = pay("bankAccountType='commercial-checking'")
    phone.enter_bank("checking")
    assert told(app)["BankAccountType"] == "commercial-checking"


def test_an_account_number_stands_nowhere_but_in_the_masked_form() -> None:
    phone, _ = pay()
    phone.press(f"{ROUTING},48151623420#")
    kept = repr(phone.heard) + repr([dict(request.form) for request in phone.requests])
    assert "48151623420" not in kept
    assert "48151623420" not in repr(phone.wire)
    assert [entry.text for entry in heard(phone, "bank")] == ["other"]


@pytest.mark.parametrize(
    ("name", "token"),
    [
        ("checking", "pm_usBankAccount_success"),
        ("declined", "pm_card_visa_chargeDeclined"),
        ("no-funds", "pm_card_visa_chargeDeclinedInsufficientFunds"),
    ],
)
def test_every_test_account_can_be_typed(name: str, token: str) -> None:
    phone, app = pay()
    phone.enter_bank(name)
    assert told(app)["PaymentToken"] == token
    assert [entry.text for entry in heard(phone, "bank")] == [name]


def test_an_unknown_test_account_has_no_keys() -> None:
    with pytest.raises(KeyError):
        account_keys("savings")


@pytest.mark.parametrize(
    ("typed", "wrong", "error"),
    [
        ("", "110000001", "invalid-bank-routing-number"),
        ("", "000000000", "invalid-bank-routing-number"),
        ("", "1100#", "invalid-bank-routing-number"),
        ("", "1100", "input-timeout"),
        ("", "", "input-timeout"),
        (ROUTING, "123#", "invalid-bank-account-number"),
        (ROUTING, "1" * 18 + "#", "invalid-bank-account-number"),
        (ROUTING, ACCOUNT, "input-timeout"),
        (ROUTING, "#", "input-timeout"),
    ],
)
def test_a_field_wrong_too_often_ends_the_entry(typed: str, wrong: str, error: str) -> None:
    phone, app = pay("maxAttempts='2'")
    if typed:
        phone.press(typed)
    phone.press(f"{wrong},{wrong}")
    assert not phone.ended
    phone.press(wrong)
    form = app.form("/paid")
    assert (form["Result"], form["PaymentError"]) == ("too-many-failed-attempts", error)
    assert "PaymentToken" not in form


@pytest.mark.parametrize("account", ["4815", "1" * 17])
def test_accounts_have_four_to_seventeen_digits(account: str) -> None:
    phone, app = pay()
    phone.press(f"{ROUTING},{account}#")
    assert app.form("/paid")["Result"] == "success"


@pytest.mark.parametrize("before", ["*", "1100*", f"{ROUTING},*", f"{ROUTING},4815*"])
def test_star_ends_the_entry_at_any_time(before: str) -> None:
    phone, app = pay()
    phone.press(before)
    assert app.form("/paid")["Result"] == "caller-interrupted-with-star"
    assert not {"PaymentToken", "BankRoutingNumber"} & app.form("/paid").keys()


def test_a_hang_up_in_the_entry_is_told() -> None:
    phone, app = pay()
    phone.press(ROUTING)
    phone.hang_up()
    assert app.form("/paid")["Result"] == "caller-hung-up"
    assert "BankRoutingNumber" not in app.form("/paid")


def test_a_broken_connector_is_told() -> None:
    phone, app = pay("paymentConnector='Shaky'", broken_connectors=["Shaky"])
    phone.enter_bank("checking")
    assert app.form("/paid")["Result"] == "payment-connector-error"


PROMPTS = """
<Prompt for='bank-routing-number'><Say>Routing.</Say></Prompt>
<Prompt for='bank-routing-number' errorType='timeout'><Say>Not heard.</Say></Prompt>
<Prompt for='bank-routing-number' attempt='2 3'><Say>Routing again.</Say></Prompt>
<Prompt for='bank-account-number'><Say>Account.</Say></Prompt>
<Prompt for='bank-account-number' attempt='2 3'><Say>Account again.</Say></Prompt>
<Prompt for='payment-processing'><Say>One moment.</Say></Prompt>
"""


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (None, "Routing."),
        ("", "Not heard."),
        ("110000001", "Routing again."),
        ("110000001,110000001", "Routing again."),
        (ROUTING, "Account."),
        (f"{ROUTING},1#", "Account again."),
        (f"{ROUTING},{ACCOUNT}#", "One moment."),
    ],
)
def test_the_apps_own_prompts_are_said_where_they_match(keys: str | None, said: str) -> None:
    phone, _ = pay("maxAttempts='2'", PROMPTS)
    if keys is not None:
        phone.press(keys)
    assert [text for text in phone.said if text != "Done."][-1] == said
    assert {entry.who for entry in phone.heard if entry.text == said} == {"line"}


def test_the_carriers_own_words_for_an_account_are_english_in_every_language() -> None:
    phone, _ = pay("language='es-US'")
    assert phone.text == "Please enter your bank routing number."
    assert phone.heard[-1].who == "carrier"


@pytest.mark.parametrize(
    ("number", "good"),
    [
        ("110000000", True),
        ("021000021", True),
        ("021000012", False),
        ("000000000", False),
        ("11000000", False),
        ("1100000000", False),
    ],
)
def test_a_routing_number_has_nine_digits_and_a_check_digit(number: str, good: bool) -> None:
    assert is_routing_number(number) is good


def test_a_mask_shows_two_digits() -> None:
    assert masked_account("4815") == "xx15"

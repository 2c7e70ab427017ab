"""Cards as a payment form knows them: brands, check digit, masks, and test cards' tokens.

The tokens are Stripe's public test names (https://docs.stripe.com/testing), which a sandbox
gateway reads the same way; the last two make it fail in the ways a network does.
"""

import re
from datetime import date

#: Test cards by the name a transcript gives them (`card: visa`).
TEST_CARDS = {
    "visa": "4242424242424242",
    "mastercard": "5555555555554444",
    "amex": "378282246310005",
    "declined": "4000000000000002",
    "no-funds": "4000000000009995",
    "expired": "4000000000000069",
    "wrong-code": "4000000000000127",
    "ask-bank": "4000000000006975",
    "timeout": "4000000000000119",
    "down": "4000000000000259",
}
TOKENS = {
    TEST_CARDS["declined"]: "pm_card_visa_chargeDeclined",
    TEST_CARDS["no-funds"]: "pm_card_visa_chargeDeclinedInsufficientFunds",
    TEST_CARDS["expired"]: "pm_card_chargeDeclinedExpiredCard",
    TEST_CARDS["wrong-code"]: "pm_card_chargeDeclinedIncorrectCvc",
    TEST_CARDS["ask-bank"]: "pm_card_visa_chargeDeclinedVelocityLimitExceeded",
    TEST_CARDS["timeout"]: "pm_sandbox_timeout",
    TEST_CARDS["down"]: "pm_sandbox_down",
}
#: Issuer prefixes (https://en.wikipedia.org/wiki/Payment_card_number) and lengths, by brand.
BRANDS = {
    "visa": (r"4", (13, 16, 19)),
    "amex": (r"3[47]", (15,)),
    "mastercard": (r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720", (16,)),
    "discover": (r"6011|64[4-9]|65", (16,)),
    "jcb": (r"35(2[89]|[3-8])", (16,)),
    "diners-club": (r"30[0-5]|36|38", (14,)),
    "maestro": (r"50|5[6-9]|6[0-9]", tuple(range(12, 20))),
}


def brand(number: str) -> str:
    """The brand of a (beginning of a) card number; empty where none is known."""
    for name, (prefixes, _) in BRANDS.items():
        if re.match(prefixes, number):
            return name
    return ""


def is_card_number(number: str) -> bool:
    """A known brand, a length it has, and a right check digit."""
    name = brand(number)
    return bool(name) and len(number) in BRANDS[name][1] and _luhn(number)


def _luhn(number: str) -> bool:
    """ISO/IEC 7812-1: every second digit from the right doubled, the sum ends in 0."""
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number)))
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0


def is_current(expiry: str, today: date) -> bool:
    """MMYY of a month that has not passed."""
    if len(expiry) != 4 or not 1 <= int(expiry[:2]) <= 12:
        return False
    return (2000 + int(expiry[2:]), int(expiry[:2])) >= (today.year, today.month)


def masked(number: str) -> str:
    """All but the last four as x: xxxxxxxxxxxx4242."""
    return "x" * (len(number) - 4) + number[-4:]


def card_token(number: str) -> str:
    """The token a connector gives for this card."""
    return TOKENS.get(number, f"pm_card_{brand(number)}")


def card_name(number: str) -> str:
    """What a transcript calls this card: its name among the test cards, else its brand."""
    return next((name for name, card in TEST_CARDS.items() if card == number), brand(number))


def card_keys(name: str, today: date, zip_code: str = "60601") -> str:
    """What a caller types into `<Pay>` with this test card: four answers, commas between.

    Raises KeyError for a name that is not in TEST_CARDS.
    """
    number = TEST_CARDS[name]
    code = "1234" if brand(number) == "amex" else "123"
    return f"{number},12{(today.year + 2) % 100:02d},{code},{zip_code}#"

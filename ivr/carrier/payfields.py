"""The fields `<Pay>` asks for: when each is complete, what makes it wrong, and what is said.

https://www.twilio.com/docs/voice/twiml/pay and /pay/prompt.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal
from xml.etree.ElementTree import Element

from ivr.carrier.banks import is_account_number, is_routing_number
from ivr.carrier.cards import brand, is_card_number, is_current
from ivr.carrier.speech import Spoken, speaking_seconds
from ivr.carrier.twiml import said_yes, whole

Field = Literal[
    "payment-card-number",
    "expiration-date",
    "security-code",
    "postal-code",
    "bank-routing-number",
    "bank-account-number",
]
BANK_FIELDS: tuple[Field, ...] = ("bank-routing-number", "bank-account-number")

#: The carrier's own words where the app gives none: its prompts by field, English and Spanish.
#: For bank accounts it has English only.
WORDS = {
    "payment-card-number": ("Please enter your card number.", "Ingrese el número de su tarjeta."),
    "expiration-date": (
        "Please enter the expiration date, two digits for the month and two for the year.",
        "Ingrese la fecha de vencimiento, dos dígitos del mes y dos del año.",
    ),
    "security-code": (
        "Please enter the security code of your card.",
        "Ingrese el código de seguridad de su tarjeta.",
    ),
    "postal-code": (
        "Please enter your ZIP code, then press pound.",
        "Ingrese su código postal y oprima numeral.",
    ),
    "bank-routing-number": ("Please enter your bank routing number.",) * 2,
    "bank-account-number": ("Please enter your bank account number, then press pound.",) * 2,
    "payment-processing": (
        "One moment while your card is checked.",
        "Un momento, estamos revisando su tarjeta.",
    ),
}
AGAIN = ("That was not right.", "Eso no es correcto.")


@dataclass(frozen=True, slots=True)
class Plan:
    """The attributes of one `<Pay>`; `attempts` are all of a field, the first one included.

    `bank_account` is the kind of account where one is taken, empty for a card. `postal_code` is a
    literal code to send instead of asking, or empty.
    """

    fields: tuple[Field, ...]
    attempts: int
    timeout: int
    card_types: frozenset[str]
    min_postal_code: int
    postal_code: str
    language: str
    bank_account: str = ""


def read_plan(verb: Element) -> Plan:
    """The plan a verb describes, Twilio's defaults filled in. maxAttempts counts re-prompts."""
    postal = verb.get("postalCode", "true")
    bank = verb.get("paymentMethod") == "ach-debit"
    return Plan(
        fields=BANK_FIELDS if bank else _card_fields(verb, postal),
        attempts=1 + whole(verb, "maxAttempts", 1),
        timeout=whole(verb, "timeout", 5),
        card_types=frozenset(verb.get("validCardTypes", "visa mastercard amex").split()),
        min_postal_code=whole(verb, "minPostalCodeLength", 1),
        postal_code="" if postal.lower() in ("true", "false") else postal,
        language=verb.get("language", "en-US"),
        bank_account=verb.get("bankAccountType", "consumer-checking") if bank else "",
    )


def _card_fields(verb: Element, postal: str) -> tuple[Field, ...]:
    fields: list[Field] = ["payment-card-number", "expiration-date"]
    if said_yes(verb, "securityCode", default=True):
        fields.append("security-code")
    if postal.lower() == "true":
        fields.append("postal-code")
    return tuple(fields)


def is_complete(field: Field, card: str, keys: str) -> bool:
    """Whether these keys end the field: its full length, pound, or the star that ends it all."""
    if keys[-1:] in ("#", "*"):
        return True
    amex = brand(card or keys) == "amex"
    lengths = {
        "payment-card-number": 15 if amex else 16,
        "expiration-date": 4,
        "security-code": 4 if amex else 3,
        "bank-routing-number": 9,
    }
    # ZIP codes and account numbers have no known length: pound ends them.
    return len(keys) == lengths.get(field)


def mistake(plan: Plan, field: Field, card: str, keys: str, today: date) -> str:
    """What is wrong with an entry, in the words of Prompt's errorType; empty if nothing is."""
    digits = keys.removesuffix("#")
    if not digits or not is_complete(field, card, keys):
        return "timeout"
    match field:
        case "payment-card-number":
            if not is_card_number(digits):
                return "invalid-card-number"
            return "" if brand(digits) in plan.card_types else "invalid-card-type"
        case "expiration-date":
            return "" if is_current(digits, today) else "invalid-date"
        case "security-code":
            length = 4 if brand(card) == "amex" else 3
            return "" if len(digits) == length else "invalid-security-code"
        case "postal-code":
            return "" if len(digits) >= plan.min_postal_code else "invalid-postal-code"
        case "bank-routing-number":
            return "" if is_routing_number(digits) else "invalid-bank-routing-number"
        case "bank-account-number":
            return "" if is_account_number(digits) else "invalid-bank-account-number"


def own_prompt(
    prompts: Iterable[Element], field: str, *, attempt: int, error: str, card: str
) -> Element | None:
    """The app's Prompt for this moment: of those that match, the one that says most exactly when.

    A Prompt without errorType, attempt or cardType matches every one of them.
    """
    now = {"errorType": error, "attempt": str(attempt), "cardType": brand(card)}
    matching = [
        prompt
        for prompt in prompts
        if prompt.get("for") == field
        and all(
            name not in prompt.attrib or value in prompt.attrib[name].split()
            for name, value in now.items()
        )
    ]
    return max(
        matching, key=lambda prompt: sum(name in prompt.attrib for name in now), default=None
    )


def own_words(field: str, error: str, language: str) -> Spoken:
    """What the carrier says where the app has no Prompt."""
    spanish = language.startswith("es")
    words = (f"{AGAIN[spanish]} " if error else "") + WORDS[field][spanish]
    return Spoken(language, ((words, speaking_seconds(words)),))

"""<Pay>: digits of cards and accounts go to the carrier and never reach us; every word said
meanwhile is ours, since the carrier has its own for bank accounts in English only.

https://www.twilio.com/docs/voice/twiml/pay and .../pay/prompt
"""

from collections.abc import Mapping
from xml.etree.ElementTree import Element, SubElement

from ivr.channels.twilio import twiml
from ivr.flows.model import Book, PayMethod
from ivr.services.spoken import (
    AGAIN,
    BANK_FIELDS,
    CARD_AMEX,
    CARD_FIELDS,
    CARD_WORKING,
    CARD_ZIP_AGAIN,
)

MORE_ATTEMPTS = 2
SECONDS_FOR_A_KEY = 15
LATER = {"attempt": "2 3"}
"""Where the carrier has no error for what was wrong, a second attempt is what says it."""
TAKES: Mapping[PayMethod, Mapping[str, str]] = {
    PayMethod.CARD: {
        "paymentMethod": "credit-card",
        "postalCode": "true",
        "securityCode": "true",
        "validCardTypes": "visa mastercard amex discover",
    },
    PayMethod.BANK: {
        "bankAccountType": "consumer-checking",
        "language": "en-US",
        "paymentMethod": "ach-debit",
        "postalCode": "false",
    },
}
"""What the carrier is told to take. It knows accounts in English only, and needs no words of its
own in any language."""


def pay(
    document: Element, book: Book, language: str, connector: str, method: PayMethod, action: str
) -> None:
    """Ask for a card or a bank account and post its token to `action`.

    Attempts that ran out may call the action or fall through to the redirect; both lead to the
    same turn, and the first of them decides.
    """
    attributes = {
        "action": action,
        "input": "dtmf",
        "language": book.voices[language].pay,
        "maxAttempts": str(MORE_ATTEMPTS),
        "paymentConnector": connector,
        "timeout": str(SECONDS_FOR_A_KEY),
        "tokenType": "payment-method",
        **TAKES[method],
    }
    element = SubElement(document, "Pay", dict(sorted(attributes.items())))
    for prompt, said_at in _prompts(method).items():
        words = book.catalogue.say(prompt, {}, language)
        twiml.speak(SubElement(element, "Prompt", said_at), words, book.voices[language])
    SubElement(document, "Redirect", method="POST").text = f"{action}&card=failed"


def _prompts(method: PayMethod) -> dict[str, dict[str, str]]:
    """Every prompt that may be heard, and when it is."""
    said: dict[str, dict[str, str]] = {}
    for field, prompt, errors in BANK_FIELDS if method is PayMethod.BANK else CARD_FIELDS:
        said[prompt] = {"for": field}
        said |= {f"{prompt}-{error}": {"for": field, "errorType": error} for error in errors}
        if method is PayMethod.BANK:
            said[prompt + AGAIN] = {"for": field, **LATER}
    if method is PayMethod.CARD:
        said[CARD_AMEX] = {"for": "security-code", "cardType": "amex"}
        said[CARD_ZIP_AGAIN] = {"for": "postal-code", **LATER}
    return {**said, CARD_WORKING: {"for": "payment-processing"}}

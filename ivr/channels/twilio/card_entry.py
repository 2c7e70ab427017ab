"""<Pay>: card digits go to the carrier and never reach us; every word said meanwhile is ours.

https://www.twilio.com/docs/voice/twiml/pay and .../pay/prompt
"""

from xml.etree.ElementTree import Element, SubElement

from ivr.channels.twilio import twiml
from ivr.flows.model import Book
from ivr.services.spoken import CARD_AMEX, CARD_FIELDS, CARD_WORKING, CARD_ZIP_AGAIN

MORE_ATTEMPTS = 2
SECONDS_FOR_A_KEY = 15


def pay(document: Element, book: Book, language: str, connector: str, action: str) -> None:
    """Ask for a card and post its token to `action`.

    Attempts that ran out may call the action or fall through to the redirect; both lead to the
    same turn, and the first of them decides.
    """
    element = SubElement(
        document,
        "Pay",
        action=action,
        input="dtmf",
        language=book.voices[language].pay,
        maxAttempts=str(MORE_ATTEMPTS),
        paymentConnector=connector,
        paymentMethod="credit-card",
        postalCode="true",
        securityCode="true",
        timeout=str(SECONDS_FOR_A_KEY),
        tokenType="payment-method",
        validCardTypes="visa mastercard amex discover",
    )
    for field, prompt, errors in CARD_FIELDS:
        _prompt(element, book, language, prompt, {"for": field})
        for error in errors:
            _prompt(
                element, book, language, f"{prompt}-{error}", {"for": field, "errorType": error}
            )
    _prompt(element, book, language, CARD_AMEX, {"for": "security-code", "cardType": "amex"})
    _prompt(element, book, language, CARD_ZIP_AGAIN, {"for": "postal-code", "attempt": "2 3"})
    _prompt(element, book, language, CARD_WORKING, {"for": "payment-processing"})
    SubElement(document, "Redirect", method="POST").text = f"{action}&card=failed"


def _prompt(
    parent: Element, book: Book, language: str, key: str, attributes: dict[str, str]
) -> None:
    prompt = SubElement(parent, "Prompt", attributes)
    twiml.speak(prompt, book.catalogue.say(key, {}, language), book.voices[language])

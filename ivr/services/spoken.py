"""Prompts that no step of a book names and the line speaks all the same; every book has them."""

from ivr.services.briefing import AGENT_PROMPTS

CARD_FIELDS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("payment-card-number", "card-number", ("timeout", "invalid-card-number", "invalid-card-type")),
    ("expiration-date", "card-expiry", ("timeout", "invalid-date")),
    ("security-code", "card-code", ("timeout", "invalid-security-code")),
    ("postal-code", "card-zip", ("timeout",)),
)
"""A field of secure card entry, the prompt that asks for it, and the errors that have their own."""
BANK_FIELDS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("bank-routing-number", "bank-routing", ("timeout",)),
    ("bank-account-number", "bank-account", ("timeout",)),
)
"""The same of a bank account. The carrier has no error of its own for a wrong number there; what
is said at a second attempt is the prompt with AGAIN behind it."""
AGAIN = "-again"
CARD_AMEX = "card-code-amex"
"""American Express prints four digits on the front."""
CARD_ZIP_AGAIN = "card-zip-again"
"""The carrier has no error for a postal code, so a second attempt is what says it."""
CARD_WORKING = "card-working"
ONE_MOMENT = "one-moment"
SORRY = "sorry-trouble"
INTERRUPTED = "sorry-interrupted"
TEXT_RESTORED = "text-restored"
CONSENT_COPY = "consent-copy"
TEXT_RECEIPT = "text-receipt"
TEXT_DRAFT_ANNOUNCED = "text-draft-announced"
TEXT_DRAFT_FAILED = "text-draft-failed"
TEXT_PROMPTS = (
    TEXT_RESTORED,
    CONSENT_COPY,
    TEXT_RECEIPT,
    TEXT_DRAFT_ANNOUNCED,
    TEXT_DRAFT_FAILED,
)
"""What is sent as a text and spoken to nobody."""

CHANNEL_PROMPTS = (
    *(prompt for _, prompt, _ in CARD_FIELDS),
    *(f"{prompt}-{error}" for _, prompt, errors in CARD_FIELDS for error in errors),
    *(prompt for _, prompt, _ in BANK_FIELDS),
    *(f"{prompt}-{error}" for _, prompt, errors in BANK_FIELDS for error in errors),
    *(f"{prompt}{AGAIN}" for _, prompt, _ in BANK_FIELDS),
    CARD_AMEX,
    CARD_ZIP_AGAIN,
    CARD_WORKING,
    ONE_MOMENT,
    SORRY,
    INTERRUPTED,
    *TEXT_PROMPTS,
    *AGENT_PROMPTS,
)

"""Phone numbers as the store keeps them: E.164, as the carrier shows a caller's.

Which of them the line may ring or text is another question, and ivr/dialog/phones.py answers it.
"""

import re

import phonenumbers
from phonenumbers import PhoneNumberFormat, ValidationResult

ALREADY_E164 = re.compile(r"\+1[2-9]\d{2}[2-9]\d{6}")


def as_e164(text: str) -> str | None:
    """The number a person wrote in any way common in the US, or None if it is none.

    Only its length is judged, so that an area code newer than our tables is no bad number.
    """
    if ALREADY_E164.fullmatch(text):
        return text
    try:
        number = phonenumbers.parse(text, "US")
    except phonenumbers.NumberParseException:
        return None
    judged = phonenumbers.is_possible_number_with_reason(number)
    if judged != ValidationResult.IS_POSSIBLE or number.extension:
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)

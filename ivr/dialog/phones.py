"""Phone numbers the line may ring or text: in the US, fixed or mobile."""

import phonenumbers

REACHABLE = (
    phonenumbers.PhoneNumberType.FIXED_LINE,
    phonenumbers.PhoneNumberType.MOBILE,
    phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
)


def us_phone(text: str) -> str | None:
    """The E.164 form of a number that can be rung and texted, or None.

    "+1" is not the US (+1 876 is Jamaica) and premium numbers cost money, so region and type
    both count.
    """
    try:
        number = phonenumbers.parse(text, "US")
    except phonenumbers.NumberParseException:
        return None
    judged = _judged(number)
    if phonenumbers.region_code_for_number(judged) != "US":
        return None
    if phonenumbers.number_type(judged) not in REACHABLE:
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _judged(number: phonenumbers.PhoneNumber) -> phonenumbers.PhoneNumber:
    """555-0100 to 555-0199 belong to nobody; such an example is judged by its area code alone."""
    national = str(number.national_number)
    if number.country_code != 1 or len(national) != 10 or national[3:8] != "55501":
        return number
    return phonenumbers.PhoneNumber(country_code=1, national_number=int(national[:3] + "2345678"))

"""Numbers, money, times and abbreviations in words."""

import pytest

from ivr.authoring.aloud import aloud


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        ("en", "You owe $84.20.", "You owe eighty-four dollars and twenty cents."),
        ("en", "$1.01", "one dollar and one cent"),
        ("en", "$1,250.00", "one thousand two hundred fifty dollars"),
        ("en", "due December 5.", "due December fifth."),
        ("en", "May I? 5 minutes", "May I? five minutes"),
        ("en", "by 4:30 PM", "by four thirty P M"),
        ("en", "by 9:05 AM", "by nine oh five A M"),
        ("en", "at 12:00", "at twelve"),
        ("en", "4 0 2 7, 8", "four zero two seven, eight"),
        ("en", "account 0042", "account zero zero four two"),
        ("en", "number 12025550", "number one two zero two five five five zero"),
        ("en", "TV and your PIN", "T V and your PIN"),
        ("es", "Debe $84.20", "Debe ochenta y cuatro dólares con veinte centavos"),
        ("es", "$21.01", "veintiún dólares con un centavo"),
        ("es", "$1.00", "un dólar"),
        ("es", "el 5 de diciembre", "el cinco de diciembre"),
        ("es", "Oprima 1.", "Oprima uno."),
    ],
)
def test_what_a_voice_makes_of_a_text(language: str, text: str, words: str) -> None:
    assert aloud(text, language) == words

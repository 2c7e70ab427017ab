"""How long words take."""

from xml.etree import ElementTree

import pytest

from ivr.carrier.speech import RECORDING, spoken, spoken_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Thanks for calling Northside Cable.", 5),
        ("$84.20", 6),  # eighty four dollars and twenty cents
        ("$1,084.00", 5),  # one thousand eighty four dollars
        ("$0.05", 5),  # zero dollars and five cents
        ("a credit of $5.00", 5),
        ("December 5", 2),
        ("4:30 PM", 4),
        ("4:05", 3),
        ("4:00 p.m.", 3),
        ("I am here", 3),
        ("1 2 3 4", 4),
        ("4027", 4),  # four thousand twenty seven
        ("0042", 4),
        ("12345678", 8),
        ("115", 3),
        ("200", 2),
        ("2000", 2),
        ("¿Qué pasó? Oprima 8.", 4),
        ("that's", 1),
        (" ... ", 0),
    ],
)
def test_numbers_count_as_the_words_they_are_read_as(text: str, words: int) -> None:
    assert spoken_words(text) == words


@pytest.mark.parametrize(
    ("verb", "text", "seconds"),
    [
        ("<Say>one two <break time='300ms'/> three</Say>", "one two three", 3 * 0.375 + 0.3),
        ("<Say>one<break time='1.5s'/></Say>", "one", 0.375 + 1.5),
        ("<Say>one<break strength='x-strong'/></Say>", "one", 0.375 + 1.0),
        ("<Say>one<break/></Say>", "one", 0.375 + 0.3),
        ("<Say><say-as interpret-as='digits'>4027</say-as></Say>", "4027", 4 * 0.375),
        ("<Say><prosody rate='50%'>one two</prosody></Say>", "one two", 4 * 0.375),
        ("<Say><prosody rate='slow'>a b c</prosody> d</Say>", "a b c d", 5 * 0.375),
        ("<Say><s>one <emphasis>two</emphasis></s></Say>", "one two", 2 * 0.375),
        ("<Say><sub alias='World Wide Web'>WWW</sub></Say>", "World Wide Web", 3 * 0.375),
        ("<Say loop='2'>one</Say>", "one", 2 * 0.375),
        ("<Pause/>", "", 1.0),
        ("<Pause length='3'/>", "", 3.0),
        ("<Play>/prompts/en/hello.wav</Play>", "[recording hello.wav]", RECORDING),
        ("<Play digits='12w'/>", "[tones 12w]", RECORDING),
    ],
)
def test_what_a_verb_says_and_how_long_it_takes(verb: str, text: str, seconds: float) -> None:
    words = spoken(ElementTree.fromstring(verb))
    assert words.text == text
    assert words.seconds == pytest.approx(seconds)


def test_the_language_is_the_verbs() -> None:
    assert spoken(ElementTree.fromstring("<Say language='es-US'>Sí</Say>")).language == "es-US"
    assert spoken(ElementTree.fromstring("<Say>Yes</Say>")).language == "en-US"


@pytest.mark.parametrize(
    ("verb", "key", "seconds"),
    [
        ("<Say>For pay, press 2. For more, press 3.</Say>", "2", 4 * 0.375),
        ("<Say>Para pagar, oprima 2. Para más, oprima 3.</Say>", "3", 8 * 0.375),
        ("<Say>Back, <break time='1s'/>press star.</Say>", "*", 3 * 0.375 + 1.0),
        ("<Say>For it, press <w>#</w>.</Say>", "#", 3 * 0.375),
        ("<Say>For it, press 12.</Say>", "1", None),
        ("<Say>For pay, press 2.</Say>", "5", None),
    ],
)
def test_when_an_option_has_been_said(verb: str, key: str, seconds: float | None) -> None:
    ends = spoken(ElementTree.fromstring(verb)).option_ends(key)
    assert ends == (None if seconds is None else pytest.approx(seconds))

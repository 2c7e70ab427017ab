"""How long words take, by the model of a voice."""

import wave
from dataclasses import replace
from pathlib import Path

import pytest

from bench.speaking import PASSAGES
from ivr.authoring.rehearsal import A_KEY, CHOOSING
from ivr.authoring.speaking import (
    BETWEEN_OPTIONS,
    BETWEEN_SENTENCES,
    RATES,
    SLOWLY,
    Stopwatch,
    counted,
    speaking_seconds,
)
from ivr.authoring.timeline import ENTRY, GAP
from ivr.carrier import legs, wire
from ivr.channels.twilio import speaking as channel
from ivr.channels.twilio import twiml
from ivr.dialog.call import Pace
from ivr.dialog.directives import Offer, Say
from ivr.flows.model import Book, PayMethod
from ivr.prompts.catalogue import PromptError
from ivr.prompts.values import Money, Reference
from tests.flows.books import GOOD, book, changed
from tests.line import SHIPPED


def saying(welcome: str) -> Book:
    return book(changed("prompts/en.yaml", "Thanks for calling {company}.", welcome))


def recorded(folder: Path, seconds: int) -> Book:
    """The good book with a recording of "goodbye" this long."""
    (folder / "prompts" / "en").mkdir(parents=True)
    with wave.open(str(folder / "prompts" / "en" / "goodbye.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(2 * 8000 * seconds))
    made = book(GOOD)
    recordings = {"en": frozenset({"goodbye"})}
    return replace(made, catalogue=replace(made.catalogue, recordings=recordings))


def test_money_takes_as_long_as_its_words() -> None:
    assert counted("$84.20", "en") == (len("eightyfourdollarsandtwentycents"), 0, 0)
    words = "eighty-four dollars and twenty cents"
    assert speaking_seconds("$84.20", "en") == speaking_seconds(words, "en")


def test_pauses_count_only_inside_of_a_text() -> None:
    assert counted("One, two. Three.", "en")[1:] == (1, 1)
    assert counted("One two three.", "en")[1:] == (0, 0)


def test_commas_and_stops_take_the_time_of_their_pauses() -> None:
    plain = speaking_seconds("One two three.", "en")
    assert speaking_seconds("One, two three.", "en") == pytest.approx(plain + RATES["en"].comma)
    assert speaking_seconds("One. Two three.", "en") == pytest.approx(plain + RATES["en"].stop)


def test_a_spelled_letter_takes_longer_than_a_letter() -> None:
    assert counted("TV", "en")[0] == 8
    assert counted("I", "en")[0] == 1


def test_a_voice_that_has_nothing_to_say_takes_no_time() -> None:
    assert speaking_seconds("...", "en") == 0


def test_a_language_without_a_rate_counts_as_english() -> None:
    assert speaking_seconds("Bonjour 5", "fr") == speaking_seconds("Bonjour five", "en")


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_pace_is_about_160_words_a_minute(language: str) -> None:
    passage = PASSAGES[language]
    a_minute = len(passage.split()) / speaking_seconds(passage, language) * 60
    assert 150 < a_minute < 175


def test_each_prompt_and_option_has_its_pause_behind_it() -> None:
    stopwatch = Stopwatch(SHIPPED)
    said, offered = Say("nothing-due"), Offer("1", "balance")
    words = stopwatch.words(said, "en") + stopwatch.words(offered, "en")
    assert stopwatch.seconds((said, offered), "en") == pytest.approx(words + 0.3 + 0.5)
    assert stopwatch.seconds((said, offered), "en", Pace.SLOW) == pytest.approx(words + 0.3 + 0.75)


def test_a_prompt_in_another_language_is_timed_in_that_language() -> None:
    stopwatch = Stopwatch(SHIPPED)
    there = stopwatch.words(Say("other-language", language="es"), "en")
    assert there == stopwatch.words(Say("other-language"), "es")


def test_what_is_said_slowly_takes_longer() -> None:
    stopwatch = Stopwatch(SHIPPED)
    values = (("confirmation", Reference("40278815")),)
    usual = stopwatch.words(Say("confirmation-number", values), "en")
    assert stopwatch.words(Say("confirmation-number", values, slow=True), "en") > usual / SLOWLY


def test_a_pause_in_a_prompt_counts() -> None:
    plain = Stopwatch(saying("Hello.")).words(Say("welcome"), "en")
    assert Stopwatch(saying("Hello. [1.5]")).words(Say("welcome"), "en") == plain + 1.5


def test_a_recording_takes_as_long_as_its_file(tmp_path: Path) -> None:
    made = recorded(tmp_path, 3)
    stopwatch = Stopwatch(made, tmp_path)
    assert stopwatch.words(Say("goodbye"), "en") == 3
    assert stopwatch.words(Say("goodbye", once=True), "en") == 3
    voice = Stopwatch(made).words(Say("goodbye"), "en")
    assert voice == speaking_seconds("Goodbye.", "en")


def test_a_prompt_can_be_timed_up_to_the_sentence_that_names_a_key() -> None:
    stopwatch = Stopwatch(SHIPPED)
    yes_no = Say("yes-no")
    first, both = (stopwatch.up_to(yes_no, key, "en") for key in "12")
    assert first == pytest.approx(speaking_seconds("For yes, press 1.", "en"))
    assert both == pytest.approx(stopwatch.words(yes_no, "en"))
    assert stopwatch.up_to(yes_no, "3", "en") is None


def test_a_prompt_without_its_value_is_refused() -> None:
    with pytest.raises(PromptError, match="needs a value"):
        Stopwatch(SHIPPED).seconds((Say("you-owe", (("due", Money(1)),)),), "en")


def test_the_pauses_and_fingers_are_those_of_the_line_and_its_carrier() -> None:
    assert channel.BETWEEN_SENTENCES == BETWEEN_SENTENCES
    assert channel.BETWEEN_OPTIONS == BETWEEN_OPTIONS
    assert f"{SLOWLY:.0%}" == twiml.SLOW
    assert (legs.KEY, legs.CHOICE, wire.TURN) == (A_KEY, CHOOSING, GAP)


def test_all_of_card_entry_is_timed() -> None:
    assert len(ENTRY[PayMethod.CARD]) == 5
    assert all(prompt in SHIPPED.catalogue.prompts["en"] for prompt in ENTRY[PayMethod.CARD])

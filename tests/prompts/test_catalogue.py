from collections.abc import Mapping
from datetime import date

import pytest

from ivr.document import Place
from ivr.prompts.catalogue import (
    Catalogue,
    Pause,
    Piece,
    PromptError,
    Recording,
    Spoken,
    parse_prompt,
)
from ivr.prompts.values import Date, Digits, Key, Money, Text, Value, Words

ENGLISH = {
    "welcome": "Thanks for calling {company}.",
    "hello": "Hello. [.3] Press a key.",
    "bye": "Goodbye.",
    "you-owe": "You owe {amount:money}, [.2] due {due:date}.",
    "again": "It's {number:digits}. [.5]  Again, {number:digits}.",
    "only": "{out:words}",
    "pair": "{out:words}; {due:date}.",
    "offer": "For {choice}, press {key:key}.",
    "pay-part": "the past due part, {part:money}",
    "balance": "your balance",
    "internet": "internet",
    "tv": "TV",
}
SPANISH = {
    "you-owe": "Debe {amount:money}, que vencen el {due:date}.",
    "offer": "Para {choice}, oprima {key:key}.",
    "only": "{out:words}",
    "balance": "su saldo",
    "internet": "internet",
    "tv": "televisión",
}
OWED: dict[str, Value] = {"amount": Money(8420), "due": Date(date(2026, 12, 5))}


def catalogue(*recorded: str, **more: Mapping[str, str]) -> Catalogue:
    """The prompts above and those of `more` languages; `recorded` are English recordings."""
    texts: dict[str, Mapping[str, str]] = {"en": ENGLISH, "es": SPANISH, **more}
    prompts = {
        language: {key: parse_prompt(key, text, Place()) for key, text in of.items()}
        for language, of in texts.items()
    }
    return Catalogue(tuple(texts), prompts, {"en": frozenset(recorded)})


def spoken(*texts: str) -> tuple[Piece, ...]:
    return tuple(map(Spoken, texts))


def test_a_prompt_without_pauses_is_one_piece() -> None:
    company: dict[str, Value] = {"company": Text("Northside Cable")}
    assert catalogue().say("welcome", company, "en") == spoken(
        "Thanks for calling Northside Cable."
    )


def test_values_are_said_in_the_language_of_the_prompt() -> None:
    assert catalogue().say("you-owe", OWED, "es") == spoken(
        "Debe $84.20, que vencen el 5 de diciembre."
    )


def test_a_pause_stands_between_two_pieces() -> None:
    assert catalogue().say("you-owe", OWED, "en") == (
        Spoken("You owe $84.20,"),
        Pause(0.2),
        Spoken("due December 5."),
    )


def test_a_placeholder_may_come_twice_and_be_said_slowly() -> None:
    number: dict[str, Value] = {"number": Digits("42")}
    assert catalogue().say("again", number, "en", slow=True) == (
        Spoken("It's 4, 2."),
        Pause(0.5),
        Spoken("Again, 4, 2."),
    )


def test_a_value_with_braces_is_said_and_not_read_as_a_prompt() -> None:
    said = catalogue().say("welcome", {"company": Text("{x}[.5]")}, "en")
    assert said == spoken("Thanks for calling {x}[.5].")


def test_values_nobody_asked_for_are_ignored() -> None:
    assert catalogue().say("bye", OWED, "en") == spoken("Goodbye.")


def test_a_list_is_named_by_the_prompts_of_the_language() -> None:
    out: dict[str, Value] = {"out": Words(("tv", "internet"))}
    assert catalogue().say("only", out, "en") == spoken("TV and internet")
    assert catalogue().say("only", out, "es") == spoken("televisión e internet")


def test_a_prompt_whose_values_are_empty_says_nothing() -> None:
    assert catalogue().say("only", {"out": Words(())}, "en") == ()


def test_an_unknown_prompt_or_language_is_refused() -> None:
    with pytest.raises(PromptError, match='no prompt "bye" in "es"'):
        catalogue().say("bye", {}, "es")
    with pytest.raises(PromptError, match='no prompt "bye" in "fr"'):
        catalogue().text("bye", "fr")


def test_a_missing_value_is_refused_by_name() -> None:
    with pytest.raises(PromptError, match=r'"you-owe" needs a value for \{due\}'):
        catalogue().say("you-owe", {"amount": Money(1)}, "en")


def test_a_recorded_prompt_is_played_whole() -> None:
    recorded = catalogue("hello")
    assert recorded.say("hello", {}, "en") == (Recording("en/hello.wav"),)


def test_a_recording_in_one_language_says_nothing_in_another() -> None:
    assert catalogue("balance").say("balance", {}, "es") == spoken("su saldo")


def test_a_prompt_recorded_in_pieces_has_its_values_between_them() -> None:
    assert catalogue("you-owe.1", "you-owe.2").say("you-owe", OWED, "en") == (
        Recording("en/you-owe.1.wav"),
        Spoken("$84.20"),
        Recording("en/you-owe.2.wav"),
        Spoken("December 5"),
    )


@pytest.mark.parametrize("names", [("you-owe.1",), ("you-owe.2",), ("you-owe",), ("bye",)])
def test_a_prompt_with_a_piece_missing_is_read_by_the_voice(names: tuple[str, ...]) -> None:
    assert Spoken("You owe $84.20,") in catalogue(*names).say("you-owe", OWED, "en")


def test_a_prompt_that_is_only_values_has_nothing_to_record() -> None:
    values: dict[str, Value] = {"out": Words(("tv",)), **OWED}
    said = catalogue("pair", "pair.1").say("pair", values, "en")
    assert said == spoken("TV; December 5.")


def test_an_option_is_composed_from_its_prompt_and_its_key() -> None:
    prompts = catalogue()
    assert prompts.offer("1", "balance", {}, "en") == spoken("For your balance, press 1.")
    assert prompts.offer("*", "balance", {}, "es") == spoken("Para su saldo, oprima asterisco.")


def test_an_option_may_hold_an_amount() -> None:
    said = catalogue().offer("2", "pay-part", {"part": Money(3210)}, "en")
    assert said == spoken("For the past due part, $32.10, press 2.")


def test_a_recorded_option_plays_its_recorded_choice() -> None:
    recorded = catalogue("offer.1", "offer.2", "balance")
    assert recorded.offer("1", "balance", {}, "en") == (
        Recording("en/offer.1.wav"),
        Recording("en/balance.wav"),
        Recording("en/offer.2.wav"),
        Spoken("1"),
    )


def test_a_choice_that_is_not_recorded_is_read_inside_a_recorded_option() -> None:
    said = catalogue("offer.1", "offer.2").offer("1", "balance", {}, "en")
    assert said[1] == Spoken("your balance")


def test_a_recorded_choice_is_not_played_inside_an_option_that_is_read() -> None:
    said = catalogue("balance").offer("1", "balance", {}, "en")
    assert said == spoken("For your balance, press 1.")


def test_plain_text_leaves_out_pauses_and_recordings() -> None:
    prompts = catalogue("hello")
    assert prompts.text("hello", "en") == "Hello. Press a key."
    assert prompts.text("you-owe", "en", OWED) == "You owe $84.20, due December 5."


def test_plain_text_keeps_the_lines_of_a_message() -> None:
    prompts = catalogue(fr={"message": "Bonjour.\nMerci."})
    assert prompts.text("message", "fr") == "Bonjour.\nMerci."


def test_a_language_without_its_own_dates_still_has_its_words() -> None:
    prompts = catalogue(fr={"bonjour": "Merci d'appeler {company}."})
    said = prompts.say("bonjour", {"company": Text("Northside Cable")}, "fr")
    assert said == spoken("Merci d'appeler Northside Cable.")


def test_an_option_takes_a_key_as_a_typed_value_too() -> None:
    prompts = catalogue()
    typed = prompts.say("offer", {"choice": Text("your balance"), "key": Key("1")}, "en")
    assert typed == prompts.offer("1", "balance", {}, "en")

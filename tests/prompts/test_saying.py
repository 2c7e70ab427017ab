import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.errors import BookError
from ivr.prompts.saying import SPEECHES, can_say, say_value
from ivr.prompts.values import (
    KINDS,
    Choices,
    Count,
    Date,
    Digits,
    Hours,
    Key,
    Kind,
    Moment,
    Money,
    Opening,
    Phone,
    Reference,
    Text,
    Value,
    Words,
    YesNo,
    kind_of,
)

NAMES = {"internet": "internet", "tv": "televisión", "voice": "teléfono", "ice": "hielo"}
LANGUAGES = st.sampled_from(sorted(SPEECHES))


def say(value: Value, language: str = "en", slow: bool = False) -> str:
    return say_value(value, language, NAMES.__getitem__, slow)


def moment(hour: int, minute: int = 0, days: int = 0) -> Moment:
    today = datetime(2026, 12, 3, hour, minute, tzinfo=UTC)
    return Moment(today + timedelta(days=days), days)


@pytest.mark.parametrize("language", ["en", "es", "fr"])
@pytest.mark.parametrize(
    ("cents", "said"),
    [(8420, "$84.20"), (125000, "$1,250.00"), (5000, "$50.00"), (7, "$0.07"), (0, "$0.00")],
)
def test_money_is_dollars_and_always_two_places(cents: int, said: str, language: str) -> None:
    assert say(Money(cents), language) == said


@pytest.mark.parametrize("value", [Money(-1), Count(-1)])
def test_a_number_below_zero_is_refused_rather_than_spoken(value: Value) -> None:
    with pytest.raises(ValueError, match="below zero is not spoken"):
        say(value)


@pytest.mark.parametrize(
    ("day", "english", "spanish"),
    [
        (date(2026, 12, 5), "December 5", "5 de diciembre"),
        (date(2027, 1, 31), "January 31", "31 de enero"),
        (date(2027, 5, 1), "May 1", "primero de mayo"),
        (date(2028, 2, 29), "February 29", "29 de febrero"),
    ],
)
def test_a_date_is_spoken_without_its_year(day: date, english: str, spanish: str) -> None:
    assert (say(Date(day)), say(Date(day), "es")) == (english, spanish)


@pytest.mark.parametrize(
    ("when", "english", "spanish"),
    [
        (moment(16, 30), "4:30 PM", "a las 4 y media de la tarde"),
        (moment(16), "4 PM", "a las 4 de la tarde"),
        (moment(9, 5), "9:05 AM", "a las 9 y 5 de la mañana"),
        (moment(11, 15), "11:15 AM", "a las 11 y cuarto de la mañana"),
        (moment(1, 20), "1:20 AM", "a la una y 20 de la mañana"),
        (moment(13), "1 PM", "a la una de la tarde"),
        (moment(12), "noon", "a mediodía"),
        (moment(12, 30), "12:30 PM", "a las 12 y media de la tarde"),
        (moment(18, 59), "6:59 PM", "a las 6 y 59 de la tarde"),
        (moment(19), "7 PM", "a las 7 de la noche"),
        (moment(9, 0, 1), "9 AM tomorrow", "mañana a las 9 de la mañana"),
        (moment(12, 0, 1), "noon tomorrow", "mañana a mediodía"),
        (moment(0, 30, 1), "12:30 AM tomorrow", "mañana a las 12 y media de la madrugada"),
        (moment(9, 0, -1), "9 AM yesterday", "ayer a las 9 de la mañana"),
        (moment(9, 0, 2), "9 AM on December 5", "el 5 de diciembre a las 9 de la mañana"),
        (moment(12, 0, -2), "noon on December 1", "el primero de diciembre a mediodía"),
    ],
)
def test_a_moment_is_a_time_of_day_and_the_day_unless_today(
    when: Moment, english: str, spanish: str
) -> None:
    assert (say(when), say(when, "es")) == (english, spanish)


@pytest.mark.parametrize(
    ("days", "english", "spanish"),
    [
        (0, "midnight last night", "anoche a medianoche"),
        (1, "midnight tonight", "hoy a medianoche"),
        (2, "midnight tomorrow", "mañana a medianoche"),
        (3, "midnight on December 5", "el 5 de diciembre a medianoche"),
    ],
)
def test_midnight_goes_with_the_day_it_ends(days: int, english: str, spanish: str) -> None:
    assert (say(moment(0, 0, days)), say(moment(0, 0, days), "es")) == (english, spanish)


@pytest.mark.parametrize(
    ("value", "normal", "slow"),
    [
        (Digits("123"), "1 2 3", "1, 2, 3"),
        (Digits("12-3 B"), "1 2 3 B", "1, 2, 3, B"),
        (Phone("+12025550142"), "4 2", "4, 2"),
        (Reference("40278815"), "4 0 2 7, 8 8 1 5", "4, 0, 2, 7. 8, 8, 1, 5"),
        (Reference("517220"), "5 1 7, 2 2 0", "5, 1, 7. 2, 2, 0"),
        (Reference("12345"), "1 2 3, 4 5", "1, 2, 3. 4, 5"),
        (Reference("7"), "7", "7"),
    ],
)
def test_digits_stand_apart_and_slowly_have_commas_between(
    value: Value, normal: str, slow: str
) -> None:
    assert (say(value), say(value, slow=True)) == (normal, slow)


@pytest.mark.parametrize(
    ("prompts", "english", "spanish"),
    [
        ((), "", ""),
        (("tv",), "televisión", "televisión"),
        (("internet", "tv"), "internet and televisión", "internet y televisión"),
        (("tv", "internet"), "televisión and internet", "televisión e internet"),
        (("tv", "ice"), "televisión and hielo", "televisión y hielo"),
        (
            ("internet", "tv", "voice"),
            "internet, televisión, and teléfono",
            "internet, televisión y teléfono",
        ),
    ],
)
def test_a_list_is_joined_as_the_language_joins_it(
    prompts: tuple[str, ...], english: str, spanish: str
) -> None:
    assert (say(Words(prompts)), say(Words(prompts), "es")) == (english, spanish)


WEEK = Opening(0, 4, 8 * 60, 20 * 60)


@pytest.mark.parametrize(
    ("openings", "english", "spanish"),
    [
        (
            (WEEK, Opening(5, 5, 9 * 60, 17 * 60)),
            "Monday to Friday from 8 AM to 8 PM, and Saturday from 9 AM to 5 PM",
            "de lunes a viernes, de 8 de la mañana a 8 de la noche, "
            "y los sábados, de 9 de la mañana a 5 de la tarde",
        ),
        (
            (Opening(0, 0, 510, 720), Opening(1, 1, 780, 1440), Opening(5, 6, 0, 600)),
            "Monday from 8:30 AM to noon, Tuesday from 1 PM to midnight, "
            "and Saturday and Sunday from midnight to 10 AM",
            "los lunes, de 8 y media de la mañana a mediodía, los martes, de una de la tarde a "
            "medianoche, y los sábados y domingos, de medianoche a 10 de la mañana",
        ),
        (
            (Opening(0, 6, 480, 1080),),
            "every day from 8 AM to 6 PM",
            "todos los días, de 8 de la mañana a 6 de la tarde",
        ),
        (
            (Opening(6, 0, 0, 1440),),
            "Sunday and Monday around the clock",
            "los domingos y lunes, las 24 horas",
        ),
        (
            (Opening(6, 5, 0, 1440),),
            "every day around the clock",
            "todos los días, las 24 horas",
        ),
        ((), "", ""),
    ],
)
def test_opening_hours_are_spoken_run_by_run(
    openings: tuple[Opening, ...], english: str, spanish: str
) -> None:
    assert (say(Hours(openings)), say(Hours(openings), "es")) == (english, spanish)


@pytest.mark.parametrize(
    ("key", "english", "spanish"),
    [("1", "1", "1"), ("*", "star", "asterisco"), ("#", "pound", "la tecla de número")],
)
def test_a_key_that_is_no_digit_has_a_name(key: str, english: str, spanish: str) -> None:
    assert (say(Key(key)), say(Key(key), "es")) == (english, spanish)


def test_a_count_is_a_number() -> None:
    assert [say(Count(number)) for number in (0, 3, 1250)] == ["0", "3", "1,250"]


def test_text_is_said_in_any_language_as_it_is() -> None:
    assert say(Text("Northside & <Cable>"), "fr") == "Northside & <Cable>"


def test_text_loses_what_cannot_be_spoken_and_keeps_its_words_apart() -> None:
    assert (
        say(Text("North\x00side\r\nCable\x85\ud800\uffff\U0001f600")) == "Northside Cable\U0001f600"
    )


@pytest.mark.parametrize("value", [YesNo(True), Choices(())])
def test_yes_no_and_choices_are_never_spoken(value: Value) -> None:
    with pytest.raises(TypeError, match="is never spoken"):
        say(value)


EXAMPLES: list[Value] = [
    Money(1),
    Date(date(2026, 12, 5)),
    moment(9),
    Digits("1"),
    Reference("12"),
    Phone("+12025550142"),
    Count(1),
    Words(("tv",)),
    Hours((WEEK,)),
    Key("1"),
    Text("a"),
    YesNo(True),
    Choices(()),
]


def test_there_is_an_example_of_every_kind() -> None:
    assert {kind_of(value) for value in EXAMPLES} == set(Kind) == set(KINDS.values())


@pytest.mark.parametrize("language", ["en", "es", "fr"])
@pytest.mark.parametrize("value", EXAMPLES, ids=kind_of)
def test_what_can_be_said_is_known_beforehand(value: Value, language: str) -> None:
    try:
        said = bool(say(value, language))
    except (BookError, TypeError):
        said = False
    assert can_say(language, kind_of(value)) == said


def test_a_language_nobody_taught_us_is_refused_with_those_there_are() -> None:
    with pytest.raises(BookError, match='cannot be said in "fr", only in en and es'):
        say(Date(date(2026, 12, 5)), "fr")


NUMBERS = st.text("0123456789", min_size=1, max_size=20)


@given(st.builds(Digits, NUMBERS) | st.builds(Reference, NUMBERS), LANGUAGES, st.booleans())
def test_no_two_digits_are_ever_glued_and_none_is_lost(
    value: Digits | Reference, language: str, slow: bool
) -> None:
    said = say(value, language, slow)
    assert not re.search(r"\d\d", said)
    assert "".join(re.findall(r"\d", said)) == value.text


@given(NUMBERS, LANGUAGES, st.booleans())
def test_no_more_than_two_digits_of_a_phone_are_ever_spoken(
    number: str, language: str, slow: bool
) -> None:
    said = say(Phone("+" + number), language, slow)
    assert re.findall(r"\d", said) == list(number[-2:])


@given(st.integers(0, 10**9), LANGUAGES)
def test_money_can_be_read_back_to_the_cent(cents: int, language: str) -> None:
    said = say(Money(cents), language)
    assert re.fullmatch(r"\$\d{1,3}(,\d{3})*\.\d\d", said)
    assert int(re.sub(r"\D", "", said)) == cents


@given(st.text(), LANGUAGES)
def test_no_text_brings_what_a_document_cannot_hold(text: str, language: str) -> None:
    said = say(Text(text), language)
    assert all(character >= " " for character in said)
    assert said.encode().decode() == said  # a lone surrogate would raise


def every_minute() -> Iterator[Moment]:
    return (moment(*divmod(minute, 60)) for minute in range(24 * 60))


@pytest.mark.parametrize("language", sorted(SPEECHES))
def test_every_minute_of_a_day_is_spoken_in_its_own_words(language: str) -> None:
    assert len({say(when, language) for when in every_minute()}) == 24 * 60


@given(st.dates(), LANGUAGES)
def test_a_date_speaks_its_day_or_that_it_is_the_first(day: date, language: str) -> None:
    said = say(Date(day), language)
    assert str(day.day) in said.split() or (day.day, said.split()[0]) == (1, "primero")


@given(st.lists(st.sampled_from(sorted(NAMES)), max_size=6), LANGUAGES)
def test_every_thing_of_a_list_is_named(prompts: list[str], language: str) -> None:
    said = say(Words(tuple(prompts)), language)
    named = re.findall("|".join(NAMES.values()), said)
    assert named == [NAMES[prompt] for prompt in prompts]

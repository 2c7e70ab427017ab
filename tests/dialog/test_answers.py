import pytest

from ivr.dialog.answers import (
    UNIVERSAL_KEYS,
    Given,
    Meaning,
    Universal,
    Unusable,
    read,
    universal,
    without_cleared,
)
from ivr.dialog.phones import us_phone
from ivr.flows.model import AnswerKind, Ask, Branch, Limits, Move, Patience
from ivr.prompts.values import Digits, Money, Phone

GIVE_UP = Branch((), Move.END)
ANY_LENGTH = Limits()
PATIENCE = Patience(6, 3, 3, 5, (), (), GIVE_UP)


def meaning(
    kind: AnswerKind,
    text: str,
    least: int | None = None,
    most: int | None = None,
    limits: Limits = ANY_LENGTH,
) -> Meaning:
    ask = Ask("answer", kind, None, PATIENCE, Move.END, limits=limits)
    return read(ask, text, least, most)


def digits(text: str, shortest: int = 1, longest: int = 20) -> Meaning:
    return meaning(AnswerKind.DIGITS, text, limits=Limits(shortest, longest))


def money(text: str, least: int | None = 100, most: int | None = 10000) -> Meaning:
    return meaning(AnswerKind.MONEY, text, least, most)


@pytest.mark.parametrize(
    ("key", "means"),
    [
        ("0", Universal.PERSON),
        ("9", Universal.AGAIN),
        ("8", Universal.LANGUAGE),
        ("7", Universal.MORE_TIME),
        ("*", Universal.BACK),
    ],
)
def test_a_universal_key_means_the_same_alone_at_every_question(key: str, means: Universal) -> None:
    assert universal(key) is means
    assert digits(key) is means
    assert money(key) is means
    assert meaning(AnswerKind.PHONE, key) is means
    assert meaning(AnswerKind.PIN, key, limits=Limits(4, 8)) is means


@pytest.mark.parametrize("key", ["1", "2", "3", "4", "5", "6", "#", "", "00"])
def test_other_keys_are_the_questions_own(key: str) -> None:
    assert universal(key) is None
    assert key not in UNIVERSAL_KEYS


@pytest.mark.parametrize("key", ["0", "7", "8", "9"])
def test_a_universal_digit_is_an_answer_where_one_digit_is_asked_for(key: str) -> None:
    assert digits(key, longest=1) == Given(Digits(key))


def test_star_is_back_even_where_one_digit_is_asked_for() -> None:
    assert digits("*", longest=1) is Universal.BACK


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("12*34", "34"), ("*", "*"), ("12*", ""), ("1*2*3", "3"), ("**", ""), ("1234", "1234")],
)
def test_a_star_clears_what_was_typed_before_it(typed: str, kept: str) -> None:
    assert without_cleared(typed) == kept


@pytest.mark.parametrize(
    ("typed", "means"),
    [
        ("12*3456", Given(Digits("3456"))),
        ("12*0", Universal.PERSON),
        ("12*9", Universal.AGAIN),
        ("1234*", Unusable.NOTHING),
        ("12*34", Unusable.NOTHING),  # the carrier counted the cleared digits too
        ("34", Unusable.MISMATCH),
    ],
)
def test_what_follows_the_last_star_is_the_answer(typed: str, means: Meaning) -> None:
    assert digits(typed, 4, 4) == means


@pytest.mark.parametrize("typed", ["", "#", "12a4", "12 4", "१२३४", "12#4"])
def test_what_is_no_digits_is_no_answer(typed: str) -> None:
    assert digits(typed) is Unusable.MISMATCH


def test_leading_zeros_are_part_of_an_account_number() -> None:
    assert digits("0042") == Given(Digits("0042"))


@pytest.mark.parametrize(
    ("typed", "means"),
    [
        ("5000", Given(Money(5000))),
        ("100", Given(Money(100))),
        ("99", Unusable.MISMATCH),
        ("10000", Given(Money(10000))),
        ("10001", Unusable.MISMATCH),
        ("5", Unusable.MISMATCH),
        ("0000000000005000", Given(Money(5000))),
        ("500000000000000000000", Unusable.MISMATCH),
        ("9" * 5000, Unusable.MISMATCH),
        ("50*00", Unusable.NOTHING),
    ],
)
def test_an_amount_is_cents_within_its_limits(typed: str, means: Meaning) -> None:
    assert money(typed) == means


def test_an_amount_without_limits_may_be_any() -> None:
    assert money("1", None, None) == Given(Money(1))
    assert money("000", None, None) == Given(Money(0))


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("2025550142", "+12025550142"),
        ("12025550142", "+12025550142"),
        ("3125550100", "+13125550100"),
        ("2024561414", "+12024561414"),
    ],
)
def test_a_phone_number_is_kept_as_e164(typed: str, number: str) -> None:
    assert meaning(AnswerKind.PHONE, typed) == Given(Phone(number))


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("+18765550123", "Jamaica, although it begins with +1"),
        ("8765550123", "Jamaica, as typed"),
        ("4165550123", "Canada"),
        ("+442071234567", "Britain"),
        ("9002345678", "premium"),
        ("9005550123", "premium, fictional"),
        ("8005550199", "toll-free: nobody picks up there"),
        ("911", "emergency"),
        ("555", "too short"),
        ("1" * 40, "too long"),
        ("", "nothing"),
        ("anonymous", "words"),
        ("1115550123", "no such area code"),
    ],
)
def test_only_numbers_that_can_be_rung_and_texted_count(number: str, why: str) -> None:
    assert us_phone(number) is None, why


@pytest.mark.parametrize("last", ["00", "42", "99"])
def test_fictional_numbers_are_judged_by_their_area_code(last: str) -> None:
    assert us_phone(f"+120255501{last}") == f"+120255501{last}"


def test_a_bad_phone_number_is_a_mismatch() -> None:
    assert meaning(AnswerKind.PHONE, "9005550123") is Unusable.MISMATCH

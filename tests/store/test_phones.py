import pytest

from ivr.store.phones import as_e164


@pytest.mark.parametrize(
    "text",
    ["+12025550142", "2025550142", "(202) 555-0142", "1-202-555-0142", "202.555.0142"],
)
def test_a_number_written_in_any_us_way_is_kept_as_e164(text: str) -> None:
    assert as_e164(text) == "+12025550142"


@pytest.mark.parametrize("text", ["", "555-0142", "none", "202555014", "+120255501422", "x42"])
def test_what_is_no_number_is_none(text: str) -> None:
    assert as_e164(text) is None


def test_a_number_with_an_extension_is_none_since_no_caller_shows_one() -> None:
    assert as_e164("202-555-0142 ext. 5") is None

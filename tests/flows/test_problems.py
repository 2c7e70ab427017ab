"""Problems beyond the smallest book of each code: other causes, and no cause reported twice."""

import pytest

from tests.flows.books import FLOWS, GOOD, MENU, PROMPTS, changed, problems, with_flow

READ = "- do: balance.read\n  into: bill\n  when: {owes: next, nothing-due: next, unavailable: next}\n"
VOICE = "{voice: Polly.Joanna-Neural, language: en-US, pay: en-US}"
LANGUAGES = ("languages: [en]", "languages: [en, es]")
VOICES = (f"{{en: {VOICE}}}", f"{{en: {VOICE}, es: {VOICE}}}")


def top(old: str, new: str) -> list[str]:
    return problems(changed("flows.yaml", old, new))


def talk(steps: str, prompts: str = "") -> list[str]:
    return problems(with_flow(steps, prompts))


def short(found: list[str]) -> list[str]:
    """Problems without the file: LINE:COLUMN: CODE: MESSAGE."""
    return [line.partition(".yaml:")[2] for line in found]


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (
            "languages: [en]",
            "languages: en",
            'this should be a list of languages, as in [en, es], not "en"',
        ),
        (
            "languages: [en]",
            "languages: [en, EN]",
            'this should be a language of two letters, as in en, not "EN"',
        ),
        ("company: Northside Cable", "company: [a]", "this should be the company's name, not a list"),
        ("company: Northside Cable", "company:", "this should be the company's name, not empty"),
        ("version: 1", "version: []", "this should be a version, as in 1, not a list"),
        (
            "home: menu main",
            "home: {menu: main}",
            "this should be a target, as in menu main, not a mapping",
        ),
        ("hours: {", "hours: [", "x"),
        (
            'rescue: "+12025550100"',
            "rescue: 2025550100",
            "this should be a phone number with + and the country, as in +12025550100, "
            'not "2025550100"',
        ),
        ("silence: not-heard", "silence: []", "this should be one prompt at least, not a list"),
        ("mismatch: no-choice", "mismatch: no-choice, tries: 0", "x"),
    ],
)
def test_values_of_a_wrong_kind_at_the_top(old: str, new: str, found: str) -> None:
    first, *_ = top(old, new)
    assert found == "x" or first.endswith(f"wrong-kind: {found}")

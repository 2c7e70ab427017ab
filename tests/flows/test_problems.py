"""Problems beyond the smallest book of each code, and no mistake reported twice."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from ivr.flows import BrokenBook, parse_book
from tests.flows.books import FLOWS, GOOD, MENU, PROMPTS, SERVICES, changed, problems, with_flow

CASES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("problems.yaml").read_text())
VOICE = "{voice: Polly.Joanna-Neural, language: en-US, pay: en-US}"


def of_case(case: dict[str, Any]) -> list[str]:
    if "steps" in case:
        return problems(with_flow(case["steps"], case.get("prompts", "")))
    return problems(changed(case["in"], case["old"], case["new"]))


def two_languages(second: str) -> dict[str, str]:
    sources = changed("flows.yaml", "[en]", "[en, es]")
    voices = f"{{en: {VOICE}, es: {VOICE}}}"
    return {
        **changed("flows.yaml", f"{{en: {VOICE}}}", voices, sources),
        "prompts/es.yaml": second,
    }


@pytest.mark.parametrize("case", CASES)
def test_a_mistake_is_found_once_and_in_its_place(case: dict[str, Any]) -> None:
    assert of_case(case) == case["found"]


def test_a_thousand_problems_are_a_thousand_lines() -> None:
    steps = "".join(f"- say: no-such-{number}\n" for number in range(1000))
    assert len(problems(with_flow(steps + "- end: call\n"))) == 1000


def test_a_broken_file_hides_no_problem_of_another() -> None:
    sources = {**GOOD, "menus/main.yaml": "{welcome, an-agent"}
    sources["prompts/en.yaml"] = f"{PROMPTS}extra: More.\n"
    assert problems(sources) == [
        "menus/main.yaml:1:1: yaml-syntax: the { opened here is not closed as it should be",
        'prompts/en.yaml:9:8: unused-prompt: nothing speaks the prompt "extra"',
    ]


def test_what_a_broken_menu_names_is_not_called_unused() -> None:
    sources = changed("menus/main.yaml", "greet: welcome", "greet: : welcome")
    assert problems(sources) == [
        "menus/main.yaml:1:8: yaml-syntax: a text with a colon in it must be in quotes"
    ]


def test_what_a_broken_flows_file_gives_is_not_called_unknown() -> None:
    choice = '  "2": {offer: an-agent, needs: bill.overdue, go: flow agent}\n'
    other = '  "3": {offer: an-agent, go: flow nowhere}\n'
    sources = {"flows.yaml": f"{FLOWS}  bill: : {{\n", "menus/main.yaml": MENU + choice + other}
    assert [line.partition(": ")[0] for line in problems({**GOOD, **sources})] == [
        "flows.yaml:15:9",
        "menus/main.yaml:5:30",
    ]


def test_what_broken_prompts_hold_is_not_called_unknown() -> None:
    sources = changed("prompts/en.yaml", "goodbye: Goodbye.", "goodbye: Well: goodbye.")
    assert [line.partition(": ")[0] for line in problems(sources)] == ["prompts/en.yaml:5:14"]


def test_a_book_without_prompts_lacks_its_language_once() -> None:
    sources = {path: text for path, text in GOOD.items() if not path.startswith("prompts/")}
    assert problems(sources) == [
        'flows.yaml:3:12: missing-language: the language "en" has no file prompts/en.yaml'
    ]


def test_an_empty_file_of_prompts_lacks_every_prompt() -> None:
    found = problems({**GOOD, "prompts/en.yaml": ""})
    assert len(found) == 8
    assert {line.split(": ")[1] for line in found} == {"unknown-prompt", "missing-prompt"}


@pytest.mark.parametrize(
    ("text", "found"),
    [("- a: list\n", "a list"), ("Hello.\n", '"Hello."')],
)
def test_a_flows_file_without_keys_is_one_problem(text: str, found: str) -> None:
    keyed = changed("menus/main.yaml", "offer: an-agent,", "offer: an-agent, needs: bill.overdue,")
    assert problems({**keyed, "flows.yaml": text}) == [
        f"flows.yaml:1:1: wrong-kind: this should be flows.yaml, key by key, not {found}"
    ]


@pytest.mark.parametrize("text", ["- welcome: Hello.\n", "Hello.\n"])
def test_a_file_of_prompts_without_keys_is_one_problem(text: str) -> None:
    (found,) = problems({**GOOD, "prompts/en.yaml": text})
    assert found.startswith("prompts/en.yaml:1:1: wrong-kind: ")
    (found,) = problems({**two_languages(text)})
    assert found.startswith("prompts/es.yaml:1:1: wrong-kind: ")


def test_what_a_list_of_prompts_holds_is_not_called_unknown() -> None:
    sources = two_languages(PROMPTS.replace("goodbye: Goodbye.\n", ""))
    listed = "".join(f"- {line}\n" for line in PROMPTS.splitlines())
    (found,) = problems({**sources, "prompts/en.yaml": listed})
    assert found.startswith("prompts/en.yaml:1:1: wrong-kind: ")


@pytest.mark.parametrize("hours", ["", "hours: always\n"])
def test_without_opening_hours_no_queue_is_called_unknown(hours: str) -> None:
    ask = "- {ask: number, kind: phone, prompt: welcome}\n"
    keep = "- do: callback.keep\n  with: {number: number, queue: billing}\n"
    sources = with_flow(f"{ask}{keep}  when: {{kept: end, unavailable: end}}\n")
    sources = changed("flows.yaml", "hours: {zone: America/Chicago}\n", hours, sources)
    assert len(problems(sources)) == 1


@pytest.mark.parametrize("path", ["menus/main.yaml", "prompts/en.yaml"])
def test_a_file_that_is_only_misnamed_is_read_as_what_was_meant(path: str) -> None:
    wrong = path.replace(".yaml", ".yml")
    sources = {wrong if it == path else it: text for it, text in GOOD.items()}
    assert problems(sources) == [
        f"{wrong}:1:1: unused-file: nobody reads this file; rename it to {path}"
    ]


def test_of_two_files_that_mean_the_same_one_is_too_many() -> None:
    prompts = f"{PROMPTS}sorry: Sorry.\n"
    sources = {**GOOD, "prompts/en.yaml": prompts, "menus/main.yml": "greet: sorry\n"}
    assert problems(sources) == [
        "menus/main.yml:1:1: unused-file: nobody reads this file, only menus/main.yaml; "
        "delete one of them"
    ]


def recorded(recordings: dict[str, set[str]]) -> list[str]:
    found = {language: frozenset(names) for language, names in recordings.items()}
    try:
        parse_book(GOOD, SERVICES, (), found)
    except BrokenBook as broken:
        return [str(problem) for problem in broken.problems]
    return []


def test_a_recording_belongs_to_a_prompt() -> None:
    assert recorded({"en": {"goodbye", "welcome.1", "offer.1", "offer.2"}, "fr": set()}) == []
    assert recorded({"en": {"godbye", "offer"}, "fr": {"goodbye"}}) == [
        "prompts/en/godbye.wav:1:1: unused-file: nobody hears this file; "
        'there is no prompt "godbye"; did you mean "goodbye"?',
        'prompts/en/offer.wav:1:1: unused-file: nobody hears this file; prompt "offer" plays '
        "offer.1.wav, offer.2.wav",
        'prompts/fr:1:1: unknown-language: "fr" is not among the languages of this book',
    ]


@pytest.mark.parametrize(
    "voice",
    [
        "{voice: woman, language: en-US, pay: en-GB}",
        "{voice: Google.en-US-Chirp3-HD-Aoede, language: en-US, pay: en-US}",
        "{voice: Polly.Ruth-Generative, language: en-US, pay: en-US}",
        "{voice: Polly.Someone, language: da-DK, pay: en-US}",
        "{voice: Polly.Geraint, language: en-GB-WLS, pay: en-GB}",
        "{voice: Polly.Zeina, language: arb, pay: en-US}",
    ],
)
def test_voices_there_are_or_may_be_are_taken(voice: str) -> None:
    assert problems(changed("flows.yaml", VOICE, voice)) == []


def test_an_empty_flows_file_lacks_every_key() -> None:
    found = problems({**GOOD, "flows.yaml": ""})
    assert 'flows.yaml:1:1: missing-key: flows.yaml needs "lines"' in found


def test_a_file_of_prompts_in_no_language_of_the_book_is_strange() -> None:
    assert problems({**GOOD, "prompts/fr.yaml": PROMPTS}) == [
        'prompts/fr.yaml:1:1: unknown-language: "fr" is not among the languages of this book'
    ]


def test_a_menu_is_named_by_its_file() -> None:
    assert problems({**GOOD, "menus/Second.yaml": MENU}) == [
        'menus/Second.yaml:1:1: bad-name: "Second" is no name: '
        "small letters, digits and hyphens, a letter first",
        'menus/Second.yaml:1:1: unreachable: no call can come to menu "Second"',
    ]


def test_the_second_language_may_have_a_prompt_the_first_lacks() -> None:
    sources = two_languages(PROMPTS)
    sources["prompts/en.yaml"] = PROMPTS.replace("goodbye: Goodbye.\n", "")
    assert problems(sources) == [
        'prompts/es.yaml:5:10: missing-language: prompt "goodbye" has no text in "en"'
    ]


def test_a_prompt_that_cannot_be_spoken_is_not_compared() -> None:
    found = problems(two_languages(PROMPTS.replace("{company}", "{company")))
    assert [line.split(": ")[1] for line in found] == ["bad-prompt"]


def test_a_value_no_voice_of_the_language_can_say_is_refused() -> None:
    read = "- do: balance.read\n  when: {owes: next, nothing-due: next, unavailable: next}\n"
    date = "{ask: day, kind: digits, prompt: welcome}"
    sources = with_flow(f"{read}- {date}\n- {{say: on, with: {{day: day}}}}\n- end: call\n")
    prompts = sources["prompts/en.yaml"] + "on: On {day:digits}, press {key:key}.\n"
    sources["prompts/en.yaml"] = sources["prompts/fr.yaml"] = prompts
    sources["flows.yaml"] = (
        sources["flows.yaml"].replace("[en]", "[en, fr]").replace("US}}", f"US}}, fr: {VOICE}}}")
    )
    found = [line for line in problems(sources) if "cannot be said" in line]
    assert found == [
        'prompts/fr.yaml:6:8: missing-language: a key ({key}) cannot be said in "fr"',
        'prompts/fr.yaml:10:5: missing-language: a key ({key}) cannot be said in "fr"',
    ]


def test_flows_that_only_lead_to_each_other_are_one_problem() -> None:
    ring = "  one:\n    - say: goodbye\n    - go: flow two\n"
    back = "  two:\n    - ask: a\n      kind: digits\n      prompt: goodbye\n    - go: flow one\n"
    assert problems({**GOOD, "flows.yaml": FLOWS + ring + back}) == [
        'flows.yaml:15:3: unreachable: no call can come to flow "one"'
    ]


def test_of_unreached_flows_only_those_that_nothing_leads_to_are_named() -> None:
    more = "  inner:\n    - end: call\n  outer:\n    - go: flow inner\n"
    assert problems({**GOOD, "flows.yaml": FLOWS + more}) == [
        'flows.yaml:17:3: unreachable: no call can come to flow "outer"'
    ]


def test_a_misspelt_target_does_not_make_what_it_meant_unreachable() -> None:
    sources = changed("menus/main.yaml", "flow talk", "flow tlak", with_flow("- end: call\n"))
    assert [line.split(": ")[1] for line in problems(sources)] == ["unknown-target"]


def test_detours_may_run_past_their_end_and_need_a_way_for_each_level() -> None:
    steps = "- do: balance.details\n  when: {paid: end, unavailable: end}\n"
    sources = changed(
        "flows.yaml", "hours:", "identify: {verified: flow prove}\nhours:", with_flow(steps)
    )
    sources["flows.yaml"] += "  prove:\n    - say: goodbye\n"
    assert problems(sources) == ['flows.yaml:10:11: missing-key: identify needs "matched"']


def test_a_misspelt_level_is_not_called_missing_too() -> None:
    steps = "- do: balance.details\n  when: {paid: end, unavailable: end}\n"
    ways = "identify: {matched: flow prove, verifed: flow prove}\nhours:"
    sources = changed("flows.yaml", "hours:", ways, with_flow(steps))
    sources["flows.yaml"] += "  prove:\n    - say: goodbye\n"
    assert [line.split(": ")[1] for line in problems(sources)] == ["unknown-key"]


def test_a_detour_may_lead_back_by_itself_since_it_raises_the_level() -> None:
    steps = "- do: balance.details\n  when: {paid: end, unavailable: end}\n"
    ways = "identify: {matched: flow prove, verified: flow prove}\nhours:"
    sources = changed("flows.yaml", "hours:", ways, with_flow(steps))
    sources["flows.yaml"] += "  prove:\n    - go: flow talk\n"
    assert problems(sources) == []


def test_an_unasked_transfer_or_card_leads_on_for_a_silent_caller() -> None:
    ring = """\
- transfer: billing
  ringing: welcome
  when: {talked: end, nobody: menu main, unavailable: end}
"""
    hours = 'hours: {zone: America/Chicago, billing: {mon: "08:00-20:00"}}'
    sources = changed("flows.yaml", "hours: {zone: America/Chicago}", hours, with_flow(ring))
    sources = changed("menus/main.yaml", "keys:", "patience: {give-up: flow talk}\nkeys:", sources)
    assert problems(sources) == [
        "menus/main.yaml:2:21: give-up-loops: a caller who says nothing goes round for ever: "
        "menu main → menu main; see menus/main.yaml:1:1"
    ]


def test_silence_that_comes_round_through_several_places_is_found() -> None:
    ask = "- {ask: a, kind: digits, prompt: welcome, patience: {give-up: menu main}}\n- end: call\n"
    sources = changed("menus/main.yaml", "keys:", "patience: {give-up: flow talk}\nkeys:")
    assert problems(with_flow(ask, sources=sources)) == [
        "flows.yaml:16:67: give-up-loops: a caller who says nothing goes round for ever: "
        "flow talk step 1 → menu main → flow talk step 1; see flows.yaml:16:7"
    ]


def test_a_detour_counts_as_a_way_a_silent_caller_goes() -> None:
    steps = "- do: balance.details\n  when: {paid: end, unavailable: end}\n"
    sources = changed(
        "flows.yaml",
        "hours:",
        "identify: {matched: flow find, verified: flow find}\nhours:",
        with_flow(steps),
    )
    give_up = "patience: {give-up: flow talk}"
    sources["flows.yaml"] += (
        f"  find:\n    - {{ask: a, kind: digits, prompt: welcome, {give_up}}}\n"
    )
    assert [line.split(": ")[1] for line in problems(sources)] == ["give-up-loops"]


def test_a_long_round_names_only_its_first_places() -> None:
    steps = "- say: goodbye\n" * 9 + "- go: flow talk\n"
    (found,) = problems(with_flow(steps))
    assert found.endswith("flow talk step 7 → flow talk step 8 → …")

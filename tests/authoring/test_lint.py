"""What is hard on callers' ears is found, what only looks like it is not, and each has its code."""

import inspect
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from ivr.authoring.lint import codes, lint
from ivr.flows import parse_book
from ivr.flows.load import load_book, read_sources
from ivr.flows.model import Book
from ivr.flows.services import Field, Service
from ivr.prompts.values import Kind
from ivr.services.briefing import AGENT_PROMPTS
from ivr.services.table import CHANNEL_PROMPTS, declared
from tests.flows.books import SERVICES, book, changed

ROOT = Path(__file__).parents[2]
BAD_WORDS = ROOT / "tests" / "bad_words"
GUIDE = ROOT / "docs" / "flow-language.md"
HEADING = "## What the words are checked for"

GOOD = {
    **read_sources(BAD_WORDS / "blaming-words"),
    "prompts/en.yaml": (BAD_WORDS / "blaming-words" / "prompts" / "en.yaml")
    .read_text()
    .replace("that key is invalid", "that is not one of the choices"),
}
"""The smallest book in which there is nothing to find."""


def found(sources: Mapping[str, str], unheard: tuple[str, ...] = ()) -> list[str]:
    return [str(problem) for problem in lint(book(sources), unheard)]


def found_in(text: str, language: str = "en") -> list[str]:
    """The codes, and better words, of what is found in a prompt."""
    sources = spoken(text) if language == "en" else translated(text)
    return [f"{it.code}: {it.hint}" for it in lint(book(sources))]


def spoken(text: str) -> dict[str, str]:
    return changed("prompts/en.yaml", "goodbye: Goodbye.", f'goodbye: "{text}"', GOOD)


def translated(text: str) -> dict[str, str]:
    """The smallest good book with Spanish beside its English, and this text for its goodbye."""
    voice = "{voice: Polly.Lupe-Neural, language: es-US, pay: es-US}"
    sources = changed("flows.yaml", "languages: [en]", "languages: [en, es]", GOOD)
    sources = changed("flows.yaml", "pay: en-US}}", f"pay: en-US}}, es: {voice}}}", sources)
    words = {
        "welcome": "Gracias por llamar a {company}.",
        "an-agent": "un agente",
        "person": "una persona",
        "not-heard": "Disculpe, no oí ninguna tecla.",
        "no-choice": "Disculpe, esa no es una de las opciones.",
        "offer": "Para {choice}, oprima {key:key}.",
        "yes-no": "Para sí, oprima 1. Para no, oprima 2.",
        "more-time": "Tómese su tiempo.",
        "goodbye": text,
    }
    prompts = "".join(f'{key}: "{value}"\n' for key, value in words.items())
    return {**sources, "prompts/es.yaml": prompts}


def test_every_code_has_its_bad_book_and_its_section() -> None:
    made = {it for _, it in inspect.getmembers(codes, inspect.isfunction)}
    named = {it.__name__.replace("_", "-") for it in made if it.__module__ == codes.__name__}
    own = GUIDE.read_text().partition(f"\n{HEADING}\n")[2].partition("\n## ")[0]
    sections = re.findall(r"^#### `([a-z-]+)`$", own, re.MULTILINE)
    assert named == {folder.name for folder in BAD_WORDS.iterdir()} == set(sections)
    assert len(sections) == len(named)


@pytest.mark.parametrize("folder", sorted(BAD_WORDS.iterdir()), ids=lambda it: it.name)
def test_a_bad_book_has_the_one_problem_it_was_written_for(folder: Path) -> None:
    problems = found(read_sources(folder))
    assert problems == (folder / "expected.txt").read_text().splitlines()
    assert len(problems) == 1
    assert f": {folder.name}: " in problems[0]


def test_in_the_smallest_good_book_nothing_is_found_in_either_language() -> None:
    assert found(GOOD) == []
    assert found_in("Hasta luego.", "es") == []


# Wording


@pytest.mark.parametrize(
    ("language", "text", "better"),
    [
        ("en", "Press 1 for your balance.", "For your balance, press 1."),
        ("en", "Dial star to go back, please.", "To go back, press star."),
        ("en", "Press a number, or [.3] 0 for an agent.", "For an agent, press 0."),
        ("en", "Press the 2 key for bill pay.", "For bill pay, press 2."),
        ("en", "Press key three to go on.", "To go on, press three."),
        ("es", "Oprima 1 para su saldo.", "Para su saldo, oprima 1."),
        ("es", "Marque el 2 para pagar.", "Para pagar, oprima 2."),
        ("es", "Si quiere, marque asterisco para volver.", "Para volver, oprima asterisco."),
    ],
)
def test_a_key_comes_after_what_it_is_for(language: str, text: str, better: str) -> None:
    assert found_in(text, language) == [f"key-before-choice: {better}"]


def test_the_frame_of_all_options_names_the_choice_first() -> None:
    frame = 'offer: "For {choice}, press {key:key}."'
    sources = changed("prompts/en.yaml", frame, 'offer: "Press {key:key} for {choice}."', GOOD)
    (problem,) = found(sources)
    assert problem.endswith('did you mean "For {choice}, press {key:key}."?')


@pytest.mark.parametrize(
    "text",
    [
        "For your balance, press 1. To stop, press star.",
        "Enter your PIN, then press pound. If you forgot it, press 0, then pound.",
        "Press 1. For an agent, press 0.",
        "Enter the ten-digit number to call back.",
        "We waited 5 for you, or 6 for them.",
    ],
)
def test_a_key_with_nothing_behind_it_is_well_placed(text: str) -> None:
    assert found_in(text) == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "That PIN is wrong."),
        ("en", "You made a mistake."),
        ("en", "That is not valid."),
        ("en", "Incorrect."),
        ("es", "Clave inválida."),
        ("es", "Los datos son incorrectos."),
        ("es", "Número equivocado."),
    ],
)
def test_callers_are_not_blamed(language: str, text: str) -> None:
    (problem,) = found_in(text, language)
    assert problem.startswith("blaming-words: ")


def test_what_went_wrong_here_blames_nobody() -> None:
    assert found_in("Sorry, something went wrong.") == []
    assert found_in("Tell us what’s wrong. Is anything wrong with your TV?") == []
    assert found_in("Disculpe, eso no parece correcto.", "es") == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Listen carefully."),
        ("en", "Our menu options have recently changed."),
        ("en", "Pay attention."),
        ("es", "Por favor, escuche."),
        ("es", "Nuestras opciones han cambiado."),
        ("es", "Preste atención."),
    ],
)
def test_nobody_is_told_to_listen(language: str, text: str) -> None:
    assert found_in(text, language) == ["listen-carefully: None"]


@pytest.mark.parametrize(
    ("language", "text", "better"),
    [
        ("en", "Our ZIP is 60601.", "6 0 6 0 1"),
        ("en", "Your code is 123.", "1 2 3"),
        ("en", "For account 2026.", "2 0 2 6"),
        ("en", "Say 1234.", "1 2 3 4"),
        ("es", "Su código postal es 606.", "6 0 6"),
        ("es", "Terminada en 1234.", "1 2 3 4"),
    ],
)
def test_digits_are_said_apart(language: str, text: str, better: str) -> None:
    assert found_in(text, language) == [f"read-as-quantity: {better}"]


@pytest.mark.parametrize(
    "text",
    [
        "For 50 dollars, that's 5 0 0 0.",
        "At most $1500, or $ 2500.",
        "It costs $1,250.00.",
        "If anyone is in danger, dial 911. The number is 811.",
        "Since 1998 and until 2027.",
        "On this account, 300 dollars. We take any card. 250 people agree.",
        "In 1440 minutes, on 1200 channels.",
        "Call 800-555-0199 or +18005550199.",
        "Open from 17:30, version 10.500.",
        "Over 120 channels, in 1080p.",
    ],
)
def test_quantities_years_amounts_and_phone_numbers_are_read_well(text: str) -> None:
    assert found_in(text) == []


def test_in_spanish_quantities_have_units_too() -> None:
    assert found_in("Más de 1500 canales por 1200 dólares.", "es") == []


def test_a_count_is_no_way_to_say_a_code() -> None:
    flow = "    - {say: goodbye, with: {%s: bill.n}}\n"
    for name, text, wanted in (
        ("zip", "Your ZIP: {zip:count}.", ["read-as-quantity: {zip:digits}"]),
        ("n", "The number ending in {n:count}.", ["read-as-quantity: {n:digits}"]),
        ("n", "We found [.5] {n:count} payments.", []),
    ):
        problems = lint(counted(name, text, flow % name))
        assert [f"{it.code}: {it.hint}" for it in problems] == wanted


def counted(name: str, text: str, step: str) -> Book:
    """The smallest good book, with a goodbye that says a number which a service gave."""
    count = Service(name="count", outcomes={"ok": {"n": Field(Kind.COUNT)}})
    asked = "    - {do: count, into: bill, when: {ok: next, unavailable: next}}\n"
    sources = changed("flows.yaml", "    - say: goodbye\n", asked + step, spoken(text))
    assert f"{{{name}:count}}" in text
    return parse_book(sources, {"count": count})


def test_words_of_other_languages_are_not_judged_but_their_numbers_are() -> None:
    sources = {
        path.replace("es.yaml", "fr.yaml"): text.replace(", es: {", ", fr: {").replace(
            "en, es", "en, fr"
        )
        for path, text in translated("Incorrect. Code 60601.").items()
    }
    sources["prompts/fr.yaml"] = sources["prompts/fr.yaml"].replace("{key:key}", "1")
    sources["prompts/en.yaml"] = sources["prompts/en.yaml"].replace("{key:key}", "1")
    assert found(sources) == [
        'prompts/fr.yaml:9:10: read-as-quantity: a voice reads "60601" as a quantity; write its '
        'digits apart; did you mean "6 0 6 0 1"?'
    ]


# Who hears it


def test_what_only_others_hear_may_be_short_and_blunt() -> None:
    prompts = f'{GOOD["prompts/en.yaml"]}brief: "PIN wrong."\n'
    sources = {**GOOD, "prompts/en.yaml": prompts}
    assert lint(parse_book(sources, SERVICES, ["brief"]), ["brief"]) == ()
    assert len(lint(parse_book(sources, SERVICES, ["brief"]))) == 1


def test_what_a_book_speaks_is_heard_even_if_others_hear_it_too() -> None:
    assert len(found(spoken("PIN wrong."), ("goodbye",))) == 1
    sources = changed("prompts/en.yaml", "person: a person", "person: a wrong person", GOOD)
    assert len(found(sources, ("person",))) == 1


# Menus


def options(*lines: str, greet: str = "welcome") -> str:
    return f"greet: {greet}\nkeys:\n" + "".join(f"  {line}\n" for line in lines)


AGENT = '"1": {offer: an-agent, go: flow agent}'
ZERO = 'also: {"0": person}\n'
"""What the smallest good book has in its menu."""


def test_quiet_options_are_not_counted() -> None:
    folder = BAD_WORDS / "too-many-options"
    sources = read_sources(folder)
    assert len(found(sources)) == 1
    sources = changed("menus/main.yaml", "offer: shops,", "offer: shops, quiet: yes,", sources)
    assert found(sources) == []


def test_a_long_menu_is_measured_without_its_quiet_options() -> None:
    sources = read_sources(BAD_WORDS / "long-menu")
    menu = sources["menus/main.yaml"].replace(", go:", ", quiet: yes, go:")
    assert found({**sources, "menus/main.yaml": menu}) == []


def test_what_a_menu_says_in_another_language_counts_in_the_one_that_hears_it() -> None:
    sources = translated("Para hablar en español con un agente, oprima la tecla 8 ahora.")
    for line, language in (("{say: goodbye, in: others}", "en"), ("goodbye", "es")):
        menu = options(AGENT, greet=f"[{line}, {line}, {line}, {line}]") + ZERO
        heard = {**sources, "menus/main.yaml": menu}
        heard["flows.yaml"] = heard["flows.yaml"].replace("say: goodbye", "say: welcome")
        (problem,) = found(heard)
        assert ': long-menu: menu "main" takes 2' in problem
        assert f' s in "{language}"; bring it to 20 s ' in problem


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (ZERO, ""),
        (ZERO, "patience: {silence: [not-heard, not-heard]}\n"),
    ],
)
def test_a_first_menu_that_names_no_0_is_found(old: str, new: str) -> None:
    (problem,) = found(unused(changed("menus/main.yaml", old, new, GOOD)))
    assert ": person-unannounced: a call to +18005550199 comes to menu " in problem


def unused(sources: Mapping[str, str]) -> dict[str, str]:
    """The sources without the prompt for key 0."""
    return changed("prompts/en.yaml", "person: a person\n", "", sources)


@pytest.mark.parametrize(
    "menu",
    [
        options(AGENT, greet="[welcome, zero]"),
        options(AGENT) + "patience: {silence: [not-heard, zero]}\n",
        options(AGENT) + "patience: {silence: [not-heard, zero, not-heard]}\n",
        options(AGENT) + "patience: {silence: zero}\n",
    ],
)
def test_0_may_be_named_in_the_greeting_or_at_the_second_silence(menu: str) -> None:
    sources = {**unused(GOOD), "menus/main.yaml": menu}
    sources["prompts/en.yaml"] += 'zero: "For a person, press 0."\n'
    assert found(sources) == []


def test_what_is_said_at_the_second_silence_does_not_help_where_the_first_leads_on() -> None:
    menu = options(AGENT) + "patience: {silence: [not-heard, zero], silent: flow agent}\n"
    sources = {**unused(GOOD), "menus/main.yaml": menu}
    sources["prompts/en.yaml"] += 'zero: "For a person, press 0."\n'
    (problem,) = found(sources)
    assert "person-unannounced" in problem


def test_the_first_menu_is_found_behind_flows_but_not_behind_a_person() -> None:
    sources = {**GOOD, "menus/second.yaml": options(AGENT)}
    sources = changed("flows.yaml", "start: menu main", "start: flow hello", sources)
    steps = "  hello:\n    - {do: balance.read, when: {owes: menu main, nothing-due: next, "
    steps += "unavailable: flow agent}}\n    - go: menu second\n"
    sources["flows.yaml"] += steps
    (problem,) = found(sources)
    assert 'menu "second" first' in problem
    sources["flows.yaml"] = sources["flows.yaml"].replace(
        "    - go: menu second\n",
        "    - transfer: billing\n      ringing: welcome\n"
        "      when: {talked: end, nobody: menu second, unavailable: menu second}\n",
    )
    hours = 'hours: {zone: America/Chicago, billing: {mon-sun: "00:00-24:00"}}'
    sources = changed("flows.yaml", "hours: {zone: America/Chicago}", hours, sources)
    assert found(sources) == []


def menus(other: str, home: str = "main") -> list[str]:
    """What is found with a second menu, which key 2 of the first one leads to."""
    first = options(AGENT, '"2": {offer: more, go: menu other}') + ZERO
    sources = {**GOOD, "menus/main.yaml": first, "menus/other.yaml": other}
    sources["prompts/en.yaml"] += "more: more\nhelp: help\n"
    sources = changed("flows.yaml", "home: menu main", f"home: menu {home}", sources)
    if "offer: help" not in other:
        sources = changed("prompts/en.yaml", "help: help\n", "", sources)
    return [problem.partition(": ")[0] for problem in found(sources)]


def test_what_the_home_menu_offers_keeps_its_key_whatever_it_is_called() -> None:
    assert menus(options('"3": {offer: help, go: flow agent}')) == ["menus/other.yaml:3:8"]
    assert menus(options('"1": {offer: help, go: flow agent}')) == []


def test_a_job_of_other_menus_keeps_its_key_where_it_is_called_the_same() -> None:
    other = options('"3": {offer: help, go: menu other}', '"4": {offer: an-agent, go: repeat}')
    assert menus(other, home="other") == ["menus/main.yaml:4:8"]
    assert menus(options('"3": {offer: an-agent, go: end}')) == []


def test_the_shipped_book_is_easy_on_the_ear() -> None:
    shipped = load_book(ROOT, declared(), CHANNEL_PROMPTS)
    assert lint(shipped, AGENT_PROMPTS, ROOT) == ()
    assert [it.code for it in lint(shipped)] == ["blaming-words"] * 2

"""The schemas, held against every book of the tests, with YAML read as editors read it."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from ivr.authoring.schema import FILES, schemas
from ivr.flows.load import read_sources
from ivr.flows.services import Field, Service
from ivr.prompts.values import Kind
from ivr.services.table import CHANNEL_PROMPTS, declared
from tests.flows.books import GOOD, SERVICES, changed, large, problems, with_billing, with_flow

ROOT = Path(__file__).parents[2]
BAD_BOOKS = ROOT / "tests" / "bad_books"
BAD_WORDS = ROOT / "tests" / "bad_words"

SHIPPED = {name: Draft7Validator(it) for name, it in schemas(declared(), CHANNEL_PROMPTS).items()}
TESTED = {name: Draft7Validator(it) for name, it in schemas(SERVICES).items()}


class Editor(yaml.SafeLoader):
    """YAML 1.2 with its core schema (https://yaml.org/spec/1.2.2/#103-core-schema).

    It is what the YAML language server reads unless it is told otherwise.
    """


CORE = {
    "null": r"null|Null|NULL|~|",
    "bool": r"true|True|TRUE|false|False|FALSE",
    "int": r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+",
    "float": r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?",
}
Editor.yaml_implicit_resolvers = {
    None: [(f"tag:yaml.org,2002:{it}", re.compile(f"^(?:{CORE[it]})$")) for it in CORE]
}


def decimal(loader: yaml.Loader, node: yaml.ScalarNode) -> int:
    """A number as YAML 1.2 has it: 0123 is no octal."""
    return int(str(loader.construct_scalar(node)))


Editor.add_constructor("tag:yaml.org,2002:int", decimal)


def read(text: str) -> Any:
    """A document as an editor sees it: a key that is a number is a property of these digits."""
    return with_text_keys(yaml.load(text, Editor))


def with_text_keys(part: Any) -> Any:
    if isinstance(part, dict):
        return {str(key): with_text_keys(value) for key, value in part.items()}
    return [with_text_keys(it) for it in part] if isinstance(part, list) else part


def kind_of(path: str) -> str:
    return {"menus": "menu", "prompts": "prompts"}.get(path.partition("/")[0], "flows")


def marked(
    sources: Mapping[str, str], validators: Mapping[str, Draft7Validator] = TESTED
) -> list[str]:
    """What an editor marks in these files: path and where in it."""
    return [
        f"{path}: {'/'.join(map(str, error.absolute_path))}: {error.message[:90]}"
        for path, text in sources.items()
        for error in validators[kind_of(path)].iter_errors(read(text))
    ]


def codes_of(sources: Mapping[str, str]) -> set[str]:
    return {problem.split(": ")[1] for problem in problems(sources)}


def test_an_editor_reads_words_as_words_and_digits_as_numbers() -> None:
    text = 'on: yes\n1: 08:00-20:00\n"2": 2026-12-25\nfour: [3, "3", 5.00, true, ~, 0123]\n'
    assert read(text) == {
        "on": "yes",
        "1": "08:00-20:00",
        "2": "2026-12-25",
        "four": [3, "3", 5.0, True, None, 123],
    }


@pytest.mark.parametrize("name", FILES)
def test_a_schema_is_one_and_every_part_of_it_is_used(name: str) -> None:
    schema: Any = SHIPPED[name].schema
    Draft7Validator.check_schema(schema)
    text = json.dumps(schema)
    assert all(f'"#/definitions/{part}"' in text for part in schema["definitions"])


def keys_in(part: Any, found: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Every key that some mapping of a schema knows, with what is said of it."""
    if isinstance(part, dict):
        if part.get("additionalProperties") is False:
            found += part.get("properties", {}).items()
        for inner in part.values():
            keys_in(inner, found)
    elif isinstance(part, list):
        for inner in part:
            keys_in(inner, found)
    return found


@pytest.mark.parametrize("name", FILES)
def test_every_key_has_a_description(name: str) -> None:
    schema = SHIPPED[name].schema
    known = keys_in(schema, [])
    assert len(known) > 10
    for key, part in known:
        described = "description" in part or "description" in used(schema, part)
        assert described, (key, part)


def used(schema: Any, part: dict[str, Any]) -> Any:
    return schema["definitions"].get(part.get("$ref", "").rpartition("/")[2], {})


def test_every_shipped_file_names_its_schema() -> None:
    for path in read_sources(ROOT):
        line = (ROOT / path).read_text().partition("\n")[0]
        name = line.removeprefix("# yaml-language-server: $schema=")
        assert ((ROOT / path).parent / name).resolve() == ROOT / "schemas" / f"{kind_of(path)}.json"


def test_the_shipped_book_is_not_marked() -> None:
    assert marked(read_sources(ROOT), SHIPPED) == []


def test_good_books_are_not_marked() -> None:
    for sources in (GOOD, with_billing(GOOD), large(50)):
        assert codes_of(sources) == set()
        assert marked(sources) == []
    for folder in BAD_WORDS.iterdir():
        assert marked(read_sources(folder)) == []


SEEN = {
    "bad-name",
    "bad-prompt",
    "bad-voice",
    "key-prefix",
    "key-reserved",
    "level-lowered",
    "misplaced-target",
    "missing-key",
    "missing-prompt",
    "two-kinds",
    "unhandled-outcome",
    "unknown-key",
    "unknown-outcome",
    "unknown-service",
    "unknown-version",
    "wrong-kind",
}
"""The codes whose smallest book an editor marks; the others need the whole book, or a calendar.

Keys written twice and what is no YAML an editor marks without a schema.
"""


@pytest.mark.parametrize("folder", sorted(BAD_BOOKS.iterdir()), ids=lambda it: it.name)
def test_an_editor_marks_what_can_be_seen_in_one_file(folder: Path) -> None:
    if folder.name != "yaml-syntax":
        assert bool(marked(read_sources(folder))) == (folder.name in SEEN)


CASES = yaml.safe_load((ROOT / "tests" / "flows" / "problems.yaml").read_text())
VISIBLE = {"bad-name", "two-kinds", "unhandled-outcome", "unknown-outcome"}


def of_case(case: Any) -> dict[str, str]:
    if "steps" in case:
        return with_flow(case["steps"], case.get("prompts", ""))
    return changed(case["in"], case["old"], case["new"])


@pytest.mark.parametrize(
    "sources",
    [it for case in CASES if codes_of(it := of_case(case)) & VISIBLE],
    ids=lambda it: ", ".join(sorted(codes_of(it))),
)
def test_what_can_be_seen_in_one_file_is_marked_wherever_it_stands(sources: Any) -> None:
    assert marked(sources)


def only(sources: Mapping[str, str]) -> str:
    """The one thing that is marked."""
    (found,) = marked(sources)
    return found


def talk(steps: str) -> dict[str, str]:
    return with_flow(steps + "\n- go: flow agent", "how-much: How much?\n")


@pytest.mark.parametrize(
    ("step", "where"),
    [
        ("- {ask: sum, kind: money, prompt: how-much, length: 5}", ""),
        ("- {ask: sum, kind: digits, prompt: how-much, within: {}}", ""),
        ("- {ask: sum, kind: digits}", ""),
        ("- {ask: sum, kind: digits, prompt: how-much, length: 0}", "length"),
        ("- {ask: sum, kind: digits, prompt: how-much, length: {min: 1}}", "length"),
        ('- {ask: sum, kind: money, prompt: how-much, within: {max: "5"}}', "within/max"),
        ("- {ask: sum, kind: digits, prompt: how-much, when: {}}", ""),
        ('- {ask: sum, kind: yes-no, prompt: how-much, when: {"yes": next}}', "when"),
        ("- {ask: sum, kind: yes-no, prompt: how-much}", ""),
        ("- {ask: sum, kind: phone, prompt: how-much, patience: {wait: 0s}}", "patience/wait"),
        ("- {ask: sum, kind: phone, prompt: how-much, patience: {tries: 100}}", "patience/tries"),
        ("- {ask: sum, kind: phone, prompt: how-much, person: back}", "person"),
        ("- {say: how-much, once: true}", "once"),
        ("- {do: payments.charge, with: {card: a.b}, when: {charged: next}}", "with/card"),
        ("- {do: callback.keep, when: {kept: next, unavailable: next}}", ""),
        ("- {do: balance.read, with: {x: y}, when: {}}", "with"),
        ("- {pay: bill.sum, as: card, when: {stopped: next}}", "when"),
        ("- {pay: nothing, as: card, method: cash, when: {}}", "method"),
        ("- {pay: 5.00, as: card, when: {}}", "pay"),
        ("- {ask: it, kind: spoken-yes, prompt: how-much, length: 3}", ""),
        ("- {ask: it, kind: spoken-yes, first: how-much}", ""),
        ("- {ask: it, kind: spoken-yes, prompt: how-much, when: {no: next}}", "when"),
        ("- {transfer: billing, ringing: how-much}", ""),
        ("- {go: next menu}", "go"),
        ("- {end: it}", "end"),
        ("- {}", ""),
        ("- how-much", ""),
    ],
)
def test_a_step_is_judged_by_what_it_does(step: str, where: str) -> None:
    sources = talk(step)
    assert codes_of(sources)
    at = f"flows.yaml: flows/talk/0/{where}".removesuffix("/")
    assert any(it.startswith(f"{at}: ") for it in marked(sources))


@pytest.mark.parametrize(
    "step",
    [
        '- {ask: sum, kind: money, prompt: how-much, within: {min: "1.00", max: 9.50}}',
        '- {ask: sum, kind: digits, prompt: how-much, length: {min: 4, max: "20"}}',
        '- {ask: sum, kind: yes-no, first: how-much, when: {"yes": repeat, no: next}}',
        "- {ask: sum, kind: phone, prompt: {say: how-much}, length: 10, person: flow agent}",
        "- {do: callback.keep, with: {number: sum}, when: {kept: next, unavailable: end}}",
        "- {say: how-much, once: yes, in: others, needs: bill.overdue}",
        "- {ask: it, kind: spoken-yes, first: how-much, prompt: how-much, patience: {wait: 8s}}",
        "- {ask: it, kind: spoken-yes, prompt: how-much, when: {stopped: next}}",
        "- {pay: nothing, as: it, method: bank, "
        "when: {stopped: next, failed: next, connector-down: next, hung-up: end}}",
    ],
)
def test_a_step_that_may_be_written_so_is_not_marked(step: str) -> None:
    assert marked(talk(step)) == []


def test_the_book_is_judged_key_by_key() -> None:
    for old, new, where in (
        ("languages: [en]", "languages: [en, en]", "languages"),
        ("languages: [en]", "languages: [english]", "languages/0"),
        ("company: Northside Cable", "company:", "company"),
        ("give-up: flow agent", "give-up: {say: goodbye}", "patience/give-up"),
        ("mismatch: no-choice", "mismatch: []", "patience/mismatch"),
        ("{zone: America/Chicago}", "{zone: X, billing: {fri-: 08:00-20:00}}", "hours/billing"),
        ("{zone: America/Chicago}", "{zone: X, billing: {fri: 8-20}}", "hours/billing/fri"),
        ("{zone: America/Chicago}", "{zone: X, closed: [Monday]}", "hours/closed/0"),
        ("home: menu main", "home: menu main\nidentify: {unknown: flow agent}", "identify"),
        ("home: menu main", "home: menu main\nidentify: {matched: menu main}", "identify/matched"),
        ('"+18005550199"', '"18005550199"', "lines"),
    ):
        sources = changed("flows.yaml", old, new)
        assert codes_of(sources), new
        assert only(sources).startswith(f"flows.yaml: {where}: "), new


def test_the_fields_of_a_reply_are_those_of_its_outcome() -> None:
    reply = "reference: {balance.read: {outcome: %s, gives: {%s}}}\n"
    for outcome, gives, good in (
        ("owes", 'amount: "84.20", late: "1.00", overdue: yes', True),
        ("owes", "amount: 84.20, late: 1.00", True),
        ("owes", 'amount: "84.20"', False),
        ("owes", "amount: much, late: 1.00", False),
        ("owes", "amount: 84.20, late: 1.00, overdue: true", False),
        ("nothing-due", 'amount: "84.20"', False),
        ("nothing", "", False),
    ):
        sources = {**GOOD, "flows.yaml": GOOD["flows.yaml"] + reply % (outcome, gives)}
        assert (marked(sources) == []) == good, gives


def test_what_a_list_holds_is_named_by_the_prompts_its_field_may_carry() -> None:
    lists = {
        "things": Field(Kind.WORDS, prompts=("tv",)),
        "any": Field(Kind.CHOICES, maybe=True),
        "open": Field(Kind.HOURS, maybe=True),
    }
    service = Service("things.list", {"ok": lists})
    validator = Draft7Validator(schemas({"things.list": service})["flows"])
    for gives, good in (
        ("things: [tv]", True),
        ("things: [radio]", False),
        ("things: tv", False),
        ("things: [], any: [radio, {say: tv, with: {a: 1}}], open: billing", True),
        ("things: [], any: [{with: {}}]", False),
    ):
        reply = f"{{things.list: {{outcome: ok, gives: {{{gives}}}}}}}"
        book = read(f"{GOOD['flows.yaml']}reference: {reply}\n")
        assert validator.is_valid(book) == good, gives


def test_a_reply_raises_the_caller_only_as_far_as_its_outcome_can() -> None:
    reply = "reference: {pin.check: {outcome: %s, level: %s}}\n"
    for outcome, level, good in (
        ("right", "verified", True),
        ("wrong", "unknown", True),
        ("wrong", "verified", False),
    ):
        book = read((ROOT / "flows.yaml").read_text().partition("\nreference:")[0])
        book |= read(reply % (outcome, level))
        assert SHIPPED["flows"].is_valid(book) == good, (outcome, level)

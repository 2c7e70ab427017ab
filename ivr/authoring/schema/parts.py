"""What the schemas of all files are put together from: words, values, lines, targets, branches.

YAML is read as editors read it (YAML 1.2, core schema): `yes` and `2026-12-25` are strings, `3`
is a number, and `"3"` a string, so that where a number may stand a string of digits may stand too.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ivr.flows import lines
from ivr.flows.codes import either
from ivr.flows.model import Move
from ivr.flows.reading import NAME

Schema = dict[str, Any]

TARGETS: Mapping[str, Collection[Move]] = {
    "place": lines.NOWHERE,
    "menu": lines.IN_MENU,
    "step": lines.IN_STEP,
    "question": lines.IN_QUESTION,
}
"""The relative targets that have a meaning: beside the flows, in a menu, a step, a question."""

MEANINGS = {
    Move.NEXT: "next: the next step",
    Move.REPEAT: "repeat: the same question again",
    Move.BACK: "back: the question before",
    Move.END: "end: hang up",
}


def anchored(*patterns: re.Pattern[str] | str) -> str:
    """A pattern that must match a whole text in one of these ways."""
    plain = (it if isinstance(it, str) else it.pattern for it in patterns)
    return f"^(?:{'|'.join(plain)})$"


def described(schema: Schema, description: str) -> Schema:
    """The schema with what an editor shows beside it."""
    return {**schema, "description": description}


def matching(pattern: str, wanted: str, *examples: str) -> Schema:
    """A string of this pattern; `wanted` is what an editor says where it is not."""
    return {
        "type": "string",
        "pattern": pattern,
        "patternErrorMessage": f"this should be {wanted}",
        **({"examples": list(examples)} if examples else {}),
    }


def number(pattern: re.Pattern[str], most: int, wanted: str) -> Schema:
    """A whole number from 1 on, written as one or in quotes."""
    text = matching(f"^(?!0+$){pattern.pattern}$", wanted)
    return {**text, "type": ["integer", "string"], "minimum": 1, "maximum": most}


def one_of(words: Iterable[str]) -> Schema:
    """One of some fixed words."""
    return {"type": "string", "enum": list(words)}


def mapping(
    known: Iterable[str], values: Mapping[str, Schema], required: Collection[str] = ()
) -> Schema:
    """A mapping with the keys the loader knows; `values` has a schema for each of them."""
    return {
        "type": "object",
        "properties": {key: values[key] for key in known},
        "required": list(required),
        "additionalProperties": False,
    }


def named(values: Schema, pattern: str = anchored(NAME)) -> Schema:
    """A mapping whose keys are the author's own, of this pattern."""
    return {"type": "object", "patternProperties": {pattern: values}, "additionalProperties": False}


def use(name: str) -> Schema:
    """A part from `definitions`."""
    return {"$ref": f"#/definitions/{name}"}


def either_of(*choices: Schema) -> Schema:
    """What is one of these."""
    return {"anyOf": list(choices)}


def _target(moves: Collection[Move]) -> Schema:
    words = ("menu NAME", "flow NAME", *moves)
    meant = "".join(f"; {MEANINGS[move]}" for move in moves)
    ways = (f"(?:menu|flow) {NAME.pattern}", *moves)
    target = matching(anchored(*ways), either(words), *moves, "menu main", "flow reach-agent")
    return described(target, f"Where to go: menu NAME or flow NAME{meant}.")


def _branch(name: str, moves: Collection[Move]) -> Schema:
    values = {
        "say": described(use("lines"), "What is said on the way: a line or a list of lines."),
        "finishes": described(use("name"), "The job that is done with it."),
        "go": use(f"{name}-target"),
    }
    may_stay = Move.NEXT in moves
    pair = mapping(lines.BRANCH, values, () if may_stay else ("go",))
    return either_of(use(f"{name}-target"), {**pair, "minProperties": 1})


def _line() -> Schema:
    values = {
        "say": described(use("prompt"), "The prompt's key."),
        "with": use("with"),
        "needs": use("needs"),
        "in": described(one_of(["others"]), "Say it in the other languages of the book."),
        "once": described(use("flag"), "Say it the first time only, not when it is repeated."),
    }
    return either_of(use("prompt"), mapping(lines.LINE, values, ("say",)))


VALUE = matching(anchored(lines.REF), "a value: NAME.FIELD, or the NAME of an answer")
PROMPT = matching(anchored(NAME), "the key of a prompt: small letters, digits and hyphens")

DEFINITIONS: Mapping[str, Schema] = {
    "name": matching(anchored(NAME), "a name: small letters, digits and hyphens, a letter first"),
    "prompt": described(PROMPT, "The key of a prompt in prompts/LANGUAGE.yaml."),
    "value": described(VALUE, "NAME.FIELD of a reply kept with into, or the NAME of an answer."),
    "needs": described(VALUE, "A yes/no field, as in bill.overdue; left out where it is no."),
    "flag": one_of(lines.FLAG),
    "with": described(
        either_of(use("name"), named(use("value"))),
        "What fills the placeholders: a reply's name fills each from its field of the same name, "
        "{placeholder: value} one by one.",
    ),
    "line": _line(),
    "lines": either_of(use("line"), {"type": "array", "items": use("line")}),
    "helps": either_of(use("line"), {"type": "array", "items": use("line"), "minItems": 1}),
    **{f"{name}-target": _target(moves) for name, moves in TARGETS.items()},
    **{f"{name}-branch": _branch(name, moves) for name, moves in TARGETS.items() if moves},
}
"""The parts that files have in common, by their names under `definitions`."""


def with_definitions(schema: Schema, more: Mapping[str, Schema]) -> Schema:
    """The schema with the definitions it uses, those that others of them use among them."""
    every = {**DEFINITIONS, **more}
    used: dict[str, Schema] = {}
    left = [schema]
    while left:
        for name in _used(left.pop()):
            if name not in used:
                used[name] = every[name]
                left.append(every[name])
    return {**schema, "definitions": dict(sorted(used.items()))}


def _used(part: Any) -> Iterable[str]:
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"].rpartition("/")[2]
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from _used(inner)

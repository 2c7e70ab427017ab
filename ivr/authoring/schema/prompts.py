"""The schema of a file of prompts: a text for each key, with placeholders and pauses."""

from collections.abc import Collection, Iterator, Mapping

from ivr.authoring.schema.parts import Schema, described, named, with_definitions
from ivr.flows.reading import NAME
from ivr.flows.services import Service
from ivr.flows.words import ENGINE
from ivr.prompts.prompt import SPOKEN_KINDS

_PLACEHOLDER = rf"\{{{NAME.pattern}(?::(?:{'|'.join(SPOKEN_KINDS)}))?\}}"
_PAUSE = r"\[(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)\]"
TEXT: Schema = {
    "type": ["string", "number", "boolean"],
    "pattern": rf"^(?=[\s\S]*\S)(?:[^{{}}\[\]]|{_PLACEHOLDER}|{_PAUSE})*$",
    "patternErrorMessage": "this should be words; a placeholder is {name} or {name:kind} with the "
    f"kind {', '.join(SPOKEN_KINDS)}; a pause is [.5]",
}
"""The words of a prompt. One that YAML reads as a number or as true is text all the same."""


def prompts_schema(services: Mapping[str, Service], extra: Collection[str]) -> Schema:
    """The schema of a file in prompts/; `extra` are keys the line speaks by itself."""
    known = {
        **{key: f"{speaker} speaks this where it is asked." for key, speaker in _spoken(services)},
        **dict.fromkeys(extra, "The line speaks this by itself; every book has it."),
        **{key: f"The conversation speaks this; every book has it{_with(key)}." for key in ENGINE},
    }
    properties = {key: described(TEXT, text) for key, text in sorted(known.items())}
    prompts = {
        "title": "The prompts of one language",
        "description": "Every word that is spoken: a key and its text. {name:kind} is filled in, "
        "[.5] is half a second of silence.",
        **named(TEXT),
        "properties": properties,
        "required": sorted({*extra, *ENGINE}),
    }
    return with_definitions(prompts, {})


def _spoken(services: Mapping[str, Service]) -> Iterator[tuple[str, str]]:
    for service in services.values():
        for fields in service.outcomes.values():
            for field in fields.values():
                yield from ((key, service.name) for key in field.prompts)


def _with(key: str) -> str:
    values = [f"{{{name}:{kind.value}}}" for name, kind in ENGINE[key].items()]
    return f", with {' and '.join(values)}" if values else ""

"""The schema of `jobs:` and `reference:`: what callers ring for, and what services reply then."""

from collections.abc import Mapping

from ivr.authoring.schema.parts import (
    Schema,
    anchored,
    described,
    either_of,
    mapping,
    matching,
    named,
    one_of,
    use,
)
from ivr.flows import bounds, front, jobs, literals, replies
from ivr.flows.reading import NAME
from ivr.flows.reference import Mark
from ivr.flows.requests import LEVELS
from ivr.flows.services import Field, Level, Service
from ivr.prompts.values import Kind

_MARKS = (
    Mark.CHOICE,
    Mark.RINGING,
    *(f"{it} {NAME.pattern}" for it in (Mark.HEARD, Mark.FINISHED)),
)
_PRESS = matching(anchored(jobs.PRESS), 'keys, as in "1" or "0 at once", or card, bank, voice')
_SECONDS = matching(anchored(jobs.SECONDS), "seconds, as in 15.6s", "15.6s")
_PATTERNS = {Kind.MONEY: bounds.MONEY, Kind.MOMENT: literals.MOMENT, Kind.PHONE: front.NUMBER}
"""How a value of these kinds is written; of others the loader alone knows it."""


def job_definitions(services: Mapping[str, Service]) -> Mapping[str, Schema]:
    """`job`, `replies` and what they use, by the names under `definitions`."""
    own = {name: described(use(f"{name}-reply"), f"What {name} replies.") for name in services}
    return {
        "job": _job(),
        "replies": mapping(own, own),
        **{f"{name}-reply": _reply(service) for name, service in services.items()},
    }


def _job() -> Schema:
    count = matching(anchored(jobs.COUNT), "a number of keys, as in 2")
    keys = {**count, "type": ["integer", "string"], "minimum": 0, "maximum": 99}
    budget = {
        **named(described(_SECONDS, "Seconds, as in 15.6s."), anchored(front.LANGUAGE)),
        "properties": {jobs.KEYS: described(keys, "How many keys a caller presses.")},
        "required": [jobs.KEYS],
    }
    presses = {"type": "array", "items": {**_PRESS, "type": ["string", "integer"]}}
    values = {
        "start": described(use("place-target"), "Where it starts; the ring, if not written."),
        "press": described(presses, "What the caller answers, question by question."),
        "until": described(matching(anchored(*_MARKS), jobs.UNTIL), f"What ends it: {jobs.UNTIL}."),
        "budget": described(budget, "Its keys, and its seconds in each language."),
        "replies": described(use("replies"), "What services reply here, not as under reference."),
    }
    return mapping(jobs.JOB, values, jobs.REQUIRED)


def _reply(service: Service) -> Schema:
    values = {
        "outcome": described(one_of(service.every_outcome()), "How the service ends."),
        "gives": described({"type": "object"}, "The fields it gives."),
        "level": described(one_of(LEVELS), "The level the caller is raised to."),
    }
    rules = [_rule(service, outcome) for outcome in service.every_outcome()]
    return {**mapping(replies.REPLY, values, ("outcome",)), "allOf": rules}


def _rule(service: Service, outcome: str) -> Schema:
    """What a reply with this outcome may give, and how far it may raise the caller."""
    fields = service.every_outcome()[outcome]
    most = service.grants.get(outcome, Level.UNKNOWN)
    known = {name: _value(field) for name, field in fields.items()}
    needed = [name for name, it in fields.items() if not it.maybe and it.kind is not Kind.YES_NO]
    own = {
        "gives": mapping(fields, known, needed),
        "level": one_of(name for name, level in LEVELS.items() if level <= most),
    }
    condition = {"properties": {"outcome": {"const": outcome}}, "required": ["outcome"]}
    then: Schema = {"properties": own, "required": ["gives"] if needed else []}
    return {"if": {"type": "object", **condition}, "then": then}


def _value(field: Field) -> Schema:
    match field.kind:
        case Kind.YES_NO:
            return described(use("flag"), "yes or no.")
        case Kind.WORDS:
            words: Schema = {"type": "array", "items": _prompt(field)}
            return described(words, "A list of prompts.")
        case Kind.CHOICES:
            choices: Schema = {"type": "array", "items": _choice(field)}
            return described(choices, "A list of choices, each a prompt or {say: PROMPT, with: …}.")
        case Kind.HOURS:
            return described(use("name"), "A queue, whose hours these are.")
        case kind:
            return _written(kind)


def _prompt(field: Field) -> Schema:
    return one_of(field.prompts) if field.prompts else use("prompt")


def _choice(field: Field) -> Schema:
    values = {
        "say": described(_prompt(field), "The prompt that names it."),
        "with": described({"type": "object"}, "A value for each of its placeholders."),
    }
    return either_of(_prompt(field), mapping(literals.CHOICE, values, ("say",)))


def _written(kind: Kind) -> Schema:
    wanted, _ = literals.WRITTEN[kind]
    made: Schema = {"type": ["string", "number"]}
    if kind in _PATTERNS:
        made |= {**matching(anchored(_PATTERNS[kind]), wanted), **made}
    return described(made, f"{kind}: {wanted}.")

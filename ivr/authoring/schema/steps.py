"""The schema of a step: one part for each kind, and one for each service a `do` may name."""

from collections.abc import Collection, Iterable, Mapping

from ivr.authoring.schema.parts import (
    Schema,
    anchored,
    described,
    either_of,
    mapping,
    matching,
    number,
    one_of,
    use,
)
from ivr.flows.asks import OF_KIND
from ivr.flows.bounds import LENGTH, MONEY
from ivr.flows.lines import REF
from ivr.flows.model import PAY_OUTCOMES, STOPPED, TRANSFER_OUTCOMES, AnswerKind, PayMethod
from ivr.flows.requests import LEVELS
from ivr.flows.services import Service
from ivr.flows.steps import KINDS
from ivr.prompts.values import Kind

LONGEST = 99
_DIGITS = number(LENGTH, LONGEST, "a number of digits, as in 5")
_LENGTHS = mapping(
    ("min", "max"),
    {"min": described(_DIGITS, "At least."), "max": described(_DIGITS, "At most.")},
    ("min", "max"),
)
_AMOUNT = {
    **matching(anchored(MONEY, REF), "dollars and cents, as in 5.00, or a value"),
    "type": ["string", "number"],
    "minimum": 0,
}
_AMOUNTS = mapping(
    ("min", "max"),
    {"min": described(_AMOUNT, "The least."), "max": described(_AMOUNT, "The most.")},
)
_LEVEL = one_of(LEVELS)
_WHEN = "What follows each outcome: a target, or {say: LINES, finishes: JOB, go: TARGET}."

DOES: Mapping[str, str] = {
    "say": "Speaks a prompt.",
    "ask": "Asks for something typed, or said aloud, and keeps the answer under this name.",
    "choose": "Offers a list that a service found on the keys 1 to 6.",
    "do": "Has a service do something; when says what follows each outcome.",
    "pay": "Takes a card or bank account for this amount of money, or to be kept for nothing yet.",
    "transfer": "Rings the people of this queue, one after the other.",
    "go": "Goes on elsewhere.",
    "end": "Hangs up.",
}
"""What each kind of step does."""

VALUES: Mapping[str, Schema] = {
    "say": use("prompt"),
    "with": use("with"),
    "in": described(one_of(["others"]), "Say it in the other languages of the book."),
    "once": described(use("flag"), "Say it the first time only, not when it is repeated."),
    "needs": described(use("needs"), "A yes/no field; the step is left out where it is no."),
    "finishes": described(use("name"), "The job that is done when this step is reached."),
    "ask": use("name"),
    "kind": described(one_of(AnswerKind), "What is typed; a spoken-yes is said and recorded."),
    "first": described(use("line"), "What is said before any key is listened to."),
    "length": described(either_of(_DIGITS, _LENGTHS), "How many digits: 5, or {min: 4, max: 20}."),
    "within": described(_AMOUNTS, "Between which amounts."),
    "when": described({"type": "object"}, _WHEN),
    "prompt": described(use("line"), "What is asked."),
    "patience": described(use("question-patience"), "What differs from the book's patience."),
    "person": described(use("place-target"), "Where 0 leads here, not where the book says."),
    "choose": described(use("value"), "The list, as in found.accounts."),
    "as": described(use("name"), "The name under which the answer is known afterwards."),
    "do": {"type": "string"},
    "into": described(use("name"), "The name its reply is kept under, as in bill."),
    "level": described(_LEVEL, "Ask for more proof than the service does by itself."),
    "pay": described(use("value"), "The amount, as in bill.balance, or nothing."),
    "method": described(one_of(PayMethod), "What is taken; a card, if not written."),
    "transfer": described(use("name"), "The queue, one of those under hours."),
    "ringing": described(use("line"), "What is said before each further ring."),
    "go": use("step-target"),
    "end": one_of(["call"]),
}
"""What stands under each key that some kind of step has."""


ENDS: Mapping[str, Mapping[str, str]] = {
    "pay": {
        "stopped": "The caller pressed *.",
        "failed": "The digits could not be read, in as many tries as there are.",
        "connector-down": "Nothing can be taken now.",
        "hung-up": "The caller is gone; nothing is heard any more.",
    },
    "transfer": {
        "talked": "Caller and agent have talked, and hung up.",
        "nobody": "Nobody answered.",
        "unavailable": "It cannot be told who could answer.",
    },
    "ask": {
        "yes": "The caller pressed 1.",
        "no": "The caller pressed 2.",
        "stopped": "They pressed *, and said nothing.",
    },
}
"""How steps end that ask no service."""


def step_definitions(services: Mapping[str, Service]) -> Mapping[str, Schema]:
    """`step` and what it uses, by the names under `definitions`.

    Each kind of step is judged by its own part only, so that an editor marks what is wrong in it
    and not that it might have been another kind.
    """
    starts = {kind: described(VALUES[kind], does) for kind, does in DOES.items()}
    starts["do"] = described(one_of(services), DOES["do"])
    return {
        "step": {
            "type": "object",
            "description": "A step does one thing.",
            "properties": {kind: starts[kind] for kind in KINDS},
            "anyOf": [{"required": [kind]} for kind in KINDS],
            "allOf": [_if({"required": [kind]}, use(f"{kind}-step")) for kind in KINDS],
        },
        **{f"{kind}-step": _of_kind(kind, services) for kind in KINDS},
        **{service.name: _of_service(service) for service in services.values()},
    }


def _if(condition: Schema, then: Schema) -> Schema:
    """A condition that only a mapping can meet, or editors would offer every key of every kind."""
    return {"if": {"type": "object", **condition}, "then": then}


def _of_kind(kind: str, services: Mapping[str, Service]) -> Schema:
    owner, known, required, _ = KINDS[kind]
    values = {**VALUES, kind: described(VALUES[kind], DOES[kind])}
    needed = [kind, *required]
    more: Schema = {}
    match kind:
        case "pay":
            values["when"] = _ends(kind, PAY_OUTCOMES[1:])
            needed.append("when")
        case "transfer":
            values["when"] = _ends(kind, TRANSFER_OUTCOMES)
            needed.append("when")
        case "do":
            values["with"] = described({"type": "object"}, "A value for each argument.")
            more = {"allOf": [_named(service) for service in services.values()]}
        case "ask":
            more = {"allOf": _rules_of_answers()}
    step = mapping(known, values, needed)
    return {**described(step, f"{owner.capitalize()}. {DOES[kind]}"), **more}


def _ends(kind: str, names: Iterable[str], branches: str = "step") -> Schema:
    names = tuple(names)
    branch = use(f"{branches}-branch")
    ends = {name: described(branch, ENDS[kind][name]) for name in names}
    return described(mapping(names, ends, names), _WHEN)


# Questions


def _rules_of_answers() -> list[Schema]:
    """Which keys go with which kind of answer."""
    yes_no = _kind_is([AnswerKind.YES_NO])
    asked = either_of({"required": ["prompt"]}, {"required": ["first"]})
    answers = {
        "properties": {"when": _ends("ask", ("yes", "no"), "question")},
        "required": ["when"],
    }
    stopped = {"properties": {"when": _ends("ask", (STOPPED,), "question")}}
    return [
        {**_if(yes_no, {**answers, **asked}), "else": {"required": ["prompt"]}},
        _if(_kind_is([AnswerKind.SPOKEN_YES]), stopped),
        *(
            _if(
                _kind_is([it for it in AnswerKind if it not in kinds]), {"properties": {key: False}}
            )
            for key, kinds in OF_KIND.items()
        ),
    ]


def _kind_is(kinds: Collection[AnswerKind]) -> Schema:
    return {"properties": {"kind": {"enum": list(kinds)}}, "required": ["kind"]}


# Services


def _named(service: Service) -> Schema:
    condition = {"properties": {"do": {"const": service.name}}, "required": ["do"]}
    return _if(condition, use(service.name))


def _of_service(service: Service) -> Schema:
    """What a step that asks this service must say, and may."""
    needed = [name for name in service.takes if name not in service.optional]
    arguments = {name: _argument(service, name) for name in service.takes}
    given = described(mapping(service.takes, arguments, needed), _takes(service))
    levels = [name for name, level in LEVELS.items() if level >= service.level]
    outcomes = service.every_outcome()
    when = mapping(outcomes, {name: _outcome(service, name) for name in outcomes}, outcomes)
    return {
        "properties": {
            "do": {"const": service.name, "description": _summary(service)},
            "with": given,
            "level": described(one_of(levels), f"Demands {_level(service)} by itself."),
            "when": described(when, _WHEN),
        },
        "required": ["when", *(["with"] if needed else [])],
    }


def _argument(service: Service, name: str) -> Schema:
    if name in service.secrets:
        return described(use("name"), "The secret answer of the step right before.")
    kind = service.takes[name]
    if kind is Kind.TEXT:
        words = {"type": ["string", "number", "boolean"]}
        return described(words, "A word, or what was chosen in a choose step.")
    return described(use("value"), f"A value of kind {kind}, as in NAME.FIELD or NAME.")


def _outcome(service: Service, name: str) -> Schema:
    fields = [f"{it} ({field.kind})" for it, field in service.every_outcome()[name].items()]
    granted = service.grants.get(name)
    raised = f" The caller is {granted.name.lower()} then." if granted else ""
    return described(use("step-branch"), f"Gives {', '.join(fields) or 'nothing more'}.{raised}")


def _summary(service: Service) -> str:
    return f"{DOES['do']} Needs {_level(service)}. {_takes(service)}"


def _takes(service: Service) -> str:
    named = (f"{name}{' (optional)' * (name in service.optional)}" for name in service.takes)
    return f"Takes {', '.join(named) or 'nothing'}."


def _level(service: Service) -> str:
    return service.level.name.lower()

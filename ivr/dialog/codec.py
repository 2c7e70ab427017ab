"""A call's state as JSON and back, by hand: every field is named here, nothing is guessed.

`FORMAT` changes whenever a stored state could be read wrongly by this code.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from ivr.dialog.call import Call, Detour, Identity, Pace, Spot, Stop, Tries
from ivr.dialog.directives import Say
from ivr.errors import CallError
from ivr.flows.services import Level
from ivr.prompts.values import (
    Choice,
    Choices,
    Count,
    Date,
    Digits,
    Hours,
    Key,
    Moment,
    Money,
    Opening,
    Phone,
    Reference,
    Text,
    Value,
    Words,
    YesNo,
)

FORMAT = 1

# JSON is what it is: these names say which shape is meant where mypy cannot know.
Json = Any

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def dump(call: Call) -> str:
    """The state as JSON text. Raises `TypeError` on a value that must not be stored."""
    return _encode(
        {
            "format": FORMAT,
            "sid": call.sid,
            "book": call.book,
            "line": call.line,
            "caller": call.caller,
            "language": call.language,
            "turn": call.turn,
            "chose-language": call.chose_language,
            "pace": call.pace.value,
            "identity": [call.identity.level, call.identity.account, call.identity.premise],
            "spot": _dump_spot(call.spot),
            "stack": _dump_stack(call.stack),
            "open": _dump_stop(call.open),
            "trail": [_dump_stop(stop) for stop in call.trail],
            "memory": {
                name: {field: dump_value(value) for field, value in fields.items()}
                for name, fields in call.memory.items()
            },
            "said": [_dump_say(say) for say in call.said],
            "tries": [call.tries.silences, call.tries.mismatches, call.tries.call],
            "repeats": call.repeats,
            "fixed": call.fixed,
            "reason": call.reason,
            "done": call.done,
            "seen": call.seen,
            "ended": call.ended,
        }
    )


def load(text: str) -> Call:
    """The state from JSON text. Raises `CallError` where another format wrote it."""
    raw = json.loads(text)
    if raw.get("format") != FORMAT:
        raise CallError(f"this call's state has format {raw.get('format')}, not {FORMAT}")
    level, account, premise = raw["identity"]
    return Call(
        sid=raw["sid"],
        book=raw["book"],
        line=raw["line"],
        caller=raw["caller"],
        language=raw["language"],
        turn=raw["turn"],
        chose_language=raw["chose-language"],
        pace=Pace(raw["pace"]),
        identity=Identity(Level(level), account, premise),
        spot=_load_spot(raw["spot"]),
        stack=_load_stack(raw["stack"]),
        open=_load_stop(raw["open"]) if raw["open"] else None,
        trail=tuple(_load_stop(stop) for stop in raw["trail"]),
        memory={
            name: {field: load_value(value) for field, value in fields.items()}
            for name, fields in raw["memory"].items()
        },
        said=tuple(_load_say(say) for say in raw["said"]),
        tries=Tries(*raw["tries"]),
        repeats=raw["repeats"],
        fixed=raw["fixed"],
        reason=raw["reason"],
        done=tuple(raw["done"]),
        seen=tuple(raw["seen"]),
        ended=raw["ended"],
    )


def _dump_spot(spot: Spot | None) -> Json:
    return [spot.name, spot.step] if spot else None


def _load_spot(raw: Json) -> Spot | None:
    return Spot(*raw) if raw else None


def _dump_stack(stack: Sequence[Detour]) -> Json:
    return [[detour.spot.name, detour.spot.step, detour.level] for detour in stack]


def _load_stack(raw: Json) -> tuple[Detour, ...]:
    return tuple(Detour(Spot(name, step), Level(level)) for name, step, level in raw)


def _dump_stop(stop: Stop | None) -> Json:
    return [stop.spot.name, stop.spot.step, _dump_stack(stop.stack)] if stop else None


def _load_stop(raw: Json) -> Stop:
    name, step, stack = raw
    return Stop(Spot(name, step), _load_stack(stack))


def _dump_say(say: Say) -> Json:
    values = [[name, *dump_value(value)] for name, value in say.values]
    return [say.prompt, values, say.language, say.once, say.slow]


def _load_say(raw: Json) -> Say:
    prompt, values, language, once, slow = raw
    return Say(prompt, _load_values(values), language, once, slow)


def _load_values(raw: Json) -> tuple[tuple[str, Value], ...]:
    return tuple((name, load_value(value)) for name, *value in raw)


def dump_values(values: Mapping[str, Value]) -> Json:
    """Named values as JSON, for the record of what a service replied."""
    return {name: dump_value(value) for name, value in values.items()}


def dump_value(value: Value) -> Json:
    """A value as a JSON list whose first item names its kind."""
    match value:
        case Money():
            return ["money", value.cents]
        case Date():
            return ["date", value.day.isoformat()]
        case Moment():
            return ["moment", value.local.isoformat(), value.days]
        case Digits():
            return ["digits", value.text]
        case Reference():
            return ["reference", value.text]
        case Phone():
            return ["phone", value.number]
        case Count():
            return ["count", value.number]
        case Words():
            return ["words", *value.prompts]
        case Hours():
            return ["hours", *([o.first, o.last, o.opens, o.closes] for o in value.openings)]
        case Key():
            return ["key", value.key]
        case Text():
            return ["text", value.text]
        case YesNo():
            return ["yes-no", value.yes]
        case Choices():
            return ["choices", *(_dump_choice(choice) for choice in value.items)]
        case _:
            # A Secret in memory would end here, and must not get further.
            raise TypeError(f"{type(value).__name__} is never stored")


def _dump_choice(choice: Choice) -> Json:
    values = [[name, *dump_value(value)] for name, value in choice.values]
    return [choice.value, choice.prompt, values]


def _load_choice(raw: Json) -> Choice:
    value, prompt, values = raw
    return Choice(value, prompt, _load_values(values))


_LOADERS: dict[str, Any] = {
    "money": Money,
    "date": lambda text: Date(date.fromisoformat(text)),
    "moment": lambda text, days: Moment(datetime.fromisoformat(text), days),
    "digits": Digits,
    "reference": Reference,
    "phone": Phone,
    "count": Count,
    "words": lambda *prompts: Words(prompts),
    "hours": lambda *openings: Hours(tuple(Opening(*opening) for opening in openings)),
    "key": Key,
    "text": Text,
    "yes-no": YesNo,
    "choices": lambda *items: Choices(tuple(_load_choice(item) for item in items)),
}


def load_value(raw: Json) -> Value:
    """A value from its JSON list."""
    kind, *rest = raw
    value: Value = _LOADERS[kind](*rest)
    return value

"""A call written down as a transcript, in YAML, so that a call becomes a test.

    call: {from: "+12025550142", to: "+18005550199"}
    agents: {"+12025550170": {answers: true, keys: "1"}}     # where any were rung
    turns:
    - hear: [...]
    - press: "1"          # or silence: true, hang-up: true, card: visa

Card digits are not in what was heard, so they cannot get in here.
"""

from collections.abc import Iterable, Iterator

import yaml

from ivr.carrier.waits import Heard

Turn = dict[str, object]


def transcript(caller: str, called: str, heard: Iterable[Heard]) -> str:
    """The YAML of a call, from what was heard and done in it."""
    heard = list(heard)
    call: dict[str, object] = {"call": {"from": caller, "to": called}}
    agents = _agents(heard)
    if agents:
        call["agents"] = agents
    call["turns"] = list(_turns(entry for entry in heard if entry.to == "caller"))
    return yaml.safe_dump(call, sort_keys=False, allow_unicode=True, width=100)


def _turns(heard: Iterable[Heard]) -> Iterator[Turn]:
    words: list[str] = []
    for entry in heard:
        if entry.kind == "said":
            words.append(entry.text)
            continue
        if words:
            yield {"hear": words}
        words = []
        yield _act(entry)
    if words:
        yield {"hear": words}


def _act(entry: Heard) -> Turn:
    match entry.kind:
        case "pressed":
            return {"press": entry.text}
        case "card":
            return {"card": entry.text}
        case kind:
            return {kind: True}


def _agents(heard: Iterable[Heard]) -> dict[str, dict[str, object]]:
    """How each number behaved when it was last rung, as a transcript scripts it."""
    agents: dict[str, dict[str, object]] = {}
    keys: list[str] = []
    for entry in heard:
        match entry.kind:
            case "answered" | "busy" | "no-answer":
                agents[entry.text] = {"answers": entry.kind == "answered"}
                if entry.kind == "busy":
                    agents[entry.text]["busy"] = True
                keys = []
            case "bridged":
                agents[entry.text]["keys"] = ",".join(keys)
            case "pressed" | "silence" | "hang-up" if entry.to == "agent":
                keys.append("x" if entry.kind == "hang-up" else entry.text)
    return agents

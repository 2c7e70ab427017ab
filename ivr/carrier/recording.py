"""A call written down as a transcript, in YAML, so that a call becomes a test.

    # A call from +12025550142, as it was heard.
    only: en
    given: {agents: {'+12025550170': {answers: true, keys: '1'}}}     # where any were rung
    turns:
    - call: "+12025550142"
      line: "+18005550199"
      en: |
        Thanks for calling.
    - press: "1"            # or nothing; card: visa; bank: checking; say: yes; hang-up: yes

Digits of cards and accounts are not in what was heard, so they cannot get in here.
"""

import json
from collections.abc import Iterable, Iterator

import yaml

from ivr.carrier.waits import Heard

NOTHING = "nothing"
WITHOUT_WORDS = "en"  # the language of a call in which nothing was said


def transcript(caller: str, called: str, heard: Iterable[Heard]) -> str:
    """The YAML of a call, from what was heard and done in it."""
    heard = list(heard)
    language = next(_languages(heard), WITHOUT_WORDS)
    head = f"# A call from {caller}, as it was heard.\nonly: {language}\n"
    if agents := _agents(heard):
        given = yaml.safe_dump({"agents": agents}, default_flow_style=True, width=1000)
        head += f"given: {given}"
    theirs = [entry for entry in heard if entry.to == "caller" and entry.kind != "bridged"]
    return f"{head}turns:\n" + "".join(_turns(caller, called, theirs, language))


def _languages(heard: Iterable[Heard]) -> Iterator[str]:
    """The languages the caller heard, as the columns of a transcript name them: en, es."""
    for entry in heard:
        if entry.kind == "said" and entry.to == "caller" and entry.language:
            yield entry.language.partition("-")[0]


def _turns(caller: str, called: str, heard: Iterable[Heard], language: str) -> Iterator[str]:
    turn = f"- call: {json.dumps(caller)}\n  line: {json.dumps(called)}\n"
    words: list[str] = []
    for entry in heard:
        if entry.kind == "said":
            words.append(entry.text)
            continue
        yield turn + _heard(language, words)
        turn, words = _act(entry), []
    yield turn + _heard(language, words)


def _heard(language: str, words: list[str]) -> str:
    lines = "".join(f"    {text}\n" for text in words)
    return f"  {language}: |\n{lines}" if words else ""


def _act(entry: Heard) -> str:
    match entry.kind:
        case "pressed":
            return f"- press: {json.dumps(entry.text)}\n"
        case "silence":
            return f"- press: {NOTHING}\n"
        case "card" | "bank":
            return f"- {entry.kind}: {entry.text}\n"
        case "voice":
            return "- say: yes\n"
        case kind:
            return f"- {kind}: yes\n"


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

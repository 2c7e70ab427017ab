"""A conversation as a file: what the caller does, and what they hear on each line.

    # What this conversation shows.
    given: {agents: {ana: accepts}}
    turns:
    - call: "+12025550142"
      en: |
        Thanks for calling Northside Cable.
      es: |
        Gracias por llamar a Northside Cable.
    - press: "1"

`en` is heard by who dialled the English line, `es` on the Spanish one; the keys are the same, so
the two cannot drift apart. Everything is text: a phone number is no integer and `no` is a word.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
REPLIES = FOLDER / "replies"
LANGUAGES = ("en", "es")
ACTS = ("call", "press", "say", "hang-up", "card", "bank", "meanwhile")
NOTHING = "nothing"
AGENT = "Agent hears: "
TALK = "(They talk.)"
LEAVES = "(The caller hangs up.)"
HANGS_UP = "(The line hangs up.)"

_SENTENCE = re.compile(r"(?<=[.?!]) (?=[^\W\d_]|[¿$])")
_OPTION = re.compile(r"(For|Para) .*, (press|oprima) \w+\.$")

Reply = dict[str, Any]
"""What a service or the carrier answered: `{"balance.read": "owes", "fields": {…}}`."""


@dataclass(frozen=True, slots=True)
class Act:
    """One thing the caller does (or, `meanwhile`, others do), and what is heard then by line.

    `more` are further keys of a call: `line` (en, es or a number) to dial one line in every column,
    `forged`, `note`.
    """

    kind: str
    value: Any
    heard: Mapping[str, tuple[str, ...]]
    more: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Script:
    """One conversation. `head` is its file's text before the turns, kept as it was written."""

    name: str
    head: str
    given: Mapping[str, Any]
    languages: tuple[str, ...]
    acts: tuple[Act, ...]
    on_postgresql: bool

    @property
    def file(self) -> Path:
        """Where it is written."""
        return FOLDER / f"{self.name}.yaml"

    @property
    def replies_file(self) -> Path:
        """Where the answers of services are kept that the engine alone is played with."""
        return REPLIES / f"{self.name}.json"


def names() -> list[str]:
    """The conversations there are."""
    return sorted(file.stem for file in FOLDER.glob("*.yaml"))


def read(name: str) -> Script:
    """One conversation by its name. Raises as `parse` does."""
    return parse(name, (FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))


def parse(name: str, text: str) -> Script:
    """A conversation from its text. Raises `ValueError` where it is not written as one."""
    head, mark, _ = text.partition("turns:\n")
    raw = yaml.load(text, Loader=yaml.CBaseLoader)
    if not mark or not head.startswith("# "):
        raise ValueError(f"{name}: a title comment comes first, and turns: stands on its own line")
    if unknown := raw.keys() - {"given", "only", "turns", "also-on"}:
        raise ValueError(f"{name}: unknown {', '.join(sorted(unknown))}")
    return Script(
        name=name,
        head=head,
        given=raw.get("given", {}),
        languages=(raw["only"],) if "only" in raw else LANGUAGES,
        acts=tuple(_act(name, turn) for turn in raw["turns"]),
        on_postgresql=raw.get("also-on") == "postgresql",
    )


def _act(name: str, turn: dict[str, Any]) -> Act:
    kinds = [kind for kind in ACTS if kind in turn]
    if len(kinds) != 1:
        raise ValueError(f"{name}: a turn has one of {', '.join(ACTS)}, not {turn}")
    heard = {key: tuple(turn[key].splitlines()) for key in LANGUAGES if key in turn}
    more = {key: value for key, value in turn.items() if key not in (*kinds, *LANGUAGES)}
    if unknown := more.keys() - {"line", "forged", "note"}:
        raise ValueError(f"{name}: unknown {', '.join(sorted(unknown))}")
    return Act(kinds[0], turn[kinds[0]], heard, more)


def write(script: Script, heard: Mapping[str, Sequence[Sequence[str]]]) -> None:
    """Write what was heard on each line into the conversation's file."""
    turns = []
    for place, act in enumerate(script.acts):
        columns = {line: tuple(heard[line][place]) for line in script.languages}
        turns.append(_written(replace(act, heard=columns)))
    script.file.write_text(f"{script.head}turns:\n" + "".join(turns), encoding="utf-8")


def _written(act: Act) -> str:
    keys = [(act.kind, act.value), *act.more.items()]
    text = "- " + "  ".join(f"{key}: {_value(value)}\n" for key, value in keys)
    for line, said in act.heard.items():
        if said:
            text += f"  {line}: |\n" + "".join(f"    {sentence}\n" for sentence in said)
    return text


def _value(value: Any) -> str:
    """A word as it is, other text in quotes, and the rest on one line."""
    if isinstance(value, str):
        return value if re.fullmatch(r"[a-z-]+", value) else json.dumps(value, ensure_ascii=False)
    return yaml.safe_dump(value, default_flow_style=True, width=200, sort_keys=False).strip()


def read_replies(script: Script, language: str) -> list[list[Reply]]:
    """What services and the carrier answered during each act."""
    kept = json.loads(script.replies_file.read_text(encoding="utf-8"))
    replies: list[list[Reply]] = kept.get(language) or kept["both"]
    return replies


def write_replies(script: Script, replies: Mapping[str, Sequence[Sequence[Reply]]]) -> None:
    """Keep what was answered, once where it was the same on both lines."""
    different = {json.dumps(answers) for answers in replies.values()}
    kept = replies if len(different) > 1 else {"both": next(iter(replies.values()))}
    parts = [f'"{line}": [\n{_rows(answers)}\n]' for line, answers in kept.items()]
    REPLIES.mkdir(exist_ok=True)
    script.replies_file.write_text("{" + ",\n".join(parts) + "}\n", encoding="utf-8")


def _rows(answers: Sequence[Sequence[Reply]]) -> str:
    return ",\n".join(json.dumps(answer, ensure_ascii=False) for answer in answers)


def sentences(spoken: Iterable[str]) -> list[str]:
    """What was said, a sentence a line; options that follow each other share one."""
    lines: list[str] = []
    before = None
    for sentence in filter(None, _SENTENCE.split(" ".join(spoken))):
        option = _OPTION.fullmatch(sentence)
        if option and before and option[1] == before[1]:
            lines[-1] += f" {sentence}"
        else:
            lines.append(sentence)
        before = option
    return lines

"""The prompts of a book, read from one file a language, and whether the languages agree."""

import re
from collections.abc import Collection, Iterator, Mapping

from ivr.document import Node, Place, Problem, ScalarNode, lines_of, place
from ivr.flows import codes
from ivr.flows.reading import Reading
from ivr.prompts.catalogue import OFFER, Prompt, PromptError, parse_prompt
from ivr.prompts.saying import can_say
from ivr.prompts.values import Kind

ENGINE: Mapping[str, Mapping[str, Kind]] = {
    OFFER: {"choice": Kind.TEXT, "key": Kind.KEY},
    "yes-no": {},
    "more-time": {},
}
"""The prompts the conversation itself speaks, so that every book must have them; their values."""

COMMENT = re.compile(r"\s+#")
STOP = re.compile(r"[.!?](?=\s|$)")

Prompts = Mapping[str, Mapping[str, Prompt]]


def prompts_of(reading: Reading, node: Node, text: str) -> dict[str, Prompt]:
    """The prompts of one language; one that cannot be spoken is reported and left out of checks."""
    found: dict[str, Prompt] = {}
    source = lines_of(text)
    for key, key_node, value in reading.pairs(node, "a text for each prompt's key"):
        if reading.name(key_node):
            if problem := _cut_short(value, source):
                reading.refuse(problem)
            found[key] = _prompt(reading, key, reading.text(value, "a text"), place(value))
    return found


def _prompt(reading: Reading, key: str, words: str, at: Place) -> Prompt:
    try:
        if words:
            return parse_prompt(key, words, at)
    except PromptError as error:
        reading.refuse(codes.bad_prompt(at, str(error), error.hint))
    reading.unspeakable.add(key)
    return Prompt(key, words, (), at, ())


def _cut_short(node: Node, source: list[str]) -> Problem | None:
    """Whether what looks like the end of a text is a comment."""
    if isinstance(node, ScalarNode) and not node.style:
        rest = source[node.end_mark.line][node.end_mark.column :]
        if COMMENT.match(rest):
            return codes.prompt_cut_short(place(node), node.value)
    return None


def merged(languages: Collection[str], prompts: Prompts) -> dict[str, Prompt]:
    """Every key with its prompt in the first language that has it."""
    every: dict[str, Prompt] = {}
    for language in languages:
        every = {**prompts.get(language, {}), **every}
    return every


def check_languages(reading: Reading, prompts: Prompts) -> None:
    """All languages say the same things with the same values."""
    for key, prompt in reading.prompts.items():
        for language, own in prompts.items():
            if key not in own:
                message = f'prompt "{key}" has no text in "{language}"'
                reading.refuse(codes.missing_language(prompt.at, message))
            elif key not in reading.unspeakable:
                _compare(reading, language, own[key], prompt)


def _compare(reading: Reading, language: str, own: Prompt, other: Prompt) -> None:
    here, there = set(own.placeholders), set(other.placeholders)
    if here != there:
        reading.refuse(
            codes.placeholders_differ(own.at, own.key, _listed(here), _listed(there), other.at)
        )
    for name, kind in own.placeholders:
        if not can_say(language, kind):
            message = f'a {kind.value} ({{{name}}}) cannot be said in "{language}"'
            reading.refuse(codes.missing_language(own.at, message))


def _listed(placeholders: Collection[tuple[str, Kind]]) -> str:
    return " and ".join(f"{{{name}:{kind.value}}}" for name, kind in sorted(placeholders)) or "none"


def check_spoken(reading: Reading, extra: Collection[str]) -> None:
    """Prompts that no line of the book names, but the line itself speaks."""
    if reading.wordless:
        return
    top = Place(f"prompts/{reading.languages[0]}.yaml", 1, 1)
    for key, values in ENGINE.items():
        _speak(reading, key, "every call", top)
        _only(reading, key, values)
    for key in extra:
        _speak(reading, key, "the line itself", top)
    for name, at in reading.asked.items():
        for key in _of_service(reading, name):
            _speak(reading, key, name, at)


def _of_service(reading: Reading, name: str) -> Iterator[str]:
    for fields in reading.services[name].outcomes.values():
        for field in fields.values():
            yield from field.prompts


def _speak(reading: Reading, key: str, speaker: str, at: Place) -> None:
    reading.used.add(key)
    if key not in reading.prompts and key not in reading.broken:
        reading.broken.add(key)
        unused = [it for it in reading.prompts if it not in reading.used]
        reading.refuse(codes.missing_prompt(at, key, speaker, unused))


def _only(reading: Reading, key: str, values: Mapping[str, Kind]) -> None:
    """A prompt of the engine's has no placeholders but those the engine fills."""
    if prompt := reading.prompts.get(key):
        given = {*values.items(), ("company", Kind.TEXT)}
        strange = [name for name, kind in prompt.placeholders if (name, kind) not in given]
        if strange:
            reading.refuse(codes.unbound_placeholder(prompt.at, key, strange))


def check_choices(reading: Reading, prompts: Prompts) -> None:
    """What names a choice stands inside of "For X, press 1." and must not end that sentence."""
    for key in reading.offered:
        for own in prompts.values():
            if key in own and STOP.search(own[key].text):
                reading.refuse(codes.stop_in_choice(own[key].at, key))


def check_used(reading: Reading) -> None:
    """Every prompt is spoken somewhere."""
    for key, prompt in reading.prompts.items():
        if key not in reading.used and key not in reading.mentioned:
            reading.refuse(codes.unused_prompt(prompt.at, key))

"""Checks of what is known where: values nobody gives, secrets, levels; and the list of all checks.

Whatever is missing because of a problem already reported is not reported a second time.
"""

from collections.abc import Collection, Mapping
from itertools import pairwise

from ivr.document import Node, place
from ivr.flows import codes, words
from ivr.flows.model import Ask, Book, Do, Pay, Ref, Step
from ivr.flows.reading import Reading
from ivr.flows.services import Level
from ivr.flows.ways import check_ways


def check(reading: Reading, book: Book, top: Mapping[str, Node]) -> None:
    """All checks that need the whole book. `top` are the keys of flows.yaml, if it can be read."""
    if reading.flowless:
        return
    check_values(reading)
    if not top:
        return
    check_secrets(reading, book)
    check_identify(reading, book, top)
    check_ways(reading, book)
    words.check_used(reading)


def check_values(reading: Reading) -> None:
    """Everything used is given somewhere in the book, and of the kind it is used as."""
    for ref, kind, node in reading.uses:
        kinds = reading.kept.get(ref.name, {}).get(ref.field)
        if kinds is None:
            _refuse_value(reading, ref, node)
        elif kind and kind not in kinds:
            found = f"{ref}, which is {codes.either(sorted(kinds)) if kinds else 'a whole reply'}"
            reading.refuse(codes.wrong_kind(place(node), f"a value of kind {kind}", found))


def _refuse_value(reading: Reading, ref: Ref, node: Node) -> None:
    fields = reading.kept.get(ref.name)
    if ref.name in reading.secrets and not fields:
        message = f'"{ref.name}" is secret: only the do step right after it can have it'
        reading.refuse(codes.secret_kept(place(node), message))
    elif fields:
        known = [f"{ref.name}.{field}" if field else ref.name for field in fields]
        reading.refuse(codes.unknown_value(place(node), str(ref), known))
    elif ref.name not in reading.mentioned:
        reading.refuse(codes.unknown_value(place(node), ref.name, reading.kept))


def check_secrets(reading: Reading, book: Book) -> None:
    """A secret answer goes to the service asked right after it, as a secret, and nowhere else."""
    for flow in book.flows.values():
        if flow.name in reading.doubtful:
            continue
        lost = set()
        for before, step in pairwise((None, *flow.steps, None)):
            given, taken = _secret(before), _secrets_taken(step)
            if before and given and not _handed_over(reading, before, given, taken):
                lost.add(given)
            if step:
                _check_taken(reading, step, taken, {given, *lost})


def _handed_over(reading: Reading, before: Step, given: str, taken: Collection[str]) -> bool:
    """Whether a secret answer always comes to the next step, and only there."""
    if given not in taken:
        message = f'the next step must be a do that takes "{given}" as a secret'
    elif before.needs:
        message = f'the next step needs "{given}", so this one cannot be left out'
    else:
        return True
    reading.refuse(codes.secret_kept(before.at, message))
    return False


def _check_taken(
    reading: Reading, step: Step, taken: Collection[str], known: Collection[str]
) -> None:
    """Secrets that were not given by the step before; those that went astray are known."""
    for name in taken:
        if name not in known:
            message = f'"{name}" must be the answer to an ask for a pin or a pay right before'
            reading.refuse(codes.secret_kept(step.at, message))


def _secret(step: Step | None) -> str:
    """The name of a secret answer."""
    return step.answer if isinstance(step, Pay) or (isinstance(step, Ask) and step.secret) else ""


def _secrets_taken(step: Step | None) -> list[str]:
    if not isinstance(step, Do):
        return []
    return [
        source.name
        for name, source in step.arguments
        if name in step.service.secrets and isinstance(source, Ref)
    ]


def check_identify(reading: Reading, book: Book, top: Mapping[str, Node]) -> None:
    """There is a way up to every level that a step demands, one level at a time."""
    steps = [step for flow in book.flows.values() for step in flow.steps if isinstance(step, Do)]
    highest = max((step.level for step in steps), default=Level.UNKNOWN)
    if "identify" not in top and highest:
        first = min(step.at for step in steps if step.level)
        reading.refuse(codes.missing_key(first, "identify", "a step that needs a level"))
        return
    for level in Level:
        if Level.UNKNOWN < level <= highest and level not in book.identify:
            name = level.name.lower()
            at = place(top["identify"])
            if name not in reading.mentioned:
                reading.refuse(codes.missing_key(at, name, "identify"))

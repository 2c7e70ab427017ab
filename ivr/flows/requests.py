"""What a `do` step sends to its service and keeps of the reply, read from YAML."""

from collections.abc import Mapping

from ivr.document import Node, place
from ivr.flows import codes
from ivr.flows.lines import ref
from ivr.flows.model import Ref, Source, Word
from ivr.flows.reading import Reading
from ivr.flows.services import Level, Service
from ivr.prompts.values import Kind

LEVELS: Mapping[str, Level] = {level.name.lower(): level for level in Level}


def arguments(
    reading: Reading, service: Service, at: Node, given: Node | None
) -> tuple[tuple[str, Source], ...]:
    """The arguments of a request: all that the service takes and does not call optional."""
    sources: dict[str, Source] = {}
    named = set()
    for name, key, value in reading.pairs(given, "a value for each argument"):
        named.add(name)
        if name in service.takes:
            sources[name] = _source(reading, service, name, value)
        else:
            problem = codes.unknown_key(place(key), name, service.name, service.takes)
            reading.refuse(problem, value)
    for name in service.takes:
        if name not in named and name not in service.optional:
            reading.refuse(codes.missing_key(place(given or at), name, service.name))
    return tuple(sources.items())


def _source(reading: Reading, service: Service, name: str, node: Node) -> Source:
    """A secret is checked where the steps are seen one after the other, not here."""
    if name in service.secrets:
        return Ref(reading.name(node))
    kind = service.takes[name]
    if kind is not Kind.TEXT:
        return ref(reading, node, kind)
    text = reading.text(node, "a word")
    if text in reading.chosen:
        return ref(reading, node, kind)
    if name == "queue":
        check_queue(reading, node, text)
    return Word(text)


def check_queue(reading: Reading, node: Node, queue: str) -> None:
    """A queue that is named has opening hours, where these can be read."""
    if queue and reading.queues is not None and queue not in reading.queues:
        reading.refuse(codes.unknown_queue(place(node), queue, reading.queues))


def keep_fields(reading: Reading, name: str, service: Service) -> None:
    """Make the fields that a reply may leave under a name known."""
    if (name, service.name) in reading.replies:
        return
    reading.replies.add((name, service.name))
    reading.keep(name, "", None)
    for fields in service.outcomes.values():
        for field, given in fields.items():
            reading.keep(name, field, given.kind)


def raised(reading: Reading, service: Service, node: Node | None) -> Level:
    """The level a step demands: the service's own, or a higher one the book asks for."""
    if node is None:
        return service.level
    word = reading.choice(node, LEVELS)
    level = LEVELS.get(word, service.level)
    if level < service.level:
        own = service.level.name.lower()
        reading.refuse(codes.level_lowered(place(node), service.name, own, word))
        return service.level
    return level

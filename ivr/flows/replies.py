"""What services reply to the reference caller, read from YAML.

Times of jobs are counted with these replies; no call ever hears them.
"""

from collections.abc import Mapping

from ivr.document import Node, place
from ivr.flows import codes
from ivr.flows.literals import fields_of
from ivr.flows.model import OpeningHours
from ivr.flows.reading import Reading
from ivr.flows.reference import Reply
from ivr.flows.requests import LEVELS
from ivr.flows.services import Field, Level, Service
from ivr.prompts.values import Kind, Value, YesNo

REPLY = ("outcome", "gives", "level")


def replies(reading: Reading, node: Node | None, hours: OpeningHours) -> dict[str, Reply]:
    """The reply of each service that is named."""
    found: dict[str, Reply] = {}
    for name, key, value in reading.pairs(node, "a reply for each service"):
        service = reading.services.get(name)
        if service is None:
            problem = codes.unknown_service(place(key), name, reading.services)
            reading.refuse(problem, value)
        elif made := _reply(reading, service, value, hours):
            found[name] = made
    return found


def _reply(reading: Reading, service: Service, node: Node, hours: OpeningHours) -> Reply | None:
    found = reading.fields(node, "a reply", REPLY, ("outcome",))
    if "outcome" not in found:
        return None
    outcome = reading.text(found["outcome"], "an outcome")
    outcomes = service.every_outcome()
    if outcome not in outcomes:
        if outcome:
            at = place(found["outcome"])
            reading.refuse(codes.unknown_outcome(at, outcome, service.name, outcomes))
        return None
    owner = f"{service.name} with outcome {outcome}"
    fields = _given(reading, node, found.get("gives"), owner, outcomes[outcome], hours)
    level = _level(reading, service.grants.get(outcome, Level.UNKNOWN), found.get("level"))
    return Reply(outcome, fields, level)


def _level(reading: Reading, granted: Level, node: Node | None) -> Level:
    """The level a reply raises the caller to: at most what its outcome grants."""
    if node is None:
        return Level.UNKNOWN
    known = [word for word, level in LEVELS.items() if level <= granted]
    return LEVELS.get(reading.choice(node, known), Level.UNKNOWN)


def _given(
    reading: Reading,
    node: Node,
    given: Node | None,
    owner: str,
    known: Mapping[str, Field],
    hours: OpeningHours,
) -> dict[str, Value]:
    """Every field of an outcome: a yes/no field that is not written is no, and any other one that
    the service always gives must be there."""
    problems = len(reading.problems)
    fields = fields_of(reading, given, owner, known, hours)
    if len(reading.problems) == problems:
        for name, field in known.items():
            if name not in fields and field.kind is Kind.YES_NO:
                fields[name] = YesNo(False)
            elif name not in fields and not field.maybe:
                reading.refuse(codes.missing_key(place(given or node), name, owner))
    return fields

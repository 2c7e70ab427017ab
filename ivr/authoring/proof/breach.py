"""What a claim finds: the call that breaks it, and why."""

from dataclasses import dataclass

from ivr.authoring.proof.space import Node, Passage


@dataclass(frozen=True, slots=True)
class Breach:
    """A claim broken: `message` says how, `call` is every turn of a shortest call that shows it.

    Where something is never reached at all, there is no call.
    """

    message: str
    call: tuple[Passage, ...] = ()
    language: str = ""


def at_passage(message: str, passage: Passage, *more: Passage, language: str = "") -> Breach:
    """A breach shown by the shortest way to a turn, that turn, and more after it; heard in
    `language`, where it matters."""
    before = way_to(passage.source) if passage.source else ()
    return Breach(message, (*before, passage, *more), language)


def at_node(message: str, node: Node, *more: Passage) -> Breach:
    """A breach shown by the shortest way to a state, and more turns after it."""
    return Breach(message, (*way_to(node), *more))


def way_to(node: Node) -> tuple[Passage, ...]:
    """The turns of the shortest call that comes to a state."""
    way: list[Passage] = []
    at: Node | None = node
    while at and at.way:
        way.append(at.way)
        at = at.way.source
    return tuple(reversed(way))

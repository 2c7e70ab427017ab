"""Books explored once a process, and the keys by which their states are found again."""

from functools import cache

from ivr.authoring.proof.reads import Reads
from ivr.authoring.proof.space import Node, Space, explore
from ivr.authoring.proof.states import Key, States, Watch
from ivr.dialog.call import Call, Spot
from ivr.dialog.turns import Wait
from tests.authoring import judging
from tests.authoring.proof.books import small_book


class Explored:
    """Every state of one book. `keys` are what they are told apart by."""

    def __init__(self, space: Space) -> None:
        self.book, self.space = space.book, space
        self.reads = Reads(space.book)
        self.states = States(space.book, self.reads, space.facts)
        self.keys = {self.key(node.call, node.wait, node.watch): node for node in space.nodes}

    def key(self, call: Call, wait: Wait, watch: Watch) -> Key:
        """What a call is told apart by, once what cannot matter is left out."""
        return self.states.key(self.states.plain(call, wait), wait, watch)

    def at(self, name: str, step: int = -1) -> list[Node]:
        """The states at a menu, or at a step of a flow."""
        return [it for it in self.space.nodes if it.call.spot == Spot(name, step)]


@cache
def shipped() -> Explored:
    """The shipped book."""
    return Explored(judging.shipped().original.space)


@cache
def small() -> Explored:
    """The small book."""
    return Explored(explore(small_book()))

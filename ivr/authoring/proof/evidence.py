"""All that claims are judged by: every state, what happens by itself, and the clock."""

from functools import cached_property

from ivr.authoring.proof.alone import Alone, alone
from ivr.authoring.proof.clock import Clock
from ivr.authoring.proof.space import Space
from ivr.flows.model import Book


class Evidence:
    """What one exploration of a book has brought to light. `slow` is the clock of callers who
    asked for more time."""

    def __init__(self, book: Book, space: Space, clock: Clock, slow: Clock) -> None:
        self.book, self.space, self.clock, self.slow = book, space, clock, slow

    @cached_property
    def alone(self) -> Alone:
        """What happens by itself."""
        return alone(self.space.nodes, self.clock)

    @cached_property
    def slowly(self) -> Alone:
        """The same where the caller asked for more time."""
        return alone(self.space.nodes, self.slow)

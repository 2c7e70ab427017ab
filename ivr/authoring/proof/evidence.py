"""All that claims are judged by: every state, what happens by itself, and the clock."""

from dataclasses import dataclass

from ivr.authoring.proof.alone import Alone
from ivr.authoring.proof.clock import Clock
from ivr.authoring.proof.space import Space
from ivr.flows.model import Book


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one exploration of a book has brought to light. `slowly` is what happens by itself to
    callers who asked for more time."""

    book: Book
    space: Space
    clock: Clock
    alone: Alone
    slowly: Alone

"""A flow cut into boxes: a new one begins where some calls go on and others go elsewhere."""

from ivr.authoring.map.picture import Shape
from ivr.flows.graph import Goal, own_exits
from ivr.flows.model import (
    Ask,
    Choose,
    Do,
    End,
    Flow,
    Go,
    Move,
    Pay,
    Say,
    Step,
    ToFlow,
    ToMenu,
    Transfer,
)

SHAPES: tuple[tuple[type, Shape], ...] = (
    (Transfer, Shape.TRANSFER),
    (Ask, Shape.QUESTION),
    (Choose, Shape.QUESTION),
    (Pay, Shape.QUESTION),
    (End, Shape.END),
    (Do, Shape.SERVICE),
)
"""The shape of a box by the weightiest of its steps, which comes first here."""


def cuts(flow: Flow, far: frozenset[Goal]) -> tuple[range, ...]:
    """The numbers of the steps that each box of a flow holds.

    What only leads to `far`, or to the flow's own beginning, is written in the box and parts
    nothing.
    """
    beside = far | {ToFlow(flow.name)}
    ends = [
        number + 1
        for number, step in enumerate(flow.steps)
        if _parts(step, beside) and any(map(_stands, flow.steps[number + 1 :]))
    ]
    return tuple(map(range, [0, *ends], [*ends, len(flow.steps)]))


def _parts(step: Step, beside: frozenset[Goal]) -> bool:
    exits = set(own_exits(step))
    goals = {it for it in exits if isinstance(it, ToMenu | ToFlow)}
    return Move.NEXT in exits and bool(goals - beside)


def _stands(step: Step) -> bool:
    """Whether a step is more than words, the way on or the end."""
    return not isinstance(step, Say | Go | End)


def shape_of(steps: tuple[Step, ...]) -> Shape:
    """The shape of a box that holds these steps."""
    for kind, shape in SHAPES:
        if any(isinstance(step, kind) for step in steps):
            return shape
    return Shape.FLOW

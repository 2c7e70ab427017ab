"""What may become of a payment, as a picture drawn from the table that the store moves by."""

from collections.abc import Iterator

from ivr.store.payments import TRANSITIONS, WITHOUT_METHOD

TITLE = "state diagram"
"""How its place in a page is marked."""


def mermaid() -> str:
    """Every payment, as a state diagram (https://mermaid.js.org/syntax/stateDiagram.html)."""
    return "".join(f"{line}\n" for line in ("stateDiagram-v2", *_lines()))


def _lines() -> Iterator[str]:
    for state in TRANSITIONS:
        if "-" in state:  # an arrow's name may not hold one
            yield f'    state "{state}" as {_name(state)}'
    for state in WITHOUT_METHOD:
        yield f"    [*] --> {_name(state)}"
    for before, after in TRANSITIONS.items():
        for state in (state for state in TRANSITIONS if state in after):
            yield f"    {_name(before)} --> {_name(state)}"
        if not after:
            yield f"    {_name(before)} --> [*]"


def _name(state: str) -> str:
    return state.replace("-", "_")

import re

from ivr.authoring import payment_states
from ivr.store.payments import TRANSITIONS


def test_every_move_of_the_table_is_an_arrow_and_nothing_else_is() -> None:
    drawn = re.findall(r"^    (\w+) --> (\w+)$", payment_states.mermaid(), re.MULTILINE)
    moves = [(before, after) for before in TRANSITIONS for after in TRANSITIONS[before]]
    assert sorted(drawn) == sorted(
        (one.replace("-", "_"), to.replace("-", "_")) for one, to in moves
    )


def test_payments_begin_and_end_where_the_table_says() -> None:
    lines = payment_states.mermaid().splitlines()
    assert lines[0] == "stateDiagram-v2"
    assert "    [*] --> intended" in lines
    assert '    state "awaiting-method" as awaiting_method' in lines
    assert {line for line in lines if line.endswith("--> [*]")} == {
        f"    {state} --> [*]" for state, after in TRANSITIONS.items() if not after
    }

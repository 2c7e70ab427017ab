"""Rounds in a graph, against a slow and obvious way to find them."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.flows.graph import cycles, reached

NODES = st.integers(min_value=0, max_value=6)
GRAPHS = st.dictionaries(NODES, st.sets(NODES))


def test_a_round_is_shortest_and_begins_at_its_first_node() -> None:
    ways = {1: {2}, 2: {3, 4}, 3: {4}, 4: {2, 5}, 5: set[int](), 6: {6}}
    assert list(cycles(ways)) == [[2, 4], [6]]


@settings(deadline=None)
@given(GRAPHS)
def test_there_is_one_round_for_each_group_that_leads_to_itself(ways: dict[int, set[int]]) -> None:
    ahead = {node: reached(ways[node], lambda it: ways.get(it, ())) for node in ways}
    groups = {
        frozenset(other for other in ways if other in ahead[node] and node in ahead[other])
        for node in ways
        if node in ahead[node]
    }
    found = list(cycles(ways))
    assert len(found) == len(groups)
    for way in found:
        assert all(after in ways[node] for node, after in zip(way, way[1:] + way[:1], strict=True))
        assert any(set(way) <= group for group in groups)

"""A breach retold as a call that anybody can make."""

from collections.abc import Callable
from itertools import pairwise

import pytest

from ivr.authoring.proof.breach import Breach, at_node, at_passage, way_to
from ivr.authoring.proof.example import Example, example
from ivr.authoring.proof.happenings import UNIQUE, Lost
from ivr.authoring.proof.space import CALLER, Node, Passage, Space, explore
from ivr.authoring.supposing import supposed
from ivr.dialog.events import Answered, CardTaken, Rang, Replied, Silent
from ivr.flows.model import Ref
from ivr.flows.services import RING
from ivr.prompts.values import YesNo
from ivr.services.context import Entry
from tests.authoring.proof.books import SERVICES, small_book, with_step
from tests.authoring.proof.explored import Explored, small


def told(passage: Passage) -> Example:
    shown = example(small().book, at_passage("it is so", passage))
    if shown is None:
        raise AssertionError("there is a call")
    return shown


def first(where: Callable[[Passage], bool]) -> Passage:
    return next(passage for passage in small().space.passages if where(passage))


def onward(node: Node | None, where: Callable[[Passage], bool]) -> Passage:
    return next(passage for passage in (node.onward if node else []) if where(passage))


def keyed(keys: str) -> Callable[[Passage], bool]:
    return lambda it: isinstance(it.happening, Answered) and it.happening.text.reveal() == keys


def replied(outcome: str) -> Callable[[Passage], bool]:
    return lambda it: isinstance(it.happening, Replied) and it.happening.outcome == outcome


def card(outcome: str) -> Callable[[Passage], bool]:
    return lambda it: isinstance(it.happening, CardTaken) and it.happening.outcome == outcome


def test_what_is_never_reached_has_no_call() -> None:
    assert example(small().book, Breach("no call ever reaches it")) is None


def test_the_way_to_a_state_begins_with_the_ring_and_is_the_shortest() -> None:
    node = small().at("after")[0]
    way = way_to(node)
    assert way[0].source is None
    same = [one.to is other.source for one, other in pairwise(way)]
    assert all(same)
    breach = at_node("here", node, *node.onward[:1])
    assert len(breach.call) == len(way) + 1


@pytest.mark.parametrize(
    ("where", "last"),
    [
        (lambda it: isinstance(it.happening, Silent), ""),
        (keyed("1"), "1"),
        (keyed("8"), "8"),
        (keyed("3333"), "3333"),
        (keyed(UNIQUE), f"{UNIQUE}#"),
        (lambda it: isinstance(it.happening, Rang) and not it.happening.bridged, ""),
        (card("stopped"), "*"),
        (card("connector-down"), ""),
        (card("hung-up"), "x"),
    ],
)
def test_keys_are_those_of_a_terminal_phone(where: Callable[[Passage], bool], last: str) -> None:
    shown = told(first(where))
    assert shown.keys.split(",")[-1] == last


@pytest.mark.parametrize(
    ("where", "last"),
    [
        (card("given"), ["4242424242424242", "1230", "123", "60601#"]),
        (card("failed"), ["", "", ""]),
        (lambda it: isinstance(it.happening, Rang) and it.happening.bridged, ["a", "1"]),
    ],
)
def test_some_answers_take_several_keys(where: Callable[[Passage], bool], last: list[str]) -> None:
    assert told(first(where)).keys.split(",")[-len(last) :] == last


def test_the_call_is_told_moment_by_moment() -> None:
    shown = told(first(lambda it: keyed("1")(it) and bool(it.source and it.source.number > 0)))
    assert (shown.caller, shown.called, shown.exact) == (CALLER, "+18005550199", True)
    happens = [moment.happens for moment in shown.moments]
    assert happens[:2] == ["the line is rung", "caller.arrive=plain"]
    assert happens[-1] == "presses 1"
    assert "For bill in en, press 1." in shown.moments[1].heard
    assert shown.moments[0].heard == ()


@pytest.mark.parametrize(
    ("where", "words"),
    [
        (lambda it: isinstance(it.happening, Silent), "silence"),
        (keyed(UNIQUE), f"presses {UNIQUE}#"),
        (card("failed"), "card entry: failed"),
        (lambda it: isinstance(it.happening, Rang) and it.happening.bridged, "an agent picks up"),
        (lambda it: isinstance(it.happening, Rang) and not it.happening.bridged, "nobody picks up"),
        (lambda it: isinstance(it.happening, Lost), "the line loses the call's place"),
    ],
)
def test_what_happens_has_words(where: Callable[[Passage], bool], words: str) -> None:
    assert told(first(where)).moments[-1].happens.startswith(words)


def test_what_services_must_reply_can_be_read_back() -> None:
    after = next(it for it in small().at("after") if it.way and replied("owes")(it.way))
    shown = example(small().book, at_node("there", after))
    if shown is None:
        raise AssertionError("there is a call")
    entries = {
        name: Entry(service, lambda context, request: Replied("unavailable"))
        for name, service in {**SERVICES, RING.name: RING}.items()
    }
    written = [str(reply) for reply in shown.supposed]
    assert [str(supposed(text, entries)) for text in written] == written
    assert written[0] == "caller.arrive=plain+matched"


def test_a_fact_that_the_way_needs_is_supposed_in_the_reply_that_told_it() -> None:
    yes = first(
        lambda it: (
            keyed("2")(it)
            and it.call.memory.get("bill", {}).get("past-due") == YesNo(True)
            and bool(it.turn and it.turn.call.spot and it.turn.call.spot.name == "pick")
        )
    )
    shown = told(yes)
    assert "bill.read=owes:past-due" in [str(reply) for reply in shown.supposed]
    assert shown.exact


def test_one_call_cannot_hear_both_yes_and_no_of_one_fact() -> None:
    yes = first(
        lambda it: (
            keyed("2")(it)
            and bool(it.source and it.source.call.spot == small().at("after")[0].call.spot)
            and bool(it.turn and it.turn.call.spot and it.turn.call.spot.name == "pick")
        )
    )
    several = onward(yes.to, replied("several"))
    back = onward(several.to, keyed("*"))
    no = onward(
        back.to, lambda it: keyed("2")(it) and bool(it.turn and it.turn.call.tries.mismatches)
    )
    shown = example(small().book, at_passage("both", yes, several, back, no))
    if shown is None:
        raise AssertionError("there is a call")
    assert not shown.exact
    assert example(small().book, at_passage("one", yes, several, back)).exact  # type: ignore[union-attr]  # there is a call


def test_a_turn_that_breaks_ends_the_call_with_why() -> None:
    book = with_step(small_book(), "pin", 1, arguments=(("pin", Ref("gone")),))
    space: Space = Explored(explore(book)).space
    refused = next(it for it in space.passages if it.turn is None)
    shown = example(book, at_passage("it breaks", refused, *space.passages[:1]))
    if shown is None:
        raise AssertionError("there is a call")
    assert shown.moments[-1].heard == ("[the secret gone is gone]",)


def test_a_line_that_hangs_up_says_so() -> None:
    ended = small().at("bye", 1)[0]
    shown = example(small().book, at_node("over", ended))
    if shown is None:
        raise AssertionError("there is a call")
    assert shown.moments[-1].heard[-1] == "[the line hangs up]"

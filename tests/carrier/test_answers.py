"""Answers from a script and from single keys."""

from collections.abc import Callable

import pytest

from ivr.carrier.answers import TALK, Fingers, Script
from ivr.carrier.keyboard import END
from ivr.carrier.waits import Agent, HangUp, Keys, Listening, Reply, Ringing, Talking, Wait

RINGING = Ringing("+12025550170", 20)
TALKING = Talking("+12025550170", 100)


def listening(
    complete: Callable[[str], bool] = lambda keys: len(keys) == 1, *, secret: bool = False
) -> Listening:
    return Listening("caller", complete, 5, 0, 1, lambda key: None, secret)


def typed(keys: str, wait: Wait) -> tuple[Reply, str]:
    """The reply to these keys, and what the terminal showed."""
    waiting = iter(keys)
    shown: list[str] = []
    return Fingers(lambda: next(waiting), shown.append)(wait), "".join(shown)


def test_a_script_answers_in_order_and_hangs_up_at_its_end() -> None:
    script = Script(["1", "", "x"])
    replies = [script(listening()) for _ in range(4)]
    assert replies == [Keys("1"), Keys(""), HangUp("caller"), HangUp("caller")]


def test_a_script_answers_an_agents_phone_only_with_a() -> None:
    script = Script(["a", "1"])
    assert script(RINGING) == Agent()
    assert script(TALKING) == HangUp("agent", after=TALK)
    kept = script(RINGING)
    assert isinstance(kept, Agent)
    assert not kept.answers
    assert script(listening()) == Keys("1")


@pytest.mark.parametrize(
    ("keys", "reply"),
    [
        ("1", Keys("1")),
        ("\n", Keys("")),
        (" ", Keys("")),
        ("h", HangUp("caller")),
        (END, HangUp("caller")),
        ("q?7", Keys("7")),
        ("*", Keys("*")),
    ],
)
def test_single_keys_answer_a_menu(keys: str, reply: Reply) -> None:
    assert typed(keys, listening())[0] == reply


def test_typing_goes_on_until_the_line_has_enough_or_enter() -> None:
    pound = listening(lambda keys: keys.endswith("#"))
    assert typed("12#", pound) == (Keys("12#"), "12#\n")
    assert typed("12\n", pound) == (Keys("12"), "12\n")


def test_secret_digits_are_echoed_as_dots() -> None:
    pound = listening(lambda keys: keys.endswith("#"), secret=True)
    reply, shown = typed("42?4#", pound)
    assert reply == Keys("424#")
    assert shown.count("•") == 5  # once as typed, two again after the help
    assert "4" not in shown


@pytest.mark.parametrize(
    ("key", "reply"),
    [
        ("a", Agent()),
        ("zb", Agent(busy=True)),
        ("n", Agent(answers=False)),
        ("h", HangUp("caller")),
        (END, HangUp("caller")),
    ],
)
def test_the_terminal_is_the_agents_phone_too(key: str, reply: Reply) -> None:
    assert typed(key, RINGING)[0] == reply


@pytest.mark.parametrize(("key", "by"), [("\n", "agent"), ("h", "caller"), (END, "caller")])
def test_either_side_may_end_the_talk(key: str, by: str) -> None:
    reply, _ = typed(key, TALKING)
    assert isinstance(reply, HangUp)
    assert (reply.by, reply.after) == (by, TALK)


def test_an_interrupt_hangs_up() -> None:
    def interrupted() -> str:
        raise KeyboardInterrupt

    assert Fingers(interrupted, lambda text: None)(listening()) == HangUp("caller")

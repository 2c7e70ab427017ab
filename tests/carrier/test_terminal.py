"""What a call looks like on a terminal, and the keyboard itself."""

import io
import os
import pty
import sys
import termios
from datetime import date

import pytest
from rich.console import Console

from ivr.carrier.answers import Fingers, Script
from ivr.carrier.keyboard import END, Keyboard
from ivr.carrier.phone import Phone
from ivr.carrier.terminal import Terminal
from ivr.carrier.waits import Operator
from tests.carrier.script import AGENT, CALLED, CALLER, TOKEN, URL, App

MENU = "<Gather numDigits='1' action='/next'><Say>For an agent, press 0.</Say></Gather>"
DIAL = f"<Dial action='/bye'><Number url='/screen'>{AGENT}</Number></Dial>"
PAGES = {
    "/voice": MENU,
    "/next": DIAL,
    "/screen": "<Say>Billing, English.</Say>",
    "/bye": "<Say>Goodbye.</Say>",
}


def played(answers: Operator, *, colours: bool = False, echoed: bool = False) -> str:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=colours, width=100, highlight=False)
    phone = Phone(URL, TOKEN, CALLER, CALLED, date(2026, 11, 22), post=App(dict(PAGES)).post)
    terminal = Terminal(console, answers, echoed=echoed)
    terminal.attach(phone)
    phone.dial()
    terminal.play()
    return screen.getvalue()


def test_a_scripted_call_reads_as_a_conversation() -> None:
    assert played(Script(["0", "a"])).splitlines() == [
        "   0.5 s  line    For an agent, press 0.",
        "   3.6 s  you     0",
        f"   7.1 s  agent   (answers at {AGENT})",
        "   7.6 s  line    (to the agent) Billing, English.",
        f"   8.3 s  carrier (caller and agent at {AGENT} are connected)",
        "  18.3 s  agent   (hangs up)",
        "  18.8 s  line    Goodbye.",
        "The call took 19.2 s and 1 key press.",
    ]


def test_a_call_without_keys_is_hung_up() -> None:
    lines = played(Script([])).splitlines()
    assert lines[-2].endswith("you     (hangs up)")
    assert lines[-1].endswith("0 key presses.")


def test_typed_keys_are_not_shown_twice_and_speakers_have_colours() -> None:
    keys = iter("0a\n")
    shown = played(Fingers(lambda: next(keys), lambda text: None), colours=True, echoed=True)
    assert "\x1b[1;36mline" in shown
    assert "\x1b[1;35magent" in shown
    assert "Keys as on a phone" in shown
    assert "3.6 s" not in shown


def test_words_that_look_like_markup_are_said_as_they_are() -> None:
    pages = {"/voice": "<Say>[bold]Hi[/bold]</Say>"}
    screen = io.StringIO()
    phone = Phone(URL, TOKEN, CALLER, CALLED, date(2026, 11, 22), post=App(dict(pages)).post)
    terminal = Terminal(Console(file=screen), Script([]))
    terminal.attach(phone)
    phone.dial()
    terminal.play()
    assert "[bold]Hi[/bold]" in screen.getvalue()


def test_an_interrupt_while_the_line_thinks_cuts_the_call() -> None:
    app = App(dict(PAGES))

    def operator(wait: object) -> object:
        raise KeyboardInterrupt

    screen = io.StringIO()
    phone = Phone(URL, TOKEN, CALLER, CALLED, date(2026, 11, 22), post=app.post)
    terminal = Terminal(Console(file=screen), operator)  # type: ignore[arg-type] # never replies
    terminal.attach(phone)
    phone.dial()
    terminal.play()
    assert phone.ended
    assert app.paths[-1] == "/voice/status"


def test_a_terminal_without_a_phone_says_so() -> None:
    with pytest.raises(RuntimeError, match="no phone is attached"):
        Terminal(Console(file=io.StringIO()), Script([])).play()


def test_keys_come_one_by_one_without_enter_and_the_terminal_is_put_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ours, theirs = pty.openpty()
    with open(theirs, encoding="utf-8") as terminal, open(ours, "wb", buffering=0) as fingers:
        monkeypatch.setattr(sys, "stdin", terminal)
        before = termios.tcgetattr(theirs)
        with Keyboard() as keyboard:
            fingers.write(b"1#")
            assert (keyboard.key(), keyboard.key()) == ("1", "#")
        assert termios.tcgetattr(theirs) == before


def test_the_end_of_input_is_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    os.close(writer)
    with open(reader, encoding="utf-8") as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        assert Keyboard().key() == END

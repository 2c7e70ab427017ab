"""Transcripts of calls."""

import yaml

from ivr.carrier.cards import TEST_CARDS
from ivr.carrier.phone import Phone
from ivr.carrier.recording import transcript
from ivr.carrier.waits import Agent
from tests.carrier.script import AGENT, CALLED, CALLER, Page, ring

MENU = "<Gather numDigits='1' action='/next'><Say>One.</Say><Say>Two.</Say></Gather>"


def written(phone: Phone) -> dict[str, object]:
    loaded = yaml.safe_load(transcript(CALLER, CALLED, phone.heard))
    assert isinstance(loaded, dict)
    return loaded


def test_a_call_is_written_turn_by_turn() -> None:
    pages: dict[str, Page | list[Page]] = {
        "/voice": MENU + "<Gather><Say>Sí?</Say></Gather>",
        "/next": MENU,
    }
    phone, _ = ring(pages)
    phone.silence()
    phone.hang_up()
    assert written(phone) == {
        "call": {"from": CALLER, "to": CALLED},
        "turns": [
            {"hear": ["One.", "Two."]},
            {"silence": True},
            {"hear": ["Sí?"]},
            {"hang-up": True},
        ],
    }


def test_keys_are_text_and_spanish_stays_readable() -> None:
    phone, _ = ring({"/voice": MENU, "/next": "<Say>Adiós.</Say>"})
    phone.press("0")
    text = transcript(CALLER, CALLED, phone.heard)
    assert "press: '0'" in text
    assert "Adiós." in text


def test_a_card_is_written_by_its_name_where_its_typing_began() -> None:
    phone, _ = ring({"/voice": "<Pay action='/paid'/>", "/paid": "<Say>Thanks.</Say>"})
    phone.enter_card("declined")
    text = transcript(CALLER, CALLED, phone.heard)
    assert TEST_CARDS["declined"] not in text
    turns = yaml.safe_load(text)["turns"]
    assert [list(turn) for turn in turns] == [["hear"], ["card"], ["hear"]]
    assert turns[1] == {"card": "declined"}
    assert turns[2]["hear"][-1] == "Thanks."


def test_agents_are_written_as_they_behaved() -> None:
    screen = "<Gather numDigits='1'/>"
    verb = f"<Dial action='/after'><Number url='/screen'>{AGENT}</Number></Dial>"
    other = "<Dial action='/last'><Number>+12025550171</Number></Dial>"
    last = "+12025550173"
    pages: dict[str, Page | list[Page]] = {
        "/voice": verb,
        "/screen": [screen, "<Say>Caller.</Say>"],
        "/after": other,
        "/last": f"<Dial>+12025550172</Dial><Dial><Number>{last}</Number></Dial><Say>Bye.</Say>",
    }
    agents = {AGENT: Agent(keys="1"), "+12025550171": Agent(busy=True), last: Agent()}
    phone, _ = ring(pages, operator=None, agents=agents)
    assert written(phone)["agents"] == {
        AGENT: {"answers": True, "keys": "1"},
        "+12025550171": {"answers": False, "busy": True},
        "+12025550172": {"answers": False},
        last: {"answers": True, "keys": ""},
    }
    assert written(phone)["turns"] == [{"hear": ["Bye."]}]

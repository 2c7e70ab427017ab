"""Transcripts of calls."""

import yaml

from ivr.carrier.cards import TEST_CARDS
from ivr.carrier.phone import Phone
from ivr.carrier.recording import transcript
from ivr.carrier.waits import Agent
from tests.carrier.script import AGENT, CALLED, CALLER, Page, ring

MENU = "<Gather numDigits='1' action='/next'><Say>One.</Say><Say>Two.</Say></Gather>"


def written(phone: Phone) -> dict[str, object]:
    loaded = yaml.load(transcript(CALLER, CALLED, phone.heard), Loader=yaml.BaseLoader)
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
        "only": "en",
        "turns": [
            {"call": CALLER, "line": CALLED, "en": "One.\nTwo.\n"},
            {"press": "nothing", "en": "Sí?\n"},
            {"hang-up": "yes"},
        ],
    }


def test_a_call_in_spanish_fills_the_spanish_column() -> None:
    phone, _ = ring({"/voice": "<Say language='es-US'>Adiós.</Say>"})
    assert written(phone)["only"] == "es"
    assert written(phone)["turns"] == [{"call": CALLER, "line": CALLED, "es": "Adiós.\n"}]


def test_keys_are_text_and_spanish_stays_readable() -> None:
    phone, _ = ring({"/voice": MENU, "/next": "<Say>Adiós.</Say>"})
    phone.press("0")
    text = transcript(CALLER, CALLED, phone.heard)
    assert 'press: "0"' in text
    assert "Adiós." in text


def test_a_card_is_written_by_its_name_where_its_typing_began() -> None:
    phone, _ = ring({"/voice": "<Pay action='/paid'/>", "/paid": "<Say>Thanks.</Say>"})
    phone.enter_card("declined")
    text = transcript(CALLER, CALLED, phone.heard)
    assert TEST_CARDS["declined"] not in text
    _, card = yaml.safe_load(text)["turns"]
    assert card["card"] == "declined"
    assert card["en"].endswith("Thanks.\n")


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
    assert written(phone)["given"] == {
        "agents": {
            AGENT: {"answers": "true", "keys": "1"},
            "+12025550171": {"answers": "false", "busy": "true"},
            "+12025550172": {"answers": "false"},
            last: {"answers": "true", "keys": ""},
        }
    }
    assert written(phone)["turns"] == [{"call": CALLER, "line": CALLED, "en": "Bye.\n"}]

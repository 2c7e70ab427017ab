"""A sentence that is recorded: what ends it, and what the app hears of it."""

import io
from collections.abc import Iterable

import pytest
import yaml
from rich.console import Console

from ivr.carrier.answers import Fingers, Script
from ivr.carrier.keyboard import END
from ivr.carrier.phone import Phone
from ivr.carrier.recording import transcript
from ivr.carrier.terminal import Terminal
from ivr.carrier.waits import Agent, HangUp, Keys, Listening, Reply, Voice
from tests.carrier.script import CALLED, CALLER, App, Page, heard, ring

RECORDING = Listening("caller", bool, 5, 0, 1, lambda key: None, voice=True)


def record(attributes: str = "", before: str = "<Say>Say yes.</Say>") -> tuple[Phone, App]:
    verb = f"<Record action='/said' timeout='5' maxLength='15' {attributes}/>"
    pages: dict[str, Page | list[Page]] = {
        "/voice": f"{before}{verb}<Redirect>/nothing</Redirect>",
        "/said": "<Gather><Say>Thanks.</Say></Gather>",
        "/nothing": "<Say>Nothing.</Say>",
    }
    return ring(pages)


def test_what_is_said_is_told_by_the_name_of_its_recording() -> None:
    phone, app = record()
    phone.speak(4.7)
    form = app.form("/said")
    assert form["RecordingSid"].startswith("RE")
    assert len(form["RecordingSid"]) == 34
    assert form["RecordingUrl"].endswith(f"/Recordings/{form['RecordingSid']}")
    assert (form["RecordingDuration"], "Digits" in form) == ("4", False)
    assert (phone.said, phone.warnings, phone.errors) == (["Thanks."], [], [])


def test_two_recordings_have_two_names() -> None:
    names = set()
    for _ in range(2):
        phone, app = record()
        phone.speak()
        names.add(app.form("/said")["RecordingSid"])
    assert len(names) == 2


def test_silence_goes_on_to_the_next_verb() -> None:
    phone, app = record()
    phone.silence()
    assert app.paths[1] == "/nothing"
    assert "/said" not in app.paths
    assert len(heard(phone, "silence")) == 1


@pytest.mark.parametrize("key", list("0123456789*#"))
def test_any_key_ends_the_recording_and_is_told(key: str) -> None:
    phone, app = record()
    phone.press(f"{key}5")
    form = app.form("/said")
    assert (form["Digits"], form["RecordingDuration"]) == (key, "0")
    assert [entry.text for entry in heard(phone, "pressed")] == [key]
    assert phone.pressed == 1


def test_only_the_keys_that_finish_end_it() -> None:
    phone, app = record("finishOnKey='#'")
    phone.press("12#")
    assert app.form("/said")["Digits"] == "#"


def test_a_key_after_the_words_ends_them_at_once() -> None:
    phone, app = record()
    began = phone.seconds
    phone.speak(3, "#")
    assert (app.form("/said")["Digits"], app.form("/said")["RecordingDuration"]) == ("#", "3")
    assert phone.seconds - began == pytest.approx(3 + 0.4 + 0.5 + 0.375)


def test_without_a_key_the_silence_after_the_words_ends_them() -> None:
    phone, _ = record()
    began = phone.seconds
    phone.speak(3)
    assert phone.seconds - began == pytest.approx(3 + 5 + 0.5 + 0.375)


def test_a_recording_is_no_longer_than_it_may_be() -> None:
    phone, app = record()
    phone.speak(60)
    assert app.form("/said")["RecordingDuration"] == "15"


def test_who_hangs_up_while_it_records_is_told_apart_from_who_presses_a_key() -> None:
    phone, app = record()
    phone.reply(HangUp("caller", after=4))
    form = app.form("/said")
    assert (form["Digits"], form["RecordingDuration"]) == ("hangup", "4")
    assert form["CallStatus"] == "completed"
    assert app.paths[-1] == "/voice/status"
    assert "Thanks." not in phone.text


def test_words_are_silence_where_keys_are_listened_to() -> None:
    phone, app = record(before="<Gather action='/said'/>")
    phone.speak()
    assert app.paths == ["/voice"]
    assert phone.listening is not None
    assert phone.listening.voice
    phone.press("1")
    phone.speak(key="0")
    assert len(heard(phone, "voice")) == 0


def test_a_recording_takes_no_answer_but_a_voice_keys_or_a_hang_up() -> None:
    phone, _ = record()
    with pytest.raises(TypeError, match="a voice"):
        phone.reply(Agent())


def test_a_script_says_it_where_it_is_recorded_and_nothing_elsewhere() -> None:
    answers = ["voice", "voice", "0", ""]
    menu = Listening("caller", bool, 5, 0, 1, lambda key: None)
    script = Script(answers)
    replies = [script(wait) for wait in (RECORDING, menu, RECORDING, RECORDING)]
    assert replies == [Voice(), Keys(""), Keys("0"), Keys("")]


@pytest.mark.parametrize(
    ("keys", "reply"),
    [
        ("\n", Voice()),
        ("\r", Voice()),
        ("q\n", Voice()),
        (" ", Keys("")),
        ("0", Keys("0")),
        ("#", Keys("#")),
        ("h", HangUp("caller")),
        (END, HangUp("caller")),
    ],
)
def test_a_person_at_a_terminal_presses_enter_to_say_it(keys: Iterable[str], reply: Reply) -> None:
    waiting, shown = iter(keys), list[str]()
    assert Fingers(lambda: next(waiting), shown.append)(RECORDING) == reply
    assert "Enter says it aloud" in shown[0]


def test_a_transcript_has_what_was_said_as_one_act() -> None:
    phone, _ = record()
    phone.speak(key="#")
    phone.hang_up()
    loaded = yaml.load(transcript(CALLER, CALLED, phone.heard), Loader=yaml.BaseLoader)
    assert loaded["turns"][1:] == [{"say": "yes", "en": "Thanks.\n"}, {"hang-up": "yes"}]


def test_a_transcript_names_a_bank_account() -> None:
    phone, _ = ring("<Pay paymentMethod='ach-debit' action='/paid'/>")
    phone.enter_bank("declined")
    loaded = yaml.safe_load(transcript(CALLER, CALLED, phone.heard))
    assert loaded["turns"][1]["bank"] == "declined"


def test_a_terminal_shows_that_something_was_said() -> None:
    phone, _ = record()
    screen = io.StringIO()
    terminal = Terminal(Console(file=screen, width=100), Script(["voice", "x"]))
    terminal.attach(phone)
    terminal.play()
    assert "you     (says it aloud)" in screen.getvalue()

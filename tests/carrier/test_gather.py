"""When a Gather ends and what the app hears of it."""

import pytest

from tests.carrier.script import Page, heard, ring

QUESTION = "<Say>Type.</Say>"


def gather(attributes: str, after: str = "<Say>After.</Say>") -> dict[str, Page | list[Page]]:
    return {
        "/voice": f"<Gather action='/next' {attributes}>{QUESTION}</Gather>{after}",
        "/next": "<Say>Next.</Say>",
    }


@pytest.mark.parametrize(
    ("attributes", "keys", "digits", "finished"),
    [
        ("numDigits='1'", "1", "1", ""),
        ("numDigits='4'", "1234#", "1234", ""),
        ("numDigits='4'", "12", "12", ""),
        ("", "1234#", "1234", "#"),
        ("", "12#34", "12", "#"),
        ("", "1234", "1234", ""),
        ("finishOnKey='*'", "12#*", "12#", "*"),
        ("finishOnKey=''", "12#*", "12#*", ""),
        ("finishOnKey='' numDigits='1'", "#", "#", ""),
        ("", "0#", "0", "#"),
        ("actionOnEmptyResult='true'", "", "", ""),
        ("actionOnEmptyResult='true'", "#", "", "#"),
        ("actionOnEmptyResult='true' finishOnKey='*'", "*", "", "*"),
    ],
)
def test_a_gather_tells_its_action(attributes: str, keys: str, digits: str, finished: str) -> None:
    phone, app = ring(gather(attributes))
    phone.press(keys)
    form = app.form("/next")
    assert (form["Digits"], form["FinishedOnKey"]) == (digits, finished)
    assert form["msg"] == "Gather End"
    assert phone.said == ["Next."]


@pytest.mark.parametrize("keys", ["", "#", "#12"])
def test_an_empty_gather_falls_through(keys: str) -> None:
    phone, app = ring(gather(""))
    phone.press(keys)
    assert phone.said == ["After."]
    assert "/next" not in app.paths


def test_without_an_action_the_document_itself_is_asked() -> None:
    phone, app = ring({"/voice": ["<Gather/>", "<Say>Again.</Say>"]})
    phone.press("1")
    assert app.paths == ["/voice", "/voice", "/voice/status"]
    assert phone.said == ["Again."]


def test_keys_after_the_end_of_a_question_are_lost() -> None:
    pages = gather("numDigits='1'")
    pages["/next"] = "<Gather numDigits='1' action='/third'/>"
    phone, app = ring(pages)
    phone.press("12")
    assert app.form("/next")["Digits"] == "1"
    assert "/third" not in app.paths
    assert phone.pressed == 1


def test_commas_separate_answers_and_an_empty_one_is_silence() -> None:
    page = "<Gather numDigits='1' action='/voice' actionOnEmptyResult='true'/>"
    phone, app = ring(page)
    phone.press("1,,2,x")
    digits = [form.get("Digits") for path, form in app.asked if path == "/voice"]
    assert digits == [None, "1", "", "2"]
    assert phone.ended


@pytest.mark.parametrize(
    ("opening", "reaches"),
    [("", True), ("<Say>You'll pay $32.10.</Say>", False), ("<Pause/>", False)],
)
def test_keys_pressed_ahead_are_only_heard_inside_a_gather(opening: str, reaches: bool) -> None:
    pages = gather("numDigits='1'")
    yes = "<Gather numDigits='1' action='/yes'><Say>For yes, press 1.</Say></Gather>"
    pages["/next"] = opening + yes
    phone, app = ring(pages)
    phone.press_ahead("1")
    phone.press("2")
    assert ("/yes" in app.paths) is reaches


def test_what_was_pressed_is_among_what_was_heard() -> None:
    phone, _ = ring({"/voice": ["<Gather/><Gather/>"]})
    phone.press("12#")
    phone.silence()
    assert [entry.text for entry in heard(phone, "pressed")] == ["12#"]
    assert len(heard(phone, "silence")) == 1


MENU = (
    "<Gather action='/next' numDigits='1' timeout='6'>"
    "<Say>For your balance, press 1. <break time='500ms'/>For an agent, press 0. "
    "To go back, press star.</Say></Gather>"
)


@pytest.mark.parametrize(
    ("key", "seconds"),
    [
        ("1", 0.5 + 5 * 0.375 + 1.2),  # five words, then the key
        ("0", 0.5 + 10 * 0.375 + 0.5 + 1.2),
        ("*", 0.5 + 15 * 0.375 + 0.5 + 1.2),
        ("7", 0.5 + 15 * 0.375 + 0.5 + 1.2),  # never offered: after all of it
        ("", 0.5 + 15 * 0.375 + 0.5 + 6),
    ],
)
def test_a_key_comes_soon_after_its_option(key: str, seconds: float) -> None:
    phone, _ = ring({"/voice": MENU, "/next": "<Gather/>"})
    phone.press(key)
    after = 0 if phone.ended else 0.5
    assert phone.seconds == pytest.approx(seconds + after)


def test_a_key_pressed_at_once_interrupts_the_words() -> None:
    phone, _ = ring({"/voice": MENU, "/next": "<Gather/>"})
    phone.press("0", at_once=True)
    assert phone.seconds == pytest.approx(0.5 + 0.4 + 0.5)


def test_digits_without_their_finish_key_wait_for_the_pause() -> None:
    phone, _ = ring({"/voice": "<Gather timeout='3' action='/next'/>", "/next": "<Gather/>"})
    phone.press("123")
    assert phone.seconds == pytest.approx(0.5 + 3 * 0.4 + 3 + 0.5)

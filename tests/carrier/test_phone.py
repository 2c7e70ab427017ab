"""Placing, answering, ending and failing calls."""

import pytest

from ivr.carrier.phone import Phone, PhoneError
from tests.carrier.script import CALLED, CALLER, TODAY, TOKEN, URL, XML, App, Page, ring

MENU = "<Gather action='/next' numDigits='1'><Say>Menu.</Say></Gather>"


def test_the_first_request_carries_what_the_vendor_sends() -> None:
    phone, app = ring(MENU, extra={"StirVerstat": "TN-Validation-Passed-A"})
    form = app.form("/voice")
    assert len(form["CallSid"]) == 34
    assert form["CallSid"].startswith("CA")
    assert form["CallSid"] == phone.sid
    assert len(form["AccountSid"]) == 34
    assert (form["From"], form["To"], form["Caller"], form["Called"]) == (
        *(CALLER, CALLED),
        *(CALLER, CALLED),
    )
    assert (form["CallStatus"], form["Direction"], form["ApiVersion"]) == (
        "ringing",
        "inbound",
        "2010-04-01",
    )
    assert form["FromCity"] == ""
    assert form["StirVerstat"] == "TN-Validation-Passed-A"


def test_later_requests_are_of_a_call_in_progress() -> None:
    phone, app = ring(MENU)
    phone.press("1")
    assert app.form("/next")["CallStatus"] == "in-progress"


def test_a_withheld_caller_is_anonymous() -> None:
    _, app = ring(MENU, caller="anonymous")
    assert app.form("/voice")["From"] == "anonymous"


def test_the_end_of_a_document_ends_the_call_and_tells_the_status_url() -> None:
    phone, app = ring("<Say>one two three four five six seven eight</Say>")
    assert phone.ended
    form = app.form("/voice/status")
    assert (form["CallStatus"], form["CallDuration"]) == ("completed", "3")
    assert form["Timestamp"] == "Sun, 22 Nov 2026 12:00:03 +0000"


def test_hang_up_is_told_only_to_the_status_url() -> None:
    phone, app = ring(MENU)
    phone.hang_up()
    assert phone.ended
    assert app.paths == ["/voice", "/voice/status"]
    assert app.form("/voice/status")["CallStatus"] == "completed"


def test_verbs_after_hangup_are_dead() -> None:
    phone, _ = ring("<Say>Bye.</Say><Hangup/><Say>Never.</Say>")
    assert phone.said == ["Bye."]


def test_verbs_after_redirect_are_dead_and_relative_urls_start_at_the_document() -> None:
    pages: dict[str, Page | list[Page]] = {
        "/voice": "<Redirect>deep/one?turn=2</Redirect><Say>Never.</Say>",
        "/deep/one": "<Redirect>two</Redirect>",
        "/deep/two": "<Say>Here.</Say>",
    }
    phone, app = ring(pages)
    assert phone.said == ["Here."]
    assert phone.requests[1].url == "http://127.0.0.1:8000/deep/one?turn=2"
    assert app.paths == ["/voice", "/deep/one", "/deep/two", "/voice/status"]


def test_a_pause_before_anything_else_leaves_the_phone_ringing() -> None:
    _, app = ring("<Pause length='4'/><Say>one two three four five six seven eight</Say>")
    assert app.form("/voice/status")["CallDuration"] == "3"


@pytest.mark.parametrize(
    ("verb", "status"),
    [("<Reject/>", "no-answer"), ('<Reject reason="busy"/>', "busy")],
)
def test_reject_never_answers(verb: str, status: str) -> None:
    _, app = ring(verb)
    form = app.form("/voice/status")
    assert (form["CallStatus"], form["CallDuration"]) == (status, "0")


def test_a_connection_setting_in_the_url_is_neither_sent_nor_signed() -> None:
    _, app = ring({"/voice": "<Redirect>/two#rt=2000</Redirect>", "/two": "<Say>Two.</Say>"})
    assert app.paths[1] == "/two"


FAILURES = [
    ((500, XML, b"<Response/>"), 11200),
    ((302, {"Location": "/other"}, b""), 11200),
    ((200, {"Content-Type": "text/html"}, b"<Response/>"), 12300),
    ((200, {}, b"<Response/>"), 12300),
    ((200, XML, b"<Response><Say>a & b</Say></Response>"), 12100),
    ((200, XML, b"<Answer/>"), 12100),
    ((200, XML, b"<Response>" + b" " * 65536 + b"</Response>"), 11750),
    (TimeoutError(), 11200),
    (ConnectionError(), 11205),
]


@pytest.mark.parametrize(("page", "code"), FAILURES)
def test_a_failing_document_without_fallback_is_an_apology_and_the_end(
    page: Page, code: int
) -> None:
    phone, _ = ring({"/voice": page})
    assert phone.ended
    assert phone.text == "We are sorry, an application error has occurred. Goodbye."
    assert phone.heard[0].who == "carrier"
    assert [error.code for error in phone.errors] == [code]


@pytest.mark.parametrize(("page", "code"), FAILURES)
def test_a_failing_document_goes_to_the_fallback_url(page: Page, code: int) -> None:
    pages: dict[str, Page | list[Page]] = {
        "/voice": MENU,
        "/next": page,
        "/fallback": "<Say>Sorry, one moment.</Say>",
    }
    phone, app = ring(pages, fallback_url="http://127.0.0.1:8000/fallback")
    phone.press("1")
    assert phone.text == "Sorry, one moment."
    form = app.form("/fallback")
    assert form["ErrorCode"] == str(code)
    assert form["ErrorUrl"] == "http://127.0.0.1:8000/next"
    assert form["CallSid"] == phone.sid


def test_a_failing_fallback_ends_the_call() -> None:
    broken: Page = (503, XML, b"")
    pages: dict[str, Page | list[Page]] = {"/voice": broken, "/fallback": broken}
    phone, _ = ring(pages, fallback_url="http://127.0.0.1:8000/fallback")
    assert phone.ended
    assert [error.code for error in phone.errors] == [11200, 11200]


def test_documents_that_only_redirect_are_stopped() -> None:
    phone, _ = ring("<Redirect>/voice</Redirect>")
    assert phone.ended
    assert "50 documents" in phone.errors[-1].text


@pytest.mark.parametrize(
    ("verbs", "warning"),
    [
        ("<Sing/>", "<Sing> is not performed in <Response>"),
        ('<Say tune="x">Hi</Say>', "<Say> has no attribute tune"),
        ("<Gather><Dial/></Gather>", "<Dial> is not performed in <Gather>"),
        ('<Pause length="1s"/>', "<Pause length> is not a whole number: '1s'"),
        ("<Redirect method='GET'/>", "<Redirect method>: only POST is performed, so POST it is"),
    ],
)
def test_what_is_not_known_is_a_warning_and_left_out(verbs: str, warning: str) -> None:
    pages: list[Page] = [verbs + "<Say>On.</Say>", "<Say>On.</Say>"]
    phone, _ = ring({"/voice": pages})
    if phone.listening:
        phone.silence()
    assert "On." in phone.text
    assert (phone.warnings[0].code, phone.warnings[0].text) == (12200, warning)


def test_a_failing_status_callback_is_an_error_of_the_call() -> None:
    phone, _ = ring({"/voice": "<Hangup/>", "/voice/status": (500, {}, b"")})
    assert [error.url for error in phone.errors] == [f"{URL}/status"]


def test_a_status_callback_nobody_takes_is_an_error_of_the_call() -> None:
    phone, _ = ring({"/voice": "<Hangup/>", "/voice/status": ConnectionError()})
    assert [error.code for error in phone.errors] == [11205]


def test_the_same_webhook_can_be_sent_again_and_late() -> None:
    phone, app = ring({"/voice": MENU, "/next": "<Gather><Say>Two.</Say></Gather>"})
    phone.press("1")
    assert b"Two." in phone.repeat_last_request()
    assert app.asked[-1] == app.asked[-2]
    assert b"Menu." in phone.send_stale(1)
    phone.send_stale(0, Digits="2")
    assert app.form("/next")["Digits"] == "2"
    assert phone.said == ["Two."]


def test_documents_are_kept_as_they_came() -> None:
    phone, _ = ring("<Say>Hi.</Say>")
    assert phone.documents == [
        b'<?xml version="1.0" encoding="UTF-8"?><Response><Say>Hi.</Say></Response>'
    ]


def test_a_cut_call_still_ends_for_the_app() -> None:
    phone, app = ring(MENU)
    phone.drop()
    phone.drop()
    assert phone.ended
    assert app.paths == ["/voice", "/voice/status"]
    assert app.form("/voice/status")["CallStatus"] == "completed"


def test_a_phone_says_how_it_was_misused() -> None:
    phone = Phone(URL, TOKEN, CALLER, CALLED, TODAY, post=App({"/voice": "<Hangup/>"}).post)
    with pytest.raises(PhoneError, match="nobody has dialled"):
        phone.press("1")
    phone.dial()
    with pytest.raises(PhoneError, match="already dialled"):
        phone.dial()
    with pytest.raises(PhoneError, match="the call has ended"):
        phone.press("1")


def test_the_token_is_not_in_the_settings_repr() -> None:
    phone, _ = ring(MENU)
    assert TOKEN not in repr(phone.wire.carrier)

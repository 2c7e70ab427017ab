"""The grammar checker itself: it must find what it is there to find."""

import pytest

from tests.grammar import FACTS, LARGEST, assert_document, complaints, turn_of

SAY = '<Say voice="Polly.Joanna-Neural" language="en-US">Hi</Say>'


def document(inner: str) -> bytes:
    return f"<?xml version='1.0' encoding='utf-8'?>\n<Response>{inner}</Response>".encode()


@pytest.mark.parametrize(
    "inner",
    [
        SAY,
        f'<Gather input="dtmf" finishOnKey="" timeout="6" action="/voice/turn">{SAY}</Gather>',
        '<Redirect method="POST">/voice/turn?turn=1&amp;again=1</Redirect>',
        '<Pay language="es-US" validCardTypes="visa amex"><Prompt for="postal-code" attempt="2 3">'
        f"{SAY}</Prompt></Pay>",
        '<Dial timeout="15"><Number url="/voice/offer/1">+12025550142</Number></Dial>',
    ],
)
def test_a_good_document_has_no_complaints(inner: str) -> None:
    assert complaints(document(inner)) == []


@pytest.mark.parametrize(
    ("inner", "complaint"),
    [
        ("", "an empty document"),
        ("<Speak>Hi</Speak>", "<Speak> is not spoken here"),
        (SAY.replace("voice", "Voice"), '<Say Voice="Polly.Joanna-Neural">'),
        (SAY.replace("Polly.Joanna-Neural", "robot"), '<Say voice="robot">'),
        (SAY.replace("en-US", "es-MX"), '<Say language="es-MX">'),
        (SAY.replace("Hi", " "), "no text in <Say>"),
        (SAY.replace("Hi", "x" * 3001), "a <Say> that is too long for its voice"),
        ('<Gather timeout="0"/>', '<Gather timeout="0">'),
        ('<Gather input="dtmf dtmf"/>', '<Gather input="dtmf dtmf">'),
        ("<Gather><Hangup/></Gather>", "<Hangup> in <Gather>"),
        ("<Gather>Hi</Gather>", "text in <Gather>"),
        ('<Gather action="/voice?turn=a b"/>', '<Gather action="/voice?turn=a b">'),
        ('<Pay language="es-MX"/>', '<Pay language="es-MX">'),
        ('<Pay chargeAmount="1.00"/>', '<Pay chargeAmount="1.00">'),
        ("<Redirect>https://example.com/</Redirect>", "<Redirect>https://example.com/"),
        (f"<Hangup/>{SAY}", "something follows <Hangup>"),
        (f"{SAY} words", "text in <Response>"),
        ("\x85" + SAY, "a control character"),
    ],
)
def test_a_bad_document_is_found(inner: str, complaint: str) -> None:
    assert complaint in complaints(document(inner))


@pytest.mark.parametrize("body", [b"", b"\xff", b"<Response>", b"<?xml version='1.0'?><R/>"])
def test_what_is_no_document_is_found(body: bytes) -> None:
    assert complaints(body)


def test_a_document_that_is_too_large_is_found() -> None:
    assert complaints(document(SAY * (LARGEST // len(SAY) + 1)))[0].endswith("bytes")


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "text/xml", "application/xml"])
def test_another_content_type_is_no_answer(kind: str) -> None:
    with pytest.raises(AssertionError):
        assert_document(200, {"Content-Type": kind}, document(SAY))


def test_the_facts_name_only_verbs_they_have() -> None:
    assert {held for facts in FACTS.values() for held in facts.get("holds", ())} <= set(FACTS)


def test_the_turn_of_a_document_stands_in_its_action() -> None:
    assert turn_of(document('<Gather action="/voice/turn?turn=7"/>')) == 7
    with pytest.raises(AssertionError):
        turn_of(document("<Hangup/>"))

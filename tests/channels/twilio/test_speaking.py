"""Golden documents, one for each directive and wait: tests/twiml/NAME.xml."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from ivr.channels.twilio.speaking import Speaker, one_moment, rescue, turn_url
from ivr.config import Settings
from ivr.dialog.call import Call, Pace
from ivr.dialog.directives import Directive, Offer, Say
from ivr.dialog.turns import (
    AwaitAgent,
    AwaitCard,
    AwaitKey,
    AwaitRecording,
    AwaitReply,
    AwaitTyped,
    Finished,
    Request,
    Turn,
    Wait,
)
from ivr.document import Place
from ivr.errors import CallError
from ivr.flows.model import Book, PayMethod
from ivr.flows.services import RING
from ivr.prompts.catalogue import Catalogue, parse_prompt
from ivr.prompts.values import Money, Reference, Text
from ivr.services.spoken import CHANNEL_PROMPTS
from tests import builders
from tests.grammar import complaints

GOLDEN = Path(__file__).parents[2] / "twiml"
WORDS = {
    "en": {
        "offer": "For {choice}, press {key:key}.",
        "plain": "Hello & welcome <here>.",
        "paused": "[.5] First. [.3] Second. [1]",
        "owe": "You owe {amount:money}.",
        "number": "It is {number:reference}.",
        "named": "This is {company}.",
        "bill": "your bill",
    },
    "es": {
        "offer": "Para {choice}, oprima {key:key}.",
        "plain": "Hola.",
        "owe": "Debe {amount:money}.",
        "bill": "su cuenta",
    },
}
OFFER = Offer("1", "bill")
SAY = Say("plain")
KEY = AwaitKey(6)
TYPED = AwaitTyped(wait=15, between=5, longest=8, fixed=False, secret=True)


def catalogue(recordings: Mapping[str, frozenset[str]] | None = None) -> Catalogue:
    def texts(language: str) -> dict[str, str]:
        return {**{key: f"{key}, {language}." for key in CHANNEL_PROMPTS}, **WORDS[language]}

    prompts = {
        language: {key: parse_prompt(key, text, Place()) for key, text in texts(language).items()}
        for language in ("en", "es")
    }
    return Catalogue(("en", "es"), prompts, recordings or {})


BOOK = builders.book(catalogue=catalogue())
RECORDED = replace(BOOK, catalogue=catalogue({"en": frozenset({"plain", "offer-1", "offer-2"})}))


def turn(
    wait: Wait,
    within: tuple[Directive, ...] = (),
    before: tuple[Directive, ...] = (),
    language: str = "en",
    pace: Pace = Pace.NORMAL,
) -> Turn:
    call = Call("CA1", "b00c", builders.LINE, None, language, turn=7, pace=pace)
    return Turn(call, before, within, wait)


def spoken(spoken: Turn, book: Book = BOOK) -> bytes:
    return Speaker(Settings(pay_connector="Connector")).document(book, spoken)


GOLDENS = {
    "key": turn(KEY, (SAY, OFFER)),
    "key-slow-pace": turn(AwaitKey(18), (OFFER, Offer("2", "bill")), pace=Pace.SLOW),
    "key-spanish": turn(KEY, (Say("plain", language="en"), SAY, OFFER), language="es"),
    "key-values": turn(
        KEY,
        (
            Say("owe", (("amount", Money(8420)),)),
            Say("owe", (("amount", Money(8420)),), language="es"),
            Say("named", (("company", Text("Smith & Sons")),)),
        ),
    ),
    "key-said-slowly": turn(KEY, (Say("number", (("number", Reference("40278815")),), slow=True),)),
    "key-pauses": turn(KEY, (Say("paused"),)),
    "yes-outside": turn(KEY, (OFFER,), before=(Say("owe", (("amount", Money(3210)),)),)),
    "typed": turn(TYPED, (SAY,)),
    "typed-fixed": turn(AwaitTyped(15, 5, 5, fixed=True, secret=False), (SAY,)),
    "typed-one-patience": turn(AwaitTyped(5, 5, 9, fixed=False, secret=False), (SAY,)),
    "card": turn(AwaitCard(), before=(SAY,)),
    "card-spanish": turn(AwaitCard(), language="es"),
    "bank": turn(AwaitCard(PayMethod.BANK), before=(SAY,)),
    "bank-spanish": turn(AwaitCard(PayMethod.BANK), language="es"),
    "recording": turn(AwaitRecording(6, 15), (OFFER,), before=(SAY,)),
    "agent": turn(AwaitAgent("+12025550170", 3), before=(SAY,)),
    "finished": turn(Finished(), before=(SAY,)),
}


@pytest.mark.parametrize("name", GOLDENS)
def test_a_turn_is_spoken_as_its_golden_document(name: str) -> None:
    body = spoken(GOLDENS[name])
    assert body == (GOLDEN / f"{name}.xml").read_bytes()
    assert complaints(body) == []


def test_what_is_recorded_is_played() -> None:
    body = spoken(turn(KEY, (SAY, Say("owe", (("amount", Money(100)),)), SAY)), RECORDED)
    assert body == (GOLDEN / "recorded.xml").read_bytes()
    assert complaints(body) == []


def test_one_moment_fetches_the_stored_answer_again() -> None:
    line = BOOK.lines[builders.LINE]
    body = one_moment(BOOK, line, f"{turn_url(7)}&again=1")
    assert body == (GOLDEN / "one-moment.xml").read_bytes()
    assert complaints(body) == []


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_rescue_dials_the_lines_own_number(language: str) -> None:
    line = replace(BOOK.lines[builders.LINE], language=language)
    body = rescue(BOOK, line)
    assert body == (GOLDEN / f"rescue-{language}.xml").read_bytes()
    assert complaints(body) == []


def test_every_golden_document_has_its_test() -> None:
    others = {"recorded", "one-moment", "rescue-en", "rescue-es"}
    assert {file.stem for file in GOLDEN.glob("*.xml")} == {*GOLDENS, *others}


def test_a_turn_that_waits_for_a_service_cannot_be_spoken() -> None:
    with pytest.raises(CallError, match="waits for a service"):
        spoken(turn(AwaitReply(Request(RING))))


def test_control_characters_never_get_out() -> None:
    company = Text("North\x07side\x00 \ud800Cable\x9f\ufffe")
    body = spoken(turn(KEY, (Say("named", (("company", company),)),)))
    assert complaints(body) == []
    assert b"This is Northside Cable." in body

"""One whole call over HTTP that says yes aloud and gives a bank account to be kept."""

import logging
from collections.abc import Mapping
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
from sqlalchemy import Engine, select

from ivr.carrier import Phone
from ivr.carrier.banks import TEST_ACCOUNTS
from ivr.carrier.waits import HangUp
from ivr.dialog.events import Card, Replied
from ivr.dialog.turns import Request
from ivr.flows.model import PayMethod
from ivr.flows.services import Service
from ivr.prompts.values import Text
from ivr.services.context import Context, Entry, Remote
from ivr.store.tables import calls, events
from ivr.switchboard import Books
from ivr.telemetry import JsonLines, Secret
from tests.line import SPANISH_LINE, Line, line
from tests.saving import SERVICES, saving
from tests.switchboard.lines import changed, everything, never_parsed, with_service, written

ROUTING, ACCOUNT = TEST_ACCOUNTS["checking"]


class Kept:
    """What `methods.keep` was asked, and what all other services reply: nothing of use."""

    def __init__(self) -> None:
        self.requests: list[Request] = []

    def keep(self, context: Context, request: Request) -> Replied:
        self.requests.append(request)
        return Replied("kept")

    def entries(self) -> Mapping[str, Entry]:
        """A service for every name in the book."""
        made = {name: Entry(it, _unavailable) for name, it in SERVICES.items()}
        keep: Service = SERVICES["methods.keep"]
        return {**made, keep.name: Entry(keep, self.keep)}


def _unavailable(context: Context, request: Request) -> Replied:
    return Replied("unavailable")


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def here(sqlite_database: Engine, tmp_path: Path, kept: Kept) -> Line:
    made = line(sqlite_database, tmp_path)
    services = {**made.office.services, **kept.entries()}
    return changed(made, books=Books(saving(), never_parsed), services=services)


def asked(line: Line) -> Phone:
    """A telephone on which the caller is asked to say that they agree."""
    phone = line.ring()
    phone.press("4")
    assert "say-you-agree in en" in phone.text
    return phone


def fine(phone: Phone) -> bool:
    return not (phone.errors or phone.warnings)


def test_a_yes_is_said_and_an_account_is_kept(here: Line, kept: Kept) -> None:
    phone = asked(here)
    phone.speak(3.0)
    assert phone.text.startswith("Your bank's routing number")
    phone.enter_bank("checking")
    assert "saved in en" in phone.text
    (request,) = kept.requests
    card = request.secrets["method"]
    assert isinstance(card, Card)
    assert card.token.reveal() == "pm_usBankAccount_success"
    assert (card.method, card.brand, card.last4) == (PayMethod.BANK, "", "89")
    recording = phone.requests[2].form["RecordingSid"]
    assert request.values == {"recording": Text(recording)}
    assert fine(phone)


def test_the_recording_is_written_down_and_the_account_is_not(
    here: Line, caplog: pytest.LogCaptureFixture
) -> None:
    logger = logging.getLogger("ivr")
    caplog.set_level(logging.DEBUG)
    logger.addHandler(caplog.handler)
    try:
        phone = asked(here)
        phone.speak(3.0)
        phone.enter_bank("checking")
        here.send("/voice/turn?turn=99", **dict(phone.requests[-1].form))
    finally:
        logger.removeHandler(caplog.handler)
    recording = phone.requests[2].form["RecordingSid"]
    with here.office.engine.connect() as connection:
        told = connection.scalars(select(events.c.data).where(events.c.kind == "recorded")).all()
        (card,) = connection.scalars(select(events.c.data).where(events.c.kind == "card")).all()
    assert told == [f'{{"reference": "{recording}", "seconds": 3}}']
    assert card == '{"outcome": "given"}'
    logged = caplog.text + "".join(JsonLines().format(record) for record in caplog.records)
    for secret in (ROUTING, ACCOUNT, "pm_usBankAccount_success", "xxxxx", "PaymentToken"):
        assert secret not in everything(here)
        assert secret not in logged


def test_on_the_spanish_line_every_word_of_the_entry_is_spanish(here: Line) -> None:
    phone = here.ring(called=SPANISH_LINE)
    phone.press("8")
    phone.press("4")
    phone.speak()
    assert phone.text.startswith("El número de ruta de su banco")
    phone.press("110000001")
    assert phone.text.startswith("Disculpe, ese número no sirve. El número de ruta")
    phone.press("")
    assert phone.text.startswith("No lo oí.")
    phone.press(ROUTING)
    assert phone.text.startswith("El número de su cuenta de cheques")
    phone.press("1#")
    assert phone.text.startswith("Disculpe, ese número no sirve. El número de su cuenta")
    phone.press("4815#")
    assert "saved in es" in phone.text
    assert {it.who for it in phone.heard if it.kind == "said"} == {"line"}
    assert fine(phone)


def test_a_copy_of_a_recording_gets_the_same_bytes_and_another_one_changes_nothing(
    here: Line, kept: Kept
) -> None:
    phone = asked(here)
    phone.speak()
    answer, before = phone.documents[-1], written(here)
    assert phone.repeat_last_request() == answer
    other = phone.send_again(phone.requests[-1], RecordingSid="RE00a2", RecordingDuration="9")
    assert other.body == answer
    assert written(here) == before
    phone.enter_bank("checking")
    assert kept.requests[0].values["recording"] != Text("RE00a2")


def test_a_fraction_of_a_second_is_silence_and_so_is_nothing(here: Line) -> None:
    phone = asked(here)
    phone.speak(0.6)
    assert phone.text == "heard-nothing in en say-you-agree in en"
    phone.silence()
    assert phone.text == "still-nothing in en say-you-agree in en"
    assert fine(phone)


def test_a_pound_ends_the_words_and_another_key_has_its_own_meaning(here: Line) -> None:
    phone = asked(here)
    phone.press("9")
    assert phone.text == "say-you-agree in en"
    phone.press("*")
    assert "For save in en, press 4." in phone.text
    phone.press("4")
    phone.speak(2.0, "#")
    assert "routing number" in phone.text
    assert fine(phone)


def test_a_word_with_a_key_behind_it_is_no_yes(here: Line) -> None:
    phone = asked(here)
    phone.speak(2.0, "0")
    assert "getting-agent in en" in phone.text


def test_who_hangs_up_has_not_said_yes_and_nothing_is_counted(here: Line, kept: Kept) -> None:
    phone = asked(here)
    with here.office.engine.connect() as connection:
        before = connection.scalar(select(calls.c.state))
    phone.reply(HangUp("caller", after=4.0))
    assert phone.requests[-1].url.endswith("turn=1")
    with here.office.engine.connect() as connection:
        assert connection.scalar(select(calls.c.state)) == before
        kinds = connection.scalars(select(events.c.kind)).all()
    assert "recorded" not in kinds
    assert "silent" not in kinds
    assert not kept.requests
    assert fine(phone)


class Killed(BaseException):
    """The worker dies here: nothing catches this, nothing is tidied up."""


def test_a_turn_whose_worker_was_killed_goes_on_with_the_account_and_no_token(here: Line) -> None:
    cards: list[Secret | Card] = []

    def prepare(context: Context, request: Request) -> str:
        cards.append(request.secrets["method"])
        return "job"

    def work(job: str) -> str:
        if len(cards) == 1:
            raise Killed
        return job

    def settle(context: Context, request: Request, job: str, found: str) -> Replied:
        return Replied("kept")

    keep = SERVICES["methods.keep"]
    remote = with_service(here, keep, Remote(prepare, work, settle))
    phone = asked(remote)
    phone.speak()
    with pytest.raises(Killed):
        phone.enter_bank("checking")
    remote.clock.forward(seconds=60)
    assert b"saved in en" in phone.repeat_last_request()
    taken_over = cards[1]
    assert isinstance(taken_over, Card)
    assert (taken_over.token.reveal(), taken_over.method) == ("", PayMethod.BANK)


def test_every_document_of_the_call_is_one_the_carrier_plays(here: Line) -> None:
    phone = asked(here)
    (record,) = fromstring(phone.documents[-1]).iter("Record")
    assert record.attrib == {
        "action": "/voice/turn?turn=2",
        "method": "POST",
        "finishOnKey": "1234567890*#",
        "maxLength": "15",
        "playBeep": "true",
        "timeout": "5",
        "trim": "trim-silence",
    }

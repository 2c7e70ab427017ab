import json
from collections.abc import Iterator
from dataclasses import replace
from xml.etree.ElementTree import Element, fromstring

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, insert, select, update
from werkzeug.test import TestResponse

from ivr.carrier.signing import signature
from ivr.channels.twilio.agents import agents
from ivr.config import Settings
from ivr.store.tables import calls, offers, transfers
from ivr.switchboard import Books, Office
from tests.builders import NOW, NoGateway, agent, book, call, stored_call

TOKEN = "a-token"
LEG = "CAleg"
FACTS = json.dumps([["agent-declined-twice", 6240]])


@pytest.fixture
def office(database: Engine) -> Office:
    """A line with one agent, whose phone rings (offer 1) for a verified Spanish caller."""
    with database.begin() as connection:
        who = agent(connection, "ana", "+12025550170")
        stored_call(connection, call(language="es"))
        connection.execute(
            insert(transfers).values(
                call_sid="CA1",
                turn=5,
                queue="billing",
                level="verified",
                language="es",
                tried=FACTS,
                created_at=NOW,
            )
        )
        connection.execute(
            insert(offers).values(
                transfer_id=1, agent_id=who, position=1, status="ringing", rung_at=NOW
            )
        )
    return Office(
        engine=database,
        settings=Settings(auth_tokens=(TOKEN,)),
        books=Books(book(), lambda sources: book()),
        services={},
        gateway=NoGateway(),
        now=lambda: NOW,
        new_id=lambda: "id",
    )


@pytest.fixture
def client(office: Office) -> Iterator[FlaskClient]:
    """A carrier that speaks to that line."""
    app = Flask(__name__)
    app.register_blueprint(agents(office))
    with app.test_client() as opened:
        yield opened


def post(client: FlaskClient, path: str, leg: str = LEG, **form: str) -> TestResponse:
    fields = {"CallSid": leg, "CallStatus": "in-progress", **form}
    signed = signature(TOKEN, f"http://localhost{path}", fields)
    return client.post(path, data=fields, headers={"X-Twilio-Signature": signed})


def document(answer: TestResponse) -> Element:
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
    return fromstring(answer.data)


def verbs(answer: TestResponse) -> list[str]:
    return [verb.tag for verb in document(answer)]


def status(office: Office) -> str:
    with office.engine.connect() as connection:
        return str(connection.execute(select(offers.c.status)).scalar_one())


def test_who_picks_up_is_asked_for_a_key_and_hung_up_on_without_one(
    client: FlaskClient, office: Office
) -> None:
    answer = post(client, "/voice/offer/1")
    gather, hang_up = document(answer)
    assert (gather.tag, hang_up.tag) == ("Gather", "Hangup")
    assert (gather.get("numDigits"), gather.get("timeout")) == ("1", "4")
    assert gather.get("action") == "/voice/offer/1/key"
    assert gather.get("actionOnEmptyResult", "false") == "false"
    assert status(office) == "screening"


def test_whoever_picks_up_hears_nothing_about_the_caller(client: FlaskClient) -> None:
    said = "".join(document(post(client, "/voice/offer/1")).itertext())
    assert said == "Northside Cable, billing, Spanish. Press 1."


def test_key_1_gives_the_context_and_then_the_caller(client: FlaskClient, office: Office) -> None:
    post(client, "/voice/offer/1")
    answer = document(post(client, "/voice/offer/1/key", Digits="1"))
    assert {verb.tag for verb in answer} == {"Say"}  # no Hangup: the end of it bridges
    assert [say.text for say in answer] == ["PIN checked.", "Declined twice, $62.40."]
    assert answer[0].attrib == {"voice": "Polly.Joanna-Neural", "language": "en-US"}
    assert status(office) == "accepted"


@pytest.mark.parametrize("keys", [{"Digits": "2"}, {"Digits": "11"}, {"Digits": "*"}, {}])
def test_any_other_key_declines(client: FlaskClient, office: Office, keys: dict[str, str]) -> None:
    post(client, "/voice/offer/1")
    assert verbs(post(client, "/voice/offer/1/key", **keys)) == ["Hangup"]
    assert status(office) == "declined"


def test_the_same_webhooks_again_get_the_same_documents(client: FlaskClient) -> None:
    first = post(client, "/voice/offer/1").data
    assert post(client, "/voice/offer/1").data == first
    taken = post(client, "/voice/offer/1/key", Digits="1").data
    assert post(client, "/voice/offer/1/key", Digits="1").data == taken


@pytest.mark.parametrize("path", ["/voice/offer/1", "/voice/offer/1/key"])
def test_a_second_leg_is_hung_up(client: FlaskClient, path: str) -> None:
    post(client, "/voice/offer/1")
    assert verbs(post(client, path, "CAother", Digits="1")) == ["Hangup"]


@pytest.mark.parametrize("path", ["/voice/offer/1", "/voice/offer/1/key"])
def test_an_agent_whose_caller_is_gone_is_hung_up(
    client: FlaskClient, office: Office, path: str
) -> None:
    post(client, "/voice/offer/1")
    with office.engine.begin() as connection:
        connection.execute(update(calls).values(status="completed"))
    assert verbs(post(client, path, Digits="1")) == ["Hangup"]
    assert status(office) == "screening"


def test_an_offer_nobody_made_is_hung_up(client: FlaskClient) -> None:
    assert verbs(post(client, "/voice/offer/99")) == ["Hangup"]
    assert verbs(post(client, "/voice/offer/99/key", Digits="1")) == ["Hangup"]


def test_a_leg_that_ended_is_told_once_and_for_all(client: FlaskClient, office: Office) -> None:
    for told in ("no-answer", "no-answer", "in-progress"):
        answer = post(client, "/voice/offer/1/status", CallStatus=told)
        assert (answer.status_code, answer.data) == (204, b"")
    assert status(office) == "no-answer"
    assert verbs(post(client, "/voice/offer/1")) == ["Hangup"]


def test_a_status_of_an_unknown_offer_changes_nothing(client: FlaskClient, office: Office) -> None:
    answer = post(client, "/voice/offer/99/status", CallStatus="completed")
    assert answer.status_code == 204
    assert status(office) == "ringing"


@pytest.mark.parametrize("path", ["", "/key", "/status"])
def test_strangers_are_refused_and_change_nothing(
    client: FlaskClient, office: Office, path: str
) -> None:
    form = {"CallSid": LEG, "CallStatus": "completed", "Digits": "1"}
    signed = {"X-Twilio-Signature": "bm8="}
    assert client.post(f"/voice/offer/1{path}", data=form, headers=signed).status_code == 403
    assert status(office) == "ringing"


def test_an_agent_is_never_bridged_by_a_failure(
    client: FlaskClient, office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    post(client, "/voice/offer/1")
    with office.engine.begin() as connection:
        connection.execute(update(transfers).values(tried="{"))
    assert verbs(post(client, "/voice/offer/1/key", Digits="1")) == ["Hangup"]
    assert status(office) == "screening"
    assert "an agent's webhook failed" in caplog.text


def test_a_caller_whose_book_is_gone_is_announced_by_the_current_one(
    client: FlaskClient, office: Office
) -> None:
    office.books.current = replace(office.books.current, digest="new")
    assert verbs(post(client, "/voice/offer/1")) == ["Gather", "Hangup"]

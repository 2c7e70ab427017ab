"""The REST stand-in, asked by the vendor's own client where that shows more."""

from collections.abc import Iterator

import pytest
import requests
from twilio.base.exceptions import (
    TwilioRestException,
)
from twilio.http.http_client import (
    TwilioHttpClient,
)
from twilio.rest import Client

from ivr.carrier.rest import Fault, RestServer

ACCOUNT = "AC" + "1" * 32
TO = "+12025550142"
FROM = "+18005550199"


@pytest.fixture
def rest() -> Iterator[RestServer]:
    with RestServer(ACCOUNT, "token") as server:
        yield server


@pytest.fixture
def client(rest: RestServer) -> Iterator[Client]:
    http = TwilioHttpClient(timeout=5)
    client = Client(ACCOUNT, "token", http_client=http)
    client.api.base_url = rest.url
    yield client
    http.session.close()


def test_a_message_is_taken_and_listed(rest: RestServer, client: Client) -> None:
    message = client.messages.create(to=TO, from_=FROM, body="Fixed. Ref 517220")
    client.messages.create(to="+12025550143", from_=FROM, body="Other")
    assert message.sid.startswith("SM")
    assert message.status == "queued"
    assert [found.body for found in client.messages.list(to=TO)] == ["Fixed. Ref 517220"]
    assert [text["body"] for text in rest.messages] == ["Fixed. Ref 517220", "Other"]


def test_messages_are_listed_newest_first(client: Client) -> None:
    for body in ("one", "two"):
        client.messages.create(to=TO, from_=FROM, body=body)
    assert [found.body for found in client.messages.list()] == ["two", "one"]


def test_a_messaging_service_may_send(client: Client) -> None:
    message = client.messages.create(to=TO, messaging_service_sid="MG" + "2" * 32, body="Hi")
    assert (message.status, message.messaging_service_sid) == ("accepted", "MG" + "2" * 32)


@pytest.mark.parametrize(
    ("fault", "status", "code", "sent"),
    [
        ("429", 429, 20429, 0),
        ("500", 500, 20500, 0),
        ("500-sent", 500, 20500, 1),
        ("21610", 400, 21610, 0),
    ],
)
def test_a_fault_is_as_ordered_and_then_over(
    rest: RestServer, client: Client, fault: Fault, status: int, code: int, sent: int
) -> None:
    rest.fail(fault)
    with pytest.raises(TwilioRestException) as failed:
        client.messages.create(to=TO, from_=FROM, body="Hi")
    assert (failed.value.status, failed.value.code) == (status, code)
    assert len(rest.messages) == sent
    client.messages.create(to=TO, from_=FROM, body="Hi")
    assert len(rest.messages) == sent + 1


@pytest.mark.parametrize(("fault", "sent"), [("hang", 0), ("hang-sent", 1)])
def test_a_hanging_answer_never_comes(rest: RestServer, fault: Fault, sent: int) -> None:
    rest.fail(fault)
    url = f"{rest.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    with pytest.raises(requests.ReadTimeout):
        requests.post(url, data={"To": TO}, auth=(ACCOUNT, "token"), timeout=0.1)
    assert len(rest.messages) == sent


def test_a_message_needs_a_recipient(rest: RestServer) -> None:
    url = f"{rest.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    answer = requests.post(url, data={"Body": "Hi"}, auth=(ACCOUNT, "token"), timeout=5)
    assert (answer.status_code, answer.json()["code"]) == (400, 21604)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_wrong_credentials_are_refused(rest: RestServer, method: str) -> None:
    url = f"{rest.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    answer = requests.request(method, url, auth=(ACCOUNT, "guess"), data={"To": TO}, timeout=5)
    assert (answer.status_code, answer.json()["code"]) == (401, 20003)
    assert rest.messages == []


def test_a_call_has_the_status_it_was_given(rest: RestServer, client: Client) -> None:
    rest.calls["CA1"] = "completed"
    assert client.calls("CA1").fetch().status == "completed"
    with pytest.raises(TwilioRestException) as failed:
        client.calls("CA2").fetch()
    assert failed.value.status == 404


def test_other_resources_are_not_there(rest: RestServer) -> None:
    url = f"{rest.url}/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
    answer = requests.post(url, auth=(ACCOUNT, "token"), timeout=5)
    assert answer.status_code == 404

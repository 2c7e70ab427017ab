from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from ivr.carrier.rest import Fault, RestServer
from ivr.config import Settings
from ivr.errors import GatewayError, NoAnswer, NotSent, SettingsError
from ivr.gateways.rest import Landline, OptedOut, Refused, connect, disconnect
from ivr.gateways.texting import Texting

TO = "+12025550142"


class Gibberish(BaseHTTPRequestHandler):
    """Takes what is sent and answers what nobody understands."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.end_headers()
        self.wfile.write(b"<html>")

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: tests are quiet."""


def test_a_text_is_sent_from_our_number(
    client: Any, settings: Settings, carrier: RestServer
) -> None:
    sid = Texting(client, settings).send(TO, "Fixed. (517220)")
    (message,) = carrier.messages
    assert message["sid"] == sid
    assert (message["to"], message["body"]) == (TO, "Fixed. (517220)")
    assert (message["from"], message["messaging_service_sid"]) == ("+12025550100", None)


def test_a_text_is_sent_by_our_messaging_service(
    client: Any, settings: Settings, carrier: RestServer
) -> None:
    service = "MG" + "2" * 32
    Texting(client, replace(settings, text_from=service)).send(TO, "Fixed.")
    assert carrier.messages[0]["messaging_service_sid"] == service


@pytest.mark.parametrize(
    ("fault", "meaning", "taken"),
    [
        ("429", NotSent, 0),
        ("500", NoAnswer, 0),
        ("500-sent", NoAnswer, 1),
        ("hang", NoAnswer, 0),
        ("hang-sent", NoAnswer, 1),
        ("21610", OptedOut, 0),
        ("21614", Landline, 0),
    ],
)
def test_a_failure_tells_whether_the_text_may_have_left(
    client: Any,
    settings: Settings,
    carrier: RestServer,
    fault: Fault,
    meaning: type[GatewayError],
    taken: int,
) -> None:
    carrier.fail(fault)
    with pytest.raises(meaning) as caught:
        Texting(client, settings).send(TO, "Fixed. (517220)")
    assert type(caught.value) is meaning
    assert len(carrier.messages) == taken


def test_a_text_the_carrier_will_not_have_is_refused(client: Any, settings: Settings) -> None:
    nobody: Any = None
    with pytest.raises(Refused, match="21604"):
        Texting(client, settings).send(nobody, "Fixed.")


def test_wrong_credentials_leave_a_text_to_be_sent_later(settings: Settings) -> None:
    client = connect(replace(settings, auth_tokens=("wrong",)))
    with pytest.raises(NotSent):
        Texting(client, settings).send(TO, "Fixed.")
    disconnect(client)


def test_a_carrier_out_of_reach_was_sent_nothing(settings: Settings) -> None:
    client = connect(replace(settings, twilio_api_url="http://127.0.0.1:1"))
    with pytest.raises(NotSent) as caught:
        Texting(client, settings).send(TO, "Fixed.")
    disconnect(client)
    assert TO not in str(caught.value)
    assert caught.value.__cause__ is None


def test_an_answer_that_makes_no_sense_leaves_it_open_whether_the_text_left(
    settings: Settings,
) -> None:
    with HTTPServer(("127.0.0.1", 0), Gibberish) as server:
        Thread(target=server.handle_request, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        client = connect(replace(settings, twilio_api_url=url))
        with pytest.raises(NoAnswer):
            Texting(client, settings).send(TO, "Fixed.")
        disconnect(client)


def test_without_an_address_of_its_own_the_carrier_is_twilio(settings: Settings) -> None:
    client = connect(replace(settings, twilio_api_url=None))
    assert client.api.base_url == "https://api.twilio.com"
    disconnect(client)


def test_a_sent_text_is_found_by_number_and_reference(client: Any, settings: Settings) -> None:
    texting = Texting(client, settings)
    texting.send(TO, "Fixed. (111111)")
    sid = texting.send(TO, "Fixed. (517220)")
    texting.send("+12025550143", "Fixed. (333333)")
    assert texting.find(TO, "517220") == sid
    assert texting.find(TO, "222222") is None
    assert texting.find(TO, "333333") is None


def test_without_a_sender_there_are_no_texts(client: Any, settings: Settings) -> None:
    with pytest.raises(SettingsError, match="TEXT_FROM"):
        Texting(client, replace(settings, text_from=None))

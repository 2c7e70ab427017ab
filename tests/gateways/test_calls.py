from dataclasses import replace
from typing import Any

import pytest

from ivr.carrier.rest import RestServer
from ivr.config import Settings
from ivr.errors import NotSent
from ivr.gateways.calls import Calls
from ivr.gateways.rest import connect, disconnect

SID = "CA" + "3" * 32


def test_the_carrier_tells_how_a_call_stands(client: Any, carrier: RestServer) -> None:
    carrier.calls[SID] = "in-progress"
    assert Calls(client).status(SID) == "in-progress"


def test_a_call_the_carrier_does_not_know_has_no_status(client: Any) -> None:
    assert Calls(client).status(SID) is None


def test_a_carrier_out_of_reach_tells_nothing(settings: Settings) -> None:
    client = connect(replace(settings, twilio_api_url="http://127.0.0.1:1"))
    with pytest.raises(NotSent):
        Calls(client).status(SID)
    disconnect(client)

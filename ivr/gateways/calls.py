"""How a call stands with Twilio (https://www.twilio.com/docs/voice/api/call-resource)."""

from typing import Any

from ivr.gateways.rest import NotThere, asking


class Calls:
    """Asks the carrier about calls."""

    def __init__(self, client: Any) -> None:
        """`client` is one of ivr.gateways.rest."""
        self._client = client

    def status(self, sid: str) -> str | None:
        """A call's CallStatus; None where the carrier does not know it.

        Raises `NotSent` or `NoAnswer` where the carrier gave no answer, `Refused` where it will
        not tell.
        """
        try:
            with asking():
                return str(self._client.calls(sid).fetch().status)
        except NotThere:
            return None

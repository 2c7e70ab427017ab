"""Texts through Twilio's Messages (https://www.twilio.com/docs/messaging/api/message-resource).

Messages has no idempotency key, so a text whose sending was not answered can only be looked for
by number and words.
"""

from typing import Any

from ivr.config import Settings
from ivr.errors import SettingsError
from ivr.gateways.rest import asking

NEWEST = 50  # messages looked through for one


class Texting:
    """Sends texts from the number or messaging service in TEXT_FROM."""

    def __init__(self, client: Any, settings: Settings) -> None:
        """`client` is one of ivr.gateways.rest. Raises `SettingsError` without TEXT_FROM."""
        if settings.text_from is None:
            raise SettingsError("TEXT_FROM is not set, so no texts are sent")
        service = settings.text_from.startswith("MG")
        self._sender = {"messaging_service_sid" if service else "from_": settings.text_from}
        self._client = client

    def send(self, number: str, body: str) -> str:
        """Send a text; gives the carrier's name for it.

        Raises `NotSent` (try again later), `NoAnswer` (it may have been sent), `OptedOut` or
        `Refused`.
        """
        with asking():
            return str(self._client.messages.create(to=number, body=body, **self._sender).sid)

    def find(self, number: str, reference: str) -> str | None:
        """The carrier's name for a text to `number` that holds `reference`; None if there is none.

        Raises as `send` does.
        """
        with asking():
            for message in self._client.messages.list(to=number, limit=NEWEST):
                if reference in (message.body or ""):
                    return str(message.sid)
        return None

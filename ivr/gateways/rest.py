"""Twilio's REST API through its own library, and what its failures mean to us.

The library is imported when a client is made, never before: no webhook needs it, and it takes
longer to import than most of them take to answer.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ivr.config import Settings
from ivr.errors import GatewayError, NoAnswer, NotSent
from ivr.gateways.connecting import never_left

TIMEOUT = 10.0  # seconds, for connecting and for every silence after it
OPTED_OUT = 21610
LANDLINES = (21614, 30006)


class Refused(GatewayError):
    """The carrier took the request and said no; asking again would change nothing."""


class OptedOut(Refused):
    """The number sent STOP (https://www.twilio.com/docs/api/errors/21610)."""


class Landline(Refused):
    """The number takes no texts (https://www.twilio.com/docs/api/errors/21614 and 30006)."""


class NotThere(Refused):
    """The carrier does not know what we asked about."""


def connect(settings: Settings, timeout: float = TIMEOUT) -> Any:
    """A client with a timeout; nothing is sent yet. It belongs to one thread.

    The first of two auth tokens is used. `TWILIO_API_URL` stands in for Twilio's own address.
    """
    from twilio.http.http_client import TwilioHttpClient
    from twilio.rest import Client

    http = TwilioHttpClient(timeout=timeout)
    client = Client(settings.account_sid, settings.auth_tokens[0], http_client=http)
    if settings.twilio_api_url:
        client.api.base_url = settings.twilio_api_url
    return client


def disconnect(client: Any) -> None:
    """Close a client's connections."""
    client.http_client.session.close()


@contextmanager
def asking() -> Iterator[None]:
    """Raise what the library's exceptions mean: `NotSent`, `NoAnswer`, `Refused` or a kind of it.

    The originals are dropped, since their texts hold phone numbers.
    """
    from requests import RequestException
    from twilio.base.exceptions import TwilioException, TwilioRestException

    try:
        yield
    except TwilioRestException as error:
        raise _meaning(error.status, error.code) from None
    except RequestException as error:
        raise _failure(error) from None
    except (TwilioException, ValueError):  # ValueError: an answer that is no JSON
        raise NoAnswer("the carrier's answer makes no sense") from None


def _meaning(status: int, code: int | None) -> GatewayError:
    if code == OPTED_OUT:
        return OptedOut("this number opted out")
    if code in LANDLINES:
        return Landline("this number takes no texts")
    if status in (401, 403, 429):  # turned away at the door; the credentials can be mended
        return NotSent(f"the carrier turned us away with {status}")
    if status == 404:
        return NotThere("the carrier does not know it")
    if 400 <= status < 500:
        return Refused(f"the carrier refused with {code or status}")
    return NoAnswer(f"the carrier failed with {status}")


def _failure(error: Exception) -> GatewayError:
    if never_left(error):
        return NotSent("the carrier cannot be reached")
    return NoAnswer("the carrier did not answer")

"""How a signed form reaches the app: over HTTP, or through any function of the same shape.

`requests` is used because the vendor's library brings it anyway and it has one timeout for
connecting and reading; the standard library's client would need its own code for both.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import requests

#: Twilio gives up on any request of a call after 15 s
#: (https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides).
TIMEOUT = 15.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the app answered: HTTP status, headers as sent, body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def content_type(self) -> str:
        """The media type in lower case without parameters; empty where there is none."""
        for name, value in self.headers.items():
            if name.lower() == "content-type":
                return value.partition(";")[0].strip().lower()
        return ""


@dataclass(frozen=True, slots=True)
class Request:
    """A webhook request: where to, and the form, whose payment fields repr leaves out."""

    url: str
    form: Mapping[str, str] = field(repr=False)


#: Posts a form: `(url, form, headers) -> (status, headers, body)`. Raises TimeoutError where the
#: answer is too late and ConnectionError where nothing answers.
Post = Callable[[str, Mapping[str, str], Mapping[str, str]], tuple[int, Mapping[str, str], bytes]]


def post_over_http(
    url: str, form: Mapping[str, str], headers: Mapping[str, str]
) -> tuple[int, Mapping[str, str], bytes]:
    """Post a form over HTTP. Raises TimeoutError and ConnectionError as `Post` says.

    A redirect is not followed: Twilio follows one as GET without the digits, which no call
    survives in a useful way, so here it is an error at once.
    """
    with requests.Session() as session:
        session.trust_env = False  # a proxy of the environment cannot reach a loopback line
        try:
            answer = session.post(
                url, data=dict(form), headers=dict(headers), timeout=TIMEOUT, allow_redirects=False
            )
        except requests.Timeout as late:
            raise TimeoutError(f"no answer within {TIMEOUT:g} s from {url}") from late
        except requests.ConnectionError as nobody:
            raise ConnectionError(f"nothing answers at {url}") from nobody
        return answer.status_code, answer.headers, answer.content

"""Whether a request really comes from Twilio.

What is signed is the URL as Twilio called it, so it is rebuilt from the configured origin and the
raw request line: a web framework's own idea of the URL has its escapes rewritten.
https://www.twilio.com/docs/usage/security#validating-requests
"""

import hmac
from collections.abc import Iterator
from urllib.parse import urlsplit

from twilio.request_validator import HMAC_SHA1, HMAC_SHA256, RequestValidator
from werkzeug.datastructures import Headers, MultiDict

from ivr.config import Settings

SIGNATURE = "X-Twilio-Signature"
SIGNATURE_SETTINGS = "X-Twilio-Webhooks-Signature-Settings"


def is_signed(settings: Settings, url: str, form: MultiDict[str, str], headers: Headers) -> bool:
    """Whether the form posted to `url` carries a signature of ours.

    While tokens rotate any of them will do. A newer request names a shared key and HMAC-SHA256.
    """
    given = headers.get(SIGNATURE, "").encode("utf-8", "surrogateescape")
    parameters = _Parameters(form.lists())
    return any(
        hmac.compare_digest(_sign(secret, algorithm, variant, parameters), given)
        for secret, algorithm in _secrets(settings, headers.get(SIGNATURE_SETTINGS, ""))
        for variant in _variants(url)
    )


class _Parameters(dict[str, list[str]]):
    """A form as the validator asks for it first; Flask's own costs it an exception a parameter."""

    def getall(self, name: str) -> list[str]:
        return self[name]


def _sign(secret: str, algorithm: str, url: str, parameters: _Parameters) -> bytes:
    signature: str = RequestValidator(secret).compute_signature(url, parameters, algorithm)
    return signature.encode()


def _secrets(settings: Settings, described: str) -> Iterator[tuple[str, str]]:
    """The secrets this request may be signed with; none for a key or algorithm we do not know."""
    named = dict(part.strip().split("=", 1) for part in described.split(",") if "=" in part)
    if "algorithm" not in named:
        yield from ((token, HMAC_SHA1) for token in settings.auth_tokens)
    elif named["algorithm"] == HMAC_SHA256 and named.get("key") in settings.signing_keys:
        yield settings.signing_keys[named["key"]], HMAC_SHA256


def _variants(url: str) -> tuple[str, ...]:
    """The URL with its port and, since voice over https is signed without one, without."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # a Host header that is no host
        return (url,)
    if port is None:
        port = 443 if parts.scheme == "https" else 80
        return url, url.replace(parts.netloc, f"{parts.netloc}:{port}", 1)
    return url, url.replace(parts.netloc, parts.netloc.rpartition(":")[0], 1)

"""Whether a request really comes from Twilio.

What is signed is the URL as Twilio called it, so it is rebuilt from the configured origin and the
raw request line: a web framework's own idea of the URL has its escapes rewritten.
https://www.twilio.com/docs/usage/security#validating-requests
"""

import base64
import hmac
from collections.abc import Iterator
from urllib.parse import urlsplit

from twilio.request_validator import HMAC_SHA256
from werkzeug.datastructures import Headers, MultiDict

from ivr.config import Settings

SIGNATURE = "X-Twilio-Signature"
SIGNATURE_SETTINGS = "X-Twilio-Webhooks-Signature-Settings"


def is_signed(settings: Settings, url: str, form: MultiDict[str, str], headers: Headers) -> bool:
    """Whether the form posted to `url` carries a signature of ours.

    While tokens rotate any of them will do. A newer request names a shared key and HMAC-SHA256.
    """
    given = headers.get(SIGNATURE, "").encode("utf-8", "surrogateescape")
    return any(
        hmac.compare_digest(_sign(secret, digest, variant, form), given)
        for secret, digest in _secrets(settings, headers.get(SIGNATURE_SETTINGS, ""))
        for variant in _variants(url)
    )


def _sign(secret: str, digest: str, url: str, form: MultiDict[str, str]) -> bytes:
    """The signature itself, written out since the vendor's takes a twentieth of a turn for it."""
    fields = sorted(set(form.items(multi=True)))
    signed = url + "".join(name + value for name, value in fields)
    return base64.b64encode(hmac.digest(secret.encode(), signed.encode(), digest))


def _secrets(settings: Settings, described: str) -> Iterator[tuple[str, str]]:
    """The secrets this request may be signed with, and how; none for what we do not know."""
    named = dict(part.strip().split("=", 1) for part in described.split(",") if "=" in part)
    if "algorithm" not in named:
        yield from ((token, "sha1") for token in settings.auth_tokens)
    elif named["algorithm"] == HMAC_SHA256 and named.get("key") in settings.signing_keys:
        yield settings.signing_keys[named["key"]], "sha256"


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

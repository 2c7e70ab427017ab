"""The carrier's signature over a webhook request.

Source: https://www.twilio.com/docs/usage/security#validating-requests. Written anew instead of
calling the vendor's library, so that an error there or in our check of it cannot hide itself.
"""

import base64
import hmac
from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit


def signature(token: str, url: str, form: Mapping[str, str]) -> str:
    """The value of X-Twilio-Signature: base64 of HMAC-SHA1 over the URL and the sorted form."""
    signed = signed_url(url) + "".join(name + form[name] for name in sorted(form))
    digest = hmac.digest(token.encode(), signed.encode(), "sha1")
    return base64.b64encode(digest).decode()


def signed_url(url: str) -> str:
    """The URL as it is signed: no user, no fragment; the port is kept for http, not for https."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    if parts.scheme == "https" and parts.port is not None:
        host = host.removesuffix(f":{parts.port}")
    return urlunsplit((parts.scheme, host, parts.path, parts.query, ""))

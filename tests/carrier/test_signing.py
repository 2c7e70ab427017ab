"""Signatures, against the vendor's published example and its own validator."""

import pytest
from twilio.request_validator import (
    RequestValidator,
)

from ivr.carrier.signing import signature, signed_url

FORM = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+14158675310",
    "Digits": "1234",
    "From": "+14158675310",
    "To": "+18005551212",
}


def test_the_published_example_is_signed_as_published() -> None:
    assert signature("12345", "https://example.com/myapp.php?foo=1&bar=2", FORM) == (
        "L/OH5YylLD5NRKLltdqwSvS0BnU="
    )


@pytest.mark.parametrize(
    ("url", "signed"),
    [
        ("http://127.0.0.1:8000/voice?turn=1", "http://127.0.0.1:8000/voice?turn=1"),
        ("https://line.example:8443/voice", "https://line.example/voice"),
        ("https://me:secret@line.example/voice", "https://line.example/voice"),
        ("http://me:secret@line.example:81/voice", "http://line.example:81/voice"),
        ("https://line.example/voice#rt=100", "https://line.example/voice"),
    ],
)
def test_what_of_a_url_is_signed(url: str, signed: str) -> None:
    assert signed_url(url) == signed


def test_empty_values_and_the_order_of_names_count_as_the_vendor_counts_them() -> None:
    form = {"b": "2", "B": " 1 ", "a": "", "é": "ñ"}
    url = "https://line.example/voice"
    assert RequestValidator("t").validate(url, form, signature("t", url, form))

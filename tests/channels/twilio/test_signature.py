"""Who may come in. Signatures are made by the stand-in carrier's own reading of the rules."""

import base64
import hmac
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.datastructures import Headers, MultiDict
from werkzeug.test import TestResponse

from ivr.carrier.signing import signature
from ivr.channels.twilio.signature import is_signed
from ivr.config import Settings
from tests.line import Line, line

URL = "https://example.com/myapp.php?foo=1&bar=2"
FORM = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+14158675310",
    "Digits": "1234",
    "From": "+14158675310",
    "To": "+18005551212",
}
PUBLISHED = "L/OH5YylLD5NRKLltdqwSvS0BnU="
"""https://www.twilio.com/docs/usage/security: the vector for the token 12345."""
SETTINGS = "X-Twilio-Webhooks-Signature-Settings"


def signed(
    given: str,
    url: str = URL,
    form: Mapping[str, str] = FORM,
    tokens: tuple[str, ...] = ("12345",),
    described: str | None = None,
) -> bool:
    headers = Headers({"X-Twilio-Signature": given})
    if described is not None:
        headers[SETTINGS] = described
    settings = Settings(auth_tokens=tokens, signing_keys={"WK1": "a shared key"})
    return is_signed(settings, url, MultiDict(form), headers)


def test_twilios_published_example_is_right() -> None:
    assert signed(PUBLISHED)


@pytest.mark.parametrize(
    "given", ["", "=", PUBLISHED[:-1], PUBLISHED.lower(), PUBLISHED + "=", "ÿ" * 28, "π"]
)
def test_anything_else_is_wrong(given: str) -> None:
    assert not signed(given)


def test_no_signature_at_all_is_wrong() -> None:
    assert not is_signed(Settings(auth_tokens=("12345",)), URL, MultiDict(FORM), Headers())


@pytest.mark.parametrize(
    "form",
    [
        {**FORM, "Digits": "1235"},
        {**FORM, "Extra": ""} | {"Digits": "12345"},
        {**FORM, "digits": "1234"},
        {name: FORM[name] for name in FORM if name != "To"},
        {**FORM, "Digits": "1234 "},
    ],
)
def test_a_form_that_was_changed_is_wrong(form: Mapping[str, str]) -> None:
    assert not signed(PUBLISHED, form=form)


def test_every_parameter_counts_also_empty_and_new_ones() -> None:
    form = {**FORM, "Empty": "", "Some New Thing": "ü 1", "a": "é"}
    assert signed(signature("12345", URL, form), form=form)


def test_either_token_will_do_while_they_rotate() -> None:
    tokens = ("the new one", "the old one")
    for token in tokens:
        assert signed(signature(token, URL, FORM), tokens=tokens)
    assert not signed(signature("a third one", URL, FORM), tokens=tokens)


@pytest.mark.parametrize(
    ("called", "signed_as"),
    [
        ("https://example.com/voice", "https://example.com/voice"),
        ("https://example.com:8443/voice", "https://example.com/voice"),
        ("https://example.com:8443/voice", "https://example.com:8443/voice"),
        ("https://example.com/voice", "https://example.com:443/voice"),
        ("http://127.0.0.1:8000/voice", "http://127.0.0.1:8000/voice"),
        ("http://127.0.0.1/voice", "http://127.0.0.1:80/voice"),
        ("http://[::1]:8000/voice", "http://[::1]:8000/voice"),
        ("https://[::1]:8000/voice", "https://[::1]/voice"),
    ],
)
def test_a_port_may_be_signed_or_not(called: str, signed_as: str) -> None:
    assert signed(raw_signature("12345", signed_as, FORM), url=called)


@pytest.mark.parametrize(
    "called",
    ["https://example.com:9/voice", "https://example.org/voice", "http://example.com/voice"],
)
def test_another_address_is_wrong(called: str) -> None:
    assert not signed(raw_signature("12345", "https://example.com:8443/voice", FORM), url=called)


@pytest.mark.parametrize("url", ["http://x:99999/voice", "http://x:y/voice", "http://[x/voice"])
def test_an_address_that_cannot_be_is_wrong_and_no_crash(url: str) -> None:
    assert not signed(PUBLISHED, url=url)


def raw_signature(token: str, url: str, form: Mapping[str, str], algorithm: str = "sha1") -> str:
    text = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.digest(token.encode(), text.encode(), algorithm)).decode()


# The newer scheme: a shared key and HMAC-SHA256


def test_a_shared_key_signs_with_sha256() -> None:
    given = raw_signature("a shared key", URL, FORM, "sha256")
    assert signed(given, described="key=WK1,algorithm=HMAC_SHA256")
    assert signed(given, described="algorithm=HMAC_SHA256, key=WK1")


@pytest.mark.parametrize(
    "described",
    [
        "key=WK2,algorithm=HMAC_SHA256",
        "key=WK1,algorithm=HMAC_SHA512",
        "key=WK1,algorithm=HMAC_SHA1",
        "algorithm=HMAC_SHA256",
        "key=,algorithm=",
        "key=WK1",
        "nonsense",
        "",
        "ÿ=ÿ",
    ],
)
def test_an_unknown_key_or_algorithm_is_wrong(described: str) -> None:
    assert not signed(raw_signature("a shared key", URL, FORM, "sha256"), described=described)


def test_a_token_does_not_sign_in_a_shared_keys_place() -> None:
    assert not signed(PUBLISHED, described="key=WK1,algorithm=HMAC_SHA256")
    assert not signed(
        raw_signature("12345", URL, FORM, "sha256"), described="key=WK1,algorithm=HMAC_SHA256"
    )


# The URL as it came in, whatever a framework makes of it


@pytest.fixture
def whole(sqlite_database: Engine, tmp_path: Path) -> Line:
    return line(sqlite_database, tmp_path)


@pytest.fixture
def client(whole: Line) -> Iterator[FlaskClient]:
    with whole.app.test_client() as opened:
        yield opened


@pytest.mark.parametrize(
    "path",
    [
        "/voice",
        "/voice?",
        "/voice?a=%7Eb",
        "/voice?a=b%40c",
        "/voice?a=b@c",
        "/voice?a=%2Fb",
        "/voice?a=b+c%20d",
        "/voice?a=%C3%BC",
        "/voice?a=1&a=2&&b",
        "/voic%65?a=1",
        "/voice/turn?turn=1&again=2",
    ],
)
def test_an_awkward_url_is_checked_as_it_was_called(path: str, whole: Line) -> None:
    assert answer(whole.app, path).status_code == 200
    assert answer(whole.app, path, signed_path=path + "x").status_code == 403


@pytest.mark.parametrize("path", ["/voice%2Fturn", "//voice", "/voice//turn", "/voice/"])
def test_a_url_that_is_nearly_one_of_ours_is_never_redirected(path: str, whole: Line) -> None:
    assert answer(whole.app, path).status_code in {200, 404}


def answer(app: Flask, path: str, signed_path: str | None = None) -> TestResponse:
    url = f"http://127.0.0.1:8000{signed_path or path}"
    form = {"CallSid": "CA1", "From": "+12025550142", "To": "+18005550199"}
    with app.test_client() as client:
        return client.post(
            "/voice",
            data=form,
            headers={"X-Twilio-Signature": raw_signature("a token for tests", url, form)},
            base_url="http://127.0.0.1:8000",
            environ_overrides={
                "RAW_URI": path,
                "REQUEST_URI": path,
                "PATH_INFO": path.partition("?")[0].replace("%65", "e").replace("%2F", "/"),
                "QUERY_STRING": path.partition("?")[2],
            },
        )


@pytest.mark.parametrize("header", [None, "", "x", "ÿþ", "A" * 5000, "\t"])
@pytest.mark.parametrize("path", ["/voice", "/voice/turn?turn=1", "/voice/status"])
def test_an_unsigned_request_is_refused_and_changes_nothing(
    header: str | None, path: str, client: FlaskClient, sqlite_database: Engine
) -> None:
    headers = {} if header is None else {"X-Twilio-Signature": header}
    reply = client.post(path, data={"CallSid": "CA1"}, headers=headers)
    assert reply.status_code == 403
    with sqlite_database.connect() as connection:
        for table in ("calls", "turns", "events"):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() == 0


def test_a_host_that_is_no_host_is_refused(client: FlaskClient) -> None:
    headers = {"X-Twilio-Signature": "x", "Host": "127.0.0.1:99999"}
    assert client.post("/voice", data={"CallSid": "CA1"}, headers=headers).status_code == 403

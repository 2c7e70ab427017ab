import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ivr.config import (
    ACCOUNT_SID,
    DEVELOPMENT_PEPPER,
    Settings,
    development_token,
    settings_from_environment,
)
from ivr.errors import SettingsError

PUBLIC = {
    "PUBLIC_URL": "https://ivr.example.com",
    "TWILIO_ACCOUNT_SID": "AC1",
    "TWILIO_AUTH_TOKEN": "one",
    "PIN_PEPPER": "pepper",
}


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_nothing_set_is_development() -> None:
    settings = settings_from_environment({})
    assert settings.database_url == "sqlite:///var/ivr.db"
    assert settings.public_url is None
    assert settings.account_sid == ACCOUNT_SID
    assert settings.pin_pepper == DEVELOPMENT_PEPPER
    assert settings.text_from is None
    assert settings.pay_connector == "Default"
    assert settings.book == Path()
    assert settings.auth_tokens == (development_token(),)


def test_what_is_set_is_taken() -> None:
    settings = settings_from_environment(
        {
            **PUBLIC,
            "DATABASE_URL": "postgresql://ivr@localhost/ivr",
            "TWILIO_AUTH_TOKEN": "one, two",
            "TWILIO_SIGNING_KEYS": "WK1:a:b, WK2:c",
            "TEXT_FROM": "+18005550199",
            "PAY_CONNECTOR": "Stripe",
            "TWILIO_API_URL": "http://127.0.0.1:9",
            "IVR_BOOK": "book",
            "PAYMENT_GATEWAY": "sandbox",
            "SANDBOX_LEDGER": "ledger.db",
        }
    )
    assert settings.database_url == "postgresql://ivr@localhost/ivr"
    assert (settings.public_url, settings.account_sid) == ("https://ivr.example.com", "AC1")
    assert settings.auth_tokens == ("one", "two")
    assert settings.signing_keys == {"WK1": "a:b", "WK2": "c"}
    assert (settings.text_from, settings.pay_connector) == ("+18005550199", "Stripe")
    assert (settings.twilio_api_url, settings.book) == ("http://127.0.0.1:9", Path("book"))
    assert settings.sandbox_ledger == Path("ledger.db")


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://ivr.example.com", "https://ivr.example.com"),
        ("https://ivr.example.com/", "https://ivr.example.com"),
        ("https://ivr.example.com:8443", "https://ivr.example.com:8443"),
        ("https://user:word@ivr.example.com", "https://ivr.example.com"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://localhost", "http://localhost"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_a_public_url_is_an_origin(url: str, origin: str) -> None:
    assert settings_from_environment({**PUBLIC, "PUBLIC_URL": url}).public_url == origin


@pytest.mark.parametrize(
    "url",
    [
        "http://ivr.example.com",
        "http://127.0.0.1.example.com",
        "ftp://ivr.example.com",
        "ivr.example.com",
        "https://",
        "https://ivr.example.com/voice",
        "https://ivr.example.com?a=b",
        "https://ivr.example.com#a",
        "https://ivr.example.com:99999",
        "https://ivr.example.com:port",
        "https://[x",
    ],
)
def test_another_public_url_is_refused_in_one_line(url: str) -> None:
    with pytest.raises(SettingsError, match=r"^PUBLIC_URL must be .+$"):
        settings_from_environment({**PUBLIC, "PUBLIC_URL": url})


@pytest.mark.parametrize("name", ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "PIN_PEPPER"])
def test_a_public_line_needs_its_secrets(name: str) -> None:
    for value in ("", " , " if name == "TWILIO_AUTH_TOKEN" else ""):
        with pytest.raises(SettingsError, match=f"{name} must be too"):
            settings_from_environment({**PUBLIC, name: value})


@pytest.mark.parametrize("keys", ["WK1", ":secret", "WK1:", "WK1:a,WK2"])
def test_signing_keys_must_be_pairs_and_are_not_shown(keys: str) -> None:
    with pytest.raises(SettingsError, match="must read id:secret") as refused:
        settings_from_environment({"TWILIO_SIGNING_KEYS": keys})
    assert "secret:" not in str(refused.value)


def test_a_gateway_this_version_lacks_is_refused() -> None:
    with pytest.raises(SettingsError, match="PAYMENT_GATEWAY cash is not known"):
        settings_from_environment({"PAYMENT_GATEWAY": "cash"})


def test_stripe_is_chosen_with_its_key() -> None:
    stripe = {"PAYMENT_GATEWAY": "stripe", "STRIPE_API_KEY": "sk_test_ours"}
    settings = settings_from_environment(stripe)
    assert (settings.payment_gateway, settings.stripe_api_key) == ("stripe", "sk_test_ours")
    assert (settings.stripe_api_url, settings.stripe_moto) == (None, False)
    assert "sk_test_ours" not in repr(settings)
    more = {"STRIPE_API_URL": "http://127.0.0.1:9/", "STRIPE_MOTO": "yes"}
    settings = settings_from_environment({**stripe, **more})
    assert (settings.stripe_api_url, settings.stripe_moto) == ("http://127.0.0.1:9", True)


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("STRIPE_API_KEY", "", "STRIPE_API_KEY must be set"),
        ("STRIPE_API_URL", "http://stripe.example.com", "must be an https origin"),
        ("STRIPE_API_URL", "stripe", "must be an https origin"),
        ("STRIPE_MOTO", "true", "STRIPE_MOTO must be yes or no"),
        ("STRIPE_LOG", "debug", "STRIPE_LOG must not be set"),
    ],
)
def test_stripe_that_cannot_be_is_refused_in_one_line(name: str, value: str, problem: str) -> None:
    stripe = {"PAYMENT_GATEWAY": "stripe", "STRIPE_API_KEY": "sk_test_ours"}
    with pytest.raises(SettingsError, match=problem):
        settings_from_environment({**stripe, name: value})


def test_times_may_be_changed_one_by_one() -> None:
    times = settings_from_environment({"IVR_TIMES": "lease=2.5, ring=3"}).times
    assert (times.lease, times.ring, times.wait) == (2.5, 3, Settings().times.wait)


@pytest.mark.parametrize("text", ["lease", "lease=", "lease=x", "leese=2", "ring=1.5", "=1"])
def test_a_time_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="IVR_TIMES must read NAME=SECONDS; names: lease, "):
        settings_from_environment({"IVR_TIMES": text})


def test_secrets_are_not_in_the_repr() -> None:
    environment: Mapping[str, str] = {**PUBLIC, "TWILIO_SIGNING_KEYS": "WK1:shared"}
    shown = repr(settings_from_environment(environment))
    for secret in ("'one'", "'pepper'", "shared"):
        assert secret not in shown
    assert "AC1" in shown
    assert "ivr.example.com" in shown


def test_a_development_token_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "var" / "dev_token"
    token = development_token(file)
    assert len(token) == 32
    assert development_token(file) == token
    assert file.stat().st_mode & 0o077 == 0
    assert [it.name for it in file.parent.iterdir()] == ["dev_token"]


def test_a_token_another_process_linked_first_is_the_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "dev_token"
    barrier = threading.Barrier(1)
    real = Path.exists

    def exists(path: Path) -> bool:
        barrier.wait(5)
        return False if path == file else real(path)

    file.write_text("theirs")
    monkeypatch.setattr(Path, "exists", exists)
    with ThreadPoolExecutor() as pool:
        assert pool.submit(development_token, file).result() == "theirs"


def test_settings_by_hand_have_sensible_times() -> None:
    times = Settings().times
    assert times.wait < times.lease < 15
    assert times.gateway < times.wait

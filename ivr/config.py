"""Settings, read once from the environment and then handed down: nothing below reads it again."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from ivr.errors import SettingsError

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
DEVELOPMENT_TOKEN = Path("var/dev_token")
DEVELOPMENT_PEPPER = "development"
DATABASE_URL = "sqlite:///var/ivr.db"
ACCOUNT_SID = "AC" + "0" * 32
SANDBOX_LEDGER = Path("var/sandbox.db")
GATEWAYS = ("sandbox", "stripe")


@dataclass(frozen=True, slots=True)
class Times:
    """How long the line waits for others, in seconds; tests scale these down.

    `lease`, `wait` and `poll` govern two copies of one webhook meeting each other; `gateway` is
    the longest a payment gateway may stay silent, well inside the carrier's 15 s
    (https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides).
    """

    lease: float = 12.0
    wait: float = 8.0
    poll: float = 0.15
    again: int = 15
    gateway: float = 3.0
    intent: float = 900.0
    redial: float = 3600.0
    ring: int = 15
    rings: int = 3
    ringing: float = 90.0
    whisper: int = 4


@dataclass(frozen=True, slots=True)
class Settings:
    """What one running line needs to know. Secrets are kept out of its repr."""

    database_url: str = field(default=DATABASE_URL, repr=False)
    public_url: str | None = None
    account_sid: str = ACCOUNT_SID
    auth_tokens: tuple[str, ...] = field(default=(), repr=False)
    signing_keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    pin_pepper: str = field(default=DEVELOPMENT_PEPPER, repr=False)
    text_from: str | None = None
    pay_connector: str = "Default"
    twilio_api_url: str | None = None
    book: Path = Path(".")
    payment_gateway: str = "sandbox"
    sandbox_ledger: Path = SANDBOX_LEDGER
    stripe_api_key: str = field(default="", repr=False)
    stripe_api_url: str | None = None
    stripe_moto: bool = False
    times: Times = Times()


def settings_from_environment(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings the README's table names.

    Raises `SettingsError` with one line that says which variable to mend.
    """
    public_url = _public_url(environ.get("PUBLIC_URL", ""))
    return Settings(
        database_url=environ.get("DATABASE_URL") or DATABASE_URL,
        public_url=public_url,
        account_sid=_account_sid(environ, public_url),
        auth_tokens=_auth_tokens(environ, public_url),
        signing_keys=_signing_keys(environ.get("TWILIO_SIGNING_KEYS", "")),
        pin_pepper=_pepper(environ, public_url),
        text_from=environ.get("TEXT_FROM") or None,
        pay_connector=environ.get("PAY_CONNECTOR") or "Default",
        twilio_api_url=environ.get("TWILIO_API_URL") or None,
        book=Path(environ.get("IVR_BOOK") or "."),
        payment_gateway=_payment_gateway(environ),
        sandbox_ledger=Path(environ.get("SANDBOX_LEDGER") or SANDBOX_LEDGER),
        stripe_api_key=_stripe_api_key(environ),
        stripe_api_url=_stripe_api_url(environ.get("STRIPE_API_URL", "")),
        stripe_moto=_yes_or_no("STRIPE_MOTO", environ.get("STRIPE_MOTO", "")),
        times=_times(environ.get("IVR_TIMES", "")),
    )


def _public_url(text: str) -> str | None:
    if not text:
        return None
    parts = _url_parts(text)
    if parts is None or parts.path.strip("/") or parts.query or parts.fragment:
        raise SettingsError("PUBLIC_URL must be an origin like https://ivr.example.com")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise SettingsError("PUBLIC_URL must be https; http is for loopback only")
    # A user name in it is sent to us, but is no part of what Twilio signs.
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _url_parts(text: str) -> SplitResult | None:
    """The parts of a URL with a host and, if any, a port that there can be."""
    try:
        parts = urlsplit(text)
        return parts if parts.hostname and parts.port != 0 else None
    except ValueError:
        return None


def _account_sid(environ: Mapping[str, str], public_url: str | None) -> str:
    sid = environ.get("TWILIO_ACCOUNT_SID", "")
    if not sid and public_url:
        raise SettingsError("PUBLIC_URL is set, so TWILIO_ACCOUNT_SID must be too")
    return sid or ACCOUNT_SID


def _auth_tokens(environ: Mapping[str, str], public_url: str | None) -> tuple[str, ...]:
    tokens = tuple(
        token.strip() for token in environ.get("TWILIO_AUTH_TOKEN", "").split(",") if token.strip()
    )
    if not tokens and public_url:
        raise SettingsError("PUBLIC_URL is set, so TWILIO_AUTH_TOKEN must be too")
    return tokens or (development_token(),)


def development_token(path: Path = DEVELOPMENT_TOKEN) -> str:
    """The token a line without a public address and its stand-in carrier share, made on first use.

    The file is linked into place whole, so two workers starting at once read the same token.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_hex(16))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


def _signing_keys(text: str) -> dict[str, str]:
    keys: dict[str, str] = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        name, colon, secret = item.partition(":")
        if not (name and colon and secret):
            raise SettingsError("TWILIO_SIGNING_KEYS must read id:secret, several joined by commas")
        keys[name] = secret
    return keys


def _pepper(environ: Mapping[str, str], public_url: str | None) -> str:
    pepper = environ.get("PIN_PEPPER", "")
    if not pepper and public_url:
        raise SettingsError("PUBLIC_URL is set, so PIN_PEPPER must be too")
    return pepper or DEVELOPMENT_PEPPER


def _times(text: str) -> Times:
    """`IVR_TIMES=lease=2,wait=1` changes those of `Times`; for tests and unusual carriers."""
    times = asdict(Times())
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, value = part.partition("=")
        try:
            times[name] = type(times[name])(value)
        except (KeyError, ValueError) as error:
            names = ", ".join(times)
            raise SettingsError(f"IVR_TIMES must read NAME=SECONDS; names: {names}") from error
    return Times(**times)


def _payment_gateway(environ: Mapping[str, str]) -> str:
    name = environ.get("PAYMENT_GATEWAY") or "sandbox"
    if name not in GATEWAYS:
        known = ", ".join(GATEWAYS)
        raise SettingsError(f"PAYMENT_GATEWAY {name} is not known; this version has: {known}")
    return name


def _stripe_api_key(environ: Mapping[str, str]) -> str:
    key = environ.get("STRIPE_API_KEY", "")
    if environ.get("PAYMENT_GATEWAY") != "stripe":
        return key
    if not key:
        raise SettingsError("PAYMENT_GATEWAY is stripe, so STRIPE_API_KEY must be set")
    if environ.get("STRIPE_LOG"):
        raise SettingsError("STRIPE_LOG must not be set: Stripe's library would print card tokens")
    return key


def _stripe_api_url(text: str) -> str | None:
    """Where the key is sent, so nowhere that others can read along."""
    if not text:
        return None
    parts = _url_parts(text)
    if parts is None or not (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    ):
        raise SettingsError("STRIPE_API_URL must be an https origin; http is for loopback only")
    return text.rstrip("/")


def _yes_or_no(name: str, text: str) -> bool:
    if text not in ("", "yes", "no"):
        raise SettingsError(f"{name} must be yes or no")
    return text == "yes"

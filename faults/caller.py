"""One call as the carrier makes it: signed webhooks, each in flight until it is answered or cut.

A caller wants to pay in full, or to have a payment back: at every question they press what leads
there, and are content once they have been told what became of it.
"""

import secrets
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlencode, urlsplit

from faults.kinds import Errand
from faults.lines import LINE, PIN
from faults.processes import TOKEN
from faults.words import Claim, Said, is_asked, key_for
from ivr.carrier.legs import inbound_form
from ivr.carrier.signing import signature
from ivr.carrier.transport import Answer

PATIENCE = 15.0
"""Twilio's, in seconds (https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides)."""
ENDS = frozenset(
    {Claim.CHARGED, Claim.NOTHING, Claim.UNKNOWN, Claim.REFUNDED, Claim.NOT_KNOWN_BACK}
)
"""Told this, a caller hangs up."""
WRONG_PIN = "73502846"
ROUTING = "061938250"
EXPIRY, POSTAL_CODE, CODE = "1031", "98439", "***"
"""What a carrier posts beside the token; but for the last four digits, none of it is to be kept."""
YES = {
    Errand.CARD: "you-will-pay",
    Errand.STORED: "you-will-pay-with",
    Errand.BANK: "you-will-pay-by-bank",
    Errand.REFUND: "cancel-this",
}
"""The question whose yes an errand begins with."""
WISHES = {
    Errand.CARD: ("a-new-card", "full-balance", "pay"),
    Errand.STORED: ("a-saved-method", "full-balance", "pay"),
    Errand.BANK: ("a-bank-account", "full-balance", "pay"),
    Errand.REFUND: ("cancel-payment", "payment-details", "balance"),
}
"""What leads to it, the nearest first."""


_ROUTED = {"BankRoutingNumber": ROUTING, "BankAccountType": "consumer-checking"}
_RECORDING = f"RE{'0' * 32}"
_SPOKEN = {
    "RecordingSid": _RECORDING,
    "RecordingUrl": f"https://api.twilio.com/2010-04-01/Accounts/AC/Recordings/{_RECORDING}",
    "RecordingDuration": "2",
}


@dataclass(frozen=True, slots=True)
class Webhook:
    """A request of the carrier: its URL and form."""

    url: str
    form: Mapping[str, str] = field(repr=False)

    @property
    def place(self) -> str:
        """The path with the turn's number."""
        return urlsplit(self.url)._replace(scheme="", netloc="").geturl()


class Delivery:
    """One webhook on its way. `run` blocks until it is answered; `cut` drops the connection."""

    def __init__(self, webhook: Webhook) -> None:
        self.webhook = webhook
        self._connection = HTTPConnection(urlsplit(webhook.url).netloc, timeout=PATIENCE)

    def run(self) -> Answer:
        """Send it. Raises `ConnectionError` where no whole answer comes back."""
        signed = signature(TOKEN, self.webhook.url, self.webhook.form)
        headers = {
            "X-Twilio-Signature": signed,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        try:
            self._connection.request(
                "POST", self.webhook.place, urlencode(self.webhook.form), headers
            )
            answer = self._connection.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read())
        except (OSError, HTTPException, AttributeError) as error:
            raise ConnectionError(f"no answer: {type(error).__name__}") from error
        finally:
            self._connection.close()

    def cut(self) -> None:
        """Drop the connection, whatever is on its way."""
        with suppress(OSError, AttributeError):
            self._connection.sock.shutdown(socket.SHUT_RDWR)


@dataclass
class Caller:
    """Somebody on the phone. `token` is what the carrier gives for their card or account, `result`
    how its entry ends; `pin` is whether they ask for something that needs the PIN first."""

    port: int
    number: str
    token: str
    errand: Errand = Errand.CARD
    result: str = "success"
    pin: bool = False
    sid: str = field(default_factory=lambda: f"CA{secrets.token_hex(16)}")
    sent: list[Webhook] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    cards: int = 0
    _pins: int = 0

    @property
    def origin(self) -> str:
        """Where the line is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def knows_pin(self) -> bool:
        """Whether they have typed a wrong PIN and then the right one."""
        return self._pins > 1

    def ring(self, **extra: str) -> Webhook:
        """The call comes in, or comes back by the carrier's fallback."""
        return self._webhook(f"{self.origin}/voice", CallStatus="ringing", **extra)

    def fallback(self) -> Webhook:
        """What the carrier asks once a document could not be had."""
        return self.ring(ErrorCode="11200", ErrorUrl=self.sent[-1].url)

    def send(self, webhook: Webhook) -> Answer:
        """Deliver a webhook with nothing else going on."""
        return Delivery(webhook).run()

    def ends(self) -> Webhook:
        """The report that the call is over."""
        return self._webhook(f"{self.origin}/voice/status", CallStatus="completed")

    def next(self, said: Said) -> Webhook | None:
        """What follows on these words; None where the caller hangs up, content or not."""
        if said.asks == "Redirect":
            return self._webhook(said.action)
        if said.asks == "Pay":
            self.cards += 1
            return self._webhook(said.action, **self._given())
        if said.asks == "Record":
            return self._webhook(said.action, **_SPOKEN)
        if said.asks != "Gather" or not ENDS.isdisjoint(said.claims):
            return None
        keys = self._keys(said.words)
        return self._webhook(said.action, **keys) if keys else None

    def is_at_yes(self, words: str) -> bool:
        """Whether these words ask for the yes of this caller's errand."""
        return is_asked(YES[self.errand], words)

    def _keys(self, words: str) -> dict[str, str] | None:
        if is_asked("pin-please", words):
            self._pins += 1
            return {"Digits": WRONG_PIN if self._pins == 1 else PIN, "FinishedOnKey": "#"}
        if any(is_asked(question, words) for question in YES.values()):
            is_mine = self.is_at_yes(words)
            return {"Digits": "1" if is_mine else "2", "FinishedOnKey": ""}
        wishes = ("payment-details", "balance") if self.pin and not self._pins else ()
        keys = (key_for(wish, words) for wish in (*wishes, *WISHES[self.errand]))
        key = next((key for key in keys if key), None)
        return {"Digits": key, "FinishedOnKey": ""} if key else None

    def _given(self) -> dict[str, str]:
        if self.result != "success":
            return {"Result": self.result}
        if self.errand is Errand.BANK:
            given = {"PaymentMethod": "ach-debit", "BankAccountNumber": "xxxxxxxxxx89"}
            return {"Result": "success", "PaymentToken": self.token, **given, **_ROUTED}
        return {
            "Result": "success",
            "PaymentToken": self.token,
            "PaymentMethod": "credit-card",
            "PaymentCardNumber": "xxxxxxxxxxxx4242",
            "PaymentCardType": "visa",
            "ExpirationDate": EXPIRY,
            "SecurityCode": CODE,
            "PaymentCardPostalCode": POSTAL_CODE,
            **_ROUTED,
        }

    def _webhook(self, url: str, **extra: Any) -> Webhook:
        form = inbound_form("AC" + "0" * 32, self.sid, self.number, LINE)
        return Webhook(url, {**form, "CallStatus": "in-progress", **extra})

"""From Twilio's form to an event. Digits are text: leading zeros count.

https://www.twilio.com/docs/voice/twiml#request-parameters
"""

import re
from collections.abc import Mapping
from datetime import datetime

from ivr.dialog.events import Answered, Card, CardTaken, Event, Rang, Recorded, Silent
from ivr.flows.model import PayMethod
from ivr.switchboard import Arrival
from ivr.telemetry import Secret

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
WITHHELD = frozenset({"+266696687", "+7378742883", "+2562533", "+8656696", "+86282452253"})
"""How a number reads that spells anonymous, restricted, blocked, unknown or unavailable."""
FORGED = "TN-Validation-Failed"

PAY_RESULTS = {
    "success": "given",
    "caller-interrupted-with-star": "stopped",
    "payment-connector-error": "connector-down",
    "internal-error": "connector-down",
    "caller-hung-up": "hung-up",
}
"""https://www.twilio.com/docs/voice/twiml/pay#result; whatever else there is, is a failure."""

EXPIRES = re.compile(r"(0[1-9]|1[0-2])/?([0-9]{2})")
ENDING = re.compile(r"[0-9]{1,4}$")
"""The digits of a card or account that the carrier shows: the last ones."""
RECORDING = re.compile(r"[A-Za-z0-9]{1,64}")
HUNG_UP = "hangup"
ENDS_SENTENCE = "#"


def arrival(form: Mapping[str, str]) -> Arrival:
    """Which line was dialled, and by whom, where the number is given and not known to be forged."""
    caller = form.get("From", "")
    trusted = E164.fullmatch(caller) and caller not in WITHHELD
    forged = form.get("StirVerstat", "").startswith(FORGED)
    return Arrival(form.get("To", ""), caller if trusted and not forged else None)


def has_left(form: Mapping[str, str]) -> bool:
    """Whether a recording ended because the caller hung up: whatever they said, it is no answer."""
    return form.get("Digits") == HUNG_UP


def event(form: Mapping[str, str], now: datetime) -> Event:
    """What the caller did at a question, at a card entry, or while an agent's phone rang."""
    if "Result" in form:
        return _card(form, now)
    if "DialCallStatus" in form:
        return Rang(now, bridged=form.get("DialBridged") == "true")
    digits = form.get("Digits", "")
    if "RecordingUrl" in form and digits in {"", ENDS_SENTENCE}:
        return _recorded(form, now)
    finished = form.get("FinishedOnKey") == "#"
    if digits or finished:
        return Answered(now, Secret(digits), finished)
    return Silent(now)


def _recorded(form: Mapping[str, str], now: datetime) -> Event:
    """A sentence said aloud, where it took a second or more."""
    reference = form.get("RecordingSid") or form["RecordingUrl"].rpartition("/")[2]
    duration = form.get("RecordingDuration", "")
    seconds = int(duration) if duration.isascii() and duration.isdigit() else 0
    if seconds and RECORDING.fullmatch(reference):
        return Recorded(now, reference, seconds)
    return Silent(now)


def _card(form: Mapping[str, str], now: datetime) -> CardTaken:
    """How the entry ended. Of all that comes with it only what a `Card` has is looked at: routing
    numbers and postal codes arrive in clear."""
    outcome = PAY_RESULTS.get(form["Result"], "failed")
    token = form.get("PaymentToken", "")
    if outcome != "given":
        return CardTaken(now, outcome)
    if not token:
        return CardTaken(now, "failed")
    if form.get("PaymentMethod") == "ach-debit":
        ending = _ending(form.get("BankAccountNumber", ""))
        return CardTaken(now, "given", Card(Secret(token), "", ending, PayMethod.BANK))
    card = Card(
        token=Secret(token),
        brand=form.get("PaymentCardType", ""),
        last4=_ending(form.get("PaymentCardNumber", "")),
        expires=_expires(form.get("ExpirationDate", "")),
    )
    return CardTaken(now, "given", card)


def _ending(masked: str) -> str:
    found = ENDING.search(masked)
    return found[0] if found else ""


def _expires(written: str) -> str:
    """MMYY or MM/YY as YYYY-MM."""
    found = EXPIRES.fullmatch(written)
    return f"20{found[2]}-{found[1]}" if found else ""

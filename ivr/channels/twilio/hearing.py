"""From Twilio's form to an event. Digits are text: leading zeros count.

https://www.twilio.com/docs/voice/twiml#request-parameters
"""

import re
from collections.abc import Mapping
from datetime import datetime

from ivr.dialog.events import Answered, Card, CardTaken, Event, Rang, Silent
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


def arrival(form: Mapping[str, str]) -> Arrival:
    """Which line was dialled, and by whom, where the number is given and not known to be forged."""
    caller = form.get("From", "")
    trusted = E164.fullmatch(caller) and caller not in WITHHELD
    forged = form.get("StirVerstat", "").startswith(FORGED)
    return Arrival(form.get("To", ""), caller if trusted and not forged else None)


def event(form: Mapping[str, str], now: datetime) -> Event:
    """What the caller did at a question, at a card entry, or while an agent's phone rang."""
    if "Result" in form:
        return _card(form, now)
    if "DialCallStatus" in form:
        return Rang(now, bridged=form.get("DialBridged") == "true")
    digits = form.get("Digits", "")
    finished = form.get("FinishedOnKey") == "#"
    if digits or finished:
        return Answered(now, Secret(digits), finished)
    return Silent(now)


def _card(form: Mapping[str, str], now: datetime) -> CardTaken:
    outcome = PAY_RESULTS.get(form["Result"], "failed")
    token = form.get("PaymentToken", "")
    if outcome != "given":
        return CardTaken(now, outcome)
    if not token:
        return CardTaken(now, "failed")
    last4 = re.sub(r"\D", "", form.get("PaymentCardNumber", ""))[-4:]
    return CardTaken(now, "given", Card(Secret(token), form.get("PaymentCardType", ""), last4))

"""Types numbers at the keys of a telephone that stand nowhere else, to be looked for afterwards."""

from datetime import UTC, datetime

from faults.caller import EXPIRY, POSTAL_CODE, ROUTING, WRONG_PIN, Caller
from faults.kinds import GATEWAYS, Errand
from faults.lines import LINE, PIN, Line
from faults.processes import TOKEN
from faults.words import key_for, listen
from ivr.carrier import Phone

CARDS = ("4929358160744720", "5194027738615085", "4485910263374900")
"""Made up, with right check digits; the last one has a wrong one, so the carrier refuses it."""
ACCOUNT = "7730918264455"
SECRETS = (*CARDS, ACCOUNT, PIN, WRONG_PIN, ROUTING)
CODE = "731"
MOST_WEBHOOKS = 16


def type_numbers(line: Line) -> None:
    """Pay with cards and, where the gateway takes them, a bank account through secure entry, as a
    person at a telephone would; type a wrong PIN and the right one."""
    for card in CARDS[:2]:
        phone = _phone_at_the_yes(line)
        phone.press("1")
        phone.press(f"{CARDS[2]},{card},{EXPIRY},{CODE},{POSTAL_CODE}#")
        _paid(phone, "We received $84.20")
    if Errand.BANK in GATEWAYS[line.gateway]:
        _type_account(_phone_at_the_yes(line))
    _type_pins(line)


def _phone_at_the_yes(line: Line) -> Phone:
    """A customer who was asked whether they pay in full with the card they enter next."""
    url, today = f"http://127.0.0.1:{line.port}/voice", datetime.now(UTC).date()
    phone = Phone(url, TOKEN, line.customer().phone, LINE, today)
    phone.dial()
    phone.press("2")
    phone.press(key_for("full-balance", phone.text) or "")
    return phone


def _type_account(phone: Phone) -> None:
    phone.press("2")
    phone.press(key_for("a-bank-account", phone.text) or "")
    phone.press("1")
    phone.press(f"{ROUTING},{ACCOUNT}#")
    phone.speak()
    _paid(phone, "Your payment of $84.20 is on its way")


def _paid(phone: Phone, words: str) -> None:
    if words not in phone.text:
        raise RuntimeError(f"a number was typed and nothing was charged: {phone.text}")
    phone.hang_up()


def _type_pins(line: Line) -> None:
    caller = Caller(line.port, line.customer().phone, "pm_card_visa", pin=True)
    following = caller.ring()
    for _ in range(MOST_WEBHOOKS):
        caller.sent.append(following)
        webhook = caller.next(listen(following.url, caller.send(following)))
        if webhook is None:
            break
        following = webhook
    if not caller.knows_pin:
        raise RuntimeError("nobody was asked for a PIN")

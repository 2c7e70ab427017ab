"""`<Pay>`: a card or bank account typed field after field, of which the app only hears a token.

https://www.twilio.com/docs/voice/twiml/pay. What is typed stays in this module's local values:
it is never logged, recorded or sent.
"""

from dataclasses import dataclass, field
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from ivr.carrier.banks import account_name, account_token, masked_account
from ivr.carrier.cards import brand, card_name, card_token, masked
from ivr.carrier.legs import Leg, option_finder
from ivr.carrier.payfields import (
    Field,
    Plan,
    is_complete,
    mistake,
    own_prompt,
    own_words,
    read_plan,
)
from ivr.carrier.speech import Spoken
from ivr.carrier.transport import Request
from ivr.carrier.twiml import CHILDREN, Alert, BadDocument, Document
from ivr.carrier.waits import Heard, HungUp, Kind, Listening, Playing

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Stopped(Exception):
    """The entry ended without a token; `form` says to the app how."""

    def __init__(self, result: str, error: str = "") -> None:
        super().__init__(result)
        self.form = {"Result": result, **({"PaymentError": error} if error else {})}


@dataclass(slots=True)
class Entry:
    """One card or account being typed in. `typed` never shows in repr."""

    leg: Leg
    plan: Plan
    prompts: list[Element]
    typed: dict[Field, str] = field(default_factory=dict, repr=False)
    noted: int | None = None

    @property
    def card(self) -> str:
        return self.typed.get("payment-card-number", "")

    @property
    def account(self) -> tuple[str, str]:
        """Routing and account number."""
        return self.typed["bank-routing-number"], self.typed["bank-account-number"]

    def prompt(self, name: str, attempt: int = 1, error: str = "") -> list[tuple[float, Spoken]]:
        """Say the app's words for this moment, else the carrier's."""
        own = own_prompt(self.prompts, name, attempt=attempt, error=error, card=self.card)
        if own is not None:
            return [self.leg.speak(verb) for verb in own if verb.tag in CHILDREN["Prompt"]]
        words, began = own_words(name, error, self.plan.language), self.leg.wire.clock
        self.leg.say(words, "carrier")
        return [(began, words)]

    def note(self, name: str) -> None:
        """Keep in what was heard, once and where typing began, what was typed."""
        wire = self.leg.wire
        kind: Kind = "bank" if self.plan.bank_account else "card"
        if self.noted is None:
            self.noted = len(wire.heard)
            wire.hear("caller", name, kind=kind)
        else:
            at = wire.heard[self.noted].at
            wire.heard[self.noted] = Heard("caller", name, "", at, kind=kind)


def play_pay(leg: Leg, verb: Element, document: Document) -> Playing[Request]:
    """Take a card or an account and give the request that tells the app.

    Raises BadDocument (64016) for an action that is not https, and HungUp after telling the app
    that the caller left.
    """
    action = _secure(document, document.resolve(verb.get("action", "")))
    entry = Entry(leg, read_plan(verb), verb.findall("Prompt"))
    try:
        for name in entry.plan.fields:
            yield from _field(entry, name)
        bank = bool(entry.plan.bank_account)
        entry.note(account_name(*entry.account) if bank else card_name(entry.card))
        entry.prompt("payment-processing")
        result = _token(entry, verb.get("paymentConnector", "Default"))
    except Stopped as stopped:
        result = stopped.form
    except HungUp:
        leg.status = "completed"
        leg.wire.notify(leg.request(action, Result="caller-hung-up"))
        raise
    return leg.request(action, **result)


def _secure(document: Document, action: str) -> str:
    parts = urlsplit(action)
    if parts.scheme == "https" or parts.hostname in LOOPBACK:
        return action
    raise BadDocument(Alert(64016, "the action of <Pay> must be https", document.url, 200))


def _field(entry: Entry, name: Field) -> Playing[None]:
    """Ask for one field until it is right. Raises Stopped."""
    error = ""
    for attempt in range(1, entry.plan.attempts + 1):
        keys = yield from entry.leg.listen(_listening(entry, name, attempt, error))
        if keys.endswith("*"):
            entry.leg.wire.hear("caller", "*", kind="pressed")
            raise Stopped("caller-interrupted-with-star")
        today = entry.leg.wire.carrier.today
        error = mistake(entry.plan, name, entry.card, keys, today)
        if not error:
            entry.typed[name] = keys.removesuffix("#")
            return
        entry.note("refused")
    raise Stopped("too-many-failed-attempts", "input-timeout" if error == "timeout" else error)


def _listening(entry: Entry, name: Field, attempt: int, error: str) -> Listening:
    began = entry.leg.wire.clock
    pieces = entry.prompt(name, attempt, error)
    return Listening(
        party="caller",
        complete=lambda keys: is_complete(name, entry.card, keys),
        timeout=entry.plan.timeout,
        began=began,
        spoken=entry.leg.wire.clock,
        option_ends=option_finder(pieces),
        secret=True,
    )


def _token(entry: Entry, connector: str) -> dict[str, str]:
    """What the connector gives for what was typed. Raises Stopped where it is broken."""
    if connector in entry.leg.wire.carrier.broken_connectors:
        raise Stopped("payment-connector-error", "the connector is not available")
    taken = _account(entry) if entry.plan.bank_account else _card(entry)
    return {"Result": "success", **taken}


def _account(entry: Entry) -> dict[str, str]:
    routing, account = entry.account
    return {
        "PaymentToken": account_token(routing, account),
        "PaymentMethod": "ach-debit",
        "BankAccountNumber": masked_account(account),
        "BankRoutingNumber": routing,
        "BankAccountType": entry.plan.bank_account,
    }


def _card(entry: Entry) -> dict[str, str]:
    typed = entry.typed
    return {
        "PaymentToken": card_token(entry.card),
        "PaymentMethod": "credit-card",
        "PaymentCardNumber": masked(entry.card),
        "PaymentCardType": brand(entry.card),
        "ExpirationDate": typed["expiration-date"],
        "SecurityCode": "*" * len(typed.get("security-code", "")),
        "PaymentCardPostalCode": typed.get("postal-code", entry.plan.postal_code),
    }

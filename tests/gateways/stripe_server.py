"""An HTTP server that behaves as Stripe documents: PaymentIntents, and what stripe_kept.py has.

Idempotency (https://docs.stripe.com/api/idempotent_requests): the same key with the same body gets
the stored answer, a 500 too; with another body an error; while the first one is in flight a 409;
what was turned away before it began is not stored.
"""

import json
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

from tests.gateways.stripe_kept import Answer, Kept, error

API_KEY = "sk_test_ours"
PATIENCE = 10  # seconds after which a silent answer comes after all, so that no test hangs

Fault = Literal[
    "lost before", "lost after", "silent before", "silent after", "held", 500, "500 after", 429, 401
]
"""What befalls a request: `lost` closes the connection, `silent` keeps it, before or after it took
effect; `held` waits for `gate` in the middle; a number is the answer, for 500 the stored one."""

DECLINES = {
    "pm_card_visa_chargeDeclined": ("card_declined", "generic_decline"),
    "pm_card_visa_chargeDeclinedInsufficientFunds": ("card_declined", "insufficient_funds"),
    "pm_card_chargeDeclinedExpiredCard": ("expired_card", None),
    "pm_card_chargeDeclinedIncorrectCvc": ("incorrect_cvc", "incorrect_cvc"),
    "pm_card_visa_chargeDeclinedStolenCard": ("card_declined", "stolen_card"),
    "pm_card_visa_chargeDeclinedVelocityLimitExceeded": ("card_declined", "card_velocity_exceeded"),
    "pm_card_authenticationRequired": ("authentication_required", "authentication_not_handled"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request it got."""

    what: str
    key: str | None
    form: Mapping[str, str]


@dataclass
class Stripe:
    """What it holds, and what is to go wrong next. `now` is when its intents are created."""

    now: int = 0
    moto: bool = False
    intents: dict[str, dict[str, Any]] = field(default_factory=dict)
    kept: Kept = field(default_factory=Kept)
    stored: dict[str | None, tuple[Mapping[str, str], Answer | None]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    faults: dict[str, list[Fault]] = field(default_factory=lambda: defaultdict(list))
    held: threading.Event = field(default_factory=threading.Event)
    gate: threading.Event = field(default_factory=threading.Event)
    closing: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    url: str = ""

    @property
    def charged(self) -> list[tuple[str, int]]:
        """Key and cents of all that was charged."""
        return [
            (one["metadata"]["ivr_key"], one["amount"])
            for one in self.intents.values()
            if one["status"] == "succeeded"
        ]

    def fail(self, what: str, *faults: Fault) -> None:
        """Let the next requests of a kind go wrong, one after the other."""
        self.faults[what].extend(faults)

    def forget_keys(self) -> None:
        """What a day does."""
        self.stored.clear()

    def next_fault(self, what: str) -> Fault | None:
        """What befalls the next request of a kind."""
        with self.lock:
            return self.faults[what].pop(0) if self.faults[what] else None

    # One request

    def answer(self, request: Asked, reference: str, fault: Fault | None) -> Answer:
        """The answer to a request, stored under its key as Stripe would."""
        body = {"": f"{request.what} {reference}", **request.form}
        with self.lock:
            if fault in (401, 429):
                return error(int(fault), "invalid_request_error", "turned_away")
            if request.key in self.stored:
                return _again(body, *self.stored[request.key])
            if request.key:
                self.stored[request.key] = (body, None)
        if fault == "held":
            self.held.set()
            self.gate.wait(PATIENCE)
        with self.lock:
            answer = self._perform(request, reference) if fault != 500 else error(500, "api_error")
            if fault == "500 after":
                answer = error(500, "api_error")
            if request.key:
                self.stored[request.key] = (body, answer)
        return answer

    def _perform(self, request: Asked, reference: str) -> Answer:
        match request.what:
            case "create":
                return self._create(request.form)
            case "list":
                return self._list(request.form)
            case "confirm" | "cancel" | "retrieve":
                return self._of_intent(request, reference)
        paid = self.intents.get(request.form.get("payment_intent", ""))
        token = request.form.get("payment_method", "")
        return self.kept.perform(request.what, reference, request.form, paid, refusal(token))

    def _of_intent(self, request: Asked, reference: str) -> Answer:
        found = self.intents.get(reference)
        if found is None:
            return error(404, "invalid_request_error", "resource_missing", param="intent")
        match request.what:
            case "confirm":
                return self._confirm(found, request.form)
            case "cancel":
                return self._cancel(found)
        return 200, dict(found)

    def _create(self, form: Mapping[str, str]) -> Answer:
        if int(form["amount"]) < 50:
            return error(400, "invalid_request_error", "amount_too_small", param="amount")
        reference = f"pi_{len(self.intents) + 1}"
        self.intents[reference] = {
            "id": reference,
            "object": "payment_intent",
            "amount": int(form["amount"]),
            "currency": form["currency"],
            "created": self.now,
            "last_payment_error": None,
            "metadata": {"ivr_key": form["metadata[ivr_key]"]},
            "status": "requires_payment_method",
            "customer": form.get("customer"),
        }
        return 200, dict(self.intents[reference])

    def _list(self, form: Mapping[str, str]) -> Answer:
        first, last = int(form["created[gte]"]), int(form["created[lte]"])
        found = [one for one in self.intents.values() if first <= one["created"] <= last]
        found.reverse()
        after = form.get("starting_after")
        begin = next((at + 1 for at, one in enumerate(found) if one["id"] == after), 0)
        page = found[begin : begin + int(form["limit"])]
        more = begin + len(page) < len(found)
        return 200, {"object": "list", "data": page, "has_more": more, "url": "/v1/payment_intents"}

    def _confirm(self, intent: dict[str, Any], form: Mapping[str, str]) -> Answer:
        if intent["status"] not in ("requires_payment_method", "requires_confirmation"):
            return error(400, "invalid_request_error", "payment_intent_unexpected_state")
        if "payment_method_options[card][moto]" in form and not self.moto:
            return error(400, "invalid_request_error", "parameter_unknown")
        token = form["payment_method"]
        if token == "pm_elsewhere":
            return error(400, "invalid_request_error", "resource_missing", param="payment_method")
        if not self.kept.may_charge(token, intent["customer"]):
            return error(400, "invalid_request_error", "payment_method_of_another_customer")
        if refused := refusal(token):
            intent["last_payment_error"] = refused[1]["error"]
            return refused
        intent["status"] = {"pm_slow": "processing", "pm_action": "requires_action"}.get(
            token, "succeeded"
        )
        return 200, dict(intent)

    def _cancel(self, intent: dict[str, Any]) -> Answer:
        if intent["status"] in ("succeeded", "processing", "canceled"):
            return error(400, "invalid_request_error", "payment_intent_unexpected_state")
        intent["status"] = "canceled"
        return 200, dict(intent)


def card(token: str) -> dict[str, Any]:
    """What Stripe tells of a card in an error, which is to be seen nowhere."""
    shown = {"brand": "visa", "last4": "4242", "exp_month": 9, "exp_year": 2031}
    return {"id": token, "object": "payment_method", "card": shown}


def refusal(token: str) -> Answer | None:
    """The decline of a card that is declined."""
    if token not in DECLINES:
        return None
    code, why = DECLINES[token]
    return error(402, "card_error", code, decline_code=why, payment_method=card(token))


def _again(body: Mapping[str, str], first: Mapping[str, str], answer: Answer | None) -> Answer:
    if body != first:
        return error(400, "idempotency_error", "idempotency_error")
    return answer or error(409, "idempotency_error", "idempotency_key_in_use")


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    stripe: Stripe

    def do_GET(self) -> None:
        """Answer a GET."""
        self._serve()

    do_POST = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        text = self.rfile.read(length).decode() if length else parts.query
        form = {key: values[0] for key, values in parse_qs(text).items()}
        what, reference = self._what(*parts.path.split("/")[2:])
        request = Asked(what, self.headers.get("Idempotency-Key"), form)
        self.stripe.asked.append(request)
        if self.headers["Authorization"] != f"Bearer {API_KEY}":
            self._send(error(401, "invalid_request_error", "api_key_invalid"))
        else:
            self._send_or_not(request, reference, self.stripe.next_fault(what))

    def _what(self, resource: str, reference: str = "", verb: str = "") -> tuple[str, str]:
        """What is asked, with its resource's name where that is not the PaymentIntents."""
        if not verb and not reference:
            verb = "create" if self.command == "POST" else "list"
        verb = verb or "retrieve"
        return (verb if resource == "payment_intents" else f"{verb} {resource}"), reference

    def _send_or_not(self, request: Asked, reference: str, fault: Fault | None) -> None:
        if fault in ("lost before", "silent before"):
            answer = None
        else:
            answer = self.stripe.answer(request, reference, fault)
        if fault in ("silent before", "silent after"):
            self.stripe.closing.wait(PATIENCE)
        if answer is None or fault in ("lost after", "silent after"):
            self.close_connection = True
        else:
            self._send(answer)

    def _send(self, answer: Answer) -> None:
        status, told = answer
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serving() -> Iterator[Stripe]:
    """A Stripe on a free loopback port, gone when the block ends."""
    stripe = Stripe()
    handler = type("OfStripe", (Handler,), {"stripe": stripe})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    stripe.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield stripe
    finally:
        stripe.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()

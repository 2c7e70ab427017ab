"""What Stripe's answers and its library's exceptions mean to us."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from stripe import (
    APIConnectionError,
    AuthenticationError,
    CardError,
    IdempotencyError,
    InvalidRequestError,
    PermissionError,
    RateLimitError,
    StripeError,
)

from ivr.errors import GatewayError, NoAnswer, NotSent
from ivr.gateways.connecting import never_left
from ivr.gateways.payments import Charged, Declined, Reason
from ivr.telemetry import count

log = logging.getLogger(__name__)

WAYS_ON: Mapping[Reason, tuple[str, ...]] = {
    "funds": ("insufficient_funds",),
    "expired-card": ("expired_card",),
    "details": (
        *("incorrect_number", "invalid_number", "invalid_account"),
        *("incorrect_cvc", "invalid_cvc", "incorrect_zip", "incorrect_address"),
        *("invalid_expiry_month", "invalid_expiry_year"),
    ),
    "call-bank": (
        *(
            "call_issuer",
            "do_not_honor",
            "card_velocity_exceeded",
            "new_account_information_available",
        ),
        *("not_permitted", "transaction_not_allowed", "withdrawal_count_limit_exceeded"),
        *("revocation_of_authorization", "security_violation", "service_not_allowed"),
    ),
}
"""Stripe's codes by what the caller can do. Another card is the way on after all others, and Stripe
asks that of fraud, loss and theft no more be told than that."""
REASONS: Mapping[Any, Reason] = {code: way for way, codes in WAYS_ON.items() for code in codes}


class Refused(GatewayError):
    """A card was declined."""

    def __init__(self, answer: Declined) -> None:
        super().__init__("the card was declined")
        self.answer = answer


class Told(GatewayError):
    """Stripe refused a request with a code that answers it, one of `ANSWERS`."""

    def __init__(self, code: str) -> None:
        super().__init__(f"the gateway answered {code}")
        self.code = code


class Missing(NotSent):
    """Stripe knows nothing of that name."""


REFUNDED = "charge_already_refunded"
ANSWERS = frozenset(
    {REFUNDED, "charge_disputed", "charge_not_refundable", "refund_disputed_payment"}
)
"""Codes that say what is the case (https://docs.stripe.com/error-codes), and not that we erred."""


def ending(state: Mapping[str, Any]) -> Charged | Declined | None:
    """What a PaymentIntent's state says; raises `NoAnswer` while it is being processed."""
    match state["status"]:
        case "succeeded":
            return Charged(state["id"])
        case "requires_action":  # which needs a secret that nobody was given
            return Declined("declined")
        case "requires_payment_method" | "requires_confirmation" | "canceled":
            error = state.get("last_payment_error")
            return _refusal(error) if error else None
        case status:
            raise NoAnswer(f"the payment is {status}")


def setup(state: Mapping[str, Any]) -> Declined | None:
    """What a SetupIntent's state says: None where its card is kept.

    Raises `NoAnswer` while it is being processed.
    """
    match state["status"]:
        case "succeeded":
            return None
        case "requires_action":  # nobody can be sent to their bank by telephone
            return Declined("declined")
        case "requires_payment_method":
            return _refusal(state.get("last_setup_error") or {})
        case status:
            raise NoAnswer(f"the keeping of a card is {status}")


def certain(found: Charged | Declined | None) -> Charged | Declined:
    """An ending that there is; raises `NoAnswer` where there is none yet."""
    if found is None:
        raise NoAnswer("the payment is not confirmed yet")
    return found


def _refusal(error: Mapping[str, Any]) -> Declined:
    """A decline by what its caller can do about it (https://docs.stripe.com/declines/codes)."""
    told = (error.get("decline_code"), error.get("code"))
    return Declined(next((REASONS[code] for code in told if code in REASONS), "declined"))


@contextmanager
def asking() -> Iterator[None]:
    """Raise what the library's exceptions mean: `Refused`, `NotSent` or `NoAnswer`.

    The originals are dropped, since they hold the card's brand and last digits.
    """
    try:
        yield
    except StripeError as error:
        raise _meaning(error) from None


def _meaning(error: StripeError) -> GatewayError:
    told = error.error.to_dict() if error.error else {}
    code = told.get("code")
    match error:
        case CardError():
            return Refused(_refusal(told))
        case IdempotencyError():
            return _alarm("a key was used for something else", NoAnswer)
        case InvalidRequestError() if code == "payment_intent_unexpected_state":
            return NoAnswer("the payment was in another state")
        case InvalidRequestError() if code in ANSWERS:
            return Told(code)
        case InvalidRequestError() if code == "resource_missing":
            return _alarm(code, Missing)
        case InvalidRequestError() | AuthenticationError() | PermissionError():
            return _alarm(str(code or error.http_status), NotSent)
        case RateLimitError():
            return NotSent("the gateway turned us away with 429")
        case APIConnectionError() if never_left(error.__cause__):
            return NotSent("the gateway cannot be reached")
    return NoAnswer(f"the gateway failed with {error.http_status or 'silence'}")


def _alarm(code: str, kind: type[GatewayError]) -> GatewayError:
    """Count and log what only a person can mend: settings, or two accounts that do not match."""
    count(f"payments refused {code}")
    log.error("the gateway refused a request", extra={"fields": {"code": code}})
    return kind(f"the gateway refused the request: {code}")

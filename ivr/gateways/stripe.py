"""Stripe as a payment gateway, through its own library.

A yes is one PaymentIntent: created unconfirmed under our key, confirmed with the card's token. It
can succeed once at most (https://docs.stripe.com/payments/paymentintents/lifecycle), so what an
unanswered request did can always be learned by reading it. The library's own exceptions hold what
Stripe said of the card, so none of them leaves the adapter.
"""

import logging
from datetime import timedelta
from typing import Any

from stripe import RequestOptions, RequestsClient, StripeClient
from stripe.params import (
    PaymentIntentConfirmParams,
    PaymentIntentCreateParams,
    PaymentIntentListParamsCreated,
)

from ivr.config import Settings
from ivr.errors import GatewayError, NoAnswer, NotSent
from ivr.gateways.payments import (
    Charge,
    Charged,
    Declined,
    Intent,
    Keeping,
    Kept,
    Method,
    Refund,
)
from ivr.gateways.stripe_answers import Refused, asking, certain, ending
from ivr.gateways.stripe_keeping import KEY, Keeper
from ivr.gateways.stripe_refunds import Refunds

# The library tells a debugging logger what it sends, tokens among it.
logging.getLogger("stripe").disabled = True

SKEW = timedelta(minutes=5)  # how far Stripe's clock and ours may be apart
# What a caller says yes to is opened within their call, of four hours at most
# (https://www.twilio.com/docs/voice/api/call-resource); what AutoPay takes within a day.
OPENED_WITHIN = timedelta(hours=24)


class StripeGateway:
    """Charges cards over Stripe's API; any number of threads may share one.

    `settings.times.gateway` is how long any of its answers may take, in seconds, and a third of
    that is what a connection may. Nothing is repeated without our knowing.
    """

    accepts: frozenset[Method] = frozenset({"card"})
    opens = True

    def __init__(self, settings: Settings) -> None:
        longest = settings.times.gateway
        client = StripeClient(
            settings.stripe_api_key,
            http_client=RequestsClient(timeout=(longest / 3, longest)),
            base_addresses={"api": settings.stripe_api_url} if settings.stripe_api_url else None,
            max_network_retries=0,
        )
        self._intents = client.v1.payment_intents
        self._moto = settings.stripe_moto
        self._keeper = Keeper(client, settings.stripe_moto)
        self._refunds = Refunds(client)

    def open(self, intent: Intent) -> str:
        """Create the PaymentIntent; the same key again gives the first one for 24 hours."""
        return self._create(intent)

    def charge(self, charge: Charge) -> Charged | Declined:
        """Confirm the PaymentIntent. Where no answer comes it is read once before giving up."""
        reference = charge.reference or self._create_late(charge)
        try:
            return certain(ending(self._confirm(reference, charge)))
        except Refused as refused:
            return refused.answer
        except NoAnswer:
            return self._afterwards(reference)

    def find(self, intent: Intent) -> Charged | Declined | None:
        """What became of it, by its reference; without one, by our key in Stripe's list."""
        reference = intent.reference or self._look_up(intent)
        return ending(self._read(reference)) if reference else None

    def cancel(self, intent: Intent) -> Charged | Declined | None:
        """Cancel the PaymentIntent, after which it cannot be confirmed any more."""
        reference = intent.reference or self._look_up(intent)
        if reference is None:
            return None
        try:
            with asking():
                state = self._intents.cancel(reference).to_dict()
        except NoAnswer:  # among others: it has succeeded, or was canceled before
            state = self._read(reference)
        found = ending(state)
        if found is None and state["status"] != "canceled":
            raise NoAnswer("the payment may still be charged")
        return found

    def keep(self, keeping: Keeping) -> Kept | Declined:
        """Set a card up for later charges, charging nothing."""
        return self._keeper.keep(keeping)

    def forget(self, kept: Kept) -> None:
        """Detach a card; Stripe never charges it again."""
        self._keeper.forget(kept)

    def refund(self, refund: Refund) -> bool:
        """Give a PaymentIntent's money back."""
        return self._refunds.give(refund)

    def _create(self, asked: Intent | Charge) -> str:
        """Create it with the customer, if there is one, since a later update of a PaymentIntent
        would be one more request of which nobody knows whether it was made."""
        intent: PaymentIntentCreateParams = {
            "amount": asked.cents,
            "currency": asked.currency,
            "allowed_payment_method_types": ["card"],
            "metadata": {KEY: asked.key},
        }
        if asked.customer:
            intent["customer"] = asked.customer
        with asking():
            return self._intents.create(intent, {"idempotency_key": f"{asked.key}-open"}).id

    def _create_late(self, charge: Charge) -> str:
        """Open what is to be charged now: without an answer there is nothing to confirm."""
        try:
            return self._create(charge)
        except NoAnswer as error:
            raise NotSent("the payment could not be opened, so nothing was charged") from error

    def _confirm(self, reference: str, charge: Charge) -> dict[str, Any]:
        card: PaymentIntentConfirmParams = {
            "payment_method": charge.token.reveal(),
            "error_on_requires_action": True,  # nobody can be sent to their bank by telephone
        }
        if not charge.present:
            card["off_session"] = True
        elif self._moto:
            card["payment_method_options"] = {"card": {"moto": True}}
        with asking():
            options: RequestOptions = {"idempotency_key": f"{charge.key}-charge"}
            return self._intents.confirm(reference, card, options).to_dict()

    def _afterwards(self, reference: str) -> Charged | Declined:
        """What a confirmation did that was not answered; a failure to read proves nothing."""
        try:
            return certain(ending(self._read(reference)))
        except GatewayError as error:
            raise NoAnswer("it is not known what the confirmation did") from error

    def _read(self, reference: str) -> dict[str, Any]:
        with asking():
            return self._intents.retrieve(reference).to_dict()

    def _look_up(self, intent: Intent) -> str | None:
        """The PaymentIntent of our key, where the answer to its creation was lost.

        Listed by time, since Stripe's search lags (https://docs.stripe.com/search#data-freshness).
        """
        opened: PaymentIntentListParamsCreated = {
            "gte": int((intent.at - SKEW).timestamp()),
            "lte": int((intent.at + OPENED_WITHIN).timestamp()),
        }
        with asking():
            listed = self._intents.list({"created": opened, "limit": 100})
            for found in listed.auto_paging_iter():
                if found.to_dict()["metadata"].get(KEY) == intent.key:
                    return found.id
        return None

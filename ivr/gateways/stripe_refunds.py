"""Giving money back through Stripe, once: what was given back already is looked up first."""

from stripe import RequestOptions, StripeClient

from ivr.errors import GatewayError, NoAnswer
from ivr.gateways.payments import Refund
from ivr.gateways.stripe_answers import REFUNDED, Told, asking

GIVEN = ("succeeded", "pending", "requires_action")
"""States of a refund whose money is on its way (https://docs.stripe.com/refunds)."""


class Refunds:
    """Refunds whole PaymentIntents over Stripe's API."""

    def __init__(self, client: StripeClient) -> None:
        self._refunds = client.v1.refunds

    def give(self, refund: Refund) -> bool:
        """Give it back; no where the bank has taken it back already or it cannot be any more.

        Keys are forgotten after a day, so what stands there comes before a new request.
        """
        if self._given(refund):
            return True
        try:
            return self._create(refund)
        except Told as told:
            return told.code == REFUNDED
        except NoAnswer:
            return self._afterwards(refund)

    def _create(self, refund: Refund) -> bool:
        options: RequestOptions = {"idempotency_key": f"{refund.key}-refund"}
        with asking():
            made = self._refunds.create({"payment_intent": refund.reference}, options)
        return made.status in GIVEN

    def _afterwards(self, refund: Refund) -> bool:
        """What an unanswered request did; that it is not there yet proves nothing."""
        try:
            given = self._given(refund)
        except GatewayError as error:
            raise NoAnswer("it is not known whether the money was given back") from error
        if not given:
            raise NoAnswer("the money may still be given back")
        return True

    def _given(self, refund: Refund) -> bool:
        with asking():
            listed = self._refunds.list({"payment_intent": refund.reference, "limit": 100})
            given = [one.amount for one in listed.auto_paging_iter() if one.status in GIVEN]
        return sum(given) >= refund.cents

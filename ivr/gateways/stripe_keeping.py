"""Cards that Stripe keeps for us: a customer, a SetupIntent, and the way out again.

A card is verified without a charge and attached by a SetupIntent, since a bare attach makes later
charges fail (https://docs.stripe.com/payments/save-and-reuse). What an unanswered request did is
read before anything is asked again.
"""

from stripe import RequestOptions, StripeClient
from stripe.params import SetupIntentCreateParams

from ivr.errors import GatewayError, NoAnswer, NotSent
from ivr.gateways.payments import Declined, Keeping, Kept
from ivr.gateways.stripe_answers import Missing, Refused, asking, setup

KEY = "ivr_key"
"""The metadata of an object at Stripe that holds our key."""


class Keeper:
    """Keeps cards over Stripe's API; `moto` is whether the account may mark telephone orders."""

    def __init__(self, client: StripeClient, moto: bool) -> None:
        self._customers = client.v1.customers
        self._setups = client.v1.setup_intents
        self._cards = client.v1.payment_methods
        self._moto = moto

    def keep(self, keeping: Keeping) -> Kept | Declined:
        """Set a card up for charges at which nobody is there; a customer is made where none is.

        A bank that wants to see its customer's proof declines: nobody can be sent there by
        telephone.
        """
        customer = keeping.customer or self._new_customer(keeping.key)
        try:
            declined = self._set_up(keeping, customer)
        except Refused as refused:
            return refused.answer
        except NoAnswer:
            declined = self._afterwards(keeping, customer)
        return declined or Kept(keeping.token, customer)

    def forget(self, kept: Kept) -> None:
        """Detach a card for good; one that is detached, or that Stripe never had, is no error."""
        token = kept.token.reveal()
        try:
            if self._whose(token):
                self._detach(token)
        except Missing:  # counted and logged; what is not there is never charged
            return

    def _new_customer(self, key: str) -> str:
        """Whose the card will be. Without an answer nothing was kept; one without a card is
        harmless, and the same key gives it again."""
        try:
            with asking():
                options: RequestOptions = {"idempotency_key": f"{key}-customer"}
                return self._customers.create({"metadata": {KEY: key}}, options).id
        except NoAnswer as error:
            raise NotSent("nobody's name could be made, so no card was kept") from error

    def _set_up(self, keeping: Keeping, customer: str) -> Declined | None:
        card: SetupIntentCreateParams = {
            "confirm": True,
            "customer": customer,
            "payment_method": keeping.token.reveal(),
            "allowed_payment_method_types": ["card"],
            "usage": "off_session",
            "metadata": {KEY: keeping.key},
        }
        if self._moto:
            card["payment_method_options"] = {"card": {"moto": True}}
        with asking():
            options: RequestOptions = {"idempotency_key": f"{keeping.key}-keep"}
            return setup(self._setups.create(card, options).to_dict())

    def _afterwards(self, keeping: Keeping, customer: str) -> Declined | None:
        """What an unanswered request did, by our key among those of the customer."""
        try:
            with asking():
                listed = self._setups.list({"customer": customer, "limit": 100})
                found = (one.to_dict() for one in listed.auto_paging_iter())
                made = next((one for one in found if one["metadata"].get(KEY) == keeping.key), None)
        except GatewayError as error:
            raise NoAnswer("it is not known whether the card was kept") from error
        if made is None:
            raise NoAnswer("the card may still be kept")
        return setup(made)

    def _whose(self, token: str) -> str | None:
        with asking():
            return self._cards.retrieve(token).to_dict().get("customer")

    def _detach(self, token: str) -> None:
        try:
            with asking():
                self._cards.detach(token)
        except NoAnswer:
            if self._whose(token):
                raise

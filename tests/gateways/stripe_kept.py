"""What Stripe keeps beside PaymentIntents: customers, SetupIntents, PaymentMethods and refunds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Answer = tuple[int, dict[str, Any]]
Item = dict[str, Any]
DISPUTED = 6666
"""Cents of a payment that the bank has taken back already."""
UNREFUNDABLE = 7777
"""Cents of a payment whose refund fails later, as where the card's account is closed."""


def error(status: int, kind: str, code: str = "", **more: Any) -> Answer:
    """An error in Stripe's shape (https://docs.stripe.com/api/errors)."""
    told = {"type": kind, "code": code or None, "message": f"No: {code}", **more}
    return status, {"error": {key: value for key, value in told.items() if value is not None}}


@dataclass
class Kept:
    """All of it. `whose` is each card's customer: none once it is detached."""

    customers: list[Item] = field(default_factory=list)
    setups: list[Item] = field(default_factory=list)
    whose: dict[str, str | None] = field(default_factory=dict)
    refunds: list[Item] = field(default_factory=list)

    def may_charge(self, token: str, customer: str | None) -> bool:
        """A card that was kept is charged only for its customer; a detached one never again."""
        return token not in self.whose or self.whose[token] == customer is not None

    def perform(
        self,
        what: str,
        reference: str,
        form: Mapping[str, str],
        paid: Item | None,
        refused: Answer | None,
    ) -> Answer:
        """One request; `paid` is the PaymentIntent it names, `refused` its card's decline."""
        match what:
            case "create customers":
                self.customers.append({"id": f"cus_{len(self.customers) + 1}", **_named(form)})
                return 200, {"object": "customer", **self.customers[-1]}
            case "create setup_intents":
                return self._set_up(form, refused)
            case "list setup_intents":
                theirs = [one for one in self.setups if one["customer"] == form["customer"]]
                return _listed(theirs, "setup_intents")
            case "retrieve payment_methods" | "detach payment_methods":
                return self._card(what, reference)
            case "create refunds":
                return self._refund(form, paid)
            case "list refunds":
                return _listed(self._of(form["payment_intent"]), "refunds")
        raise AssertionError(f"Stripe was asked to {what}")

    def _set_up(self, form: Mapping[str, str], refused: Answer | None) -> Answer:
        token = form["payment_method"]
        if token == "pm_elsewhere":
            return error(400, "invalid_request_error", "resource_missing", param="payment_method")
        made = {
            "id": f"seti_{len(self.setups) + 1}",
            "object": "setup_intent",
            "customer": form["customer"],
            "last_setup_error": refused[1]["error"] if refused else None,
            "status": {"pm_slow": "processing", "pm_action": "requires_action"}.get(
                token, "requires_payment_method" if refused else "succeeded"
            ),
            **_named(form),
        }
        self.setups.append(made)
        if made["status"] == "succeeded":
            self.whose[token] = form["customer"]
        return refused or (200, made)

    def _card(self, what: str, token: str) -> Answer:
        if token not in self.whose:
            return error(404, "invalid_request_error", "resource_missing", param="payment_method")
        if what.startswith("detach"):
            if self.whose[token] is None:
                return error(400, "invalid_request_error")  # "detachment is impossible"
            self.whose[token] = None
        return 200, {"id": token, "object": "payment_method", "customer": self.whose[token]}

    def _refund(self, form: Mapping[str, str], paid: Item | None) -> Answer:
        if paid is None or paid["status"] != "succeeded":
            return error(404, "invalid_request_error", "resource_missing", param="payment_intent")
        if paid["amount"] == DISPUTED:
            return error(400, "invalid_request_error", "charge_disputed")
        left = paid["amount"] - sum(one["amount"] for one in self._of(paid["id"]))
        if left <= 0:
            return error(400, "invalid_request_error", "charge_already_refunded")
        made = {
            "id": f"re_{len(self.refunds) + 1}",
            "object": "refund",
            "amount": left,
            "payment_intent": paid["id"],
            "status": "failed" if paid["amount"] == UNREFUNDABLE else "succeeded",
        }
        self.refunds.append(made)
        return 200, made

    def _of(self, intent: str) -> list[Item]:
        return [one for one in self.refunds if one["payment_intent"] == intent]


def _named(form: Mapping[str, str]) -> Item:
    return {"metadata": {"ivr_key": form["metadata[ivr_key]"]}}


def _listed(found: list[Item], what: str) -> Answer:
    page = list(reversed(found))
    return 200, {"object": "list", "data": page, "has_more": False, "url": f"/v1/{what}"}

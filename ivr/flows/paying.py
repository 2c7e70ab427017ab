"""`payments:` read from YAML: how much may be paid by phone, for which fee, and how often tried."""

from ivr.document import Node, ScalarNode, place
from ivr.flows import codes
from ivr.flows.bounds import LENGTH, MONEY
from ivr.flows.reading import Reading, describe
from ivr.flows.rules import USUAL, PaymentRules

PAYMENTS = ("least", "most", "over", "fee", "tries")
AMOUNT = 'dollars and cents, as in "5.00"'
COUNT = "a number of tries, as in 6"


def payment_rules(reading: Reading, node: Node | None) -> PaymentRules:
    """The rules of payments; what is not written is as in a book without them."""
    if node is None:
        return USUAL
    found = reading.fields(node, "payments", PAYMENTS)
    rules = PaymentRules(
        least=_cents(reading, found.get("least"), USUAL.least, at_least=1),
        most=_cents(reading, found.get("most"), USUAL.most, at_least=1),
        over=_cents(reading, found.get("over"), USUAL.over),
        fee=_cents(reading, found.get("fee"), USUAL.fee),
        tries=_tries(reading, found.get("tries")),
    )
    if rules.least > rules.most:
        at = found["least" if "least" in found else "most"]
        wanted = "a least that is at most the most"
        reading.refuse(codes.wrong_kind(place(at), wanted, "more"))
    return rules


def _cents(reading: Reading, node: Node | None, usual: int, at_least: int = 0) -> int:
    """An amount in cents; what is refused is as if it were not there."""
    if node is None:
        return usual
    found = MONEY.fullmatch(node.value) if isinstance(node, ScalarNode) else None
    cents = int(found[1] + found[2]) if found else -1
    if cents >= at_least:
        return cents
    wanted = f"{AMOUNT}, and more than nothing" if found else AMOUNT
    reading.refuse(codes.wrong_kind(place(node), wanted, describe(node)))
    return usual


def _tries(reading: Reading, node: Node | None) -> int:
    return reading.number(node, LENGTH, COUNT) if node else USUAL.tries

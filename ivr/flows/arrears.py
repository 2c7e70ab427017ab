"""What a book states about those who are behind: `promises:` and `restored-within:`, from YAML."""

import re
from datetime import timedelta

from ivr.document import Node, ScalarNode, place
from ivr.flows import codes
from ivr.flows.bounds import MONEY
from ivr.flows.lines import flag
from ivr.flows.reading import Reading, describe
from ivr.flows.rules import Covers, PaymentRules, PromiseRules

PROMISES = (
    "ceiling",
    "days",
    "covers",
    "past-shut-off",
    "between",
    "customer-for",
    "returned",
    "suspended",
)
REQUIRED = ("ceiling", "days")
AMOUNT = 'dollars and cents, as in "499.00"'
DAYS = re.compile(r"([0-9]{1,2})")
COUNT = re.compile(r"[0-9]{1,4}")
HOURS = re.compile(r"([0-9]{1,3})h")
"""At most 999 hours, some six weeks: nobody is told a time later than that."""


def restored_within(reading: Reading, node: Node | None) -> timedelta | None:
    """How soon service is back after a payment that restores it; None where nobody says."""
    if node is None:
        return None
    return timedelta(hours=reading.number(node, HOURS, "hours, as in 2h"))


def promise_rules(
    reading: Reading, node: Node | None, payments: PaymentRules
) -> PromiseRules | None:
    """The rules of promises to pay; None where the book has none, and nobody may promise."""
    if node is None:
        return None
    found = reading.fields(node, "promises", PROMISES, REQUIRED)
    rules = PromiseRules(
        ceiling=_cents(reading, found["ceiling"]) if "ceiling" in found else 0,
        days=reading.number(found["days"], DAYS, "days, as in 11") if "days" in found else 1,
        covers=_covers(reading, found.get("covers")),
        past_shut_off=_count(reading, found.get("past-shut-off")),
        between=_count(reading, found.get("between")),
        customer_for=_count(reading, found.get("customer-for")),
        returned=_count(reading, found.get("returned")),
        suspended="suspended" in found and flag(reading, found["suspended"]),
    )
    if "ceiling" in found and 0 < rules.ceiling < payments.least:
        least = f"{payments.least // 100}.{payments.least % 100:02}"
        message = f"nothing so small can be promised: {least} is the least that may be paid"
        reading.refuse(codes.bad_promise(place(found["ceiling"]), message))
    if "days" in found and "past-shut-off" in found and rules.past_shut_off > rules.days:
        message = f"no promise reaches so far: it ends {rules.days} days from today at the latest"
        reading.refuse(codes.bad_promise(place(found["past-shut-off"]), message))
    return rules


def _cents(reading: Reading, node: Node) -> int:
    """An amount in cents; nothing where it is refused."""
    found = MONEY.fullmatch(node.value) if isinstance(node, ScalarNode) else None
    cents = int(found[1] + found[2]) if found else 0
    if not cents:
        wanted = f"{AMOUNT}, and more than nothing" if found else AMOUNT
        reading.refuse(codes.wrong_kind(place(node), wanted, describe(node)))
    return cents


def _covers(reading: Reading, node: Node | None) -> Covers:
    word = reading.choice(node, tuple(Covers)) if node else ""
    return Covers(word) if word else Covers.PAST_DUE


def _count(reading: Reading, node: Node | None) -> int:
    """A whole number, 0 among them, as where none is written."""
    if node is None:
        return 0
    if isinstance(node, ScalarNode) and COUNT.fullmatch(node.value):
        return int(node.value)
    reading.refuse(codes.wrong_kind(place(node), "a whole number, as in 90", describe(node)))
    return 0

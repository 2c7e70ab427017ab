"""The rules of payments as a book states them; problems of them are in problems.yaml."""

from ivr.flows import parse_book
from ivr.flows.rules import PaymentRules
from tests.flows.books import GOOD, SERVICES, changed


def rules_of(written: str) -> PaymentRules:
    hours = "hours: {zone: America/Chicago}"
    return parse_book(changed("flows.yaml", hours, f"{hours}\n{written}"), SERVICES).payments


def test_a_book_states_what_a_payment_may_be() -> None:
    written = 'payments: {least: "2.00", most: "900.00", over: "50.00", fee: "1.95", tries: 3}'
    assert rules_of(written) == PaymentRules(200, 90000, 5000, 195, 3)


def test_what_a_book_does_not_state_is_as_without_the_rules() -> None:
    usual = parse_book(GOOD, SERVICES).payments
    assert (usual.least, usual.over, usual.fee, usual.tries) == (100, 0, 0, 6)
    assert rules_of("payments: {}") == usual
    assert rules_of('payments: {fee: "0.50", tries: "4"}') == PaymentRules(fee=50, tries=4)


def test_least_and_most_may_be_one_amount() -> None:
    rules = rules_of('payments: {least: "20.00", most: "20.00"}')
    assert (rules.least, rules.most) == (2000, 2000)

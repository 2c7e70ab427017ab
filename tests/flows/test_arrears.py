"""The rules for those who are behind; problems of them are in problems.yaml."""

from datetime import timedelta

import pytest

from ivr.flows import parse_book
from ivr.flows.model import Book
from ivr.flows.rules import Covers, PromiseRules
from tests.flows.books import GOOD, SERVICES, changed


def book_with(written: str) -> Book:
    hours = "hours: {zone: America/Chicago}"
    return parse_book(changed("flows.yaml", hours, f"{hours}\n{written}"), SERVICES)


def test_a_book_states_who_may_promise_what() -> None:
    written = (
        'promises: {ceiling: "499.00", days: 11, covers: balance, past-shut-off: 3,'
        " between: 90, customer-for: 180, returned: 1, suspended: yes}"
    )
    stated = PromiseRules(
        ceiling=49900,
        days=11,
        covers=Covers.BALANCE,
        past_shut_off=3,
        between=90,
        customer_for=180,
        returned=1,
        suspended=True,
    )
    assert book_with(written).promises == stated


def test_most_rules_may_be_left_out() -> None:
    rules = book_with('promises: {ceiling: "1.00", days: "7"}').promises
    assert rules == PromiseRules(100, 7, Covers.PAST_DUE, 0, 0, 0, 0, suspended=False)


def test_a_promise_may_reach_as_many_days_past_a_shut_off_as_it_has() -> None:
    rules = book_with('promises: {ceiling: "1.00", days: 7, past-shut-off: 7}').promises
    assert rules
    assert (rules.days, rules.past_shut_off) == (7, 7)


def test_without_rules_nobody_may_promise_and_nobody_is_told_a_time() -> None:
    book = parse_book(GOOD, SERVICES)
    assert (book.promises, book.restored_within) == (None, None)


@pytest.mark.parametrize(("written", "hours"), [("2h", 2), ("72h", 72)])
def test_a_book_states_how_soon_service_is_back(written: str, hours: int) -> None:
    assert book_with(f"restored-within: {written}").restored_within == timedelta(hours=hours)

"""One value stands for all: it can be spoken, keeps its level, and a yes or no stays open."""

import pytest

from ivr.authoring.proof.facts import LEAST, MOST, MOST_LISTED, Asked, Facts
from ivr.flows.model import Ask, Ref
from ivr.flows.services import Field, Level
from ivr.prompts.saying import say_value
from ivr.prompts.values import Choices, Kind, Money, Words, YesNo
from tests.authoring.proof.books import small_book
from tests.line import SHIPPED

SPOKEN = [kind for kind in Kind if kind not in {Kind.YES_NO, Kind.CHOICES}]


@pytest.fixture
def facts() -> Facts:
    return Facts(small_book())


def field(kind: Kind) -> Field:
    return Field(kind, Level.MATCHED, prompts=("bill", "pay") if kind is Kind.WORDS else ())


def test_an_open_fact_asks_whoever_looks_at_it(facts: Facts) -> None:
    fact = facts.undecided("bill", "past-due")
    with pytest.raises(Asked) as asked:
        assert fact == YesNo(True)
    assert (asked.value.name, asked.value.field) == ("bill", "past-due")
    assert isinstance(fact, YesNo)
    assert hash(fact) == hash(facts.undecided("bill", "past-due"))


def test_a_yes_no_field_is_open(facts: Facts) -> None:
    fact = facts.value("bill", "past-due", field(Kind.YES_NO))
    assert fact is facts.undecided("bill", "past-due")


@pytest.mark.parametrize("kind", SPOKEN)
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_kind_has_a_value_that_can_be_spoken(facts: Facts, kind: Kind, language: str) -> None:
    value = facts.value("it", "field", field(kind))
    assert say_value(value, language, str).strip()


def test_one_field_is_one_value_and_another_is_another(facts: Facts) -> None:
    one = facts.value("bill", "balance", field(Kind.MONEY))
    assert one is facts.value("bill", "balance", field(Kind.MONEY))
    assert one != facts.value("bill", "last", field(Kind.MONEY))
    assert one is not facts.value("other", "balance", field(Kind.MONEY))


def test_amounts_that_bound_an_answer_are_far_apart() -> None:
    facts = Facts(SHIPPED)
    values = {
        ref: facts.value(ref.name, ref.field, field(Kind.MONEY))
        for flow in SHIPPED.flows.values()
        for step in flow.steps
        if isinstance(step, Ask) and isinstance(ref := step.limits.least, Ref)
    }
    assert all(isinstance(it, Money) and LEAST <= it.cents < MOST for it in values.values())
    most = Facts(small_book()).value("bill", "balance", field(Kind.MONEY))
    assert isinstance(most, Money)
    assert most.cents >= MOST


def test_a_list_is_as_long_as_keys_reach(facts: Facts) -> None:
    listed = facts.value("found", "things", Field(Kind.CHOICES, prompts=("a", "b")))
    assert isinstance(listed, Choices)
    assert [choice.prompt for choice in listed.items] == ["a", "b"] * (MOST_LISTED // 2)
    assert len({choice.value for choice in listed.items}) == MOST_LISTED


def test_words_are_all_the_prompts_that_a_field_declares(facts: Facts) -> None:
    assert facts.value("it", "them", field(Kind.WORDS)) == Words(("bill", "pay"))


def test_levels_are_those_of_the_fields_and_nothing_else_has_one(facts: Facts) -> None:
    value = facts.value("bill", "balance", field(Kind.MONEY))
    listed = facts.value("x", "y", Field(Kind.CHOICES, Level.VERIFIED, prompts=("thing-ending",)))
    assert isinstance(listed, Choices)
    ((_, ending),) = listed.items[0].values
    assert facts.level(value) is Level.MATCHED
    assert facts.level(listed) is Level.VERIFIED
    assert facts.level(ending) is Level.VERIFIED
    assert facts.level(Money(1)) is Level.UNKNOWN

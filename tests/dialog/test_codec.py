from dataclasses import fields, replace
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.dialog import codec
from ivr.dialog.call import Call, Detour, Identity, Pace, Spot, Stop, Tries
from ivr.dialog.directives import Say
from ivr.dialog.events import Card
from ivr.errors import CallError
from ivr.flows.services import Level
from ivr.prompts.values import (
    KINDS,
    Choice,
    Choices,
    Count,
    Date,
    Digits,
    Hours,
    Key,
    Moment,
    Money,
    Opening,
    Phone,
    Reference,
    Text,
    Value,
    Words,
    YesNo,
)
from ivr.telemetry import Secret

names = st.text(max_size=6)
numbers = st.integers(-(2**40), 2**40)
small = st.integers(0, 99)
maybe_number = st.none() | small


def several(of: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(of, max_size=3).map(tuple)


plain_values: dict[type[Any], st.SearchStrategy[Any]] = {
    Money: st.builds(Money, numbers),
    Date: st.builds(Date, st.dates()),
    Moment: st.builds(Moment, st.datetimes(), st.integers(-9, 9)),
    Digits: st.builds(Digits, names),
    Reference: st.builds(Reference, names),
    Phone: st.builds(Phone, names),
    Count: st.builds(Count, numbers),
    Words: st.builds(Words, several(names)),
    Hours: st.builds(Hours, several(st.builds(Opening, small, small, small, small))),
    Key: st.builds(Key, names),
    Text: st.builds(Text, names),
    YesNo: st.builds(YesNo, st.booleans()),
}
plain = st.one_of(*plain_values.values())
named = several(st.tuples(names, plain))
choices = st.builds(Choices, several(st.builds(Choice, names, names, named)))
values: st.SearchStrategy[Value] = plain | choices
spots = st.builds(Spot, names, st.integers(-1, 50))
stacks = several(st.builds(Detour, spots, st.sampled_from(Level)))
stops = st.builds(Stop, spots, stacks)
says = st.builds(
    Say,
    names,
    several(st.tuples(names, values)),
    st.none() | names,
    st.booleans(),
    st.booleans(),
)
calls = st.builds(
    Call,
    sid=names,
    book=names,
    line=names,
    caller=st.none() | names,
    language=names,
    turn=st.integers(-1, 10**6),
    chose_language=st.booleans(),
    pace=st.sampled_from(Pace),
    identity=st.builds(Identity, st.sampled_from(Level), maybe_number, maybe_number),
    spot=st.none() | spots,
    stack=stacks,
    open=st.none() | stops,
    trail=several(stops),
    memory=st.dictionaries(names, st.dictionaries(names, values, max_size=3), max_size=3),
    said=several(says),
    tries=st.builds(Tries, small, small, small),
    repeats=small,
    fixed=st.booleans(),
    reason=names,
    done=several(names),
    seen=several(names),
    ended=st.booleans(),
)
AFTERNOON = Moment(datetime.fromisoformat("2026-11-22T16:30"), 0)
PLAIN = Call("CA1", "b00c", "+18005550199", None, "en")


@given(calls)
def test_a_state_comes_back_as_it_went(call: Call) -> None:
    assert codec.load(codec.dump(call)) == call


@given(values)
def test_a_value_comes_back_as_it_went_and_with_its_kind(value: Value) -> None:
    back = codec.load_value(codec.dump_value(value))
    assert back == value
    assert type(back) is type(value)


def test_no_kind_of_value_is_forgotten_here() -> None:
    assert {*plain_values, Choices} == set(KINDS)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sid", "CA2"),
        ("book", "c0ffee"),
        ("line", "+18005550198"),
        ("caller", "+12025550142"),
        ("language", "es"),
        ("turn", 7),
        ("chose_language", True),
        ("pace", Pace.SLOW),
        ("identity", Identity(Level.VERIFIED, 4, 5)),
        ("spot", Spot("main", -1)),
        ("stack", (Detour(Spot("bill", 2), Level.MATCHED),)),
        ("open", Stop(Spot("main", -1), ())),
        ("trail", (Stop(Spot("pin", 1), (Detour(Spot("bill", 0), Level.VERIFIED),)),)),
        ("memory", {"bill": {"due": Date(date(2026, 12, 5))}}),
        ("said", (Say("late", (("by", AFTERNOON),), "es"),)),
        ("tries", Tries(1, 2, 3)),
        ("repeats", 2),
        ("fixed", True),
        ("reason", "pay"),
        ("done", ("balance",)),
        ("seen", ("main",)),
        ("ended", True),
    ],
)
def test_every_field_of_a_state_is_kept(name: str, value: Any) -> None:
    changed = replace(PLAIN, **{name: value})
    assert changed != PLAIN
    assert codec.load(codec.dump(changed)) == changed


def test_every_field_is_in_the_test_above() -> None:
    marks = test_every_field_of_a_state_is_kept.pytestmark
    assert {name for name, _ in marks[0].args[1]} == {field.name for field in fields(Call)}


@pytest.mark.parametrize("secret", [Secret("1234"), Card(Secret("pm_card_visa"), "visa", "4242")])
def test_a_secret_is_refused_without_being_shown(secret: Any) -> None:
    with pytest.raises(TypeError, match="never stored") as refused:
        codec.dump(replace(PLAIN, memory={"pin": {"": secret}}))
    assert "1234" not in str(refused.value)
    assert "pm_card" not in str(refused.value)


def test_a_secret_is_refused_among_what_was_said() -> None:
    said = (Say("pin", (("pin", Secret("1234")),)),)  # type: ignore[arg-type]  # that is the point
    with pytest.raises(TypeError, match="never stored"):
        codec.dump(replace(PLAIN, said=said))


def test_a_state_of_another_format_is_refused_by_name() -> None:
    text = codec.dump(PLAIN).replace(f'"format":{codec.FORMAT}', '"format":99')
    with pytest.raises(CallError, match="format 99, not 1"):
        codec.load(text)


def test_named_values_keep_their_names() -> None:
    assert codec.dump_values({"due": Money(1250)}) == {"due": ["money", 1250]}

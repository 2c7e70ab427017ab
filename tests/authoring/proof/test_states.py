"""Which calls are one state of the proof, and which are two."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from ivr.authoring.proof.facts import Facts
from ivr.authoring.proof.happenings import Ringing
from ivr.authoring.proof.reads import Reads
from ivr.authoring.proof.states import States, Watch
from ivr.dialog.call import Call, Detour, Identity, Pace, Spot, Stop, Tries
from ivr.dialog.directives import Say
from ivr.dialog.turns import AwaitAgent, AwaitKey, AwaitReply, Request, Wait
from ivr.flows.model import Do
from ivr.flows.services import RING, Level
from ivr.prompts.values import Count, Money, Phone, Text, Value, YesNo
from tests.authoring.proof.books import small_book

BOOK = small_book()
FACTS = Facts(BOOK)
STATES = States(BOOK, Reads(BOOK), FACTS)
KEY = AwaitKey(6)
RINGING = AwaitReply(Request(RING))


def fact(name: str) -> Value:
    bill = BOOK.flows["bill"].steps[0]
    assert isinstance(bill, Do)
    return FACTS.value("bill", name, bill.service.outcomes["owes"][name])


AFTER = Call(
    "CA1",
    "",
    "+18005550199",
    "+12025550142",
    "en",
    identity=Identity(Level.MATCHED, 7, 7),
    spot=Spot("after", -1),
    memory={"bill": {"balance": fact("balance"), "past-due": YesNo(True)}},
)
STOP = Stop(Spot("pick", 1), ())


NOTHING = Watch()


def key(call: Call, wait: Wait = KEY, watch: Watch = NOTHING) -> object:
    return STATES.key(STATES.plain(call, wait), wait, watch)


def with_fact(name: str, field: str, value: Value, wait: Wait = KEY) -> object:
    facts: Mapping[str, Value] = AFTER.memory.get(name, {})
    return key(replace(AFTER, memory={**AFTER.memory, name: {**facts, field: value}}), wait)


@pytest.mark.parametrize(
    "call",
    [
        replace(AFTER, turn=12),
        replace(AFTER, language="es", chose_language=True),
        replace(AFTER, pace=Pace.SLOW),
        replace(AFTER, repeats=3, fixed=True, reason="pay", done=("bill",)),
        replace(AFTER, identity=Identity(Level.MATCHED, 8, 9)),
        replace(AFTER, tries=Tries(call=4)),
        replace(AFTER, said=(Say("you-owe"),)),
        replace(AFTER, seen=("main",)),
        replace(AFTER, memory={**AFTER.memory, "pin": {"": Text("x")}}),
    ],
)
def test_what_cannot_matter_makes_no_other_state(call: Call) -> None:
    assert key(call) == key(AFTER)


@pytest.mark.parametrize(
    "call",
    [
        replace(AFTER, spot=Spot("main", -1)),
        replace(AFTER, stack=(Detour(Spot("details", 0), Level.VERIFIED),)),
        replace(AFTER, open=STOP),
        replace(AFTER, trail=(STOP,)),
        replace(AFTER, identity=Identity(Level.VERIFIED, 7, 7)),
        replace(AFTER, identity=Identity(Level.MATCHED)),
        replace(AFTER, tries=Tries(silences=1)),
        replace(AFTER, tries=Tries(mismatches=1)),
        replace(AFTER, memory={}),
    ],
)
def test_what_can_matter_makes_another_state(call: Call) -> None:
    assert key(call) != key(AFTER)


def test_a_yes_no_tells_states_apart_only_while_the_question_hangs_on_it() -> None:
    assert with_fact("bill", "past-due", YesNo(False)) != key(AFTER)
    asking = replace(AFTER, spot=Spot("pick", 1))
    facts = {**AFTER.memory["bill"], "past-due": YesNo(False)}
    assert key(replace(asking, memory={"bill": facts})) == key(asking)


def test_another_value_of_a_fact_is_another_state() -> None:
    assert with_fact("bill", "balance", Money(1)) != key(AFTER)


def test_what_waits_to_be_said_tells_states_apart_only_while_a_service_is_asked() -> None:
    asked = replace(AFTER, spot=Spot("person", 1))
    one, other = (Say("try-later"),), (Say("not-paid"),)
    english = (Say("other-language", language="en"),)
    amounts = [(Say("you-owe", (("balance", Money(cents)),)),) for cents in (1, 2)]
    texts = [(Say("you-owe", (("company", Text("Northside")),)),) for _ in range(2)]
    for first, second in ((one, other), (one, english), amounts):
        first_key, second_key = (key(replace(asked, said=it), RINGING) for it in (first, second))
        assert first_key != second_key
        assert key(replace(AFTER, said=first)) == key(replace(AFTER, said=second))
    one_key, other_key = (key(replace(asked, said=it), RINGING) for it in texts)
    assert one_key == other_key


def test_the_watch_and_the_wait_tell_states_apart() -> None:
    watches = [
        Watch(),
        Watch(agreed=Money(1)),
        Watch(agreed=Money(2)),
        Watch(intended=True),
        Watch(served=True),
        Watch(alone=True),
        Watch(gone=True),
        Watch(ringing=Ringing(1)),
        Watch(ringing=Ringing(1, bridged=True)),
    ]
    assert len({key(AFTER, KEY, watch) for watch in watches}) == len(watches)
    assert key(AFTER, AwaitKey(6)) == key(AFTER, AwaitKey(18))
    assert key(AFTER, KEY) != key(AFTER, RINGING)


def test_a_live_offer_is_remembered_while_a_phone_rings() -> None:
    number, offer = Phone("+12025550170"), Count(1)
    call = replace(
        AFTER, spot=Spot("person", 1), memory={"(transfer)": {"number": number, "offer": offer}}
    )
    rings = AwaitAgent(number.number, offer.number)
    assert STATES.plain(call, rings).memory == call.memory
    assert STATES.plain(replace(call, spot=Spot("after", -1)), KEY).memory == {}


def test_a_plain_call_is_as_plain_as_it_gets() -> None:
    for call in (AFTER, replace(AFTER, language="es", tries=Tries(1, 1, 4), seen=("main",))):
        plain = STATES.plain(call, KEY)
        assert STATES.plain(plain, KEY) == plain


def test_a_menu_heard_before_matters_where_it_greets_differently() -> None:
    book = small_book(
        ('keys:\n  "1": {offer: bill', 'greet: agent\nagain: main\nkeys:\n  "1": {offer: bill')
    )
    states = States(book, Reads(book), Facts(book))
    plain = states.plain(replace(AFTER, seen=("after", "main")), KEY)
    assert plain.seen == ("main",)
    assert states.key(plain, KEY, Watch()) != states.key(replace(plain, seen=()), KEY, Watch())

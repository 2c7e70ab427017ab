"""The proof of a book that asks for a spoken yes and takes a bank account."""

from functools import cache
from random import Random

from hypothesis import given, settings

from ivr.authoring.proof import prove
from ivr.authoring.proof.breach import at_passage
from ivr.authoring.proof.clock import Clock
from ivr.authoring.proof.example import Example, example
from ivr.authoring.proof.facts import Facts
from ivr.authoring.proof.happenings import ACCOUNT, LONE, NOT_RINGING, Happenings
from ivr.authoring.proof.reads import Reads
from ivr.authoring.proof.space import Passage, explore
from ivr.dialog.call import Call, Pace, Spot
from ivr.dialog.events import Answered, CardTaken, Event, Recorded, Silent
from ivr.dialog.turns import AwaitCard, AwaitRecording, Wait
from ivr.flows.model import PAY_OUTCOMES, PayMethod, Ref
from tests.authoring.proof.explored import Explored
from tests.authoring.proof.test_escapes import SEEDS, wander
from tests.authoring.proof.wanderer import Wanderer
from tests.saving import saving

AT_YES, AT_PAY = Spot("save", 0), Spot("save", 1)
BY_KEY = """kind: yes-no
      when: {"yes": next, "no": {say: not-paid, go: menu main}}"""
ALOUD = "kind: spoken-yes\n      prompt: saved"


@cache
def known() -> Explored:
    return Explored(explore(saving()))


def after(spot: Spot, wait: Wait) -> list[Event]:
    book = saving()
    facts = Facts(book)
    call = Call("CA1", "", "+18005550199", None, "en", spot=spot)
    return list(Happenings(book, facts, Reads(book)).after(call, wait, NOT_RINGING))


def first(spot: Spot, kind: type[Event]) -> Passage:
    return next(
        it
        for it in known().space.passages
        if it.call.spot == spot and isinstance(it.happening, kind)
    )


def told(passage: Passage) -> Example:
    shown = example(saving(), at_passage("", passage))
    assert shown
    return shown


def test_every_claim_holds_of_it() -> None:
    proof = prove(saving())
    assert [it.breaches for it in proof.verdicts if not it.holds] == []


def test_at_a_spoken_yes_it_is_said_or_not_or_any_key_is_pressed() -> None:
    events = after(AT_YES, AwaitRecording(5, 15))
    assert [type(it) for it in events[:2]] == [Recorded, Silent]
    assert [it.text.reveal() for it in events[2:] if isinstance(it, Answered)] == [*LONE, "1"]


def test_an_account_is_given_where_an_account_is_taken() -> None:
    ends = after(AT_PAY, AwaitCard(PayMethod.BANK))
    cards = {it.outcome: it.card for it in ends if isinstance(it, CardTaken)}
    assert tuple(cards) == PAY_OUTCOMES
    assert cards["given"] is ACCOUNT
    assert {card for outcome, card in cards.items() if outcome != "given"} == {None}


def test_zero_is_looked_at_there_and_so_is_a_lost_call() -> None:
    ways = [it for it in known().space.passages if it.call.spot == AT_YES]
    zeros = [
        it
        for it in ways
        if isinstance(it.happening, Answered) and it.happening.text.reveal() == "0"
    ]
    assert zeros
    assert all(it.source and it.source.listens for it in zeros)
    assert "Lost" in {type(it.happening).__name__ for it in ways}


def test_its_silence_is_waited_for() -> None:
    silence = first(AT_YES, Silent)
    said = Clock(saving()).says(silence.turn) if silence.turn else 0.0
    assert Clock(saving()).lasts(silence) == 5 + said
    slow = Clock(saving(), pace=Pace.SLOW)
    assert slow.lasts(silence) > Clock(saving()).lasts(silence) + 5


def test_an_example_says_it_and_types_the_account() -> None:
    shown = told(first(AT_YES, Recorded))
    assert shown.keys.split(",")[-2:] == ["4", "voice"]
    assert shown.moments[-1].happens == "says it aloud"
    taken = next(
        it
        for it in known().space.passages
        if isinstance(it.happening, CardTaken) and it.happening.card is ACCOUNT
    )
    assert told(taken).keys.split(",")[-3:] == ["voice", "110000000", "000123456789#"]


def test_what_is_taken_for_nothing_reads_no_amount() -> None:
    charged = saving(("pay: nothing", "pay: payment.amount"))
    amount = Ref("payment", "amount")
    assert amount not in Reads(saving()).ahead[AT_PAY]
    assert amount in Reads(charged).ahead[AT_PAY]


def test_a_spoken_yes_is_no_yes_to_an_amount() -> None:
    proof = prove(saving((BY_KEY, ALOUD)), only=["no-surprise-charge"])
    (verdict,) = proof.verdicts
    assert "not just said yes to" in verdict.breaches[0].message


@settings(max_examples=300)
@given(SEEDS)
def test_calls_of_it_never_leave_what_was_explored(seed: int) -> None:
    caller = Wanderer(known(), Random(seed))
    wander(caller, caller.follow(caller.luck.choice(known().space.nodes)))

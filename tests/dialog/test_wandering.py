"""Callers who do anything, services that reply anything: the shipped book always has an answer.

Hypothesis chooses keys, silences, card results, rings, outcomes and fields; the state goes through
its codec between any two events. A turn that says nothing, gets lost or ends out of turn fails.
"""

from datetime import UTC, date, datetime

from hypothesis import given, settings
from hypothesis import strategies as some

from ivr.dialog import codec
from ivr.dialog.call import Call, Identity
from ivr.dialog.engine import advance
from ivr.dialog.events import (
    Answered,
    Arrived,
    Card,
    CardTaken,
    Event,
    Rang,
    Recorded,
    Replied,
    Silent,
)
from ivr.dialog.turns import (
    AwaitAgent,
    AwaitCard,
    AwaitKey,
    AwaitRecording,
    AwaitReply,
    AwaitTyped,
    Finished,
    Request,
    Turn,
)
from ivr.flows.model import PAY_OUTCOMES
from ivr.flows.services import RING, Field, Level
from ivr.prompts.values import (
    Choice,
    Choices,
    Count,
    Date,
    Digits,
    Hours,
    Kind,
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
from tests.line import CALLER, LINE, SHIPPED

NOON = datetime(2026, 11, 23, 18, tzinfo=UTC)
KEYS = [*"0123456789*#", "1234#", "60601", "0#", "9#", "8#", "5000#", "12*", "2025550142"]
FAREWELLS = {"goodbye", "goodbye-hours"}
VALUES: dict[Kind, Value] = {
    Kind.MONEY: Money(8420),
    Kind.DATE: Date(date(2026, 12, 5)),
    Kind.MOMENT: Moment(datetime(2026, 11, 23, 16, 30, tzinfo=UTC), 0),
    Kind.DIGITS: Digits("42"),
    Kind.REFERENCE: Reference("40278815"),
    Kind.PHONE: Phone(CALLER),
    Kind.COUNT: Count(1),
    Kind.HOURS: Hours((Opening(0, 4, 480, 1200),)),
    Kind.TEXT: Text("something"),
}


def value(data: some.DataObject, field: Field) -> Value:
    """A value that a field of a reply may have."""
    if field.kind is Kind.YES_NO:
        return YesNo(data.draw(some.booleans()))
    if field.kind is Kind.WORDS:
        return Words(field.prompts[:2])
    if field.kind is Kind.CHOICES:
        ending = (("ending", Digits("0142")),)
        offered = field.prompts[: data.draw(some.integers(1, 6))]
        return Choices(tuple(Choice(prompt, prompt, ending) for prompt in offered))
    return VALUES[field.kind]


def reply(data: some.DataObject, call: Call, request: Request, happened: Event) -> Replied:
    """Any reply the service may give; nobody has talked before a phone rang."""
    outcomes = dict(request.service.every_outcome())
    if request.service is RING and not isinstance(happened, Rang):
        del outcomes["talked"]
    outcome = data.draw(some.sampled_from(sorted(outcomes)))
    fields = {name: value(data, field) for name, field in outcomes[outcome].items()}
    grants = request.service.grants.get(outcome, Level.UNKNOWN)
    granted = max(call.identity.level, grants)
    known = Identity(granted, 7, 7) if granted > Level.UNKNOWN else None
    return Replied(outcome, fields, known)


def event(data: some.DataObject, turn: Turn) -> Event:
    """Anything that can happen where the call now waits."""
    match turn.wait:
        case AwaitCard():
            outcome = data.draw(some.sampled_from(PAY_OUTCOMES))
            return CardTaken(NOON, outcome, Card(Secret("pm_card_visa"), "visa", "4242"))
        case AwaitRecording() if data.draw(some.booleans()):
            return Recorded(NOON, "RE1", 2)
        case AwaitAgent():
            return Rang(NOON, data.draw(some.booleans()))
        case _:
            keys = data.draw(some.sampled_from([*KEYS, None]))
            return Silent(NOON) if keys is None else Answered(NOON, Secret(keys), "#" in keys)


def hear(data: some.DataObject, call: Call, happened: Event) -> Turn:
    """One whole turn, its services answered."""
    turn = advance(SHIPPED, codec.load(codec.dump(call)), happened)
    while isinstance(turn.wait, AwaitReply):
        state = codec.load(codec.dump(turn.call))
        turn = advance(SHIPPED, state, reply(data, state, turn.wait.request, happened))
    return turn


def spoken(turn: Turn) -> list[str]:
    """The prompts of a turn, each of which can really be said in the caller's language."""
    prompts = []
    for said in (*turn.before, *turn.within):
        SHIPPED.catalogue.text(said.prompt, turn.call.language, dict(said.values))
        prompts.append(said.prompt)
    return prompts


@settings(max_examples=300, deadline=None)
@given(some.data())
def test_whatever_happens_the_caller_hears_something_and_is_never_lost(
    data: some.DataObject,
) -> None:
    call = Call("CA1", SHIPPED.digest, LINE, CALLER, "en")
    turn = hear(data, call, Arrived(NOON))
    talked = False
    for _ in range(25):
        prompts = spoken(turn)
        if isinstance(turn.wait, Finished):
            hung_up = turn.call.said == () and not prompts
            assert talked or hung_up or FAREWELLS & set(prompts)
            return
        if isinstance(turn.wait, AwaitKey | AwaitTyped | AwaitRecording):
            assert prompts
        number = turn.call.turn
        happened = event(data, turn)
        talked = isinstance(happened, Rang)
        turn = hear(data, turn.call, happened)
        assert turn.call.turn == number + 1

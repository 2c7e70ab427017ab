"""A caller who does anything and services that reply anything, beside the proof's own account.

The call is a real one: amounts, dates, lists and accounts differ from reply to reply. `Wanderer`
remembers for which value of the proof each of them stands, so that the state can be looked up.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from random import Random

from ivr.authoring.proof.breach import way_to
from ivr.authoring.proof.happenings import MOST_RINGS, RINGS, Lost, step_at
from ivr.authoring.proof.space import Node
from ivr.authoring.proof.states import Key, Watch
from ivr.authoring.proof.watching import watched
from ivr.dialog.call import Call, Identity, Pace
from ivr.dialog.directives import Say
from ivr.dialog.engine import advance, reach
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
from ivr.dialog.ringing import OFFER
from ivr.dialog.turns import (
    AwaitAgent,
    AwaitCard,
    AwaitKey,
    AwaitRecording,
    AwaitReply,
    AwaitTyped,
    Request,
    Turn,
)
from ivr.flows.model import PAY_OUTCOMES, AnswerKind, Ask, Choose, Do, Menu, Transfer
from ivr.flows.services import RING, Field, Level, Service
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
from ivr.services.spoken import SORRY
from ivr.telemetry import Secret
from tests.authoring.proof.explored import Explored

NOON = datetime(2026, 11, 23, 18, tzinfo=UTC)
ANYTHING = [*"0123456789*#", "1234#", "60601", "0#", "9#", "8#", "12*", "2025550142", "7#", "1*2"]
OTHERWISE = ["", "#", "8", "7", "9", "*", "0"]
CALLER = "+12025550142"
THEIRS, OTHERS = 7, 8
"""Two accounts, as ids."""

MADE: Mapping[Kind, Callable[[Random], Value]] = {
    Kind.MONEY: lambda luck: Money(luck.randrange(100, 90_000)),
    Kind.DATE: lambda luck: Date(date(2026, 12, 1) + timedelta(days=luck.randrange(30))),
    Kind.MOMENT: lambda luck: Moment(NOON + timedelta(hours=luck.randrange(30)), luck.randrange(3)),
    Kind.DIGITS: lambda luck: Digits(f"{luck.randrange(10_000):04}"),
    Kind.REFERENCE: lambda luck: Reference(f"{luck.randrange(10**8):08}"),
    Kind.PHONE: lambda luck: Phone(f"+120255501{luck.randrange(100):02}"),
    Kind.COUNT: lambda luck: Count(luck.randrange(1, 9)),
    Kind.HOURS: lambda luck: Hours((Opening(0, 4, 480, 1200),)),
    Kind.TEXT: lambda luck: Text(luck.choice(["something", "another"])),
    Kind.YES_NO: lambda luck: YesNo(luck.random() < 0.5),
}


@dataclass
class Wanderer:
    """One call over an explored book. `story` is all that happened."""

    known: Explored
    luck: Random
    story: list[str] = field(default_factory=list)
    watch: Watch = field(default_factory=Watch)
    rang: bool = False
    stands: dict[int, tuple[Value, Value]] = field(default_factory=dict)

    def arrive(self) -> Turn:
        """Ring one of the lines."""
        line = self.luck.choice(list(self.known.book.lines.values()))
        call = Call("CA1", self.known.book.digest, line.number, CALLER, line.language)
        return self.hear(call, Arrived(NOON))

    def follow(self, node: Node) -> Turn:
        """The proof's own way to a state, as far as this call's facts let it come."""
        ring, *onward = way_to(node)
        turn = self.hear(replace(ring.call, sid="CA1"), ring.happening)
        for passage in onward:
            source = passage.source
            if source is None or turn.call.spot != source.call.spot:
                return turn
            turn = self.hear(turn.call, self._really(passage.happening, turn))
        return turn

    def _really(self, happening: Event | Lost, turn: Turn) -> Event | Lost:
        """What happened in the proof, with a real service's reply in place of its own."""
        if not (isinstance(happening, Replied) and isinstance(turn.wait, AwaitReply)):
            return happening
        if turn.wait.request.service is RING:
            return self._rung(happening.outcome)
        who = happening.identity and Identity(happening.identity.level, THEIRS, THEIRS)
        fields = self._fields(turn.call, turn.wait.request.service, happening.outcome)
        decided = {name: it for name, it in happening.fields.items() if type(it) is YesNo}
        return replace(happening, fields={**fields, **decided}, identity=who)

    def go_on(self, turn: Turn) -> Turn:
        """Something that can happen where the call now waits."""
        return self.hear(turn.call, self.happening(turn))

    def hear(self, call: Call, happening: Event | Lost) -> Turn:
        """Let it happen; the call's state must be one that the proof knows."""
        book = self.known.book
        if isinstance(happening, Lost):
            turn = reach(book, call, SORRY)
        else:
            turn = advance(book, call, happening)
        self.watch = watched(book, self.watch, happening, call, turn)
        self.rang = isinstance(step_at(book, turn.call.spot), Transfer) and (
            self.rang or isinstance(turn.wait, AwaitAgent)
        )
        self.story.append(f"{_told(happening)} -> {turn.call.spot} {type(turn.wait).__name__}")
        assert self.key(turn) in self.known.keys, "\n".join(["this call escapes:", *self.story])
        return turn

    def key(self, turn: Turn) -> Key:
        """The state of the proof that this one is, if it is any."""
        agreed = self.watch.agreed and self._stands_for(self.watch.agreed)
        assert agreed is None or isinstance(agreed, Money)
        watch = replace(self.watch, agreed=agreed)
        # What is left of a transfer that is over is replaced before anything looks at it.
        memory = {
            name: {it: self._stands_for(value) for it, value in facts.items()}
            for name, facts in turn.call.memory.items()
            if name != OFFER or self.rang
        }
        said = tuple(self._in_the_proof(it) for it in turn.call.said)
        return self.known.key(replace(turn.call, memory=memory, said=said), turn.wait, watch)

    def _in_the_proof(self, said: Say) -> Say:
        return replace(said, values=tuple((it, self._stands_for(v)) for it, v in said.values))

    def _stands_for(self, value: Value) -> Value:
        return self.stands.get(id(value), (value, value))[1]

    def happening(self, turn: Turn) -> Event | Lost:
        """Keys, silence, a card, a ring or a reply; what leads on is the likeliest."""
        match turn.wait:
            case AwaitReply(request=request):
                return self._reply(turn.call, request)
            case AwaitCard():
                outcome = self.luck.choice(["given", *PAY_OUTCOMES])
                card = Card(Secret("pm_card_visa"), "visa", "4242") if outcome == "given" else None
                return CardTaken(NOON, outcome, card)
            case AwaitRecording() if self.luck.random() < 0.5:
                return Recorded(NOON, f"RE{self.luck.randrange(10**6)}", self.luck.randint(1, 15))
            case AwaitAgent():
                return Rang(NOON, self.luck.random() < 0.3)
            case _:
                return self._by_caller(turn)

    def _by_caller(self, turn: Turn) -> Event | Lost:
        chance = self.luck.random()
        if chance < 0.02:
            return Lost()
        if chance < 0.12:
            return Silent(NOON)
        answers = self._answers(turn) if chance < 0.7 else OTHERWISE if chance < 0.9 else ANYTHING
        keys = self.luck.choice(answers or OTHERWISE)
        if isinstance(turn.wait, AwaitRecording):
            return Answered(NOON, Secret(keys[:1] or "1"))
        ended = keys.endswith("#") or (isinstance(turn.wait, AwaitTyped) and not turn.wait.fixed)
        finished = ended and not (isinstance(turn.wait, AwaitKey) and keys == "#")
        return Answered(NOON, Secret(keys.removesuffix("#") if finished else keys), finished)

    def _answers(self, turn: Turn) -> list[str]:
        question = step_at(self.known.book, turn.call.spot)
        match question:
            case Menu():
                return [option.key for option in question.options]
            case Choose():
                return list("123456")
            case Ask(kind=AnswerKind.MONEY):
                return [str(self.luck.randrange(1, 10 ** self.luck.randrange(2, 7)))]
            case Ask(kind=AnswerKind.PHONE):
                return [f"20255501{self.luck.randrange(100):02}", "1111111111", "202555"]
            case Ask(kind=AnswerKind.DIGITS | AnswerKind.PIN):
                longest = min(question.limits.longest, 9)
                return ["4" * self.luck.randint(1, longest), "5" * question.limits.shortest]
            case _:
                return ["1", "2"]

    def _reply(self, call: Call, request: Request) -> Replied:
        service = request.service
        if service is RING:
            return self._ring()
        outcome = self.luck.choice(list(service.every_outcome()))
        fields = self._fields(call, service, outcome)
        language = self.luck.choice([None, *self.known.book.languages])
        pace = self.luck.choice([None, *Pace])
        who = self._who(call, service.grants.get(outcome), service.level)
        return Replied(outcome, fields, who, language, pace)

    def _fields(self, call: Call, service: Service, outcome: str) -> dict[str, Value]:
        step = step_at(self.known.book, call.spot)
        into = step.into if isinstance(step, Do) else None
        declared = service.every_outcome()[outcome]
        told = {
            name: self._value(into or "", name, it)
            for name, it in declared.items()
            if not (it.maybe and not it.there and self.luck.random() < 0.5)
        }
        for sort in {it.apart for it in declared.values() if it.apart}:
            yes = [name for name, it in declared.items() if it.apart == sort]
            told |= dict.fromkeys(yes, YesNo(False)) | {self.luck.choice(yes): told[yes[0]]}
        return {
            name: value
            for name, value in told.items()
            if not declared[name].there or told[declared[name].there] == YesNo(True)
        }

    def _who(self, call: Call, granted: Level | None, level: Level) -> Identity | None:
        """Whom a reply says it is: nobody new, the same by another premise, or some account."""
        who = call.identity
        if granted is None:
            return self.luck.choice([None, replace(who, premise=OTHERS)])
        account = self.luck.choice([THEIRS, OTHERS])
        if level:  # who is matched stays who they are
            return self.luck.choice([None, replace(who, level=granted)])
        return self.luck.choice([None, Identity(granted, account, account)])

    def _ring(self) -> Replied:
        ringing = self.watch.ringing
        outcomes = ["nobody", "unavailable"]
        if not ringing.rings:
            outcomes.append("ring")
        elif ringing.bridged:
            outcomes.append("talked")
        if 0 < ringing.rings < MOST_RINGS:
            outcomes.append("next")
        return self._rung(self.luck.choice(outcomes))

    def _rung(self, outcome: str) -> Replied:
        number, offer = MADE[Kind.PHONE](self.luck), MADE[Kind.COUNT](self.luck)
        fields = {"number": number, "offer": offer} if outcome in {"ring", "next"} else {}
        for name, value in fields.items():
            self._remember(value, RINGS[name])
        return Replied(outcome, fields)

    def _value(self, into: str, name: str, field: Field) -> Value:
        value = self._made(field)
        if field.kind is not Kind.YES_NO:
            self._remember(value, self.known.space.facts.value(into, name, field))
        return value

    def _made(self, field: Field) -> Value:
        if field.kind is Kind.WORDS:
            return Words(field.prompts[: self.luck.randint(1, len(field.prompts))])
        if field.kind is Kind.CHOICES:
            ending = (("ending", Digits("0142")),)
            offered = [self.luck.choice(field.prompts) for _ in range(self.luck.randint(1, 6))]
            return Choices(tuple(Choice(f"{n}", it, ending) for n, it in enumerate(offered)))
        return MADE[field.kind](self.luck)

    def _remember(self, value: Value, other: Value) -> None:
        """`value` is kept with it, so that nothing else is ever at its address."""
        self.stands[id(value)] = (value, other)


def _told(happening: Event | Lost) -> str:
    match happening:
        case Answered(text=text, finished=finished):
            return f"keys {text.reveal()!r}{' and #' if finished else ''}"
        case Replied(outcome=outcome, identity=who):
            yes = [name for name, it in happening.fields.items() if it == YesNo(True)]
            return f"reply {outcome} {who or ''} yes: {yes}"
        case CardTaken(outcome=outcome):
            return f"card {outcome}"
        case _:
            return type(happening).__name__

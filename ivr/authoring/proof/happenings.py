"""Everything that can happen next: keys and silence, cards, rings, and what services reply."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from itertools import product

from ivr.authoring.proof.facts import Facts, Undecided
from ivr.authoring.proof.reads import Reads
from ivr.config import Times
from ivr.dialog.call import Call, Identity, Spot
from ivr.dialog.events import (
    Answered,
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
    Request,
    Wait,
)
from ivr.flows.model import (
    PAY_OUTCOMES,
    AnswerKind,
    Ask,
    Book,
    Choose,
    Do,
    Menu,
    PayMethod,
    Ref,
    Step,
    Transfer,
)
from ivr.flows.services import Field, Level, Service
from ivr.prompts.values import Count, Phone, Value, YesNo
from ivr.telemetry import Secret

AT = datetime(2026, 11, 23, 18, tzinfo=UTC)
CHOICES = "123456"
LONE = ("0", "9", "8", "7", "*")
"""What means the same everywhere when it stands alone where digits are typed."""
UNIQUE = "70316482"
"""What is typed as a PIN: it occurs nowhere else, so that it would be found."""
PHONE = "2025550142"
CARD = Card(Secret(f"pm_{UNIQUE}"), "visa", "4242", PayMethod.CARD, "2030-12")
ACCOUNT = Card(Secret(f"pm_{UNIQUE}"), "", "89", PayMethod.BANK)
REFERENCE = "RE0000000000000000000000000000a3f1"
RINGS: Mapping[str, Value] = {"number": Phone("+12025550170"), "offer": Count(1)}
MOST_RINGS = Times().rings
SOMEBODY, ANOTHER = 1, 2
"""The account a caller is matched to, and any other one."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The line lost a call's place and led it to where the book says for that."""


Happening = Event | Lost


@dataclass(frozen=True, slots=True)
class Ringing:
    """How far a transfer is: phones rung so far, and whether the last one was talked to."""

    rings: int = 0
    bridged: bool = False


NOT_RINGING = Ringing()


class Happenings:
    """What can happen to the calls of one book."""

    def __init__(self, book: Book, facts: Facts, reads: Reads) -> None:
        self._book, self._facts, self._reads = book, facts, reads

    def after(self, call: Call, wait: Wait, ringing: Ringing) -> Iterator[Event]:
        """Every event that may come to a call that waits so, up to what no book can tell apart."""
        match wait:
            case AwaitKey():
                yield from (answered(key) for key in self._keys(call))
                yield _SILENT
            case AwaitTyped():
                yield from self._typed(call, wait)
            case AwaitRecording():
                yield from (_RECORDED, _SILENT)
                yield from (answered(key) for key in (*LONE, "1"))
            case AwaitCard(method=method):
                yield from _cards(method)
            case AwaitAgent():
                yield from (Rang(AT, bridged=False), Rang(AT, bridged=True))
            case AwaitReply():
                yield from self._replies(call, wait.request, ringing)
            case _:
                return

    def _keys(self, call: Call) -> Iterator[str]:
        """What is offered, heard or not, one key that is not, # and what means the same everywhere.

        The engine only compares a key with those of the options, so that all others are alike.
        """
        offered = self._offered(call)
        yield from offered
        yield from [key for key in CHOICES if key not in offered][:1]
        yield from (*LONE, "#")

    def _offered(self, call: Call) -> list[str]:
        place = step_at(self._book, call.spot)
        match place:
            case Menu():
                return [option.key for option in place.options]
            case Choose():
                return list(CHOICES)
            case _:
                return ["1", "2"]

    def _typed(self, call: Call, wait: AwaitTyped) -> Iterator[Event]:
        step = step_at(self._book, call.spot)
        if isinstance(step, Ask):
            yield _SILENT
            for text in (*self._answers(call, step), *LONE, "1*"):
                yield answered(text, finished=not wait.fixed or text in LONE)
            yield answered("", finished=True)

    def _answers(self, call: Call, ask: Ask) -> Iterator[str]:
        """A usable answer first; then, where there can be, ones too small and too large."""
        limits = ask.limits
        if ask.kind is AnswerKind.MONEY:
            least = self._cents(call, limits.least)
            most = self._cents(call, limits.most)
            bounds = [bound for bound in (least, most) if bound is not None]
            yield str(bounds[0] if bounds else 1)
            yield from (
                str(it) for it in (least and least - 1, most and most + 1) if it is not None
            )
            return
        yield usable(ask)
        if limits.shortest > 1:
            yield "1" * (limits.shortest - 1)
        if ask.kind is AnswerKind.PHONE:
            yield "1" * 10

    def _cents(self, call: Call, bound: int | Ref | None) -> int | None:
        if not isinstance(bound, Ref):
            return bound
        return getattr(call.memory.get(bound.name, {}).get(bound.field), "cents", None)

    # What services reply

    def _replies(self, call: Call, request: Request, ringing: Ringing) -> Iterator[Replied]:
        step = step_at(self._book, call.spot)
        if isinstance(step, Transfer):
            yield from _rung(ringing)
        elif isinstance(step, Do) and call.spot:
            for outcome in request.service.every_outcome():
                yield from self._ways(call, call.spot, step, outcome)

    def _ways(self, call: Call, spot: Spot, step: Do, outcome: str) -> Iterator[Replied]:
        """The replies with one outcome: whom it raises, and which facts are there."""
        read = self._reads.after(spot, step.when[outcome]) | self._reads.of(call)
        fields = step.service.every_outcome()[outcome]
        into = step.into
        kept = {name: field for name, field in fields.items() if into and Ref(into, name) in read}
        for who in _raised(call, step.service, outcome):
            for known in self._known(into or "", kept):
                yield Replied(outcome, known, who)

    def _known(self, into: str, kept: dict[str, Field]) -> Iterator[dict[str, Value]]:
        """With and without each fact that may be left out, unless a yes/no that is read tells."""
        maybe = [name for name, it in kept.items() if it.maybe and it.there not in kept]
        for there in product((True, False), repeat=len(maybe)):
            left_out = {name for name, is_there in zip(maybe, there, strict=True) if not is_there}
            yield {
                name: self._facts.value(into, name, field)
                for name, field in kept.items()
                if name not in left_out
            }


_SILENT = Silent(AT)
_RECORDED = Recorded(AT, REFERENCE, 3)


def step_at(book: Book, spot: Spot | None) -> Step | Menu | None:
    """The step or menu at a spot; nothing before a call has come to one."""
    if spot is None:
        return None
    return book.menus[spot.name] if spot.is_menu else book.flows[spot.name].steps[spot.step]


def usable(ask: Ask) -> str:
    """Digits that answer a question, other than for an amount; a secret is like no other digits."""
    limits = ask.limits
    if ask.kind is AnswerKind.PHONE:
        return PHONE
    if ask.kind is AnswerKind.PIN:
        return (UNIQUE * 3)[: max(limits.shortest, min(len(UNIQUE), limits.longest))]
    return "3" * max(limits.shortest, min(6, limits.longest))


@cache
def answered(text: str, finished: bool = False) -> Answered:
    """Keys as the carrier tells of them."""
    return Answered(AT, Secret(text), finished)


@cache
def _cards(method: PayMethod) -> tuple[Event, ...]:
    given = ACCOUNT if method is PayMethod.BANK else CARD
    return tuple(CardTaken(AT, it, given if it == "given" else None) for it in PAY_OUTCOMES)


def _raised(call: Call, service: Service, outcome: str) -> Iterator[Identity | None]:
    """Whom a reply may make of the caller: nobody new, who they are, or another account's owner."""
    granted = service.grants.get(outcome, Level.UNKNOWN)
    yield None
    if granted:
        yield Identity(granted, SOMEBODY)
        if call.identity.account is not None and not service.level:
            yield Identity(granted, ANOTHER)


def _rung(ringing: Ringing) -> Iterator[Replied]:
    """A phone rings, another one does, or the transfer is over. Nobody talks before a ring."""
    if not ringing.rings:
        yield Replied("ring", RINGS)
    elif ringing.bridged:
        yield Replied("talked")
    if 0 < ringing.rings < MOST_RINGS:
        yield Replied("next", RINGS)
    yield Replied("nobody")
    yield Replied("unavailable")


def decided(event: Event, call: Call, name: str, field: str, yes: bool) -> tuple[Event, Call]:
    """The event, or what the call remembers, with one open yes/no fact decided."""
    if isinstance(event, Replied) and getattr(event.fields.get(field), "name", None) == name:
        return replace(event, fields=_deciding(event.fields, field, yes=yes)), call
    return event, remembering(call, name, field, yes=yes)


def remembering(call: Call, name: str, field: str, *, yes: bool) -> Call:
    """The call, knowing that a fact it remembers is yes or no."""
    facts = _deciding(call.memory[name], field, yes=yes)
    return replace(call, memory={**call.memory, name: facts})


def _deciding(facts: Mapping[str, Value], field: str, *, yes: bool) -> dict[str, Value]:
    """Facts of one reply, with a yes/no decided and what hangs on it."""
    asked = facts[field]
    known = {**facts, field: YesNo(yes)}
    if isinstance(asked, Undecided):
        if yes:
            known |= {rival: YesNo(False) for rival in asked.rivals & facts.keys()}
        else:
            known = {it: value for it, value in known.items() if it not in asked.tells}
    return known

"""Services that reply what somebody supposes, so that a rare call can be made for real.

`person.find=ready+matched:has-number,-number` reads: the outcome is `ready`, it raises the caller
to matched, `has-number` is yes while every other yes/no is no, and `number` is left out. A fact
that a yes/no tells of is there where that is yes, and only there, whatever else is written.
"""

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from sqlalchemy import select

from ivr.authoring.proof.facts import Facts
from ivr.authoring.proof.happenings import RINGS, step_at
from ivr.dialog.call import Identity
from ivr.dialog.events import Replied
from ivr.dialog.turns import Request
from ivr.errors import IvrError
from ivr.flows.model import Do
from ivr.flows.services import RING, Level
from ivr.prompts.values import Kind, Value, YesNo
from ivr.services.context import Context, Entry
from ivr.store.tables import accounts

SUPPOSED = "IVR_SUPPOSED"
"""Names what is supposed, one reply a line, to the process that `ivr try` starts."""

_WRITTEN = re.compile(r"([a-z.]+)=([a-z-]+)(?:\+(matched|verified))?(?::([a-z,-]+))?")


@dataclass(frozen=True, slots=True)
class Supposed:
    """What a service replies in one call: an outcome, the yes/no facts that are yes, the facts
    left out, and the level it raises the caller to, if any."""

    service: str
    outcome: str
    yes: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    level: str = ""

    def __str__(self) -> str:
        marks = ",".join((*self.yes, *(f"-{name}" for name in self.without)))
        raised = f"+{self.level}" if self.level else ""
        return f"{self.service}={self.outcome}{raised}{f':{marks}' if marks else ''}"


def supposed(text: str, known: Mapping[str, Entry]) -> Supposed:
    """What is written as `SERVICE=OUTCOME+LEVEL:FACT,-FACT`. Raises IvrError with what is wrong."""
    found = _WRITTEN.fullmatch(text)
    if not found:
        raise IvrError(f'"{text}" supposes nothing; write SERVICE=OUTCOME, as balance.read=owes')
    name, outcome, level, marks = found.groups()
    if name not in known:
        raise IvrError(f'there is no service "{name}"; there are {", ".join(sorted(known))}')
    outcomes = known[name].service.every_outcome()
    if outcome not in outcomes:
        raise IvrError(f'{name} has no outcome "{outcome}"; it has {", ".join(outcomes)}')
    facts = marks.split(",") if marks else []
    for fact in facts:
        if fact.removeprefix("-") not in outcomes[outcome]:
            raise IvrError(f'{name} tells no "{fact.removeprefix("-")}" with {outcome}')
    yes = tuple(fact for fact in facts if not fact.startswith("-"))
    for one, other in combinations(dict.fromkeys(yes), 2):
        sort = outcomes[outcome][one].apart
        if sort and sort == outcomes[outcome][other].apart:
            raise IvrError(f"{name} never tells {one} and {other} at once")
    return Supposed(
        name,
        outcome,
        yes,
        tuple(fact[1:] for fact in facts if fact.startswith("-")),
        level or "",
    )


def supposing(services: Mapping[str, Entry], replies: Iterable[Supposed]) -> Mapping[str, Entry]:
    """The services, which reply what is supposed, in that order, and then as they really do.

    For one call in one process: whoever asks takes the next reply.
    """
    left: dict[str, deque[Supposed]] = defaultdict(deque)
    for reply in replies:
        left[reply.service].append(reply)
    return {
        **services,
        **{name: _pretending(services[name], queue) for name, queue in left.items()},
    }


def _pretending(entry: Entry, left: deque[Supposed]) -> Entry:
    """The service as it is supposed to reply; what it really does comes when all is used up."""
    if callable(entry.run):
        really = entry.run

        def reply(context: Context, request: Request) -> Replied:
            return _replied(context, entry, left.popleft()) if left else really(context, request)

        return Entry(entry.service, reply)
    remote = entry.run

    def prepare(context: Context, request: Request) -> object:
        if left:
            return _replied(context, entry, left.popleft())
        return remote.prepare(context, request)

    return Entry(entry.service, type(remote)(prepare, remote.work, remote.settle))


def _replied(context: Context, entry: Entry, said: Supposed) -> Replied:
    if entry.service is RING:
        fields: Mapping[str, Value] = RINGS if said.outcome in {"ring", "next"} else {}
        return Replied(said.outcome, fields)
    facts, step = Facts(context.book), step_at(context.book, context.call.spot)
    into = (step.into if isinstance(step, Do) else None) or ""
    told = entry.service.every_outcome()[said.outcome]
    values = {
        name: YesNo(name in said.yes)
        if field.kind is Kind.YES_NO
        else facts.value(into, name, field)
        for name, field in told.items()
        if (field.there in said.yes if field.there else name not in said.without)
    }
    return Replied(said.outcome, values, _identity(context, said.level))


def _identity(context: Context, level: str) -> Identity | None:
    """Somebody who has an account: that of the caller, else the first there is."""
    if not level:
        return None
    own = context.call.identity.account
    account = own or context.connection.scalar(select(accounts.c.id).limit(1))
    return Identity(Level[level.upper()], account, account)

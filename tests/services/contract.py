"""What a service declares, held against what it replies: the proof relies on every word of it."""

from collections import Counter
from collections.abc import Mapping

from ivr.dialog.call import Call, Identity
from ivr.dialog.events import Replied
from ivr.dialog.turns import Request
from ivr.flows.services import RING, Field, Service
from ivr.prompts.values import (
    Choices,
    Count,
    Date,
    Digits,
    Hours,
    Key,
    Kind,
    Moment,
    Money,
    Phone,
    Reference,
    Text,
    Value,
    Words,
    YesNo,
)
from ivr.services.context import Context, Entry
from ivr.services.table import SERVICES
from ivr.store import transfers

KINDS: Mapping[Kind, type[Value]] = {
    Kind.MONEY: Money,
    Kind.DATE: Date,
    Kind.MOMENT: Moment,
    Kind.DIGITS: Digits,
    Kind.REFERENCE: Reference,
    Kind.PHONE: Phone,
    Kind.COUNT: Count,
    Kind.WORDS: Words,
    Kind.HOURS: Hours,
    Kind.KEY: Key,
    Kind.TEXT: Text,
    Kind.YES_NO: YesNo,
    Kind.CHOICES: Choices,
}
MOST_LISTED = 6
"""As many as keys 1 to 6 reach."""


def keeping(entry: Entry) -> Entry:
    """The same service, each of its replies held against what it declares."""
    if callable(entry.run):
        really = entry.run

        def run(context: Context, request: Request) -> Replied:
            reply = kept(entry.service, context.call, really(context, request))
            if entry.service is RING:
                _rings_in_order(context, reply)
            return reply

        return Entry(entry.service, run)
    remote = entry.run

    def prepare(context: Context, request: Request) -> object:
        job = remote.prepare(context, request)
        return kept(entry.service, context.call, job) if isinstance(job, Replied) else job

    def settle(context: Context, request: Request, job: object, done: object) -> Replied:
        return kept(entry.service, context.call, remote.settle(context, request, job, done))

    return Entry(entry.service, type(remote)(prepare, remote.work, settle))


def _rings_in_order(context: Context, reply: Replied) -> None:
    """The first phone is a ring, each further one is a next, and there are no more than allowed."""
    if reply.outcome in {"ring", "next"}:
        transfer = transfers.latest(context.connection, context.call.sid)
        assert transfer
        assert (reply.outcome == "ring") == (transfer.position == 1)
        assert 1 <= transfer.position <= context.settings.times.rings


def kept(service: Service, call: Call, reply: Replied) -> Replied:
    """The reply, which keeps to what its service declares, or the test fails."""
    broken = list(_broken(service, call, reply))
    assert not broken, f"{service.name}={reply.outcome}: {'; '.join(broken)}"
    return reply


def _broken(service: Service, call: Call, reply: Replied) -> list[str]:
    outcomes = service.every_outcome()
    if reply.outcome not in outcomes:
        return ["no such outcome is declared"]
    declared = outcomes[reply.outcome]
    told = set(reply.fields)
    missing = {name for name, it in declared.items() if not it.maybe} - told
    found = [f"{name} is not declared" for name in sorted(told - set(declared))]
    found += [f"{name} is missing and not maybe" for name in sorted(missing)]
    found += _inconsistent(declared, reply)
    for name in sorted(told & set(declared)):
        found += _wrong(name, reply.fields[name], declared[name])
    if reply.identity:
        found += _raised(service, call.identity, reply)
    return found


def _inconsistent(declared: Mapping[str, Field], reply: Replied) -> list[str]:
    """Facts that are yes together, or there and not there, against what is declared."""
    yes = {name for name, value in reply.fields.items() if value == YesNo(True)}
    sorts = Counter(declared[name].apart for name in yes & set(declared))
    found = [f"several of {sort} are yes" for sort in sorts if sort and sorts[sort] > 1]
    tied = {name: it.there for name, it in declared.items() if it.there}
    return found + [
        f"{name} is {'there' if name in reply.fields else 'missing'}, unlike {told}"
        for name, told in tied.items()
        if (name in reply.fields) != (told in yes)
    ]


def _wrong(name: str, value: Value, declared: Field) -> list[str]:
    if not isinstance(value, KINDS[declared.kind]):
        return [f"{name} is {type(value).__name__}, not {declared.kind}"]
    if isinstance(value, Words):
        others = set(value.prompts) - set(declared.prompts)
        return [f"{name} says {it}, not declared" for it in sorted(others)] + (
            [] if value.prompts else [f"{name} has no words"]
        )
    if isinstance(value, Choices):
        others = {it.prompt for it in value.items} - set(declared.prompts)
        length = 1 <= len(value.items) <= MOST_LISTED
        return [f"{name} offers {it}, not declared" for it in sorted(others)] + (
            [] if length else [f"{name} lists {len(value.items)} things"]
        )
    return []


def _raised(service: Service, before: Identity, reply: Replied) -> list[str]:
    """A grant gives exactly what it declares; without one, everything about a caller stays."""
    after = reply.identity or before
    granted = service.grants.get(reply.outcome)
    if granted is not None:
        same = not service.level or after.account == before.account
        right = after.level is granted and after.account is not None and same
        return [] if right else [f"raises to {after.level.name}, not {granted.name}"]
    if (after.level, after.account) != (before.level, before.account):
        return ["makes somebody else of the caller, and grants nothing"]
    return []


KEPT: Mapping[str, Entry] = {name: keeping(entry) for name, entry in SERVICES.items()}
"""All services of a line under test."""

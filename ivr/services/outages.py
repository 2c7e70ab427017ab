"""Outages as callers meet them: is there one here, reporting one, danger."""

from dataclasses import dataclass
from datetime import UTC

from ivr.dialog.call import Call
from ivr.dialog.events import Replied
from ivr.dialog.phones import us_phone
from ivr.dialog.turns import Request
from ivr.flows.services import Field, Level, Service
from ivr.prompts.values import Choice, Choices, Kind, Moment, Reference, Text, Value, Words, YesNo
from ivr.services import reporting, restoring
from ivr.services.context import Context
from ivr.store import accounts
from ivr.store import outages as store
from ivr.store.identity import Owner
from ivr.store.outages import EVERYTHING, Known, Premise
from ivr.store.texts import opted_out

# A service as accounts have it, and the prompt that names it.
NAMES = {"internet": "internet", "tv": "tv", "voice": "home-phone", "mobile": "mobile"}
SERVICE_WORDS = tuple(NAMES.values())
CHOICES = (*SERVICE_WORDS, "everything", "danger")
HERE = {
    "services": Field(Kind.WORDS, prompts=SERVICE_WORDS),
    "changed": Field(Kind.YES_NO),
    "can-text": Field(Kind.YES_NO),
}
KNOWN = {"out": HERE["services"], "can-text": HERE["can-text"]}
SERVICES = Field(Kind.CHOICES, prompts=CHOICES)

LOOK = Service(
    name="outages.look",
    outcomes={
        "where": {},
        "clear": {"services": SERVICES},
        "known": {"services": SERVICES, **KNOWN, "eta": Field(Kind.MOMENT)},
        "known-late": {"services": SERVICES, **KNOWN},
        "known-no-time": {"services": SERVICES, **KNOWN},
        "suspended": {},
        "restoring": restoring.BACK,
        "no-service": {},
    },
)
REPORT = Service(
    name="outages.report",
    takes={"service": Kind.TEXT},
    outcomes={
        "reported": {"reference": Field(Kind.REFERENCE)},
        "joined": {"reference": Field(Kind.REFERENCE)},
        "already": {"reference": Field(Kind.REFERENCE)},
        "reopened": {"reference": Field(Kind.REFERENCE)},
        "danger": {},
        "where": {},
    },
    settles=frozenset({"reported", "joined", "already", "reopened"}),
)
DANGER = Service(name="outages.danger", outcomes={"kept": {}})


@dataclass(frozen=True, slots=True)
class News:
    """What is out at a premise. `eta` is None where no time is known or the time is past."""

    incident: int
    out: tuple[str, ...]
    eta: Moment | None
    late: bool
    changed: bool

    @property
    def words(self) -> Words:
        """What is out, by the prompts that name it."""
        return Words(tuple(NAMES[service] for service in self.out))

    @property
    def suffix(self) -> str:
        """What an outcome's name ends in: nothing where a time can be said."""
        return "" if self.eta else "-late" if self.late else "-no-time"


def premise_of(call: Call) -> int | None:
    """The account whose premise this call may ask and tell about."""
    return call.identity.account or call.identity.premise


def number_to_text(context: Context) -> str | None:
    """The number to text; None where no texts are sent at all, none could reach the caller, or
    they answered one with STOP."""
    if context.settings.text_from is None or context.call.caller is None:
        return None
    number = us_phone(context.call.caller)
    return None if number is None or opted_out(context.connection, number) else number


def news_for(context: Context, account: Owner) -> News | None:
    """What callers hear of confirmed incidents at an account's `node` that touch its `services`."""
    if account.node is None:
        return None
    known = store.known_at(context.connection, account.node, context.call.caller, context.call.sid)
    return news(context, tuple(account.services.split(";")), known)


def greeting_fields(context: Context, found: News) -> dict[str, Value]:
    """The fields of the greeting's outcomes `outage`, `outage-late` and `outage-no-time`."""
    fields: dict[str, Value] = {
        "services": found.words,
        "changed": YesNo(found.changed),
        "can-text": YesNo(number_to_text(context) is not None),
    }
    return {**fields, "eta": found.eta} if found.eta else fields


def look(context: Context, request: Request) -> Replied:
    """Whether an incident explains what the caller at this premise may be missing."""
    account, call = premise_of(context.call), context.call
    found = account and store.look(context.connection, account, call.caller, call.sid)
    if not found:
        return Replied("where")
    premise, known = found
    if refusal := _refusal(call, premise):
        return _suspended(context, premise) if refusal == "suspended" else Replied(refusal)
    fields: dict[str, Value] = {"services": _choices(premise.services)}
    here = news(context, premise.services, known)
    if here is None:
        return Replied("clear", fields)
    fields["out"] = here.words
    fields["can-text"] = YesNo(number_to_text(context) is not None)
    if here.eta:
        fields["eta"] = here.eta
    return Replied(f"known{here.suffix}", fields)


def report(context: Context, request: Request) -> Replied:
    """File what is out at the premise; where it was filed already, note that it still is."""
    chosen = request.values["service"]
    if not isinstance(chosen, Text) or chosen.text not in (*NAMES, EVERYTHING, "danger"):
        raise ValueError("outages.report takes one of the services that outages.look offers")
    if chosen.text == "danger":
        return Replied("danger")
    account = premise_of(context.call)
    premise = store.read_premise(context.connection, account) if account else None
    if premise is None:
        return Replied("where")
    outcome, reference = reporting.file(context, premise, chosen.text)
    return Replied(outcome, {"reference": Reference(reference)})


def danger(context: Context, request: Request) -> Replied:
    """Keep that somebody told of danger, once a call, whether or not we know where they are."""
    if not store.has_danger(context.connection, context.call.sid):
        account = premise_of(context.call)
        premise = store.read_premise(context.connection, account) if account else None
        reporting.write(context, premise, EVERYTHING, danger=True)
    return Replied("kept")


def news(context: Context, services: tuple[str, ...], known: list[Known]) -> News | None:
    """Of several incidents, the one that takes most from this premise; of equals the newest."""
    touching = [incident for incident in known if set(services) & set(incident.services)]
    if not touching:
        return None
    worst = max(touching, key=lambda incident: len(set(services) & set(incident.services)))
    late = worst.eta is not None and worst.eta <= context.now
    return News(
        incident=worst.incident,
        out=tuple(name for name in NAMES if name in services and name in worst.services),
        eta=context.moment(worst.eta) if worst.eta and not late else None,
        late=late,
        changed=worst.changed,
    )


def _refusal(call: Call, premise: Premise) -> str | None:
    """That an account is suspended is private: who is not matched to it hears no reason."""
    if premise.status == "suspended" and call.identity.level >= Level.MATCHED:
        return "suspended"
    if premise.status != "active" or not premise.services:
        return "no-service"
    return None


def _suspended(context: Context, premise: Premise) -> Replied:
    """Who has paid for their service hears that it is on its way, as in the greeting."""
    bill = accounts.read_bill(context.connection, premise.account, context.local.tzinfo or UTC)
    if bill and (asked := restoring.under_way(context, bill)):
        return Replied("restoring", restoring.back(context, bill.account, asked))
    return Replied("suspended")


def _choices(services: tuple[str, ...]) -> Choices:
    names = [name for name in NAMES if name in services]
    items = [Choice(name, NAMES[name]) for name in names]
    if len(items) > 1:
        items.append(Choice(EVERYTHING, "everything"))
    return Choices((*items, Choice("danger", "danger")))

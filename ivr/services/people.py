"""Reaching a person: is somebody there, and a callback where nobody is."""

from ivr.dialog.events import Replied
from ivr.dialog.phones import us_phone
from ivr.dialog.turns import Request
from ivr.flows.hours import open_at, week
from ivr.flows.services import Field, Service
from ivr.prompts.values import Kind, Phone, Value, YesNo
from ivr.services.context import Context
from ivr.store import people

MOST_A_DAY = 3
"""Callbacks one number, or one account, may ask for in a day at the line's place."""
SILENT = "silent"

FOUND = {"number": Field(Kind.PHONE, maybe=True), "has-number": Field(Kind.YES_NO)}

FIND = Service(
    name="person.find",
    takes={"queue": Kind.TEXT},
    outcomes={
        "ready": FOUND,
        "other-language": FOUND,
        "nobody": FOUND,
        "closed": {**FOUND, "hours": Field(Kind.HOURS)},
    },
)
HOURS = Service(
    name="person.hours",
    takes={"queue": Kind.TEXT},
    outcomes={"known": {"hours": Field(Kind.HOURS)}},
)
KEEP_CALLBACK = Service(
    name="callbacks.keep",
    takes={"queue": Kind.TEXT, "mark": Kind.TEXT, "number": Kind.PHONE},
    optional=frozenset({"mark", "number"}),
    outcomes={"kept": {"number": Field(Kind.PHONE)}, "number-needed": {}, "refused": {}},
    settles=frozenset({"kept"}),
)


def find(context: Context, request: Request) -> Replied:
    """Whether an agent of the queue could be rung now.

    `number` is the one we would call back; without one, `has-number` is no and it is absent.
    """
    queue, number = request.words["queue"], _caller(context)
    fields: dict[str, Value] = {"has-number": YesNo(number is not None)}
    if number:
        fields["number"] = Phone(number)
    if not open_at(context.book.hours, queue, context.local):
        return Replied("closed", {**fields, "hours": week(context.book.hours, queue)})
    return Replied(_free(context, queue), fields)


def _free(context: Context, queue: str) -> str:
    connection, language = context.connection, context.call.language
    for agent in people.free_agents(connection, queue, language, context.now, limit=1):
        # Who speaks the caller's language comes first, so this one tells of all.
        return "ready" if language in agent.languages else "other-language"
    return "nobody"


def hours(context: Context, request: Request) -> Replied:
    """The week of a queue."""
    return Replied("known", {"hours": week(context.book.hours, request.words["queue"])})


def keep_callback(context: Context, request: Request) -> Replied:
    """Keep a callback to the number typed, else to the caller's own.

    A call has one: asked again it is kept again, under the newly typed number where there is one.
    A number or account that asked for `MOST_A_DAY` by other calls today is refused.
    """
    asked, account = _asked(context, request), context.call.identity.account
    midnight = context.local.replace(hour=0, minute=0, second=0, microsecond=0)
    kept = people.callbacks_kept(context.connection, context.call.sid, asked, account, midnight)
    number = asked if "number" in request.values else kept.number or asked  # typed counts more
    if not number:
        return Replied("number-needed")
    if number != kept.number and max(kept.of_number, kept.of_account) >= MOST_A_DAY:
        return Replied("refused")
    people.keep_callback(context.connection, _row(context, request, number))
    return Replied("kept", {"number": Phone(number)})


def _caller(context: Context) -> str | None:
    return us_phone(context.call.caller) if context.call.caller else None


def _asked(context: Context, request: Request) -> str:
    """The number they typed or call from, or "" where it is none we may ring."""
    typed = request.values.get("number")
    if isinstance(typed, Phone):
        return us_phone(typed.number) or ""
    return _caller(context) or ""


def _row(context: Context, request: Request, number: str) -> dict[str, object]:
    call = context.call
    return {
        "account_id": call.identity.account,
        "call_sid": call.sid,
        "number": number,
        "queue": request.words["queue"],
        "reason": call.reason or None,
        "language": call.language,
        "no_key": request.words.get("mark") == SILENT,
        "created_at": context.now,
    }

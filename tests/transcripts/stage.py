"""What holds before a conversation (`given:`) and what others do during it (`meanwhile:`).

Both have the same words; each of them is one function of `CHANGES`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, delete, insert, select, update

from ivr.app import create_app
from ivr.carrier import Agent
from ivr.dialog.events import Replied
from ivr.dialog.turns import Request
from ivr.flows import parse_book
from ivr.flows.rules import PromiseRules
from ivr.services import incidents
from ivr.services.announcing import Sender
from ivr.services.context import Context, Entry
from ivr.services.drafting import draft_all
from ivr.services.settling import settle_unknown
from ivr.services.table import CHANNEL_PROMPTS, declared
from ivr.services.taking import Run
from ivr.store import methods, restores
from ivr.store.accounts import PAID
from ivr.store.columns import cents
from ivr.store.history import MADE
from ivr.store.posting import WHEN
from ivr.store.tables import (
    accounts,
    agents,
    callbacks,
    landlines,
    metadata,
    opt_outs,
    payments,
    phones,
    pins,
)
from ivr.switchboard import Books
from tests import builders
from tests.line import SHIPPED, Line, line
from tests.services import enrolments
from tests.services.contract import KEPT

HERE = ZoneInfo("America/Chicago")
BEHAVIOURS = {
    "accepts": Agent(keys="1"),
    "declines": Agent(keys="2"),
    "voicemail": Agent(keys=""),
    "busy": Agent(busy=True),
    "does not answer": Agent(answers=False),
    "caller leaves": Agent(caller_leaves="ringing"),
}
COLUMNS: Mapping[str, Callable[[str], Any]] = {
    "balance_cents": cents,
    "past_due_cents": cents,
    "last_payment_cents": cents,
    "due_date": date.fromisoformat,
    "last_payment_date": date.fromisoformat,
    "disconnect_date": date.fromisoformat,
    "disconnect_cents": cents,
}


@dataclass
class Stage:
    """A line, and what of it a conversation may change."""

    line: Line
    services: dict[str, Entry]
    connector: str = "works"

    @property
    def now(self) -> datetime:
        """The line's clock."""
        return self.line.clock.now

    def change(self, things: Mapping[str, Any]) -> None:
        """Make what is said of things true. Raises `KeyError` for a word there is not."""
        for name, value in things.items():
            CHANGES[name](self, value)


def stage(engine: Engine, folder: Path, given: Mapping[str, Any]) -> Stage:
    """A line on the demo data, where nobody works yet and what is given holds."""
    made, services = line(engine, folder), dict(KEPT)
    settings = made.office.settings
    if given.get("texts") == "off":
        settings = replace(settings, text_from=None)
    books = _books(given) if given.keys() & {"rules", "promises"} else made.office.books
    office = replace(made.office, services=services, settings=settings, books=books)
    ready = Stage(Line(office, create_app(settings, office), made.clock), services)
    ready.change({"agents": {}, **given})
    return ready


def _books(given: Mapping[str, Any]) -> Books:
    """The shipped book with other rules: of payments, in dollars, and of promises."""
    told = given.get("rules", {})
    stated = replace(SHIPPED.payments, **{name: _rule(name, text) for name, text in told.items()})
    return Books(
        replace(SHIPPED, payments=stated, promises=_promises_of(given.get("promises", {}))),
        lambda sources: parse_book(sources, declared(), CHANNEL_PROMPTS),
    )


def _rule(name: str, text: str) -> int:
    return int(text) if name == "tries" else cents(text)


def _promises_of(told: str | Mapping[str, str]) -> PromiseRules | None:
    if isinstance(told, str) or SHIPPED.promises is None:
        return None
    suspended = told.get("suspended", "no") == "yes"
    return replace(SHIPPED.promises, suspended=suspended)


def _in_store(change: Callable[[Stage, Connection, Any], None]) -> Callable[[Stage, Any], None]:
    def committed(stage: Stage, value: Any) -> None:
        with stage.line.office.engine.begin() as connection:
            change(stage, connection, value)

    return committed


def _account(connection: Connection, who: str) -> int:
    """The account of a phone number or with an account number."""
    owned = select(phones.c.account_id).where(phones.c.number == who)
    found = select(accounts.c.id).where((accounts.c.number == who) | accounts.c.id.in_(owned))
    return int(connection.execute(found).scalar_one())


def _accounts(stage: Stage, connection: Connection, value: Mapping[str, Any]) -> None:
    for who, columns in value.items():
        row = {name: _column(name, text) for name, text in columns.items()}
        mine = accounts.c.id == _account(connection, who)
        connection.execute(update(accounts).where(mine).values(row))


def _column(name: str, text: str) -> Any:
    return None if text == "none" else COLUMNS.get(name, str)(text)


def _agents(stage: Stage, connection: Connection, value: Mapping[str, Any]) -> None:
    """Who works now, by name or phone, and what they do when rung: a word of `BEHAVIOURS`, or
    `{does, speaks, queues}`, or what a recorded call has: `{answers, busy, keys}`.
    """
    connection.execute(update(agents).values(state="away"))
    for place, (who, does) in enumerate(value.items()):
        plan = {"does": does} if isinstance(does, str) else does
        values = {"state": "ready", "changed_at": stage.now + timedelta(seconds=place)}
        columns = {"speaks": "languages", "queues": "queues"}
        values |= {columns[name]: plan[name] for name in columns.keys() & plan.keys()}
        theirs = (agents.c.name == who) | (agents.c.phone == who)
        working = update(agents).where(theirs).values(values).returning(agents.c.phone)
        phone = connection.execute(working).scalar_one()
        stage.line.agents[phone] = _behaviour(plan)


def _behaviour(plan: Mapping[str, str]) -> Agent:
    if "does" in plan:
        return BEHAVIOURS[plan["does"]]
    answers, busy = (plan.get(name) == "true" for name in ("answers", "busy"))
    return Agent(answers=answers, busy=busy, keys=plan.get("keys", ""))


def _clock(stage: Stage, value: str) -> None:
    """It is so late at the line's place."""
    stage.line.clock.now = datetime.fromisoformat(value).replace(tzinfo=HERE)


def _minutes(stage: Stage, value: str) -> None:
    """So much time passes."""
    stage.line.clock.forward(minutes=float(value))


def _broken(stage: Stage, value: list[str]) -> None:
    """These services are broken from now on, all others work."""
    stage.services.update(KEPT)
    for name in value:
        stage.services[name] = Entry(KEPT[name].service, _break)


def _break(context: Context, request: Request) -> Replied:
    raise RuntimeError("broken for this conversation")


def _texts(stage: Stage, value: str) -> None:
    """`off`: no texts are sent at all; it is a setting, so `stage` has seen to it."""
    assert value == "off"


def _rules(stage: Stage, value: Mapping[str, str]) -> None:
    """The book's rules of payments; they are the book's, so `stage` has seen to them."""
    assert value


def _connector(stage: Stage, value: str) -> None:
    """The carrier's payment connector `works` or is `down`."""
    stage.connector = value


def _incident(stage: Stage, connection: Connection, value: Mapping[str, Any]) -> None:
    """A confirmed incident at a node: a time of today or `unknown` until it is over."""
    for node, told in value.items():
        eta = _eta(stage, told["until"])
        incidents.open_incident(connection, [node], told["services"].split(";"), stage.now, eta=eta)


def _news(stage: Stage, connection: Connection, value: Mapping[str, str]) -> None:
    """The network desk knows more of an incident: a new time, `unknown`, or `closed`."""
    for node, until in value.items():
        found = next(one for one in incidents.list_incidents(connection) if node in one.nodes)
        if until == "closed":
            incidents.close_incident(connection, found.id, stage.now, lambda language: "Restored")
        else:
            eta = _eta(stage, until)
            change = incidents.Change(eta=eta, no_eta=eta is None)
            incidents.update_incident(connection, found.id, stage.now, change)


def _eta(stage: Stage, until: str) -> datetime | None:
    if until == "unknown":
        return None
    hour, minute = map(int, until.split(":"))
    return stage.now.astimezone(HERE).replace(hour=hour, minute=minute)


def _callbacks(stage: Stage, connection: Connection, value: Mapping[str, str]) -> None:
    """So many callbacks were asked for today by a number."""
    for number, many in value.items():
        for place in range(int(many)):
            row = {
                "call_sid": f"CA-before-{place}",
                "number": number,
                "queue": "billing",
                "language": "en",
                "created_at": stage.now,
            }
            connection.execute(insert(callbacks).values(row))


def _payments(stage: Stage, connection: Connection, value: Mapping[str, Any]) -> None:
    """Somebody paid, or tried to, from an account: `{status, times, days, amount, method, last4}`,
    or a list of these, the oldest first; `days` ago, and by card unless `method` is bank."""
    for who, told in value.items():
        account, made = _account(connection, who), [told] if isinstance(told, dict) else told
        tries = [one for one in made for _ in range(int(one.get("times", "1")))]
        for place, one in enumerate(tries):
            _payment(connection, account, place, one, stage.now)


def _payment(
    connection: Connection, account: int, place: int, told: Mapping[str, str], now: datetime
) -> None:
    at = now - timedelta(days=int(told.get("days", "0")))
    row: dict[str, Any] = dict.fromkeys(("created_at", "updated_at", "asked_at"), at)
    if "amount" in told:
        row["amount_cents"] = cents(told["amount"])
    if told["status"] in MADE:
        number = str(50_000_000 + account * 100 + place)
        row |= {"charged_at": at, "confirmation": number, "last4": told.get("last4", "4242")}
        row["method"] = told.get("method", "card")
    sid = f"CA-other-{account}-{place}"
    builders.payment(connection, account, call_sid=sid, status=told["status"], **row)


def _expired(stage: Stage, connection: Connection, value: str) -> None:
    """What an account's callers said yes to, and gave no card for so far, is over."""
    waiting = (payments.c.account_id == _account(connection, value)) & (
        payments.c.status == "awaiting-method"
    )
    over = {"status": "canceled", "decline_code": "expired"}
    connection.execute(update(payments).where(waiting).values(over))


def _billing(stage: Stage, connection: Connection, value: Mapping[str, str]) -> None:
    """Billing says what became of an account's payments: posted, returned or refunded."""
    for who, status in value.items():
        theirs = payments.c.account_id == _account(connection, who)
        made = update(payments).where(theirs, payments.c.status.in_(PAID))
        connection.execute(made.values({"status": status, WHEN[status]: stage.now}))


def _opted_out(stage: Stage, connection: Connection, value: str) -> None:
    """A number answered one of our texts with STOP."""
    connection.execute(insert(opt_outs).values(number=value, at=stage.now))


def _landline(stage: Stage, connection: Connection, value: list[str]) -> None:
    """The carrier found these numbers to be landlines."""
    rows = [{"number": number, "at": stage.now} for number in value]
    connection.execute(insert(landlines), rows)


def _without_pin(stage: Stage, connection: Connection, value: str) -> None:
    connection.execute(delete(pins).where(pins.c.account_id == _account(connection, value)))


def _erased(stage: Stage, connection: Connection, value: str) -> None:
    """An account is erased, and everything that was its own."""
    account = _account(connection, value)
    for table in reversed(metadata.sorted_tables):
        if "account_id" not in table.c:
            continue
        theirs = table.c.account_id == account
        if table.c.account_id.nullable:
            connection.execute(update(table).where(theirs).values(account_id=None))
        else:
            connection.execute(delete(table).where(theirs))
    connection.execute(delete(accounts).where(accounts.c.id == account))


def _stored(stage: Stage, connection: Connection, value: Mapping[str, str]) -> None:
    """Methods an account has stored, the oldest first, as in `visa 4242;bank 6789`, perhaps with
    the token that the sandbox knows them by, or the month to whose end they are valid."""
    for who, told in value.items():
        for brand, last4, *more in (one.split() for one in told.split(";")):
            row = {"kind": "bank", "brand": ""} if brand == "bank" else {"brand": brand}
            row |= {"token" if it.startswith("pm_") else "expires": it for it in more}
            enrolments.method(connection, _account(connection, who), last4, **row)


def _removed(stage: Stage, connection: Connection, value: Mapping[str, str]) -> None:
    """A stored method is removed on another phone, told by its last four digits."""
    for who, last4 in value.items():
        kept = methods.kept(connection, _account(connection, who))
        gone = next(one for one in kept if one.last4 == last4)
        methods.remove(connection, gone.id, stage.now)


def _autopay(stage: Stage, connection: Connection, value: Mapping[str, str]) -> None:
    """An account enrolled with the stored method of these last four digits."""
    for who, last4 in value.items():
        account = _account(connection, who)
        kept = methods.kept(connection, account)
        paying = next(one for one in kept if one.last4 == last4)
        enrolments.enrolled(connection, account, paying.id, stage.now)


def _autopay_runs(stage: Stage, day: str) -> None:
    """`ivr autopay run` for a day."""
    office = stage.line.office
    sender = Sender(SHIPPED, texts_on=True)
    run = Run(office.engine, office.gateway, sender, office.now, date.fromisoformat(day))
    draft_all(run, office.settings.times, lambda done, total: None)


def _promises(stage: Stage, value: str | Mapping[str, str]) -> None:
    """`none`: the book has no rules of promises; else rules of it that differ from the shipped."""
    assert value  # they are the book's, so `stage` has seen to it


def _restored(stage: Stage, connection: Connection, value: str) -> None:
    """The network desk turned the service of an account on again."""
    waiting = restores.every(connection, done_too=False)
    [request] = [one for one in waiting if one.number == value]
    assert restores.done(connection, request.id, stage.now)


def _settled(stage: Stage, value: str) -> None:
    """The worker asked the gateway about payments without an answer."""
    office = stage.line.office
    stage.line.clock.forward(seconds=office.settings.times.lease + 1)
    settle_unknown(office.engine, office.gateway, office.settings.times, office.now)


CHANGES: Mapping[str, Callable[[Stage, Any], None]] = {
    "accounts": _in_store(_accounts),
    "agents": _in_store(_agents),
    "clock": _clock,
    "minutes": _minutes,
    "broken": _broken,
    "texts": _texts,
    "rules": _rules,
    "connector": _connector,
    "incident": _in_store(_incident),
    "news": _in_store(_news),
    "callbacks": _in_store(_callbacks),
    "payments": _in_store(_payments),
    "expired": _in_store(_expired),
    "billing": _in_store(_billing),
    "opted-out": _in_store(_opted_out),
    "landline": _in_store(_landline),
    "without-pin": _in_store(_without_pin),
    "erased": _in_store(_erased),
    "promises": _promises,
    "restored": _in_store(_restored),
    "settled": _settled,
    "stored": _in_store(_stored),
    "removed": _in_store(_removed),
    "autopay": _in_store(_autopay),
    "autopay-runs": _autopay_runs,
}

"""Rows and values that tests begin with. Each has sensible contents; a test names what matters."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Connection, insert
from sqlalchemy.dialects import postgresql, sqlite

from ivr.config import Settings
from ivr.dialog import codec
from ivr.dialog.call import Call
from ivr.document import Place
from ivr.flows.model import Book, Move, OpeningHours, PhoneLine, Voice
from ivr.gateways.payments import (
    Charge,
    Charged,
    Declined,
    Intent,
    Keeping,
    Kept,
    Method,
    Refund,
)
from ivr.prompts.catalogue import Catalogue, Prompt, parse_prompt
from ivr.services.context import Context
from ivr.store.columns import cents
from ivr.store.tables import accounts, agents, books, calls, payments, phones

NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)
"""A Friday, noon at the line's place."""
LINE = "+18005550199"
CALLER = "+12025550142"
PROMPTS = Path(__file__).parents[1] / "prompts"
WORKDAYS = ((480, 1200),) * 5


def account(connection: Connection, balance: str = "0.00", **values: Any) -> int:
    """An account, and its `phone` where one is named; returns its id."""
    phone, number = values.pop("phone", None), values.pop("number", "1000000142")
    row = {
        "number": number,
        "name": "Dana Reyes",
        "zip": "60601",
        "balance_cents": cents(balance),
        "balance_as_of": NOW,
        **values,
    }
    statement = insert(accounts).values(row).returning(accounts.c.id)
    made = int(connection.execute(statement).scalar_one())
    if phone:
        connection.execute(insert(phones).values(account_id=made, number=phone))
    return made


def agent(connection: Connection, name: str, phone: str, **values: Any) -> int:
    """An agent who is ready at the billing queue and speaks English; returns the id."""
    row = {
        "name": name,
        "phone": phone,
        "state": "ready",
        "queues": "billing",
        "languages": "en",
        "changed_at": NOW,
        **values,
    }
    statement = insert(agents).values(row).returning(agents.c.id)
    return int(connection.execute(statement).scalar_one())


def payment(connection: Connection, account: int, **values: Any) -> int:
    """A payment of $32.10 that waits for its card, of call CA1 at turn 5; returns its id."""
    row = {
        "account_id": account,
        "call_sid": "CA1",
        "turn": 5,
        "amount_cents": 3210,
        "status": "awaiting-method",
        "created_at": NOW,
        "updated_at": NOW,
        **values,
    }
    row.setdefault("idempotency_key", f"{row['call_sid']}-{row['turn']}")
    statement = insert(payments).values(row).returning(payments.c.id)
    return int(connection.execute(statement).scalar_one())


def call(sid: str = "CA1", **values: Any) -> Call:
    """A call's state."""
    fresh = Call(sid=sid, book="b00c", line=LINE, caller=CALLER, language="en")
    return replace(fresh, **values)


def stored_call(connection: Connection, state: Call, **values: Any) -> Call:
    """Give a call its row, and its book one."""
    dialect = {"sqlite": sqlite, "postgresql": postgresql}[connection.dialect.name]
    kept = dialect.insert(books).values(digest=state.book, sources="{}", used_at=NOW)
    connection.execute(kept.on_conflict_do_nothing())
    row = {
        "sid": state.sid,
        "line": state.line,
        "caller": state.caller,
        "account_id": state.identity.account,
        "language": state.language,
        "book": state.book,
        "version": 1,
        "turn": state.turn,
        "state": codec.dump(state),
        "started_at": NOW,
        "seen_at": NOW,
        **values,
    }
    connection.execute(insert(calls).values(row))
    return state


@cache
def prompts(language: str) -> Mapping[str, Prompt]:
    """The shipped prompts of a language."""
    texts = yaml.safe_load((PROMPTS / f"{language}.yaml").read_text(encoding="utf-8"))
    return {key: parse_prompt(key, text, Place()) for key, text in texts.items()}


def book(**values: Any) -> Book:
    """A book of shipped prompts without flows: Northside Cable, billing 8 to 20 on workdays."""
    small = Book(
        digest="b00c",
        sources={},
        company="Northside Cable",
        languages=("en", "es"),
        voices={
            "en": Voice("Polly.Joanna-Neural", "en-US", "en-US"),
            "es": Voice("Polly.Lupe-Neural", "es-US", "es-US"),
        },
        lines={LINE: PhoneLine(LINE, Move.END, "en", Move.END, "+12025550100")},
        person=Move.END,
        home=Move.END,
        identify={},
        hours=OpeningHours(
            "America/Chicago", {"billing": (*WORKDAYS, (540, 1020), None)}, frozenset()
        ),
        flows={},
        menus={},
        catalogue=Catalogue(("en", "es"), {name: prompts(name) for name in ("en", "es")}),
    )
    return replace(small, **values)


class NoGateway:
    """A payment gateway for tests that pay nothing: whoever asks it fails."""

    accepts: frozenset[Method] = frozenset({"card"})
    opens = False

    def open(self, intent: Intent) -> str:
        raise AssertionError("nothing is to be opened here")

    def charge(self, charge: Charge) -> Charged | Declined:
        raise AssertionError("nothing is to be charged here")

    def find(self, intent: Intent) -> Charged | Declined | None:
        raise AssertionError("nothing was charged here")

    def cancel(self, intent: Intent) -> Charged | Declined | None:
        raise AssertionError("nothing is to be canceled here")

    def keep(self, keeping: Keeping) -> Kept | Declined:
        raise AssertionError("nothing is to be kept here")

    def forget(self, kept: Kept) -> None:
        raise AssertionError("nothing is to be forgotten here")

    def refund(self, refund: Refund) -> bool:
        raise AssertionError("nothing is to be given back here")


def context(connection: Connection, state: Call, **values: Any) -> Context:
    """What a service is given when `state` asks it, by default at turn 1."""
    given = {
        "turn": 1,
        "book": book(),
        "now": NOW,
        "settings": Settings(),
        "gateway": NoGateway(),
        **values,
    }
    return Context(connection=connection, call=state, **given)

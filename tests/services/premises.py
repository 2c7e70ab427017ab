"""Homes in one neighbourhood, people who ring from them, and what they ask of the line."""

from typing import Any

from sqlalchemy import Connection, select

from ivr.dialog.call import Call, Identity
from ivr.dialog.events import Replied
from ivr.dialog.turns import Request
from ivr.flows.services import Level
from ivr.prompts.values import Reference, Text
from ivr.services import outages
from ivr.store.tables import reports
from tests.builders import CALLER, account, call, context, stored_call


def home(connection: Connection, number: str = "1", **values: Any) -> int:
    """An account with internet, television and telephone at node N12."""
    return account(
        connection, number=number, **{"node": "N12", "services": "internet;tv;voice", **values}
    )


def caller(connection: Connection, premise: int, sid: str = "CA1", **values: Any) -> Call:
    """The call of somebody matched to that account; `caller` is the number they ring from."""
    who = Identity(Level.MATCHED, account=premise)
    state = call(sid, identity=who, caller=values.pop("caller", CALLER))
    return stored_call(connection, state, **values)


def report(connection: Connection, state: Call, service: str = "tv", **values: Any) -> Replied:
    """Ask the line to file a report."""
    asked = Request(outages.REPORT, {"service": Text(service)})
    return outages.report(context(connection, state, **values), asked)


def rows(connection: Connection) -> list[Any]:
    """Every report, in the order they were filed."""
    return list(connection.execute(select(reports).order_by(reports.c.id)))


def reference(reply: Replied) -> str:
    """The reference a reply tells."""
    spoken = reply.fields["reference"]
    assert isinstance(spoken, Reference)
    return spoken.text

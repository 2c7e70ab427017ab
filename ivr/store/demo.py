"""Loads the demo: accounts, two outages and three agents, with dates around the day it is."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select

from ivr.errors import StoreError
from ivr.store.demo_cases import CASES, Case
from ivr.store.pins import hash_pin
from ivr.store.tables import accounts, agents, incident_nodes, incidents, phones, pins

ETA = timedelta(hours=3)
BEGAN = timedelta(hours=1)

# name, phone, queues, languages
AGENTS = (
    ("ana", "+12025550170", "billing", "en"),
    ("luis", "+12025550171", "billing", "en;es"),
    ("rosa", "+12025550172", "repair", "en;es"),
)


def is_empty(connection: Connection) -> bool:
    """Whether there is no account yet, so that demo data would mix with nobody's."""
    return connection.scalar(select(accounts.c.id).limit(1)) is None


def load_demo(connection: Connection, now: datetime, pepper: str) -> int:
    """Write the demo data and return how many accounts it has.

    Raises `StoreError` where there are accounts already.
    """
    if not is_empty(connection):
        raise StoreError("there are accounts already; demo data goes into an empty database only")
    # Few PINs, each hashed once: the demo is loaded before a newcomer hears anything.
    hashes = {pin: hash_pin(pin, pepper) for pin in {case.pin for case in CASES} if pin}
    for case in CASES:
        _load(connection, case, now, hashes.get(case.pin))
    _load_outages(connection, now)
    rows = [
        {"name": name, "phone": phone, "queues": queues, "languages": languages}
        for name, phone, queues, languages in AGENTS
    ]
    ready = insert(agents).values(state="ready", changed_at=now)
    connection.execute(ready, rows)
    return len(CASES)


def _load(connection: Connection, case: Case, now: datetime, pin: str | None) -> None:
    row = insert(accounts).values(_account(case, now)).returning(accounts.c.id)
    account = connection.execute(row).scalar_one()
    for number in filter(None, case.phone.split(";")):
        connection.execute(insert(phones).values(account_id=account, number=number))
    if pin:
        connection.execute(insert(pins).values(account_id=account, hash=pin))


def _account(case: Case, now: datetime) -> dict[str, Any]:
    today = now.date()
    paid_on = today - timedelta(days=case.paid_ago)
    return {
        "number": case.number,
        "name": case.name,
        "language": case.language,
        "email": f"{case.name.split()[0].lower()}@example.com",
        "service_address": f"{int(case.number[-3:])} Elm Street",
        "zip": case.zip,
        "node": case.node,
        "services": case.services,
        "plan": case.plan,
        "status": case.status,
        "balance_cents": case.balance,
        "balance_as_of": now,
        "past_due_cents": case.past_due,
        "due_date": None if case.due is None else today + timedelta(days=case.due),
        "last_payment_cents": case.paid,
        "last_payment_date": None if case.paid is None else paid_on,
        "autopay": case.autopay,
        "last_payment_status": case.paid_status,
        "disconnect_date": None if case.stops is None else today + timedelta(days=case.stops),
        "customer_since": today - timedelta(days=case.customer_for),
        "returned_payments": case.returned,
    }


def _load_outages(connection: Connection, now: datetime) -> None:
    for node, services, cause, eta in (
        ("N12", "internet;tv", "a damaged cable", now + ETA),
        ("N31", "internet;tv", None, None),
    ):
        row = insert(incidents).values(
            services=services,
            status="confirmed",
            cause=cause,
            eta=eta,
            opened_at=now - BEGAN,
            updated_at=now - BEGAN,
        )
        incident = connection.execute(row.returning(incidents.c.id)).scalar_one()
        connection.execute(insert(incident_nodes).values(incident_id=incident, node=node))

"""A whole line for a test: the shipped book, a real database, the app, and phones to ring it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from ivr.app import create_app
from ivr.carrier import Agent, Phone
from ivr.carrier.signing import signature
from ivr.config import Settings, Times
from ivr.flows import load_book, parse_book
from ivr.gateways.sandbox import SandboxGateway
from ivr.services.table import CHANNEL_PROMPTS, declared
from ivr.switchboard import Books, Office
from tests.grammar import assert_document
from tests.services.contract import KEPT

ROOT = Path(__file__).parent.parent
LINE = "+18005550199"
SPANISH_LINE = "+18005550198"
CALLER = "+12025550142"
ORIGIN = "http://127.0.0.1:8000"
TOKEN = "a token for tests"
MONDAY_NOON = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
"""Noon in Chicago, when every queue is open."""
SHIPPED = load_book(ROOT, declared(), CHANNEL_PROMPTS)
QUICK = Times(lease=2.0, wait=1.5, poll=0.01, gateway=0.01)


@dataclass
class Clock:
    """A clock that stands still until a test moves it."""

    now: datetime = MONDAY_NOON

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **duration: float) -> None:
        """Let time pass."""
        self.now += timedelta(**duration)


@dataclass
class Line:
    """One line; `phone()` is somebody's telephone."""

    office: Office
    app: Flask
    clock: Clock
    agents: dict[str, Agent] = field(default_factory=dict)

    def phone(self, caller: str = CALLER, called: str = LINE) -> Phone:
        """A telephone that has not dialled yet."""
        return Phone(
            f"{ORIGIN}/voice",
            TOKEN,
            caller,
            called,
            self.clock.now.date(),
            post=self.post,
            agents=self.agents,
        )

    def ring(self, caller: str = CALLER, called: str = LINE) -> Phone:
        """A telephone that has dialled the line and hears its first question."""
        phone = self.phone(caller, called)
        phone.dial()
        return phone

    def send(self, path: str, sid: str = "CA1", **form: str) -> TestResponse:
        """A signed webhook by itself, whatever comes of it; `form` on top of a call's own."""
        fields = {"CallSid": sid, "From": CALLER, "To": LINE, **form}
        signed = {"X-Twilio-Signature": signature(TOKEN, ORIGIN + path, fields)}
        return self.app.test_client().post(path, data=fields, headers=signed, base_url=ORIGIN)

    def post(
        self, url: str, form: Mapping[str, str], headers: Mapping[str, str]
    ) -> tuple[int, Mapping[str, str], bytes]:
        """What the carrier's HTTP request would get: by the grammar, or the test fails."""
        path = urlsplit(url)._replace(scheme="", netloc="").geturl()
        reply = self.app.test_client().post(path, data=form, headers=headers, base_url=ORIGIN)
        headers = dict(reply.headers)
        if path.endswith("/status"):
            assert reply.status_code == 204
        else:
            assert_document(reply.status_code, headers, reply.data)
        return reply.status_code, headers, reply.data


def words(key: str, language: str = "en") -> str:
    """What the shipped book says at a prompt without values."""
    return SHIPPED.catalogue.text(key, language)


def settings(database_url: str, folder: Path, times: Times = QUICK) -> Settings:
    """Settings of a line under test, texts switched on."""
    return Settings(
        database_url=database_url,
        auth_tokens=(TOKEN,),
        pin_pepper="a pepper for tests",
        text_from="+18005550199",
        book=ROOT,
        sandbox_ledger=folder / "ledger.db",
        times=times,
    )


def line(engine: Engine, folder: Path, clock: Clock | None = None) -> Line:
    """A line on a migrated database."""
    clock = clock or Clock()
    chosen = settings(str(engine.url), folder)
    counter = iter(range(10**9))
    office = Office(
        engine=engine,
        settings=chosen,
        books=Books(SHIPPED, lambda sources: parse_book(sources, declared(), CHANNEL_PROMPTS)),
        services=KEPT,
        gateway=SandboxGateway(chosen.sandbox_ledger, chosen.times.gateway),
        now=clock,
        new_id=lambda: f"worker-{next(counter)}",
    )
    return Line(office, create_app(chosen, office), clock)

"""A hand-written app for the carrier to ring: documents by path, and what was asked of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from twilio.request_validator import RequestValidator

from ivr.carrier.phone import Phone
from ivr.carrier.waits import Agent, Heard

TOKEN = "a token for tests"
URL = "http://127.0.0.1:8000/voice"
CALLER = "+12025550142"
CALLED = "+18005550199"
AGENT = "+12025550170"
TODAY = date(2026, 11, 22)
XML = {"Content-Type": "text/xml; charset=utf-8"}

Page = str | tuple[int, Mapping[str, str], bytes] | Exception


def response(inside: str) -> str:
    """A whole document around some verbs."""
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{inside}</Response>'


@dataclass
class App:
    """Answers each path with its verbs, an HTTP answer, or an exception; others are empty.

    Every request's signature is checked with the vendor's own validator. Where a path has a list,
    each request takes the next entry and the last one stays.
    """

    pages: dict[str, Page | list[Page]]
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def post(
        self, url: str, form: Mapping[str, str], headers: Mapping[str, str]
    ) -> tuple[int, Mapping[str, str], bytes]:
        validator = RequestValidator(TOKEN)
        assert validator.validate(url, dict(form), headers["X-Twilio-Signature"])
        path = urlsplit(url).path
        self.asked.append((path, dict(form)))
        page = self.pages.get(path, "")
        if isinstance(page, list):
            page = page.pop(0) if len(page) > 1 else page[0]
        if isinstance(page, Exception):
            raise page
        return (200, XML, response(page).encode()) if isinstance(page, str) else page

    def form(self, path: str) -> dict[str, str]:
        """The last form posted to a path."""
        return [form for asked, form in self.asked if asked == path][-1]

    @property
    def paths(self) -> list[str]:
        """The paths asked for, oldest first."""
        return [path for path, _ in self.asked]


def ring(
    pages: Mapping[str, Page | list[Page]] | str,
    agent: Agent | None = None,
    **settings: Any,
) -> tuple[Phone, App]:
    """Dial an app of these pages (a text is the page of /voice)."""
    app = App({"/voice": pages} if isinstance(pages, str) else dict(pages))
    agents = {AGENT: agent} if agent else {}
    defaults: dict[str, Any] = {
        "caller": CALLER,
        "called": CALLED,
        "today": TODAY,
        "agents": agents,
    }
    phone = Phone(URL, TOKEN, post=app.post, **(defaults | settings))
    phone.dial()
    return phone, app


def heard(phone: Phone, kind: str) -> list[Heard]:
    """What of one kind was heard."""
    return [entry for entry in phone.heard if entry.kind == kind]

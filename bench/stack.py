"""What a turn spends its time on: the same calls inside this process, with a clock around parts.

It leaves out gunicorn and the network, and what each clock costs itself.
"""

import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from flask.wrappers import Request
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app

from bench.callers import LINE, TOKEN, phone
from bench.client import KEYS, form
from bench.servers import ROOT
from ivr.app import create_app
from ivr.carrier.signing import signature
from ivr.channels.twilio import speaking, twiml, webhooks
from ivr.config import Settings
from ivr.dialog import codec
from ivr.store import accounts, calls, identity
from ivr.switchboard import Switchboard, attempt, exchange

ORIGIN = "http://127.0.0.1:8000"
CALLS = 150
TRIES = 5

PARTS: tuple[tuple[Any, str, str], ...] = (
    (Flask, "wsgi_app", "Flask and the webhook"),
    (Request, "_load_form_data", "reading the form"),
    (webhooks, "is_signed", "signature"),
    (Switchboard, "take", "switchboard and services"),
    (attempt.Attempt, "__enter__", "connection and BEGIN"),
    (attempt.Attempt, "__exit__", "COMMIT and giving back"),
    (calls, "find", "reading the call and its turn"),
    (identity, "owners", "reading the account"),
    (accounts, "read_bill", "reading the account"),
    (calls, "add_call", "writing the call and its turn"),
    (calls, "add_answered", "writing the call and its turn"),
    (calls, "save", "writing the call and its turn"),
    (calls, "add_events", "writing the events"),
    (codec, "load", "state from and to JSON"),
    (codec, "dump", "state from and to JSON"),
    (attempt, "advance", "engine"),
    (exchange, "advance", "engine"),
    (speaking.Speaker, "document", "words and TwiML"),
    (twiml, "render", "words and TwiML"),
)
"""Where a part begins, and what it counts as; what a part calls that is one itself is not its."""


class Clock:
    """Adds up the seconds of every part, each without the parts inside it."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._inside: list[float] = []

    def around(self, function: Callable[..., Any], part: str) -> Callable[..., Any]:
        """The same function, timed."""

        def timed(*args: Any, **named: Any) -> Any:
            began = time.perf_counter()
            self._inside.append(0.0)
            try:
                return function(*args, **named)
            finally:
                took = time.perf_counter() - began
                self.seconds[part] += took - self._inside.pop()
                if self._inside:
                    self._inside[-1] += took

        return timed


def cost_stack(url: str, folder: Path, count: int) -> dict[str, float]:
    """Milliseconds of a turn by part, the best of some tries, dearest first.

    It leaves clocks in this process, so nothing else may be measured in it afterwards.
    """
    clock = Clock()
    for owner, name, part in PARTS:
        setattr(owner, name, clock.around(getattr(owner, name), part))
    ledger = folder / "stack-ledger.db"
    app = create_app(Settings(url, auth_tokens=(TOKEN,), book=ROOT, sandbox_ledger=ledger))
    best: dict[str, float] = {}
    for _ in range(TRIES):
        clock.seconds.clear()
        turns = sum(_play(app, number % count + 1) for number in range(CALLS))
        found = {part: seconds / turns * 1000 for part, seconds in clock.seconds.items()}
        best = min(best or found, found, key=lambda stack: sum(stack.values()))
    return dict(sorted(best.items(), key=lambda part: -part[1]))


def _play(app: Flask, account: int) -> int:
    """One call as the client plays it; how many turns it had."""
    sid = f"CA{time.perf_counter_ns():032x}"
    for turn, key in enumerate((None, *KEYS)):
        path = f"/voice/turn?turn={turn}" if turn else "/voice"
        fields = form(sid, phone(account), key)
        signed = {"X-Twilio-Signature": signature(TOKEN, f"{ORIGIN}{path}", fields)}
        builder = EnvironBuilder(path, ORIGIN, method="POST", data=fields, headers=Headers(signed))
        body, status, _ = run_wsgi_app(app, builder.get_environ(), buffered=True)
        if not status.startswith("200") or LINE.encode() in b"".join(body):
            raise RuntimeError(f"a turn was answered with {status}")
    return 1 + len(KEYS)

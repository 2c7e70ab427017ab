"""Where a worker can be harmed: around every commit and every call to the payment gateway.

The product has no code for it. SQLAlchemy's dialect commits through one function of its own, and
the office hands its gateway around, so both can be wrapped from outside.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

from flask import has_request_context, request
from sqlalchemy import Engine

from faults.control import Control
from ivr.errors import NoAnswer, NotSent
from ivr.gateways.payments import PaymentGateway
from ivr.switchboard import Office


def harmed(office: Office, control: Control) -> Office:
    """The same office, whose commits and gateway calls are points to be harmed at."""
    passing = _Passing(control)
    _hook_commits(office.engine, passing)
    gateway = _Gateway(office.gateway, control, passing, office.settings.times.gateway)
    return replace(office, gateway=cast(PaymentGateway, gateway))


class _Passing:
    """Says to the control which call a worker is serving when it comes by a point."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def __call__(self, what: str) -> None:
        if has_request_context():
            sid = request.form.get("CallSid", "")
            self._control.pass_by(sid, request.path.rpartition("/")[2] + _turn(), what)


def _turn() -> str:
    return f"={request.args['turn']}" if "turn" in request.args else ""


def _hook_commits(engine: Engine, passing: _Passing) -> None:
    commit = engine.dialect.do_commit

    def do_commit(connection: Any) -> None:
        passing("before commit")
        commit(connection)
        passing("after commit")

    setattr(engine.dialect, "do_commit", do_commit)  # noqa: B010  mypy takes it for a method


class _Gateway:
    """A gateway whose every call is two points; it can be stopped, and fall silent once."""

    def __init__(
        self, gateway: PaymentGateway, control: Control, passing: _Passing, timeout: float
    ) -> None:
        self._gateway = gateway
        self._control = control
        self._passing = passing
        self._timeout = timeout

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._gateway, name)
        return self._around(name, found) if callable(found) else found

    def _around(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def harmed_call(*args: Any) -> Any:
            self._passing(f"before {name}")
            if self._control.is_stopped:
                raise NotSent("the payment gateway refuses connections")
            answer = call(*args)
            self._passing(f"after {name}")
            if self._control.take_silence():
                time.sleep(self._timeout)
                raise NoAnswer("the payment gateway did not answer in time")
            return answer

        return harmed_call

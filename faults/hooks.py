"""Where a process can be harmed: around every commit and every request to the payment gateway.

The product has no code for it. SQLAlchemy's dialect commits through one function of its own, the
office hands its gateway around, and Stripe's library sends through one method: so all of them can
be wrapped from outside.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any, cast
from urllib.parse import urlsplit

from flask import has_request_context, request
from sqlalchemy import Engine
from stripe import RequestsClient

from faults.control import Control
from ivr.config import Settings
from ivr.errors import NoAnswer, NotSent
from ivr.gateways.chosen import payment_gateway
from ivr.gateways.payments import PaymentGateway

Where = Callable[[], tuple[str, str] | None]
"""What a process is serving: a call with its webhook's path, or None where it counts no points."""

HEADER = "X-Fault"
"""What is to befall a request to our Stripe, by the names of tests/gateways/stripe_server.py."""
FAULTS = {"silence": "silent after", "break": "500", "turn away": "429"}
NOBODY = "127.0.0.1:1"
"""Where nothing listens, so that the system itself refuses the connection."""


def webhook() -> tuple[str, str] | None:
    """The call and the webhook that a worker is answering."""
    if not has_request_context():
        return None
    turn = f"={request.args['turn']}" if "turn" in request.args else ""
    return request.form.get("CallSid", ""), request.path.rpartition("/")[2] + turn


def harm(engine: Engine, settings: Settings, control: Control, where: Where) -> PaymentGateway:
    """Make points of an engine's commits and a gateway's requests; gives the gateway."""
    _harm_commits(engine, control, where)
    gateway = payment_gateway(settings)
    if settings.payment_gateway == "stripe":
        _harm_stripe(control, where)
        return gateway
    return cast(PaymentGateway, _Sandbox(gateway, control, where, settings.times.gateway))


def _harm_commits(engine: Engine, control: Control, where: Where) -> None:
    """Make a point before and after each commit, where the connection may be lost."""
    commit = engine.dialect.do_commit

    def do_commit(connection: Any) -> None:
        _pass_by(control, where, "before commit")
        if control.take("unplug"):
            connection.driver_connection.close()
        commit(connection)
        _pass_by(control, where, "after commit")
        if control.take("unplug"):
            connection.driver_connection.close()
            commit(connection)  # says in the driver's own words that the connection is gone

    setattr(engine.dialect, "do_commit", do_commit)  # noqa: B010  mypy takes it for a method


def _harm_stripe(control: Control, where: Where) -> None:
    """Make a point before and after each request of Stripe's library."""
    send = RequestsClient.request

    def harmed(
        client: RequestsClient, method: str, url: str, headers: Mapping[str, str], form: Any = None
    ) -> Any:
        what = asked_of(method, url)
        _pass_by(control, where, f"before {what}")
        if control.is_stopped:
            url = url.replace(urlsplit(url).netloc, NOBODY)
        if act := control.take("silence", "break", "turn away"):
            headers = {**headers, HEADER: FAULTS[act]}
        answer = send(client, method, url, headers, form)
        _pass_by(control, where, f"after {what}")
        return answer

    setattr(RequestsClient, "request", harmed)  # noqa: B010  mypy takes it for a method


def asked_of(method: str, url: str) -> str:
    """What a request to Stripe asks for, and of which resource but PaymentIntents."""
    resource, *path = urlsplit(url).path.split("/")[2:]
    what = path[1] if len(path) > 1 else "retrieve"
    if not path:
        what = "create" if method.upper() == "POST" else "list"
    return what if resource == "payment_intents" else f"{what} {resource}"


def _pass_by(control: Control, where: Where, what: str) -> None:
    if served := where():
        control.pass_by(*served, what)


class _Sandbox:
    def __init__(
        self, gateway: PaymentGateway, control: Control, where: Where, timeout: float
    ) -> None:
        self._gateway = gateway
        self._control = control
        self._where = where
        self._timeout = timeout

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._gateway, name)
        return self._around(name, found) if callable(found) else found

    def _around(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def harmed(*args: Any) -> Any:
            _pass_by(self._control, self._where, f"before {name}")
            if self._control.is_stopped or self._control.take("turn away"):
                raise NotSent("the payment gateway turns us away")
            if self._control.take("break"):
                raise NoAnswer("the payment gateway failed")
            answer = call(*args)
            _pass_by(self._control, self._where, f"after {name}")
            if self._control.take("silence"):
                time.sleep(self._timeout)
                raise NoAnswer("the payment gateway did not answer in time")
            return answer

        return harmed

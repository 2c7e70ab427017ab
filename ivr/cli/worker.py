"""`ivr worker`: does what must be done though nobody is on the line."""

import json
import logging
import signal
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event

import click
from sqlalchemy import Engine

from ivr.cli.database import opened
from ivr.cli.output import as_json
from ivr.config import ACCOUNT_SID, Settings
from ivr.gateways.calls import Calls
from ivr.gateways.chosen import payment_gateway
from ivr.gateways.rest import connect, disconnect
from ivr.gateways.texting import Texting
from ivr.telemetry import log_to_stderr
from ivr.worker import Worker

log = logging.getLogger(__name__)
NO_TEXTS = "no texts are sent: TEXT_FROM is not set"
NO_CARRIER = (
    "silent calls are taken for lost: TWILIO_ACCOUNT_SID is not set, so nobody can be asked"
)


@click.command()
@click.option("--once", is_flag=True, help="Do every job once, say what was done, and leave.")
@click.option(
    "--every",
    type=click.FloatRange(min=0.1),
    default=5.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to rest between rounds.",
)
@as_json
def worker(once: bool, every: float, json_wanted: bool) -> None:
    """Send texts, reap calls whose end never arrived, settle what is unknown.

    Any number may run at once and any may be killed; Ctrl-C leaves after the job under way. The
    log goes to standard error, one JSON object a line. --json is for --once.
    """
    if json_wanted and not once:
        raise click.UsageError("--json goes with --once; without it the log tells what is done")
    log_to_stderr()
    with opened() as (engine, settings), _worker(engine, settings) as ours:
        if not once:
            ours.run(every)
            return
        done = ours.round()
    click.echo(json.dumps(done) if json_wanted else _sentence(done))
    if "jobs broken" in done:
        raise click.ClickException("a job broke; the log above says where")


@contextmanager
def _worker(engine: Engine, settings: Settings) -> Iterator[Worker]:
    """A worker that Ctrl-C and SIGTERM ask to leave."""
    reachable = settings.account_sid != ACCOUNT_SID or settings.twilio_api_url is not None
    client = connect(settings) if reachable or settings.text_from else None
    if settings.text_from is None:
        log.warning(NO_TEXTS)
    if not reachable:
        log.warning(NO_CARRIER)
    stop = Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    try:
        yield Worker(
            engine=engine,
            settings=settings,
            gateway=payment_gateway(settings),
            texting=Texting(client, settings) if settings.text_from else None,
            calls=Calls(client) if reachable else None,
            name=uuid.uuid4().hex,
            now=lambda: datetime.now(UTC),
            stop=stop,
        )
    finally:
        if client is not None:
            disconnect(client)


def _sentence(done: dict[str, int]) -> str:
    return ", ".join(f"{what}: {number}" for what, number in done.items()) or "nothing to do"

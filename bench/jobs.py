"""How many turns the four jobs take, counted by the stand-in carrier on the demo's accounts."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from ivr.carrier import Phone
from ivr.store.demo import load_demo
from ivr.store.engine import connect
from ivr.store.schema import upgrade
from tests.line import MONDAY_NOON, Line, line, settings

OWES = "+12025550101"
"""A demo customer with a balance due and no outage."""


def turns_per_call(folder: Path) -> dict[str, int]:
    """The webhooks of one call for each job, the ring among them."""
    url = f"sqlite:///{folder}/jobs.db"
    upgrade(url)
    engine = connect(url)
    with engine.begin() as connection:
        load_demo(connection, MONDAY_NOON, settings(url, folder).pin_pepper)
    counted = dict(_count(line(engine, folder)))
    engine.dispose()
    return counted


def _count(demo: Line) -> Iterator[tuple[str, int]]:
    yield "balance", _turns(_play(demo, "1", ""))
    phone = _play(demo, "2", "2", "1")
    phone.enter_card("visa")
    phone.silence()
    yield "payment", _turns(phone)
    yield "outage", _turns(_play(demo, "3", "1", "1", ""))
    yield "person", _turns(_play(demo, "0"))


def _play(demo: Line, *answers: str) -> Phone:
    phone = demo.ring(OWES)
    for answer in answers:
        if not phone.ended:
            phone.press(answer)
    return phone


def _turns(phone: Phone) -> int:
    paths = [urlsplit(request.url).path for request in phone.wire.requests]
    return sum(path in ("/voice", "/voice/turn") for path in paths)

"""What must hold when copies of a webhook meet on two workers, and when a worker dies."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from ivr.carrier import Phone
from ivr.carrier.transport import Request
from ivr.carrier.twiml import BadDocument
from ivr.store.tables import payments
from tests.builders import account
from tests.system.server import CALLER, Server, serving, wait_until_ready

COPIES = 6
TIMES = "lease=2,wait=6,gateway=1"


@pytest.fixture
def server(database: Engine, database_url: str, tmp_path: Path) -> Iterator[Server]:
    """A line whose one customer owes $84.20."""
    with database.begin() as connection:
        account(connection, "84.20", phone=CALLER, services="internet;tv")
    with serving(database_url, tmp_path, TIMES) as running:
        yield running


def wait_until_charged(server: Server) -> None:
    """Return once the gateway has the charge, which it has not confirmed yet."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if charges(server):
            return
        time.sleep(0.01)
    raise AssertionError("nothing was ever charged")


def charges(server: Server) -> list[tuple[str, int, str]]:
    with closing(sqlite3.connect(server.ledger)) as ledger:
        try:
            return list(ledger.execute("SELECT idempotency_key, amount_cents, status FROM charges"))
        except sqlite3.OperationalError:  # the ledger has no table before its first charge
            return []


def at_card_entry(server: Server) -> Phone:
    phone = server.ring()
    for keys in ("2", "2", "1"):
        phone.press(keys)
    return phone


def at_once(phone: Phone, request: Request) -> set[bytes]:
    """What each of several copies of a webhook is answered, all sent at once."""
    gate = threading.Barrier(COPIES)

    def send(_: int) -> bytes:
        gate.wait()
        return phone.send_again(request).body

    with ThreadPoolExecutor(COPIES) as pool:
        return set(pool.map(send, range(COPIES)))


def paid_with(phone: Phone, token: str) -> Request:
    """What the carrier sends when a card was entered at the question the phone is at."""
    before = phone.requests[-1]
    turn = int(before.url.rpartition("=")[2]) + 1
    card = {"Result": "success", "PaymentToken": token, "PaymentCardNumber": "xxxxxxxxxxxx4242"}
    url = f"{before.url.rpartition('=')[0]}={turn}"
    return Request(url, {**before.form, **card})


def test_copies_of_a_charge_get_the_same_bytes_and_charge_once(
    server: Server, database: Engine
) -> None:
    phone = at_card_entry(server)
    silent = paid_with(phone, "pm_sandbox_timeout")  # the gateway takes its time over this one

    answers = at_once(phone, silent)

    assert len(answers) == 1
    assert b"whether your card was charged" in next(iter(answers))
    assert at_once(phone, silent) == answers  # and so do copies that come when all is over
    assert [(cents, status) for _, cents, status in charges(server)] == [(8420, "charged")]
    with database.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(payments)) == 1


def test_a_charge_whose_worker_was_killed_is_seen_through_once(
    server: Server, database: Engine
) -> None:
    phone = at_card_entry(server)
    paid = paid_with(phone, "pm_sandbox_timeout")
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(phone.send_again, paid)
        wait_until_charged(server)
        server.kill_workers()
        with pytest.raises(BadDocument):
            first.result()
    wait_until_ready(server)

    answer = phone.send_again(paid).body

    assert b"We received $84.20" in answer  # asked again, the gateway says what it did
    assert phone.send_again(paid).body == answer
    assert len(charges(server)) == 1
    assert "went through" in server.ring().text

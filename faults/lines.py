"""A line to be harmed: gunicorn with two workers, a database and a ledger of its own."""

import itertools
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from sqlalchemy import Engine, Row, create_engine, insert, select, text

from faults.control import Control
from ivr.config import Times
from ivr.store.accounts import read_bill
from ivr.store.engine import connect, reading
from ivr.store.pins import hash_pin, set_pin
from ivr.store.schema import upgrade
from ivr.store.tables import accounts, payments, phones

ROOT = Path(__file__).parent.parent
LINE = "+18005550199"
TOKEN = "a token for the faults"
PEPPER = "a pepper for the faults"
PIN = "80614297"
"""The PIN of every customer here, which stands nowhere else."""
OWED = 8420
TIMES = Times(lease=0.8, wait=2.5, poll=0.03, gateway=0.25)
"""The protocol's times, scaled down by fifteen."""
START_SECONDS = 30.0
MIGRATING = threading.Lock()
"""Alembic keeps the migration under way in globals."""
STOP_SECONDS = 5.0
FIRST, SECOND = 1_000_000_000, 500_000_000
"""An area code never begins with 1, so numbers from here on ring nowhere."""


@dataclass(frozen=True, slots=True)
class Customer:
    """A household that owes $84.20 and has two phones."""

    account: int
    phone: str
    second: str


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """What the gateway did for a key: `charged` or `declined`, in cents."""

    key: str
    cents: int
    status: str


@dataclass
class Line:
    """A running line. `kind` is its database, `log` where its standard error goes."""

    kind: str
    port: int
    database_url: str
    folder: Path
    engine: Engine
    control: Control
    pin_hash: str
    numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def ledger(self) -> Path:
        """The sandbox's own file."""
        return self.folder / "ledger.db"

    @property
    def log(self) -> Path:
        """What its workers wrote."""
        return self.folder / "gunicorn.log"

    def customer(self) -> Customer:
        """A new customer."""
        number = str(FIRST + next(self.numbers))
        with self.engine.begin() as connection:
            row = {
                "number": number,
                "name": "Dana Reyes",
                "zip": "60601",
                "balance_cents": OWED,
                "balance_as_of": datetime.now(UTC),
                "last_payment_cents": 3000,
                "last_payment_date": date(2026, 11, 4),
            }
            added = insert(accounts).values(row).returning(accounts.c.id)
            account = int(connection.execute(added).scalar_one())
            both = f"+1{number}", f"+1{int(number) + SECOND}"
            rows = [{"account_id": account, "number": phone} for phone in both]
            connection.execute(insert(phones), rows)
            set_pin(connection, account, self.pin_hash)
        return Customer(account, *both)

    def payments(self, customer: Customer) -> list[Row[Any]]:
        """A customer's rows of the table of payments, oldest first."""
        rows = select(payments).where(payments.c.account_id == customer.account)
        with reading(self.engine) as connection:
            return list(connection.execute(rows.order_by(payments.c.id)))

    def balance(self, customer: Customer) -> int:
        """What a customer still owes as callers hear it, in cents."""
        with reading(self.engine) as connection:
            bill = read_bill(connection, customer.account, UTC)
        if bill is None:
            raise RuntimeError("a customer is gone")
        return bill.balance_cents

    def charges(self) -> list[LedgerRow]:
        """The whole ledger, oldest first."""
        with closing(sqlite3.connect(self.ledger, timeout=5)) as ledger:
            found = ledger.execute(
                "SELECT idempotency_key, amount_cents, status FROM charges ORDER BY rowid"
            )
            return [LedgerRow(*row) for row in found]


@contextmanager
def serving(kind: str, url: str, folder: Path, build: str = "right") -> Iterator[Line]:
    """A migrated, empty line of a build; gone when the block ends, with all its processes."""
    (folder / "control").mkdir(parents=True)
    with MIGRATING:
        upgrade(url)
    port = _free_port()
    engine = connect(url)
    line = Line(kind, port, url, folder, engine, Control(folder / "control"), hash_pin(PIN, PEPPER))
    with line.log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", "faults/serving.py", "faults.wsgi:app"],
            cwd=ROOT,
            env=_environment(line, build),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for the driver, which ends its lines in order
        )
    try:
        _wait_until_ready(line, process)
        yield line
    finally:
        _stop(line, process)
        engine.dispose()


def _environment(line: Line, build: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    times = ",".join(f"{name}={getattr(TIMES, name)}" for name in ("lease", "wait", "poll"))
    return {
        **kept,
        "DATABASE_URL": line.database_url,
        "SANDBOX_LEDGER": str(line.ledger),
        "TWILIO_AUTH_TOKEN": TOKEN,
        "PIN_PEPPER": PEPPER,
        "IVR_BIND": f"127.0.0.1:{line.port}",
        "IVR_BOOK": str(ROOT),
        "IVR_TIMES": f"{times},gateway={TIMES.gateway}",
        "WEB_CONCURRENCY": "2",
        "FAULTS_CONTROL": str(line.control.folder),
        "FAULTS_BUILD": build,
    }


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _wait_until_ready(line: Line, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(f"http://127.0.0.1:{line.port}/readyz", timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.05)
    last = line.log.read_text().strip().splitlines()[-1:] or ["it said nothing"]
    raise RuntimeError(f"a line did not start: {last[0]}")


def _stop(line: Line, process: "subprocess.Popen[bytes]") -> None:
    """End the master, and whatever of its session is left."""
    line.control.disarm()
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # its own session, begun above
        process.wait()


def databases(server: str, names: Sequence[str]) -> list[str]:
    """URLs of new databases on a PostgreSQL server."""
    driver = server.replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(driver, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for name in names:
            connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return [server.replace("/postgres?", f"/{name}?", 1) for name in names]

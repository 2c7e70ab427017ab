"""A payment gateway that moves no money: its ledger is an SQLite file of its own.

It behaves as a real one does, so that everything which can go wrong with a charge can be had on
purpose. Tokens are named as Stripe names its test ones (https://docs.stripe.com/testing), and two
more fail as networks do.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from ivr.errors import GatewayError, NoAnswer, NotSent
from ivr.gateways.payments import (
    Charge,
    Charged,
    Declined,
    Intent,
    Keeping,
    Kept,
    Method,
    Reason,
    Refund,
)

DECLINES: dict[str, Reason] = {
    "": "declined",
    "InsufficientFunds": "funds",
    "ExpiredCard": "expired-card",
    "IncorrectCvc": "details",
    "VelocityLimitExceeded": "call-bank",
}
# Some of Stripe's names have the brand in them and some have not; here all may.
DECLINED = {
    f"pm_card_{brand}chargeDeclined{why}": reason
    for why, reason in DECLINES.items()
    for brand in ("visa_", "")
}
SILENT = "pm_sandbox_timeout"  # charges, and never says so
DOWN = "pm_sandbox_down"  # cannot be reached
BUSY = 1.5  # seconds to wait for another process that writes

TABLE = """CREATE TABLE IF NOT EXISTS charges (
    idempotency_key TEXT NOT NULL UNIQUE,
    token TEXT NOT NULL,
    amount_cents INTEGER NOT NULL,
    currency TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('charged', 'declined')),
    created_at TEXT NOT NULL
)"""
REFUNDS = """CREATE TABLE IF NOT EXISTS refunds (
    idempotency_key TEXT NOT NULL UNIQUE REFERENCES charges (idempotency_key),
    amount_cents INTEGER NOT NULL,
    created_at TEXT NOT NULL
)"""
ADD = "INSERT INTO charges VALUES (?, ?, ?, ?, ?, ?)"
GIVE_BACK = "INSERT OR IGNORE INTO refunds VALUES (?, ?, ?)"
FIND = "SELECT rowid, token, amount_cents, currency FROM charges WHERE idempotency_key = ?"

# Row number, token, cents and currency of a charge.
Found = tuple[int, str, int, str]


class SandboxGateway:
    """Keeps its charges in the file `ledger`; `timeout` is how long silence is waited out, in s.

    Any number of processes may share a ledger. The file and its folder are made on first use. It
    knows no intents, only charges, so a charge is one step and there is nothing to open or cancel.
    """

    accepts: frozenset[Method] = frozenset({"card", "bank"})
    opens = False

    def __init__(self, ledger: Path, timeout: float) -> None:
        self._ledger = ledger
        self._timeout = timeout

    def charge(self, charge: Charge) -> Charged | Declined:
        """Charge once; the same key again gives the first answer again.

        Raises `NotSent` and `NoAnswer` as a network does, and `GatewayError` where the key was
        used for another amount.
        """
        if charge.token.reveal() == DOWN:
            raise NotSent("the payment gateway refuses connections")
        with self._ledger_open() as ledger:
            found, is_new = _add(ledger, charge)
        _, token, cents, currency = found
        if (cents, currency) != (charge.cents, charge.currency):
            raise GatewayError("this key was used for another amount")
        if is_new and token == SILENT:
            time.sleep(self._timeout)
            raise NoAnswer("the payment gateway did not answer in time")
        return _answer(found)

    def open(self, intent: Intent) -> str:
        """An intent goes by its key here."""
        return intent.key

    def find(self, intent: Intent) -> Charged | Declined | None:
        """What became of an intent; None where nothing was ever charged by its key."""
        with self._ledger_open() as ledger:
            found = _find(ledger, intent.key)
        return _answer(found) if found else None

    def cancel(self, intent: Intent) -> Charged | Declined | None:
        """What became of an intent: what is not in the ledger stays out of it."""
        return self.find(intent)

    def keep(self, keeping: Keeping) -> Kept | Declined:
        """Every token may be charged again here, but those that are declined."""
        token = keeping.token.reveal()
        if token == DOWN:
            raise NotSent("the payment gateway refuses connections")
        return Declined(DECLINED[token]) if token in DECLINED else Kept(keeping.token)

    def forget(self, kept: Kept) -> None:
        """There is nothing to forget: tokens are kept nowhere here."""

    def refund(self, refund: Refund) -> bool:
        """Write down, once, that a charge was given back."""
        with self._ledger_open() as ledger:
            found = _find(ledger, refund.key)
            if found is None or found[2] != refund.cents or found[1] in DECLINED:
                raise GatewayError("there is no such charge to give back")
            ledger.execute(GIVE_BACK, (refund.key, refund.cents, _now()))
        return True

    def make(self) -> None:
        """Make the ledger, so that whoever reads it finds its table."""
        with self._ledger_open():
            pass

    @contextmanager
    def _ledger_open(self) -> Iterator[sqlite3.Connection]:
        """The ledger in one writing transaction, kept if nothing goes wrong."""
        try:
            self._ledger.parent.mkdir(parents=True, exist_ok=True)
            ledger = sqlite3.connect(self._ledger, timeout=BUSY, isolation_level=None)
        except (OSError, sqlite3.Error) as error:
            raise NotSent(f"the sandbox cannot open its ledger {self._ledger}") from error
        with closing(ledger):
            try:
                _begin(ledger)
            except sqlite3.Error as error:
                raise NotSent(f"the sandbox cannot use its ledger {self._ledger}") from error
            try:
                yield ledger
                ledger.execute("COMMIT")
            except sqlite3.Error as error:
                raise NoAnswer("the sandbox failed while it wrote its ledger") from error


def _begin(ledger: sqlite3.Connection) -> None:
    with suppress(sqlite3.OperationalError):  # another process is just doing it
        ledger.execute("PRAGMA journal_mode = WAL")
    ledger.execute("BEGIN IMMEDIATE")
    ledger.execute(TABLE)
    ledger.execute(REFUNDS)


def _add(ledger: sqlite3.Connection, charge: Charge) -> tuple[Found, bool]:
    """The charge of this key, and whether it is new."""
    if found := _find(ledger, charge.key):
        return found, False
    token = charge.token.reveal()
    status = "declined" if token in DECLINED else "charged"
    row = (charge.key, token, charge.cents, charge.currency, status, _now())
    number = ledger.execute(ADD, row).lastrowid or 0
    return (number, token, charge.cents, charge.currency), True


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _find(ledger: sqlite3.Connection, key: str) -> Found | None:
    found: Found | None = ledger.execute(FIND, (key,)).fetchone()
    return found


def _answer(found: Found) -> Charged | Declined:
    number, token, _, _ = found
    if token in DECLINED:
        return Declined(DECLINED[token])
    return Charged(f"sandbox-{number}")

"""A run of AutoPay killed at every commit and every call of the gateway, and run again."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, event

from ivr.gateways.payments import Charge, Charged, Declined, Intent
from ivr.gateways.sandbox import SandboxGateway
from ivr.store import autopays
from ivr.store.engine import connect
from tests.builders import NOW
from tests.services.enrolments import DECLINED, DUE, SILENT, TODAY, VISA, Desk, desk

MOST_POINTS = 60
"""More places than a run for one customer can be killed at."""
RUNS = 4


class Killed(BaseException):
    """The process ended here; nothing of ours may catch it."""


@dataclass
class Killer:
    """Kills at the `at`th place that is passed; `passed` counts them."""

    at: int
    passed: int = 0

    def here(self, *of: Any) -> None:
        """A place at which a run may be killed."""
        self.passed += 1
        if self.passed == self.at:
            raise Killed


class Mortal(SandboxGateway):
    """A gateway that we may die before and after every call of."""

    killer = Killer(0)

    def charge(self, charge: Charge) -> Charged | Declined:
        self.killer.here()
        charged = super().charge(charge)
        self.killer.here()
        return charged

    def find(self, intent: Intent) -> Charged | Declined | None:
        self.killer.here()
        found = super().find(intent)
        self.killer.here()
        return found


@contextmanager
def killing(billing: Desk, at: int) -> Iterator[Killer]:
    """Kill at a place: before a commit, at the begin of what follows one, around the gateway."""
    killer = Killer(at)
    assert isinstance(billing.gateway, Mortal)
    billing.gateway.killer = killer
    for name in ("begin", "commit"):
        event.listen(billing.engine, name, killer.here)
    try:
        yield killer
    finally:
        for name in ("begin", "commit"):
            event.remove(billing.engine, name, killer.here)
        billing.gateway.killer = Killer(0)


@pytest.fixture
def billing(database: Engine, tmp_path: Path) -> Desk:
    made = desk(database, tmp_path)
    made.gateway = Mortal(made.ledger, timeout=0.01)
    return made


def over(billing: Desk, owner: int) -> None:
    """No more of this customer, so that the next one is alone."""
    with billing.engine.begin() as connection:
        mine = autopays.enrolled(connection, owner)
        assert mine
        autopays.cancel(connection, mine.id, NOW)


def again(billing: Desk) -> None:
    """Once what the killed run held has been let go of, two runs more."""
    for _ in range(2):
        billing.later(seconds=3)
        billing.run(DUE)


@pytest.mark.parametrize(
    ("token", "charge", "draft", "texts"),
    [
        (VISA, "charged", "taken", 1),
        (SILENT, "charged", "taken", 1),
        (DECLINED, "declined", "failed", 2),
    ],
)
def test_a_run_killed_anywhere_and_run_again_charges_each_bill_once(
    billing: Desk, token: str, charge: str, draft: str, texts: int
) -> None:
    for at in range(1, MOST_POINTS):
        owner = billing.customer(token=token)
        billing.run(TODAY)
        with killing(billing, at) as killer, suppress(Killed):
            billing.run(DUE)
        again(billing)
        mine = [row for row in billing.rows("drafts") if row.account_id == owner]
        assert [row.status for row in mine] == [draft]
        assert [status for _, _, status in billing.charges] == [charge] * at
        assert len(billing.rows("payments")) == at
        assert len(billing.rows("texts")) == texts * at
        if killer.passed < at:
            break
        over(billing, owner)
    assert 10 < at < MOST_POINTS - 1


def test_an_announcement_killed_anywhere_is_made_once(billing: Desk) -> None:
    for at in range(1, MOST_POINTS):
        owner = billing.customer()
        with killing(billing, at) as killer, suppress(Killed):
            billing.run(TODAY)
        billing.run(TODAY)
        assert len(billing.rows("drafts")) == len(billing.rows("texts")) == at
        if killer.passed < at:
            break
        over(billing, owner)
    assert 5 < at < MOST_POINTS - 1


def test_runs_at_once_charge_each_bill_once(billing: Desk, database_url: str) -> None:
    for _ in range(6):
        billing.customer()
    together = Barrier(RUNS, timeout=20)

    def run(engine: Engine) -> None:
        one = Desk(engine, billing.gateway, billing.ledger, billing.now)
        for day in (TODAY, DUE):
            together.wait()
            one.run(day)

    engines = [connect(database_url) for _ in range(RUNS)]
    with ThreadPoolExecutor(RUNS) as pool:
        list(pool.map(run, engines))
    for engine in engines:
        engine.dispose()
    again(billing)
    assert sorted(billing.states("drafts")) == ["taken"] * 6
    assert len(billing.charges) == len({key for key, _, _ in billing.charges}) == 6
    assert len(billing.rows("texts")) == 6

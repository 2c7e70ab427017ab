"""A caller's payment that is charged just as AutoPay looks whether there is something to take."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from ivr.services.taking import take
from ivr.store import payments
from ivr.store.engine import connect
from tests.builders import NOW, payment
from tests.services.enrolments import DUE, TODAY, Desk, desk

MOST_STATEMENTS = 40


@pytest.fixture
def postgresql(clean_postgresql_url: str) -> Iterator[Engine]:
    """Where others commit in the middle of a transaction; on SQLite all writers take turns."""
    engine = connect(clean_postgresql_url)
    yield engine
    engine.dispose()


@contextmanager
def charged_after(engine: Engine, at: int, paid: int, url: str) -> Iterator[list[str]]:
    """Let a payment be charged once this engine has run so many statements; gives those it ran."""
    ran: list[str] = []
    other = connect(url)

    def executed(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        ran.append(statement)
        if len(ran) == at:
            with other.begin() as mine:
                now = {"updated_at": NOW, "charged_at": NOW}
                payments.confirm(mine, paid, {**now, "confirmation": f"{paid:08}"})

    event.listen(engine, "after_cursor_execute", executed)
    try:
        yield ran
    finally:
        event.remove(engine, "after_cursor_execute", executed)
        other.dispose()


def begun(billing: Desk, owner: int, at: int) -> int:
    """A payment of a caller who keyed their card."""
    with billing.engine.begin() as connection:
        return payment(connection, owner, amount_cents=8420, call_sid=f"CA{at}", status="charging")


def test_nothing_is_taken_twice_wherever_the_other_payment_is_charged(
    postgresql: Engine, clean_postgresql_url: str, tmp_path: Path
) -> None:
    billing = desk(postgresql, tmp_path)
    for at in range(1, MOST_STATEMENTS):
        owner = billing.customer()
        billing.run(TODAY)
        paid, draft = begun(billing, owner, at), billing.rows("drafts")[-1].id
        with charged_after(postgresql, at, paid, clean_postgresql_url) as ran:
            assert take(billing.of(DUE), draft) in ("waiting", "skipped")
        assert billing.charges == []
        if len(ran) < at:
            break
    assert 4 < at < MOST_STATEMENTS - 1

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select

from ivr.carrier.rest import RestServer
from ivr.config import Settings
from ivr.gateways.calls import Calls
from ivr.gateways.sandbox import SandboxGateway
from ivr.gateways.texting import Texting
from ivr.store.tables import calls, payments, texts
from ivr.worker import Worker
from tests.builders import NOW, account, call, payment, stored_call

LATER = NOW + timedelta(hours=2)


@pytest.fixture
def worker(database: Engine, client: Any, settings: Settings, tmp_path: Path) -> Worker:
    """A worker two hours after everything the tests begin with."""
    return Worker(
        engine=database,
        settings=settings,
        gateway=SandboxGateway(tmp_path / "sandbox.db", 0.01),
        texting=Texting(client, settings),
        calls=Calls(client),
        name="me",
        now=lambda: LATER,
        stop=Event(),
    )


def work(engine: Engine) -> None:
    """One thing to do for every job but the transfers."""
    with engine.begin() as connection:
        connection.execute(
            insert(texts).values(
                key="restored:1:1",
                number="+12025550142",
                body="Back. (517220)",
                reference="517220",
                language="en",
                next_at=NOW,
                created_at=NOW,
            )
        )
        stored_call(connection, call())
        connection.execute(
            insert(payments).values(
                account_id=account(connection),
                call_sid="CA0",
                turn=1,
                amount_cents=100,
                status="awaiting-method",
                idempotency_key="k1",
                created_at=NOW,
                updated_at=NOW,
            )
        )


def test_a_round_does_every_job(database: Engine, worker: Worker, carrier: RestServer) -> None:
    work(database)
    assert worker.round() == {"texts sent": 1, "payments expired": 1, "calls lost": 1}
    assert len(carrier.messages) == 1
    assert worker.round() == {}


def test_without_a_number_to_send_from_texts_stay_where_they_are(
    database: Engine, worker: Worker, carrier: RestServer
) -> None:
    work(database)
    done = replace(worker, texting=None).round()
    assert done == {"payments expired": 1, "calls lost": 1}
    assert carrier.messages == []
    with database.begin() as connection:
        assert connection.scalar(select(texts.c.status)) == "pending"


def test_a_job_that_breaks_does_not_keep_the_others_from_being_done(
    database: Engine, worker: Worker
) -> None:
    class Broken(Texting):
        def send(self, number: str, body: str) -> str:
            raise RuntimeError("the gateway is gone")

    work(database)
    done = replace(worker, texting=Broken(None, worker.settings)).round()
    assert done == {"jobs broken": 1, "payments expired": 1, "calls lost": 1}


def test_a_round_leaves_alone_what_has_been_asked_about_just_now(
    database: Engine, worker: Worker
) -> None:
    asked = {"asked_at": LATER - timedelta(minutes=1), "updated_at": LATER, "token": "t"}
    with database.begin() as connection:
        payment(connection, account(connection, "84.20"), status="unknown", **asked)
    assert worker.round() == {"payments unknown": 1}
    assert replace(worker, now=lambda: LATER + timedelta(minutes=1)).round() == {
        "payments canceled": 1
    }


def test_a_worker_told_to_stop_does_no_more_jobs(database: Engine, worker: Worker) -> None:
    work(database)
    worker.stop.set()
    assert worker.round() == {}
    with database.begin() as connection:
        assert connection.scalar(select(calls.c.status)) == "active"


def test_a_worker_works_until_it_is_told_to_stop(database: Engine, worker: Worker) -> None:
    rounds: list[int] = []

    class Stopping(Texting):
        def send(self, number: str, body: str) -> str:
            rounds.append(1)
            worker.stop.set()
            return "SM1"

    work(database)
    replace(worker, texting=Stopping(None, worker.settings)).run(60)
    assert rounds == [1]

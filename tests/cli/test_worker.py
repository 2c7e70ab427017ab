"""`ivr worker` as its own process, since it listens to signals and logs to standard error."""

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert

from ivr.carrier.rest import RestServer
from ivr.store.engine import connect
from ivr.store.tables import texts

COMMAND = (sys.executable, "-c", "from ivr.cli import main; main()", "worker")
ACCOUNT = "AC" + "1" * 32
NOBODY = "http://127.0.0.1:1"


def environment(url: str, folder: Path, **more: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": url,
        "SANDBOX_LEDGER": str(folder / "sandbox.db"),
        "TWILIO_AUTH_TOKEN": "token",
        **more,
    }


def run(*arguments: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], env=env, capture_output=True, text=True)


def test_once_sends_what_is_due_and_says_so_in_json(sqlite_url: str, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    row = {"key": "restored:1:1", "number": "+12025550142", "body": "Back. (517220)"}
    more = {"reference": "517220", "language": "en", "next_at": now, "created_at": now}
    engine = connect(sqlite_url)
    with engine.begin() as connection:
        connection.execute(insert(texts).values(**row, **more))
    engine.dispose()
    with RestServer(ACCOUNT, "token") as carrier:
        twilio = {"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_API_URL": carrier.url}
        env = environment(sqlite_url, tmp_path, TEXT_FROM="+12025550100", **twilio)
        done = run("--once", "--json", env=env)
        assert len(carrier.messages) == 1
    assert (done.returncode, json.loads(done.stdout)) == (0, {"texts sent": 1})
    logged = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["message"] for line in logged] == ["text"]
    assert "0142" not in done.stderr


def test_what_cannot_be_done_here_is_said_once(sqlite_url: str, tmp_path: Path) -> None:
    done = run("--once", env=environment(sqlite_url, tmp_path))
    assert (done.returncode, done.stdout) == (0, "nothing to do\n")
    logged = [json.loads(line)["message"] for line in done.stderr.splitlines()]
    assert [message.split(":")[0] for message in logged] == [
        "no texts are sent",
        "silent calls are taken for lost",
    ]


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly(sqlite_url: str, tmp_path: Path, name: signal.Signals) -> None:
    with subprocess.Popen(
        [*COMMAND, "--every", "600"],
        env=environment(sqlite_url, tmp_path, TWILIO_API_URL=NOBODY, TEXT_FROM="+12025550100"),
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr
        assert json.loads(process.stderr.readline())["message"] == "worker begins"
        process.send_signal(name)
        rest = process.stderr.read().splitlines()
        assert process.wait(20) == 0
    assert [json.loads(line)["message"] for line in rest] == ["worker ends"]


def test_a_database_that_is_not_migrated_is_one_line(tmp_path: Path) -> None:
    done = run("--once", env=environment(f"sqlite:///{tmp_path}/new.db", tmp_path))
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].endswith("run: ivr db upgrade")


def test_json_without_once_is_refused(sqlite_url: str, tmp_path: Path) -> None:
    done = run("--json", env=environment(sqlite_url, tmp_path))
    assert done.returncode == 2
    assert "--once" in done.stderr

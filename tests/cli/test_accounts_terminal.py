"""What a person at a terminal sees, through a real pseudo-terminal."""

import os
import select
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select as query

from ivr.store.engine import connect
from ivr.store.pins import check_pin
from ivr.store.tables import pins

COMMAND = (sys.executable, "-c", "from ivr.cli.accounts import accounts; accounts()")


def at_terminal(*arguments: str, typed: tuple[str, ...] = ()) -> str:
    """Run `ivr accounts` with a terminal as its input and errors; gives all it showed there.

    Each question, which ends in ": ", is answered by the next of `typed`.
    """
    ours, theirs = os.openpty()
    with subprocess.Popen(
        [*COMMAND, *arguments],
        stdin=theirs,
        stderr=theirs,
        stdout=subprocess.DEVNULL,
        start_new_session=True,  # so that the tests' own terminal is not asked
        env={**os.environ, "TERM": "xterm", "COLUMNS": "80"},
    ) as process:
        os.close(theirs)
        shown = _talk(process, ours, list(typed))
        assert process.wait(20) == 0, shown
    os.close(ours)
    return shown.decode()


def _talk(process: subprocess.Popen[bytes], terminal: int, typed: list[str]) -> bytes:
    shown = b""
    while chunk := _read(process, terminal):
        shown += chunk
        if shown.endswith(b": ") and typed:
            os.write(terminal, typed.pop(0).encode())
    return shown


def _read(process: subprocess.Popen[bytes], terminal: int) -> bytes:
    if not select.select([terminal], [], [], 20)[0]:
        process.kill()
        pytest.fail("nothing more was shown for 20 s")
    try:
        return os.read(terminal, 4096)
    except OSError:  # how Linux says that the other end is closed
        return b""


@pytest.fixture
def file(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    written = tmp_path / "in.csv"
    written.write_text("account_number,name,zip,balance\n0012,Ana,60601,1\n")
    return written


def test_an_import_shows_how_far_it_is(file: Path) -> None:
    assert "100%" in at_terminal("import", str(file))


def test_a_pin_is_typed_twice_and_not_shown(file: Path, sqlite_url: str) -> None:
    at_terminal("import", str(file))
    shown = at_terminal("pin", "0012", typed=("80412\n", "80412\n"))
    assert "New PIN, 4 to 8 digits (nothing takes it away): " in shown
    assert "80412" not in shown
    engine = connect(sqlite_url)
    with engine.begin() as connection:
        assert check_pin("80412", connection.scalar(query(pins.c.hash)), "development")
    engine.dispose()

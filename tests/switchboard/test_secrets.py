"""PINs: one try a turn, a lock across calls, and nowhere a trace of what was typed."""

import logging
from pathlib import Path

import pytest
from sqlalchemy import select

from ivr.store.tables import pins
from ivr.telemetry import JsonLines
from tests.line import CALLER, Line, words
from tests.switchboard.conftest import PIN
from tests.switchboard.lines import changed, everything, press, ring

ASKED = words("pin-please").encode()
LOCKED = words("pin-locked").encode()
WRONG = words("pin-wrong").encode()
RIGHT = b"$50.00"


def at_pin(line: Line, sid: str = "CA1") -> int:
    """A call that is asked for its PIN at the turn given."""
    ring(line, sid)
    press(line, 1, "1", sid)
    assert ASKED in press(line, 2, "3", sid)
    return 3


def wrong(line: Line) -> int:
    with line.office.engine.connect() as connection:
        return int(connection.execute(select(pins.c.wrong)).scalar_one())


def test_the_right_pin_opens_what_is_behind_it(whole: Line) -> None:
    turn = at_pin(whole)
    assert RIGHT in press(whole, turn, PIN, FinishedOnKey="#")


def test_a_pin_try_counts_once_a_turn_and_the_first_claim_decides(whole: Line) -> None:
    turn = at_pin(whole)
    first = press(whole, turn, "1111111")
    assert WRONG in first
    for copy in ("1111111", "2222222", PIN):
        assert press(whole, turn, copy) == first
    assert wrong(whole) == 1


def test_a_retry_has_a_turn_of_its_own(whole: Line) -> None:
    turn = at_pin(whole)
    press(whole, turn, "1111111")
    assert RIGHT in press(whole, turn + 1, PIN)
    assert wrong(whole) == 0


def test_five_wrong_tries_over_two_calls_lock_the_pin_for_half_an_hour(whole: Line) -> None:
    turn = at_pin(whole)
    for number in range(3):
        assert WRONG in press(whole, turn + number, f"111111{number}")
    turn = at_pin(whole, "CA2")
    assert WRONG in press(whole, turn, "2222222", "CA2")
    assert LOCKED in press(whole, turn + 1, "3333333", "CA2")
    assert LOCKED in press(whole, 6, PIN)
    ring(whole, "CA3")
    press(whole, 1, "1", "CA3")
    assert LOCKED in press(whole, 2, "3", "CA3")
    whole.clock.forward(minutes=31)
    turn = at_pin(whole, "CA4")
    assert RIGHT in press(whole, turn, PIN, "CA4")


def test_a_typed_pin_is_nowhere_in_the_database_and_the_logs(
    whole: Line, caplog: pytest.LogCaptureFixture
) -> None:
    logger = logging.getLogger("ivr")
    caplog.set_level(logging.DEBUG)
    logger.addHandler(caplog.handler)
    try:
        turn = at_pin(whole)
        press(whole, turn, "7531864")
        press(whole, turn + 1, PIN)
        whole.send(f"/voice/turn?turn={turn}", Digits=PIN)
        whole.send("/voice/turn?turn=99", Digits=PIN)
        lame = changed(whole, services={})
        press(lame, at_pin(whole, "CA2"), PIN, "CA2")
    finally:
        logger.removeHandler(caplog.handler)
    assert caplog.records
    logged = caplog.text + "".join(JsonLines().format(record) for record in caplog.records)
    for typed in (PIN, "7531864"):
        assert typed not in everything(whole)
        assert typed not in logged
        assert typed.encode() not in files(whole)


def files(line: Line) -> bytes:
    """The bytes of a database that is a file, and of what is beside it."""
    if line.office.engine.dialect.name != "sqlite":
        return b""
    name = Path(str(line.office.engine.url.database))
    found = sorted(name.parent.glob(f"{name.name}*"))
    assert found
    return b"".join(file.read_bytes() for file in found)


def test_a_language_that_was_chosen_is_kept_once_a_job_is_done(whole: Line) -> None:
    ring(whole)
    assert b"Para su saldo" in press(whole, 1, "8")
    assert b"Gracias" not in ring(whole, "CA2", From=CALLER)
    press(whole, 2, "1")
    assert b"Gracias por llamar" in ring(whole, "CA3", From=CALLER)

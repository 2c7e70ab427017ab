"""The webhooks over a whole line: what is refused, what is answered, and what is only noted."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update
from werkzeug.test import TestResponse

from ivr.app import create_app
from ivr.carrier.signing import signature
from ivr.store.engine import connect
from ivr.store.tables import calls, turns
from ivr.telemetry import COUNTS
from tests.builders import account
from tests.grammar import assert_document, turn_of
from tests.line import CALLER, LINE, ORIGIN, TOKEN, Line, line, words

RING = "/voice"
KNOWN = "You owe $84.20."
INTERRUPTED, SORRY = words("sorry-interrupted"), words("sorry-trouble")


@pytest.fixture
def whole(sqlite_database: Engine, tmp_path: Path) -> Line:
    """A line that knows one caller, who owes 84.20."""
    with sqlite_database.begin() as connection:
        account(connection, "84.20", phone=CALLER)
    return line(sqlite_database, tmp_path)


def document(reply: TestResponse) -> str:
    assert_document(reply.status_code, reply.headers, reply.data)  # type: ignore[arg-type]  # they read as a mapping
    return reply.get_data(as_text=True)


# Refused


@pytest.mark.parametrize("path", [RING, "/voice/turn?turn=1", "/voice/status"])
def test_a_form_without_a_call_is_refused(path: str, whole: Line) -> None:
    signed = {"X-Twilio-Signature": signature(TOKEN, ORIGIN + path, {"From": CALLER})}
    reply = whole.app.test_client().post(
        path, data={"From": CALLER}, headers=signed, base_url=ORIGIN
    )
    assert reply.status_code == 400
    assert whole.send(path, sid="").status_code == 400


@pytest.mark.parametrize("path", [RING, "/voice/turn?turn=1", "/voice/status"])
def test_a_form_of_more_than_64_kb_is_refused(path: str, whole: Line) -> None:
    assert whole.send(path, Digits="1" * 65_536).status_code == 400
    assert whole.send(path, Digits="1" * 60_000).status_code in {200, 204}


def test_a_large_form_without_a_signature_is_a_stranger_all_the_same(whole: Line) -> None:
    reply = whole.app.test_client().post(RING, data={"Digits": "1" * 65_536})
    assert reply.status_code == 403


@pytest.mark.parametrize("path", [RING, "/voice/turn?turn=1", "/voice/status"])
def test_only_posts_are_answered(path: str, whole: Line) -> None:
    assert whole.app.test_client().get(path).status_code == 405


def test_no_secret_travels_in_a_refusal(whole: Line) -> None:
    reply = whole.app.test_client().post(RING, data={"CallSid": "CA1", "Digits": "1379"})
    assert reply.status_code == 403
    assert b"1379" not in reply.data
    assert TOKEN.encode() not in reply.data


# Answered


def test_a_ring_is_answered_with_the_first_question(whole: Line) -> None:
    text = document(whole.send(RING))
    assert "Thanks for calling Northside Cable." in text
    assert turn_of(text.encode()) == 1


def test_an_answer_leads_to_the_next_question(whole: Line) -> None:
    whole.send(RING)
    text = document(whole.send("/voice/turn?turn=1", Digits="1"))
    assert KNOWN in text
    assert turn_of(text.encode()) == 2


def test_a_number_nobody_listed_is_served_by_the_first_line_and_counted(whole: Line) -> None:
    before = COUNTS["unknown lines"]
    assert "Thanks for calling" in document(whole.send(RING, To="+12025550199"))
    assert COUNTS["unknown lines"] == before + 1
    document(whole.send(RING, sid="CA2", To=LINE))
    assert COUNTS["unknown lines"] == before + 1


def test_a_withheld_number_and_unknown_parameters_are_no_trouble(whole: Line) -> None:
    text = document(whole.send(RING, From="anonymous", CallToken="x", SomethingNew="ü"))
    assert "Thanks for calling" in text


@pytest.mark.parametrize("turn", ["7", "2", "99999999999", "-5", "x", ""])
def test_a_call_we_do_not_know_at_a_turn_is_led_to_a_person(turn: str, whole: Line) -> None:
    text = document(whole.send(f"/voice/turn?turn={turn}", Digits="1"))
    assert SORRY in text


def test_a_turn_that_was_never_asked_is_led_to_a_person(whole: Line) -> None:
    whole.send(RING)
    text = document(whole.send("/voice/turn?turn=5", Digits="1"))
    assert SORRY in text
    assert turn_of(text.encode()) == 6
    assert document(whole.send("/voice/turn?turn=5", Digits="1")) == text


def test_an_unknown_calls_digits_are_not_kept_in_any_form(
    whole: Line, sqlite_database: Engine
) -> None:
    """Which question they answered is not known: it may have been the PIN."""
    document(whole.send("/voice/turn?turn=7", Digits="1379"))
    document(whole.send("/voice/turn?turn=7", sid="CA2", Digits="2468"))
    with sqlite_database.connect() as connection:
        digests = set(connection.scalars(select(turns.c.digest)))
    assert len(digests) == 1


def test_a_turn_without_its_number_asks_the_open_question(whole: Line) -> None:
    first = document(whole.send(RING))
    assert document(whole.send("/voice/turn", Digits="1")) == first


# The carrier's fallback


@pytest.mark.parametrize("error", [{"ErrorCode": "11200"}, {"ErrorUrl": "https://example.com/"}])
def test_a_fallback_resumes_the_open_question_with_an_apology(
    error: Mapping[str, str], whole: Line
) -> None:
    whole.send(RING)
    asked = document(whole.send("/voice/turn?turn=1", Digits="1"))
    text = document(whole.send(RING, **error))
    assert INTERRUPTED in text
    assert KNOWN in text
    assert turn_of(text.encode()) == turn_of(asked.encode())


def test_a_fallback_before_the_first_answer_resumes_too(whole: Line) -> None:
    document(whole.send(RING))
    text = document(whole.send(RING, ErrorCode="11200"))
    assert INTERRUPTED in text
    assert "Thanks for calling" not in text


def test_a_fallback_for_a_call_we_never_heard_of_is_a_ring(whole: Line) -> None:
    assert "Thanks for calling" in document(whole.send(RING, ErrorCode="11205"))


def test_a_fallback_changes_nothing(whole: Line) -> None:
    whole.send(RING)
    before = state(whole)
    document(whole.send(RING, ErrorCode="11200"))
    assert state(whole) == before


def test_a_fallback_after_the_goodbye_hangs_up(whole: Line) -> None:
    whole.send(RING)
    whole.send("/voice/turn?turn=1", Digits="1")
    assert "<Hangup" in document(whole.send("/voice/turn?turn=2"))
    assert "<Hangup" in document(whole.send(RING, ErrorCode="11200"))


def state(whole: Line) -> object:
    with whole.office.engine.connect() as connection:
        return connection.execute(select(calls.c.state, calls.c.version)).all()


# The end of a call


def test_the_end_of_a_call_is_noted_once(whole: Line) -> None:
    whole.send(RING)
    reply = whole.send("/voice/status", CallStatus="completed", CallDuration="42")
    assert (reply.status_code, reply.data) == (204, b"")
    first = ended(whole)
    assert first[0] == ("completed", whole.clock.now, 42)
    whole.clock.forward(minutes=1)
    for status in ("completed", "in-progress", "ringing", "no-answer", "", "new"):
        late = whole.send("/voice/status", CallStatus=status, CallDuration="77")
        assert late.status_code == 204
    assert ended(whole) == first


def test_a_call_that_goes_on_is_not_ended(whole: Line) -> None:
    whole.send(RING)
    for status in ("initiated", "ringing", "in-progress", "queued", ""):
        assert whole.send("/voice/status", CallStatus=status).status_code == 204
    assert ended(whole) == [("active", None, None)]


@pytest.mark.parametrize("status", ["busy", "failed", "no-answer", "canceled"])
def test_every_kind_of_end_ends_a_call(status: str, whole: Line) -> None:
    whole.send(RING)
    whole.send("/voice/status", CallStatus=status)
    assert ended(whole) == [("completed", whole.clock.now, None)]


def test_the_end_of_an_unknown_call_is_no_trouble(whole: Line) -> None:
    assert whole.send("/voice/status", CallStatus="completed").status_code == 204
    assert ended(whole) == []


@pytest.mark.parametrize("seconds", ["", "x", "-1", "१", "1.5"])
def test_a_duration_that_is_none_is_left_out(seconds: str, whole: Line) -> None:
    whole.send(RING)
    whole.send("/voice/status", CallStatus="completed", CallDuration=seconds)
    assert ended(whole)[0][2] is None


def ended(whole: Line) -> list[tuple[object, ...]]:
    wanted = select(calls.c.status, calls.c.ended_at, calls.c.duration)
    with whole.office.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(wanted)]


def test_an_end_that_cannot_be_written_down_is_no_trouble_for_the_carrier(
    whole: Line, tmp_path: Path
) -> None:
    empty = connect(f"sqlite:///{tmp_path}/empty.db")
    lame = Line(
        whole.office,
        create_app(whole.office.settings, replace(whole.office, engine=empty)),
        whole.clock,
    )
    assert lame.send("/voice/status", CallStatus="completed").status_code == 204
    empty.dispose()


# Health


def test_a_line_that_is_up_and_ready_says_so(whole: Line) -> None:
    client = whole.app.test_client()
    assert client.get("/healthz").json == {"status": "up"}
    reply = client.get("/readyz")
    assert reply.status_code == 200
    digest = whole.office.books.current.digest
    assert reply.json == {"status": "ready", "book": digest[:12]}


def test_a_database_that_is_not_migrated_is_not_ready_and_calls_are_rescued(
    whole: Line, tmp_path: Path
) -> None:
    empty = connect(f"sqlite:///{tmp_path}/empty.db")
    app = create_app(whole.office.settings, replace(whole.office, engine=empty))
    reply = app.test_client().get("/readyz")
    assert reply.status_code == 503
    assert "ivr db upgrade" in str(reply.json)
    assert app.test_client().get("/healthz").status_code == 200
    lame = Line(whole.office, app, whole.clock)
    assert "+12025550100" in document(lame.send(RING))
    empty.dispose()


def test_a_database_that_cannot_be_reached_is_not_ready(whole: Line, tmp_path: Path) -> None:
    folder = tmp_path / "folder.db"
    folder.mkdir()
    gone = connect(f"sqlite:///{folder}")
    app = create_app(whole.office.settings, replace(whole.office, engine=gone))
    reply = app.test_client().get("/readyz")
    assert reply.status_code == 503
    assert "cannot be reached" in str(reply.json)
    gone.dispose()


# Recordings


def test_a_recording_is_served_without_a_signature(whole: Line, tmp_path: Path) -> None:
    folder = tmp_path / "prompts" / "en"
    folder.mkdir(parents=True)
    (folder / "welcome.wav").write_bytes(b"RIFF")
    app = create_app(replace(whole.office.settings, book=tmp_path), whole.office)
    with app.test_client() as client, client.get("/prompts/en/welcome.wav") as reply:
        assert (reply.status_code, reply.data, reply.mimetype) == (200, b"RIFF", "audio/wav")
    assert app.test_client().get("/prompts/en/missing.wav").status_code == 404
    assert app.test_client().get("/prompts/../flows.yaml").status_code == 404


def test_a_state_of_another_format_goes_on_with_a_person(whole: Line) -> None:
    whole.send(RING)
    with whole.office.engine.begin() as connection:
        connection.execute(update(calls).values(state='{"format": 99}'))
    text = document(whole.send("/voice/turn?turn=1", Digits="1"))
    assert "+12025550100" not in text
    assert "turn=2" in text

import copy
import json
import logging
import pickle
import sys

import pytest

from ivr.telemetry import COUNTS, JsonLines, Secret, count, log_to_stderr, redact


def test_a_secret_shows_itself_only_on_request() -> None:
    secret = Secret("1379")
    assert secret.reveal() == "1379"
    for shown in (repr(secret), str(secret), f"{secret}", f"{secret!r}", repr([secret])):
        assert "1379" not in shown


def test_a_secret_is_not_equal_by_accident() -> None:
    assert Secret("1379") != Secret("1379")
    assert "1379" not in {Secret("1379"), "other"}


@pytest.mark.parametrize("store", [pickle.dumps, copy.deepcopy])
def test_a_secret_is_never_stored(store: object) -> None:
    with pytest.raises(TypeError, match="never stored"):
        store(Secret("1379"))  # type: ignore[operator]  # either is called so
    with pytest.raises(TypeError):
        json.dumps(Secret("1379"))


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("card 4242424242424242 refused", "card …42 refused"),
        ("4242 4242 4242 4242", "…42"),
        ("4242-4242-4242-4242", "…42"),
        ("from +12025550142", "from …42"),
        ("account 1000000142.", "account …42."),
        ("turn 12, 123456 times", "turn 12, 123456 times"),
        ("CA00000000000000000000000000000001", "CA00000000000000000000000000000001"),
        ("", ""),
    ],
)
def test_long_runs_of_digits_are_hidden(text: str, hidden: str) -> None:
    assert redact(text) == hidden


def record(message: str, **extra: object) -> logging.LogRecord:
    made = logging.LogRecord("ivr.test", logging.WARNING, __file__, 1, message, (), None)
    made.__dict__.update(extra)
    return made


def test_a_log_line_is_one_json_object() -> None:
    line = json.loads(JsonLines().format(record("called\nby 12025550142", fields={"call": "CA1"})))
    assert (line["level"], line["name"], line["call"]) == ("warning", "ivr.test", "CA1")
    assert line["message"] == "called\nby …42"
    assert line["at"].endswith("+00:00")


def test_an_exception_is_logged_with_its_places_and_without_its_values() -> None:
    try:
        raise ValueError("the PIN is 1379")
    except ValueError:
        text = JsonLines().format(record("broke", exc_info=sys.exc_info()))
    line = json.loads(text)
    assert line["error"] == "ValueError"
    assert line["where"][-1].startswith("test_telemetry.py:")
    assert "1379" not in text


def test_counters_count() -> None:
    before = COUNTS["a test"]
    count("a test")
    assert COUNTS["a test"] == before + 1


def test_logs_go_to_stderr_once() -> None:
    logger = logging.getLogger("ivr")
    log_to_stderr()
    handlers = list(logger.handlers)
    log_to_stderr()
    assert logger.handlers == handlers
    assert not logger.propagate

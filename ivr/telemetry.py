"""What the line tells its keepers: log lines without secrets, and counters."""

import json
import logging
import re
from collections import Counter
from datetime import UTC, datetime

LONG_DIGITS = re.compile(r"(?<![A-Za-z0-9])(\+?\d[\d -]{5,}\d)(?![A-Za-z0-9])")
COUNTS: Counter[str] = Counter()
OURS = "/ivr/"


class Secret:
    """A PIN or card token in memory. It refuses to be shown, compared by accident or stored."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself, for the one place that needs it."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __reduce__(self) -> str:
        raise TypeError("a Secret is never stored")


def count(name: str) -> None:
    """Add one to a counter of this process."""
    COUNTS[name] += 1


def redact(text: str) -> str:
    """Hide every run of seven or more digits: accounts, cards, phone numbers."""
    return LONG_DIGITS.sub(lambda found: "…" + found.group(1)[-2:], text)


class JsonLines(logging.Formatter):
    """One JSON object a line. Exceptions keep their type and place, never their values."""

    def format(self, record: logging.LogRecord) -> str:
        """Render one record; fields handed in as `extra={"fields": {...}}` stand beside it."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "name": record.name,
            "message": redact(record.getMessage()),
        }
        line.update(getattr(record, "fields", {}))
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["where"] = _places(record)
            if reason := _driver_words(record.exc_info[1]):
                line["reason"] = reason
        return json.dumps(line, ensure_ascii=False)


def _places(record: logging.LogRecord) -> list[str]:
    """Where it happened, innermost last: file and line only, since values may be secret.

    Of other people's code only the innermost place is kept.
    """
    places = []
    trace = record.exc_info[2] if record.exc_info else None
    while trace:
        code = trace.tb_frame.f_code
        if OURS in code.co_filename or trace.tb_next is None:
            places.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return places[-8:]


def _driver_words(error: BaseException | None) -> str:
    """A database driver's own first line; statement and values stand elsewhere in the error."""
    return redact(str(getattr(error, "orig", "")).partition("\n")[0])


def log_to_stderr(level: int = logging.INFO) -> None:
    """Send the `ivr` loggers to standard error as JSON lines; called once by `create_app`."""
    logger = logging.getLogger("ivr")
    if not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(JsonLines())
        logger.addHandler(handler)
        logger.setLevel(level)
        logger.propagate = False

"""`hours:` read from YAML: when people answer, queue by queue, in the line's time zone."""

import re
from collections.abc import Mapping
from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ivr.document import MappingNode, Node, place
from ivr.flows import codes
from ivr.flows.model import OpeningHours
from ivr.flows.reading import Reading

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TIMES = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-4]):([0-5][0-9])")
MINUTES_IN_A_DAY = 24 * 60
OWN_KEYS = ("zone", "closed")

Times = tuple[int, int]
Week = tuple[Times | None, ...]


def opening_hours(reading: Reading, node: Node | None) -> OpeningHours:
    """The time zone, each queue's week, and the days on which nobody answers."""
    week: dict[str, Week] = {}
    found: dict[str, Node] = {}
    for name, key, value in reading.pairs(node, "a zone and each queue's days"):
        if name in OWN_KEYS:
            found[name] = value
        elif reading.name(key):
            week[name] = _week(reading, value)
    if isinstance(node, MappingNode) and "zone" not in found:
        reading.refuse(codes.missing_key(place(node), "zone", "hours"))
    zone = _zone(reading, found["zone"]) if "zone" in found else "UTC"
    return OpeningHours(zone, week, _closed(reading, found))


def _zone(reading: Reading, node: Node) -> str:
    name = reading.text(node, "a time zone, as in America/Chicago")
    try:
        ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        # Names that are folders or files of another kind fail in other ways than unknown ones.
        message = f'"{name}" is no time zone; write one as in America/Chicago'
        reading.refuse(codes.bad_hours(place(node), message))
        return "UTC"
    return name


def _closed(reading: Reading, found: Mapping[str, Node]) -> frozenset[date]:
    if "closed" not in found:
        return frozenset()
    items = reading.items(found["closed"], "a list of dates")
    return frozenset(day for item in items if (day := _date(reading, item)))


def _date(reading: Reading, node: Node) -> date | None:
    text = reading.text(node, "a date, as in 2026-12-25")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        message = f'"{text}" is no date; write year-month-day, as in 2026-12-25'
        reading.refuse(codes.bad_hours(place(node), message))
        return None


def _week(reading: Reading, node: Node) -> Week:
    week: list[Times | None] = [None] * len(DAYS)
    for word, key, value in reading.pairs(node, "opening times for each day"):
        times = _times(reading, value)
        for day in _days(reading, key, word):
            if week[day]:
                message = f"{DAYS[day]} is given times twice"
                reading.refuse(codes.bad_hours(place(key), message))
            week[day] = times
    return tuple(week)


def _days(reading: Reading, node: Node, word: str) -> list[int]:
    """The days of `sat` or `mon-fri`; 0 is Monday."""
    first, dash, last = word.partition("-")
    if first in DAYS and (last in DAYS if dash else True):
        start, end = DAYS.index(first), DAYS.index(last or first)
        if start <= end:
            return list(range(start, end + 1))
    message = f'"{word}" names no days; write a day, as in sat, or days in order, as in mon-fri'
    reading.refuse(codes.bad_hours(place(node), message))
    return []


def _times(reading: Reading, node: Node) -> Times | None:
    text = reading.text(node, "opening times, as in 08:00-20:00")
    found = TIMES.fullmatch(text)
    if found:
        opens = int(found[1]) * 60 + int(found[2])
        closes = int(found[3]) * 60 + int(found[4])
        if opens < closes <= MINUTES_IN_A_DAY:
            return opens, closes
    if text:
        message = f'"{text}" are no opening times; write from-to on one day, as in 08:00-20:00'
        reading.refuse(codes.bad_hours(place(node), message))
    return None

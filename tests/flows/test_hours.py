from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ivr.flows.hours import open_at, week
from ivr.flows.model import OpeningHours
from ivr.prompts.values import Hours, Opening

CHICAGO = ZoneInfo("America/Chicago")
WORKDAY, SATURDAY, ALL_DAY = (480, 1200), (540, 1020), (0, 1440)
HOURS = OpeningHours(
    "America/Chicago",
    {
        "billing": (*(WORKDAY,) * 5, SATURDAY, None),
        "repair": (ALL_DAY,) * 7,
        "weekend": (SATURDAY, None, None, None, None, SATURDAY, SATURDAY),
        "broken": (WORKDAY, None, WORKDAY, WORKDAY, None, None, SATURDAY),
        "monday": (WORKDAY, None, None, None, None, None, None),
        "never": (None,) * 7,
    },
    frozenset({date(2026, 12, 25)}),
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHICAGO)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-20T07:59:59", False),
        ("2026-11-20T08:00:00", True),
        ("2026-11-20T19:59:59", True),
        ("2026-11-20T20:00:00", False),
        ("2026-11-21T16:59:00", True),
        ("2026-11-22T12:00:00", False),
    ],
)
def test_a_queue_opens_and_closes_on_the_minute(moment: str, is_open: bool) -> None:
    assert open_at(HOURS, "billing", at(moment)) is is_open


def test_a_day_that_closes_at_24_is_open_to_its_last_minute() -> None:
    midnight = at("2026-11-20T00:00:00")
    assert open_at(HOURS, "repair", midnight)
    assert open_at(HOURS, "repair", midnight - timedelta(minutes=1))


def test_nobody_answers_on_a_closed_day() -> None:
    assert not open_at(HOURS, "repair", at("2026-12-25T12:00:00"))
    assert open_at(HOURS, "repair", at("2026-12-26T00:00:00"))


def test_a_queue_without_hours_answers_around_the_clock() -> None:
    assert open_at(HOURS, "fraud", at("2026-11-22T03:00:00"))
    assert week(HOURS, "fraud") == Hours((Opening(0, 6, 0, 1440),))


@pytest.mark.parametrize(
    ("queue", "openings"),
    [
        ("billing", [(0, 4, *WORKDAY), (5, 5, *SATURDAY)]),
        ("repair", [(0, 6, *ALL_DAY)]),
        ("weekend", [(5, 0, *SATURDAY)]),
        ("broken", [(0, 0, *WORKDAY), (2, 3, *WORKDAY), (6, 6, *SATURDAY)]),
        ("monday", [(0, 0, *WORKDAY)]),
        ("never", []),
    ],
)
def test_a_week_joins_neighbouring_days_with_the_same_hours(
    queue: str, openings: list[tuple[int, int, int, int]]
) -> None:
    assert week(HOURS, queue) == Hours(tuple(Opening(*opening) for opening in openings))

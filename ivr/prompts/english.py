"""How American English says days, times, opening hours and lists."""

from collections.abc import Sequence
from datetime import date, timedelta

from ivr.prompts.speech import Speech, is_all_day, is_every_day, is_pair_of_days, series
from ivr.prompts.values import Hours, Moment, Opening

# Written out: twelve words do not justify a locale library's import, some 25 to 50 ms.
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_DAYS = {-1: " yesterday", 0: "", 1: " tomorrow"}
_NIGHTS = {-1: " last night", 0: " tonight", 1: " tomorrow"}


def say_day(day: date) -> str:
    """`December 5`"""
    return f"{_MONTHS[day.month - 1]} {day.day}"


def say_moment(moment: Moment) -> str:
    """`4:30 PM`, `noon tomorrow`, `9 AM on December 5`, `midnight tonight`.

    Midnight goes with the day it ends, since that is how "midnight tomorrow" is heard.
    """
    day, days, names = moment.local.date(), moment.days, _DAYS
    clock = _clock(moment.local.hour, moment.local.minute)
    if clock == "midnight":
        day, days, names = day - timedelta(days=1), days - 1, _NIGHTS
    return clock + names.get(days, f" on {say_day(day)}")


def say_hours(hours: Hours) -> str:
    """`Monday to Friday from 8 AM to 8 PM, and Saturday from 9 AM to 5 PM`"""
    return series([_opening(opening) for opening in hours.openings], ", and ")


def say_list(things: Sequence[str]) -> str:
    """`internet`; `internet and TV`; `internet, TV, and home phone`"""
    return series(things, " and " if len(things) == 2 else ", and ")


def _opening(opening: Opening) -> str:
    if is_all_day(opening):
        return f"{_weekdays(opening)} around the clock"
    opens, closes = (_clock(*divmod(at, 60)) for at in (opening.opens, opening.closes))
    return f"{_weekdays(opening)} from {opens} to {closes}"


def _weekdays(opening: Opening) -> str:
    if is_every_day(opening):
        return "every day"
    if opening.first == opening.last:
        return _WEEKDAYS[opening.first]
    joint = "and" if is_pair_of_days(opening) else "to"
    return f"{_WEEKDAYS[opening.first]} {joint} {_WEEKDAYS[opening.last]}"


def _clock(hour: int, minute: int) -> str:
    if minute == 0 and hour % 12 == 0:
        return "noon" if hour == 12 else "midnight"
    half = "AM" if hour < 12 else "PM"
    return f"{hour % 12 or 12}{f':{minute:02}' if minute else ''} {half}"


ENGLISH = Speech(say_day, say_moment, say_hours, say_list, {"*": "star", "#": "pound"})

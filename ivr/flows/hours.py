"""Opening hours as arithmetic: is a queue open at a wall-clock time, and what its week looks like.

Minutes count from midnight at the line's place; a day that closes at "24:00" closes at 1440.
"""

from datetime import datetime

from ivr.flows.model import OpeningHours
from ivr.prompts.values import Hours, Opening

ALWAYS = ((0, 24 * 60),) * 7


def open_at(hours: OpeningHours, queue: str, local: datetime) -> bool:
    """Whether people of `queue` answer at `local`, a time in the zone of the hours.

    They answer from the opening minute up to, not including, the closing one. A queue whose hours
    the book does not give answers around the clock; nobody answers on a closed day.
    """
    if local.date() in hours.closed:
        return False
    today = hours.week.get(queue, ALWAYS)[local.weekday()]
    return today is not None and today[0] <= local.hour * 60 + local.minute < today[1]


def week(hours: OpeningHours, queue: str) -> Hours:
    """The week of a queue: neighbouring days with the same hours together, from Monday on.

    A run may go through Sunday into Monday; it then stands last.
    """
    runs: list[Opening] = []
    for day, times in enumerate(hours.week.get(queue, ALWAYS)):
        if times is None:
            continue
        if runs and runs[-1].last == day - 1 and _times(runs[-1]) == times:
            runs[-1] = Opening(runs[-1].first, day, *times)
        else:
            runs.append(Opening(day, day, *times))
    return Hours(tuple(_around(runs)))


def _around(runs: list[Opening]) -> list[Opening]:
    """Join a run that ends on Sunday with one that begins on Monday."""
    if len(runs) < 2 or (runs[0].first, runs[-1].last) != (0, 6):
        return runs
    if _times(runs[0]) != _times(runs[-1]):
        return runs
    return [*runs[1:-1], Opening(runs[-1].first, runs[0].last, *_times(runs[0]))]


def _times(opening: Opening) -> tuple[int, int]:
    return opening.opens, opening.closes

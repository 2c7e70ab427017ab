"""What a language must know to say typed values; english.py and spanish.py each fill one in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ivr.prompts.values import Hours, Moment, Opening

MINUTES_IN_A_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Speech:
    """One language's ways of saying a day, a time of day, a week of opening hours and a list.

    `keys` are the words for those keys of a phone that are no digits.
    """

    day: Callable[[date], str]
    moment: Callable[[Moment], str]
    hours: Callable[[Hours], str]
    listing: Callable[[Sequence[str]], str]
    keys: Mapping[str, str]


def series(things: Sequence[str], last: str) -> str:
    """The things with commas between them and `last` before the last one; no things, no words."""
    if len(things) < 2:
        return "".join(things)
    return ", ".join(things[:-1]) + last + things[-1]


def is_every_day(opening: Opening) -> bool:
    """Whether it covers all seven days."""
    return (opening.last - opening.first) % 7 == 6


def is_pair_of_days(opening: Opening) -> bool:
    """Whether it covers two days that follow each other, Sunday and Monday among them."""
    return (opening.last - opening.first) % 7 == 1


def is_all_day(opening: Opening) -> bool:
    """Whether it lasts from midnight to midnight."""
    return opening.opens == 0 and opening.closes == MINUTES_IN_A_DAY

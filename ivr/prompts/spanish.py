"""How the Spanish of the United States says days, times, opening hours and lists."""

import re
from collections.abc import Sequence
from datetime import date, timedelta

from ivr.prompts.speech import Speech, is_all_day, is_every_day, is_pair_of_days, series
from ivr.prompts.values import Hours, Moment, Opening

_MONTHS = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
]
_WEEKDAYS = ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"]
_DAYS = {-1: "ayer ", 0: "", 1: "mañana "}
_NIGHTS = {-1: "anoche ", 0: "hoy ", 1: "mañana "}
_MINUTES = {0: "", 15: " y cuarto", 30: " y media"}

# "y" becomes "e" before the sound i, written i or hi, unless another vowel makes a diphthong of
# it, as in hielo (Real Academia Española, Diccionario panhispánico de dudas, "y").
_SOUND_OF_I = re.compile(r"h?[ií](?![aeoáéó])", re.IGNORECASE)


def say_day(day: date) -> str:
    """`5 de diciembre`; the first of a month is `primero`, as American Spanish has it."""
    return f"{'primero' if day.day == 1 else day.day} de {_MONTHS[day.month - 1]}"


def say_moment(moment: Moment) -> str:
    """`a las 4 y media de la tarde`, `mañana a mediodía`, `el 5 de diciembre a las 9 de la mañana`.

    Midnight goes with the day it ends, as in English: `hoy a medianoche`.
    """
    day, days, names = moment.local.date(), moment.days, _DAYS
    clock = _clock(moment.local.hour, moment.local.minute)
    if clock == "medianoche":
        day, days, names = day - timedelta(days=1), days - 1, _NIGHTS
    return names.get(days, f"el {say_day(day)} ") + _at(clock)


def say_hours(hours: Hours) -> str:
    """`de lunes a viernes, de 8 de la mañana a 8 de la noche, y los sábados, de …`"""
    return series([_opening(opening) for opening in hours.openings], ", y ")


def say_list(things: Sequence[str]) -> str:
    """`internet`; `televisión e internet`; `internet, televisión y teléfono`"""
    joint = " e " if things and _SOUND_OF_I.match(things[-1]) else " y "
    return series(things, joint)


def _opening(opening: Opening) -> str:
    if is_all_day(opening):
        return f"{_weekdays(opening)}, las 24 horas"
    opens, closes = (_clock(*divmod(at, 60)) for at in (opening.opens, opening.closes))
    return f"{_weekdays(opening)}, de {opens} a {closes}"


def _weekdays(opening: Opening) -> str:
    if is_every_day(opening):
        return "todos los días"
    if opening.first == opening.last:
        return f"los {_plural(opening.first)}"
    if is_pair_of_days(opening):
        return f"los {_plural(opening.first)} y {_plural(opening.last)}"
    return f"de {_WEEKDAYS[opening.first]} a {_WEEKDAYS[opening.last]}"


def _plural(weekday: int) -> str:
    name = _WEEKDAYS[weekday]
    return name if name.endswith("s") else f"{name}s"


def _at(clock: str) -> str:
    if clock in ("mediodía", "medianoche"):
        return f"a {clock}"
    return f"a la {clock}" if clock.startswith("una ") else f"a las {clock}"


def _clock(hour: int, minute: int) -> str:
    """`4 y media de la tarde`. One o'clock is a word, since a voice may read 1 as "uno"."""
    if minute == 0 and hour % 12 == 0:
        return "mediodía" if hour == 12 else "medianoche"
    shown = hour % 12 or 12
    minutes = _MINUTES.get(minute, f" y {minute}")
    return f"{'una' if shown == 1 else shown}{minutes} {_part_of_day(hour)}"


def _part_of_day(hour: int) -> str:
    # "12 y media de la noche" tomorrow could be either end of that day; madrugada is the early one.
    if hour == 0:
        return "de la madrugada"
    if hour < 12:
        return "de la mañana"
    return "de la tarde" if hour < 19 else "de la noche"


SPANISH = Speech(
    say_day, say_moment, say_hours, say_list, {"*": "asterisco", "#": "la tecla de número"}
)

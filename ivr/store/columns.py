"""The columns of accounts.csv: what each may hold, and where it is kept.

Money is decimal dollars in the file and integer cents in the store. A time without an offset is
this machine's local time.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from ivr.store.phones import as_e164

SERVICES = ("internet", "tv", "voice", "mobile")
STATUSES = ("active", "suspended", "closed")
PAYMENT_STATUSES = ("pending", "posted", "returned")
MONEY = re.compile(r"(-?)(\d{1,7})(?:\.(\d{1,2}))?", re.ASCII)
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
LONGEST = 200
YEARS = range(1900, 2200)
"""Others are placeholders like 9999-12-31, with which no day can be counted on from."""
NUMBER = "must be at most 32 letters, digits and hyphens"
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Field:
    """One column of the file. `parse` raises ValueError saying what would be right."""

    name: str
    column: str | None  # in the table accounts; None: kept in a table of its own
    parse: Callable[[str], Any]
    show: Callable[[Any], str] = str
    empty: Any = None  # what an empty cell means
    required: bool = False


def cents(value: str) -> int:
    """Cents from decimal dollars with at most two places; a credit is negative."""
    found = MONEY.fullmatch(value)
    if not found:
        raise ValueError("is no amount: write dollars and cents like 84.20, below 10000000")
    sign, dollars, rest = found.groups()
    amount = int(dollars) * 100 + int((rest or "").ljust(2, "0"))
    return -amount if sign else amount


def dollars(amount: int) -> str:
    """Decimal dollars with two places, as `cents` reads them."""
    return f"{'-' if amount < 0 else ''}{abs(amount) // 100}.{abs(amount) % 100:02}"


def moment(value: str, place: Callable[[], tzinfo] | None = None) -> datetime:
    """An aware time from ISO 8601.

    Without an offset it is local time at `place`, which is asked for only then; without a place,
    this machine's.
    """
    try:
        time = datetime.fromisoformat(value)
        if time.tzinfo is None and place:
            time = time.replace(tzinfo=place())
        return time.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError("is no time: write one like 2026-12-01T06:00:00-06:00") from error


def services(value: str) -> str:
    """Known services joined by ";", each once."""
    found = [word.strip() for word in value.split(";") if word.strip()]
    if not set(found) <= set(SERVICES):
        raise ValueError(f"must hold only {', '.join(SERVICES)}, joined by ;")
    return ";".join(dict.fromkeys(found))


def _owed(value: str) -> int:
    amount = cents(value)
    if amount < 0:
        raise ValueError("must not be negative")
    return amount


def _day(value: str) -> date:
    try:
        day = date.fromisoformat(value)
    except ValueError as error:
        raise ValueError("is no date: write one like 2026-12-05") from error
    if day.year not in YEARS:
        raise ValueError(f"must be in the years {YEARS[0]} to {YEARS[-1]}")
    return day


def _phones(value: str) -> tuple[str, ...]:
    written = [part.strip() for part in value.split(";") if part.strip()]
    found = [as_e164(part) for part in written]
    if None in found:
        raise ValueError("is no phone number: write ones like 202-555-0142, joined by ;")
    return tuple(dict.fromkeys(number for number in found if number))


def matching(pattern: str, advice: str) -> Callable[[str], str]:
    """Takes what the pattern matches as a whole; `advice` says what would be right."""
    whole = re.compile(pattern, re.ASCII)

    def parse(value: str) -> str:
        if not whole.fullmatch(value):
            raise ValueError(advice)
        return value

    return parse


def _zip(value: str) -> str:
    if not re.fullmatch(r"\d{5}(-\d{4})?", value, re.ASCII):
        raise ValueError("is no ZIP code: write five digits")
    return value[:5]  # what a caller is asked for


def _line(value: str) -> str:
    if len(value) > LONGEST or CONTROL.search(value):
        raise ValueError(f"must be one line of at most {LONGEST} characters")
    return value


def _email(value: str) -> str:
    if not EMAIL.fullmatch(_line(value)):
        raise ValueError("is no e-mail address")
    return value


def _status(value: str) -> str:
    if value not in STATUSES:
        raise ValueError(f"must be one of {', '.join(STATUSES)}")
    return value


def _payment_status(value: str) -> str:
    if value not in PAYMENT_STATUSES:
        raise ValueError(f"must be one of {', '.join(PAYMENT_STATUSES)}")
    return value


def _count(value: str) -> int:
    if not re.fullmatch(r"\d{1,4}", value, re.ASCII):
        raise ValueError("is no number: write how many there were, like 0 or 2")
    return int(value)


def _yes_no(value: str) -> bool:
    if value not in ("yes", "no"):
        raise ValueError("must be yes or no")
    return value == "yes"


def _shown_yes_no(value: bool) -> str:
    return "yes" if value else "no"


FIELDS = (
    Field("account_number", "number", matching("[A-Za-z0-9-]{1,32}", NUMBER), required=True),
    Field("name", "name", _line, required=True),
    Field("phone", None, _phones, ";".join, empty=()),
    Field("pin", None, matching(r"\d{4,8}", "must be 4 to 8 digits")),
    Field("language", "language", matching("[a-z]{2}", "must be a code like en or es")),
    Field("email", "email", _email),
    Field("service_address", "service_address", _line),
    Field("zip", "zip", _zip, required=True),
    Field("node", "node", _line),
    Field("services", "services", services, empty=""),
    Field("plan", "plan", _line),
    Field("status", "status", _status, empty="active"),
    Field("balance", "balance_cents", cents, dollars, required=True),
    Field("balance_as_of", "balance_as_of", moment, datetime.isoformat),
    Field("past_due", "past_due_cents", _owed, dollars, empty=0),
    Field("due_date", "due_date", _day, date.isoformat),
    Field("last_payment_amount", "last_payment_cents", _owed, dollars),
    Field("last_payment_date", "last_payment_date", _day, date.isoformat),
    Field("autopay", "autopay", _yes_no, _shown_yes_no, empty=False),
    Field("last_payment_status", "last_payment_status", _payment_status),
    Field("disconnect_date", "disconnect_date", _day, date.isoformat),
    Field("disconnect_amount", "disconnect_cents", _owed, dollars),
    Field("customer_since", "customer_since", _day, date.isoformat),
    Field("returned_payments", "returned_payments", _count, empty=0),
)
BY_NAME = {field.name: field for field in FIELDS}

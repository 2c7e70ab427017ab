"""The schema of flows.yaml: who answers, in which languages, on which lines, and every flow."""

from collections.abc import Mapping

from ivr.authoring.schema.jobs import job_definitions
from ivr.authoring.schema.parts import (
    Schema,
    anchored,
    described,
    either_of,
    mapping,
    matching,
    named,
    number,
    one_of,
    use,
    with_definitions,
)
from ivr.authoring.schema.patience import PATIENCES
from ivr.authoring.schema.steps import step_definitions
from ivr.flows import arrears, bounds, front, lines, openings, paying, voices
from ivr.flows.reading import NAME
from ivr.flows.requests import LEVELS
from ivr.flows.rules import Covers
from ivr.flows.services import Level, Service

_LANGUAGE = matching(anchored(front.LANGUAGE), "a language of two letters, as in en", "en", "es")
_NUMBER = anchored(front.NUMBER)
_DAY = f"(?:{'|'.join(openings.DAYS)})"
_DAYS = anchored(f"{_DAY}(?:-{_DAY})?")
_DATE = matching(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "a date, as in 2026-12-25")
_HOURS = matching(anchored(arrears.HOURS), "hours, as in 2h", "2h")
_TIMES = matching(anchored(openings.TIMES), "opening times, as in 08:00-20:00", "08:00-20:00")


def book_schema(services: Mapping[str, Service]) -> Schema:
    """The schema of flows.yaml, for a line with these services."""
    steps = {"type": "array", "items": use("step"), "minItems": 1}
    values = {
        "version": described({"enum": [int(front.VERSION), front.VERSION]}, "Of this language."),
        "company": described(_words(), "What {company} says."),
        "languages": described(_languages(), "The languages of the book, the usual one first."),
        "voices": described(named(_voice(), anchored(front.LANGUAGE)), "How each language sounds."),
        "lines": described(_lines(), "The numbers callers dial; the first also serves all others."),
        "patience": described(use("book-patience"), "How long questions wait, and what helps."),
        "person": described(use("place-target"), "Where 0 leads, everywhere."),
        "home": described(use("place-target"), "Where * leads when nothing came before."),
        "identify": described(_identify(), "The flow that brings a caller to each level."),
        "hours": described(_hours(), "When the people of each queue answer."),
        "payments": described(_payments(), "What may be paid by phone."),
        "promises": described(_promises(), "Who may promise to pay later, and until when."),
        "restored-within": described(_HOURS, "How soon service is back once it is paid for."),
        "announce": described(use("line"), "A line said first on every call, for emergencies."),
        "flows": described(named(steps), "The flows, each a list of steps."),
        "reference": described(use("replies"), "What services reply where jobs are timed."),
        "jobs": described(named(use("job")), "What callers ring for, and how long it may take."),
    }
    book = mapping(front.TOP, values, front.REQUIRED)
    return with_definitions(
        {"title": "flows.yaml", "description": "What the line does.", **book},
        {**step_definitions(services), **PATIENCES, **job_definitions(services)},
    )


def _words() -> Schema:
    return {"type": ["string", "number", "boolean"], "minLength": 1}


def _languages() -> Schema:
    return {"type": "array", "items": _LANGUAGE, "minItems": 1, "uniqueItems": True}


def _voice() -> Schema:
    names = matching(anchored(*voices.BASIC, voices.POLLY, voices.GOOGLE), "a voice")
    values = {
        "voice": described(either_of(one_of(voices.POSSIBLE), names), "The carrier's voice."),
        "language": described(
            matching(anchored(voices.TAG), "a language and a country, as in en-US"),
            "The language tag of the voice.",
        ),
        "pay": described(one_of(voices.PAY), "The language tag while a card is typed."),
    }
    return mapping(voices.VOICE, values, voices.VOICE)


def _lines() -> Schema:
    values = {
        "start": described(use("place-target"), "Where a call starts."),
        "language": described(_LANGUAGE, "The language a call starts in."),
        "lost": described(use("place-target"), "Where a call goes on when its place is lost."),
        "rescue": described(
            matching(_NUMBER, "a phone number, as in +12025550100, in quotes"),
            "The number dialled when nothing works, in quotes.",
        ),
    }
    return {**named(mapping(front.LINE, values, front.LINE), _NUMBER), "minProperties": 1}


def _identify() -> Schema:
    flow = matching(anchored(f"flow {NAME.pattern}"), "flow NAME")
    levels = [name for name, level in LEVELS.items() if level is not Level.UNKNOWN]
    return mapping(levels, {name: described(flow, f"Makes a caller {name}.") for name in levels})


def _payments() -> Schema:
    amount = matching(anchored(bounds.MONEY), paying.AMOUNT, "5.00")
    values = {
        "least": described(amount, "The least of a payment."),
        "most": described(amount, "The most of one payment, without its fee."),
        "over": described(amount, "How much more than is owed may be paid."),
        "fee": described(amount, "What a payment costs on top; 0.00 is not spoken of."),
        "tries": described(number(bounds.LENGTH, 99, paying.COUNT), "For an account and day."),
    }
    return mapping(paying.PAYMENTS, values)


def _promises() -> Schema:
    amount = matching(anchored(bounds.MONEY), arrears.AMOUNT, "499.00")
    days = number(arrears.DAYS, 99, "days, as in 11")
    count = {
        **matching(anchored(arrears.COUNT), "a whole number, as in 90"),
        "type": ["integer", "string"],
        "minimum": 0,
        "maximum": 9999,
    }
    values = {
        "ceiling": described(amount, "At most this much may be promised."),
        "days": described(days, "At most so many days from today."),
        "covers": described(one_of(Covers), "What a promise must be for."),
        "past-shut-off": described(count, "How many days past a shut-off it may reach."),
        "between": described(count, "Days since the last promise."),
        "customer-for": described(count, "Days they must have been a customer."),
        "returned": described(count, "Returned payments in twelve months that are forgiven."),
        "suspended": described(one_of(lines.FLAG), "Whether those whose service is off may."),
    }
    return mapping(arrears.PROMISES, values, arrears.REQUIRED)


def _hours() -> Schema:
    own = {
        "zone": described({"type": "string", "minLength": 1}, "As in America/Chicago."),
        "closed": described({"type": "array", "items": _DATE}, "Days on which nobody answers."),
    }
    queue = described(named(_TIMES, _DAYS), "A queue: its days, as in mon-fri: 08:00-20:00.")
    names = anchored(NAME)
    return {
        "type": "object",
        "properties": {key: own[key] for key in openings.OWN_KEYS},
        "patternProperties": {f"^(?!(?:{'|'.join(openings.OWN_KEYS)})$){names[1:]}": queue},
        "required": ["zone"],
        "additionalProperties": False,
    }

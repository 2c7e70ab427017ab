"""The book, as commands read it that must know what is in it."""

from zoneinfo import ZoneInfo

from ivr.config import Settings
from ivr.flows import load_book
from ivr.flows.model import Book
from ivr.services.table import CHANNEL_PROMPTS, declared


def loaded(settings: Settings) -> Book:
    """The book the settings name.

    Raises `BookError` with one line where there is none or it has problems.
    """
    return load_book(settings.book, declared(), CHANNEL_PROMPTS)


def zone(settings: Settings) -> ZoneInfo:
    """The time zone of the book's opening hours, which is the desk's. Raises `BookError`."""
    return ZoneInfo(loaded(settings).hours.zone)

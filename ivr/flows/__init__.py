"""Books: the model, reading one from YAML, and everything that can be wrong with one."""

from ivr.flows.load import UnusableBook, load_book
from ivr.flows.parse import BrokenBook, parse_book

__all__ = ["BrokenBook", "UnusableBook", "load_book", "parse_book"]

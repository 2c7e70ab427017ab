"""Claims a turn, lets the engine advance, performs what it asks, and saves it all together."""

from ivr.switchboard.books import Books
from ivr.switchboard.exchange import Arrival, StillWorking, Switchboard
from ivr.switchboard.office import Office

__all__ = ["Arrival", "Books", "Office", "StillWorking", "Switchboard"]

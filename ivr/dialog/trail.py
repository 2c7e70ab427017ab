"""The way back: which earlier questions `*` leads to from the one being asked."""

from typing import TYPE_CHECKING

from ivr.dialog import questions
from ivr.dialog.call import Spot, Stop
from ivr.flows.model import ToMenu

if TYPE_CHECKING:
    from ivr.dialog.walk import Walk


def after(walk: "Walk", left: Stop, spot: Spot) -> tuple[Stop, ...]:
    """The way back from the question at `spot`, now that `left` is left for it.

    All ways begin at the home menu, and lead there from a menu that offers `*`. A question asked
    again is no second place to go back to, nor is a detour that is over: they are identified now.
    """
    if questions.offers_home(walk.question()) or _is_home(walk, spot):
        return ()
    way = (*walk.trail, left)
    again = next((place for place, stop in enumerate(way) if stop.spot == spot), len(way))
    return tuple(stop for stop in way[:again] if len(stop.stack) <= len(walk.stack))


def _is_home(walk: "Walk", spot: Spot) -> bool:
    return spot.is_menu and walk.book.home == ToMenu(spot.name)

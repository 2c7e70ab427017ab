"""Silence and wrong keys: counted apart, helped more each time, and never the caller's dead end."""

from dataclasses import replace

from ivr.dialog.turns import Turn
from ivr.dialog.walk import Walk
from ivr.flows.model import Line


def silent(walk: Walk) -> Turn:
    """Nothing was heard."""
    patience = walk.question().patience
    if patience.silent:
        walk.answered()
        return walk.branch(patience.silent)
    tries = walk.tries
    walk.tries = replace(tries, silences=tries.silences + 1, call=tries.call + 1)
    return _help(walk, patience.silence, tries.silences)


def mismatch(walk: Walk) -> Turn:
    """Something was heard that is not among the answers."""
    tries = walk.tries
    walk.tries = replace(tries, mismatches=tries.mismatches + 1, call=tries.call + 1)
    return _help(walk, walk.question().patience.mismatch, tries.mismatches)


def _help(walk: Walk, lines: tuple[Line, ...], failed_before: int) -> Turn:
    walk.fixed = False
    if _given_up(walk):
        return walk.give_up()
    return walk.ask_again(walk.spoken(lines[min(failed_before, len(lines) - 1)]))


def _given_up(walk: Walk) -> bool:
    patience = walk.question().patience
    here = walk.tries.silences + walk.tries.mismatches
    return here >= patience.tries or walk.tries.call >= patience.call_tries

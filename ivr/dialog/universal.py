"""The keys that mean the same at every question: 0, 9, 8, 7 and *."""

from dataclasses import replace
from typing import assert_never

from ivr.dialog import questions
from ivr.dialog.answers import Universal
from ivr.dialog.call import Pace
from ivr.dialog.directives import Say
from ivr.dialog.turns import Turn
from ivr.dialog.walk import Walk
from ivr.flows.model import STOPPED, Ask


def pressed(walk: Walk, key: Universal) -> Turn:
    """Do what the key means at the open question."""
    match key:
        case Universal.PERSON:
            walk.answered()
            walk.stack = ()
            return walk.go(walk.question().person)
        case Universal.AGAIN:
            return _say_again(walk)
        case Universal.LANGUAGE:
            return _switch_language(walk)
        case Universal.MORE_TIME:
            return _take_time(walk)
        case Universal.BACK:
            return _back(walk)
        case _:
            assert_never(key)


def _back(walk: Walk) -> Turn:
    """The question before, unless this one says where `*` leads."""
    question = walk.question()
    walk.answered()
    if isinstance(question, Ask) and (stopped := question.when.get(STOPPED)):
        # As if it was never asked: no other `*` leads back to it.
        walk.open, walk.trail = (walk.trail[-1], walk.trail[:-1]) if walk.trail else (None, ())
        return walk.branch(stopped)
    return walk.home() if questions.offers_home(question) else walk.back()


def _say_again(walk: Walk) -> Turn:
    """All of it again, numbers slower from the second time on."""
    walk.repeats += 1
    walk.fixed = False
    slow = walk.repeats > 1
    walk.said = [replace(say, slow=slow) for say in walk.said if not say.once]
    return walk.pose(walk.call.turn + 1)


def _switch_language(walk: Walk) -> Turn:
    """The next language of the book, the same question."""
    languages = walk.book.languages
    walk.language = languages[(languages.index(walk.language) + 1) % len(languages)]
    walk.chose_language = True
    walk.said = [say for say in walk.said if not say.once]
    return walk.pose(walk.call.turn + 1)


def _take_time(walk: Walk) -> Turn:
    """Longer waits from here on."""
    walk.pace = Pace.SLOW
    return walk.ask_again([Say(questions.MORE_TIME)])

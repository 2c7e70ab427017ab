"""`advance(book, call, event)`: the whole conversation as one pure function.

It reads no clock, asks no service and logs nothing, so that whatever it does can be replayed and
proven. Where a service is needed it stops with `AwaitReply`, and goes on when `Replied` comes.
"""

from typing import assert_never

from ivr.dialog import failures, questions, ringing, universal
from ivr.dialog.answers import Given, Universal, Unusable, read
from ivr.dialog.call import Call
from ivr.dialog.directives import Say
from ivr.dialog.events import (
    Answered,
    Arrived,
    CardTaken,
    Event,
    Rang,
    Recorded,
    Replied,
    Silent,
)
from ivr.dialog.turns import Finished, Turn
from ivr.dialog.walk import Walk
from ivr.errors import CallError
from ivr.flows.model import AnswerKind, Ask, Book, Branch, Choose, Do, Menu, Pay, Transfer
from ivr.prompts.values import Choices, Text


def advance(book: Book, call: Call, event: Event) -> Turn:
    """What an event makes of a call.

    Raises `CallError` where the event does not fit the open question, or a turn takes over a
    hundred steps; the switchboard then leads the caller to a person.
    """
    walk = Walk(book, call)
    match event:
        case Arrived():
            return _arrived(walk)
        case Replied():
            return _replied(walk, event)
        case Answered():
            return _answered(walk, event.text.reveal(), event.finished)
        case Recorded():
            return _recorded(walk, event)
        case Silent():
            return failures.silent(walk)
        case CardTaken():
            return _card_taken(walk, event)
        case Rang():
            return ringing.ring(walk)
        case _:
            assert_never(event)


def current(book: Book, call: Call, apology: str) -> Turn:
    """The open question once more after an apology, changing nothing: the caller came back.

    Raises `CallError` where the call stands nowhere.
    """
    if call.ended:
        return Turn(call, (), (), Finished())
    walk = Walk(book, call)
    walk.said = [Say(apology), *(say for say in call.said if not say.once)]
    return walk.pose(call.turn)


def reach(book: Book, call: Call, apology: str) -> Turn:
    """Lead a call whose place is lost to the line's `lost` target, after an apology."""
    walk = Walk(book, call)
    walk.start_over()
    walk.say_prompt(apology)
    return walk.go(book.line(call.line).lost)


def _arrived(walk: Walk) -> Turn:
    if walk.book.announce:
        walk.say(walk.book.announce)
    return walk.go(walk.book.line(walk.call.line).start)


def _replied(walk: Walk, reply: Replied) -> Turn:
    step = walk.step()
    if isinstance(step, Transfer):
        return ringing.rung(walk, step, reply)
    if not isinstance(step, Do):
        raise CallError(f"a reply came where no service was asked, at {walk.spot}")
    walk.learn(step, reply)
    return walk.branch(step.when[reply.outcome])


def _card_taken(walk: Walk, event: CardTaken) -> Turn:
    step = walk.step()
    if not isinstance(step, Pay):
        raise CallError(f"a card came where none was asked for, at {walk.spot}")
    walk.said = []
    if event.outcome == "given" and event.card:
        walk.secrets[step.answer] = event.card
        return walk.next()
    return walk.branch(step.when[event.outcome])


def _answered(walk: Walk, text: str, finished: bool) -> Turn:
    if _stray_pound(walk.call, text, finished):
        # It cut short what was being said, so all of that is due again.
        walk.fixed = False
        return walk.pose(walk.call.turn + 1)
    question = walk.question()
    if isinstance(question, Ask) and question.kind not in _BY_KEY:
        return _typed(walk, question, text or ("#" if finished else ""))
    if key := questions.universal(walk, text):
        return universal.pressed(walk, key)
    match question:
        case Menu():
            return _key(walk, question, text)
        case Choose():
            return _chosen(walk, question, text)
        case Ask(kind=AnswerKind.YES_NO):
            return _yes_no(walk, question, text)
        case _:
            return failures.mismatch(walk)


_BY_KEY = {AnswerKind.YES_NO, AnswerKind.SPOKEN_YES}
"""Questions at which one key means something by itself."""


def _recorded(walk: Walk, event: Recorded) -> Turn:
    """What was said is taken for a yes; its recording shows whether it was one."""
    question = walk.question()
    if not (isinstance(question, Ask) and questions.is_spoken(question)):
        raise CallError(f"a recording came where none was asked for, at {walk.spot}")
    walk.answered()
    walk.keep_answer(question, Text(event.reference))
    return walk.next()


def _stray_pound(call: Call, text: str, finished: bool) -> bool:
    """A # typed after a fixed-length answer arrives at the question that follows it."""
    return call.fixed and (text == "#" or (finished and not text))


def _typed(walk: Walk, ask: Ask, text: str) -> Turn:
    meaning = read(
        ask, text, walk.memory.cents(ask.limits.least), walk.memory.cents(ask.limits.most)
    )
    match meaning:
        case Given():
            walk.answered(fixed=questions.is_fixed(ask))
            walk.keep_answer(ask, meaning.value)
            return walk.next()
        case Universal():
            return universal.pressed(walk, meaning)
        case Unusable.NOTHING:
            return walk.ask_again()
        case _:
            return failures.mismatch(walk)


def _key(walk: Walk, menu: Menu, key: str) -> Turn:
    for option in menu.options:
        if option.key == key and walk.memory.holds(option.needs):
            walk.answered(fixed=True)
            walk.reason = option.offer
            return walk.branch(option.branch)
    return failures.mismatch(walk)


def _chosen(walk: Walk, choose: Choose, key: str) -> Turn:
    choices = walk.memory.value(choose.source)
    if not isinstance(choices, Choices):
        raise CallError(f"{choose.source} is not a list of choices")
    place = "123456".find(key) if len(key) == 1 else -1
    if not 0 <= place < len(choices.items):
        return failures.mismatch(walk)
    walk.answered(fixed=True)
    walk.memory.keep_answer(choose.answer, Text(choices.items[place].value))
    return walk.next()


def _yes_no(walk: Walk, ask: Ask, key: str) -> Turn:
    branch: Branch | None = {"1": ask.when["yes"], "2": ask.when["no"]}.get(key)
    if branch is None:
        return failures.mismatch(walk)
    walk.answered(fixed=True)
    return walk.branch(branch)

"""How what claims remember changes with each turn."""

from dataclasses import replace

from ivr.authoring.proof.happenings import NOT_RINGING, Happening, Lost, Ringing, step_at
from ivr.authoring.proof.states import Watch
from ivr.dialog.call import Call
from ivr.dialog.events import Answered, CardTaken, Rang, Replied
from ivr.dialog.turns import (
    LISTENING,
    AwaitAgent,
    AwaitRecording,
    AwaitReply,
    Request,
    Turn,
)
from ivr.dialog.walk import Walk
from ivr.flows.model import AnswerKind, Ask, Book, Choose, Do, Menu, Ref, Step, Transfer
from ivr.flows.services import RING
from ivr.prompts.prompt import Placeholder
from ivr.prompts.values import Kind, Money
from ivr.services.payments import CANCEL
from ivr.services.people import FIND, KEEP_CALLBACK

YES = "1"
REACHABLE = {"ready", "other-language", "ring"}
"""Outcomes that say somebody can come to the phone."""
UNREACHABLE = {"nobody", "closed", "unavailable"}


def watched(book: Book, watch: Watch, happening: Happening, call: Call, turn: Turn) -> Watch:
    """What is remembered after a turn that began with `call`."""
    step = step_at(book, call.spot)
    watch = _served(watch, happening, step, turn)
    watch = _agreed(book, watch, happening, call, turn)
    watch = _alone(book, watch, happening, step, turn)
    ringing = _ringing(watch.ringing, happening, turn)
    return watch if ringing == watch.ringing else replace(watch, ringing=ringing)


def _served(watch: Watch, happening: Happening, step: Step | Menu | None, turn: Turn) -> Watch:
    if isinstance(happening, CardTaken) and happening.outcome == "hung-up":
        return replace(watch, gone=True)
    talked = isinstance(happening, Replied) and (
        (isinstance(step, Transfer) and happening.outcome == "talked")
        or (isinstance(step, Do) and step.service.name == KEEP_CALLBACK.name)
    )
    # A callback that cannot be kept excuses the goodbye as one that is kept does.
    done = talked or turn.call.done
    return replace(watch, served=True) if done and not watch.served else watch


def _agreed(book: Book, watch: Watch, happening: Happening, call: Call, turn: Turn) -> Watch:
    """The yes, what it was said to, and what makes it void: above all, any other question."""
    if _asks_aloud(call, turn, happening):
        return _with_yes(watch, None, "", intended=watch.intended)
    if isinstance(turn.wait, LISTENING) or isinstance(happening, Lost):
        return _with_yes(watch, None, "", intended=False)
    if isinstance(happening, Answered):
        return _with_yes(watch, *_amount(book, call, happening.text.reveal()), intended=False)
    if isinstance(happening, CardTaken) and happening.outcome == "stopped":
        return _with_yes(watch, None, "", intended=False)
    step = step_at(book, call.spot)
    if isinstance(happening, Replied) and isinstance(step, Do):
        return _after(watch, happening, step)
    return watch


def _asks_aloud(call: Call, turn: Turn, happening: Happening) -> bool:
    """Whether a yes said aloud is asked for, or asked for again: it only adds to what a service
    has taken down."""
    same = not isinstance(happening, Answered) or turn.call.spot == call.spot
    return isinstance(turn.wait, AwaitRecording) and same and not isinstance(happening, Lost)


def _with_yes(watch: Watch, agreed: Money | None, about: str, *, intended: bool) -> Watch:
    if (agreed, about, intended) == (watch.agreed, watch.about, watch.intended):
        return watch
    return replace(watch, agreed=agreed, about=about, intended=intended)


def _after(watch: Watch, reply: Replied, step: Do) -> Watch:
    """What a service's reply makes of the yes: it is taken down, used up, or about another sum."""
    if step.service.agreed:
        taken = reply.outcome == step.service.agreed[1] and watch.agreed is not None
        return _with_yes(watch, None, "", intended=taken)
    used = step.service.charges or step.service.name == CANCEL.name
    intended = watch.intended and not used
    if step.into == watch.about:
        return _with_yes(watch, None, "", intended=intended)
    return _with_yes(watch, watch.agreed, watch.about, intended=intended)


def _amount(book: Book, call: Call, key: str) -> tuple[Money | None, str]:
    """The amount that a yes/no question spoke before it listened, if this key says yes to it.

    It is the last one that is heard, in every language, in words that are for the caller's.
    """
    ask = step_at(book, call.spot)
    if key != YES or not isinstance(ask, Ask) or ask.kind is not AnswerKind.YES_NO:
        return None, ""
    line = ask.first
    said = Walk(book, call).spoken(line) if line and not line.others else []
    names = {
        _last_amount(book, say.prompt, language) for say in said for language in book.languages
    }
    name = names.pop() if len(names) == 1 else ""
    source = dict(line.binds).get(name) if line else None
    value = dict(said[-1].values).get(name) if said else None
    if not (isinstance(value, Money) and isinstance(source, Ref)):
        return None, ""
    return value, source.name


def _last_amount(book: Book, prompt: str, language: str) -> str:
    """The name of the last amount in a prompt as it is spoken."""
    parts = book.catalogue.prompts[language][prompt].parts
    money = [it for it in parts if isinstance(it, Placeholder) and it.kind is Kind.MONEY]
    return money[-1].name if money else ""


def _alone(
    book: Book, watch: Watch, happening: Happening, step: Step | Menu | None, turn: Turn
) -> Watch:
    """Whether they know that nobody can come; where 0 leads as everywhere it means nothing."""
    if isinstance(happening, Replied) and (
        isinstance(step, Transfer) or (isinstance(step, Do) and step.service.name == FIND.name)
    ):
        if happening.outcome in REACHABLE:
            return replace(watch, alone=False)
        if happening.outcome in UNREACHABLE:
            return replace(watch, alone=True)
    question = step_at(book, turn.call.spot)
    listens = isinstance(turn.wait, LISTENING)
    if (
        watch.alone
        and listens
        and isinstance(question, Menu | Ask | Choose)
        and question.person == book.person
    ):
        return replace(watch, alone=False)
    return watch


def _ringing(ringing: Ringing, happening: Happening, turn: Turn) -> Ringing:
    if isinstance(turn.wait, AwaitAgent):
        return Ringing(ringing.rings + 1)
    if isinstance(turn.wait, AwaitReply) and is_ring(turn.wait.request):
        # Whoever comes here other than by a ring that ended begins a transfer.
        return (
            replace(ringing, bridged=happening.bridged)
            if isinstance(happening, Rang)
            else NOT_RINGING
        )
    return NOT_RINGING


def is_ring(request: Request) -> bool:
    """Whether it asks whose phone rings next."""
    return request.service is RING

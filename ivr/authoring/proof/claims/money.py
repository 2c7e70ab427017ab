"""Money and secrets: no charge without a yes to its amount, nothing binding without any, and no
secret where it could be kept."""

from collections.abc import Iterator

from ivr.authoring.proof.breach import Breach, at_passage
from ivr.authoring.proof.evidence import Evidence
from ivr.authoring.proof.happenings import step_at, usable
from ivr.authoring.proof.space import Passage
from ivr.authoring.proof.watching import YES
from ivr.dialog import codec
from ivr.dialog.events import Answered, CardTaken, Replied
from ivr.dialog.turns import AwaitReply, Request, Turn
from ivr.flows.model import AnswerKind, Ask
from ivr.services import autopay, methods, promises, refunding
from ivr.services.people import KEEP_CALLBACK

BINDING = {
    service.name
    for service in (
        *(autopay.ENROL, autopay.CANCEL),
        *(promises.MAKE, methods.REMOVE, refunding.MAKE),
    )
}
"""Services that do at once what a yes was said to, other than to charge."""


def no_surprise_charge(evidence: Evidence) -> Iterator[Breach]:
    """Each charge follows a yes to its amount, which was said where no key could be heard yet; what
    binds otherwise is done in the turn of a yes; what was settled is a job that is done."""
    for passage in evidence.space.passages:
        turn = passage.turn
        if turn and passage.to and isinstance(turn.wait, AwaitReply):
            yield from _surprises(passage, turn.wait.request)
            name = turn.wait.request.service.name
            if name in BINDING and not _says_yes(evidence, passage):
                yield at_passage(f"{name} binds, and nobody has just said yes", passage)
        if turn and not turn.call.done and (outcome := _settled(passage)):
            yield at_passage(f"{outcome} settles it, and no job is finished (`finishes:`)", passage)


def _says_yes(evidence: Evidence, passage: Passage) -> bool:
    happening, step = passage.happening, step_at(evidence.book, passage.call.spot)
    asked = isinstance(step, Ask) and step.kind is AnswerKind.YES_NO
    return asked and isinstance(happening, Answered) and happening.text.reveal() == YES


def _settled(passage: Passage) -> str:
    """The outcome by which something is settled, for which nobody must be led to ask again. To wait
    for a callback is no job that is done."""
    wait = passage.source.wait if passage.source else None
    if isinstance(passage.happening, Replied) and isinstance(wait, AwaitReply):
        service, outcome = wait.request.service, passage.happening.outcome
        if outcome in service.settles and service.name != KEEP_CALLBACK.name:
            return f"{service.name} {outcome}"
    return ""


def _surprises(passage: Passage, request: Request) -> Iterator[Breach]:
    watch = passage.to.watch if passage.to else None
    if watch is None:
        return
    name = request.service.name
    if request.service.agreed:
        amount = request.values.get(request.service.agreed[0])
        if watch.agreed is None or amount is not watch.agreed:
            yield at_passage(f"{name} takes an amount that was not just said yes to", passage)
    if request.service.charges and not watch.intended:
        yield at_passage(f"{name} charges, and no amount was said yes to", passage)


def secret_stays_secret(evidence: Evidence) -> Iterator[Breach]:
    """What is typed as a secret is nowhere in the turn that takes it, but for the service asked.

    Later turns begin with that state, so what is not in it then is never there.
    """
    for passage in evidence.space.passages:
        secret = _secret(evidence, passage)
        if passage.turn and secret and secret in _written(passage.turn):
            yield at_passage("a secret is in the state of the call, or is spoken", passage)


def _secret(evidence: Evidence, passage: Passage) -> str:
    """What was typed as a secret in this turn, or stands for a card."""
    happening = passage.happening
    if isinstance(happening, CardTaken):
        return happening.card.token.reveal() if happening.card else ""
    step = step_at(evidence.book, passage.call.spot)
    if isinstance(happening, Answered) and isinstance(step, Ask) and step.kind is AnswerKind.PIN:
        return usable(step) if happening.text.reveal() == usable(step) else ""
    return ""


def _written(turn: Turn) -> str:
    """All of a turn that is stored or leaves us."""
    asked = ""
    if isinstance(turn.wait, AwaitReply):
        asked = repr((dict(turn.wait.request.values), dict(turn.wait.request.words)))
    return codec.dump(turn.call) + repr((turn.before, turn.within)) + asked

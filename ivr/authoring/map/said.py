"""What happens in a box, a line each: the services asked, the words heard, the card taken."""

from collections.abc import Iterator, Sequence
from typing import assert_never

from ivr.authoring.map.words import Words
from ivr.flows.model import (
    AnswerKind,
    Ask,
    Choose,
    Do,
    End,
    Go,
    Pay,
    PayMethod,
    Say,
    Step,
    Transfer,
)
from ivr.flows.services import Level
from ivr.services.spoken import BANK_FIELDS, CARD_FIELDS

MOST = 2  # utterances of one box that are no question


def said(steps: Sequence[Step], words: Words) -> tuple[str, ...]:
    """The lines of a box that holds these steps."""
    chosen = _chosen([step for step in steps if isinstance(step, Say)])
    if any(isinstance(step, Ask | Choose) for step in steps):
        chosen = [say for say in chosen if not _unsure(say)]
    return tuple(line for step in steps for line in _of_step(step, words, chosen))


def _chosen(says: list[Say]) -> list[Say]:
    """The utterances worth showing: not greetings where there are others, sure ones first."""
    news = [say for say in says if not say.line.once] or says
    sure = [say for say in news if not _unsure(say)]
    return (sure or news)[:MOST]


def _unsure(say: Say) -> bool:
    return bool(say.needs or say.line.needs)


def _of_step(step: Step, words: Words, chosen: list[Say]) -> Iterator[str]:
    match step:
        case Say():
            if step in chosen:
                yield words.line(step.line)
        case Ask():
            yield from (words.line(line) for line in (step.first, step.prompt) if line)
            if step.kind is AnswerKind.SPOKEN_YES:
                yield "● what they say is recorded"
        case Choose():
            yield words.line(step.prompt)
        case Do():
            yield f"⚙ {step.service.name}{_level(step)}"
        case Pay(method=PayMethod.BANK):
            yield from ("bank account entry:", words.said(BANK_FIELDS[0][1]))
        case Pay():
            yield from ("card entry:", words.said(CARD_FIELDS[0][1]))
        case Transfer():
            yield f"☎ {step.queue}"
        case Go() | End():
            pass
        case _:
            assert_never(step)


def _level(step: Do) -> str:
    return f" · {step.level.name.lower()}" if step.level > Level.UNKNOWN else ""

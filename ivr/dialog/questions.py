"""The open question as words and a wait: what is offered now, and how long we listen."""

from typing import TYPE_CHECKING, assert_never

from ivr.dialog import answers
from ivr.dialog.call import Pace
from ivr.dialog.directives import Directive, Offer, Say
from ivr.dialog.turns import AwaitKey, AwaitRecording, AwaitTyped, Wait
from ivr.errors import CallError
from ivr.flows.model import AnswerKind, Ask, Choose, Menu, Patience
from ivr.prompts.values import Choices

if TYPE_CHECKING:
    from ivr.dialog.walk import Walk

Question = Menu | Ask | Choose
SLOWER = 3
"""How many times longer a caller who asked for more time is waited for: relay operators type at
about a third of speaking speed."""
LONGEST_AMOUNT = 9
LONGEST_SENTENCE = 15
"""Seconds that a sentence said aloud may take."""
SHORTEST_SILENCE = 5
"""Seconds of silence that end a sentence at the earliest: people pause while they speak."""
YES_NO = "yes-no"
MORE_TIME = "more-time"


def words(walk: "Walk", question: Question) -> list[Directive]:
    """What is spoken while listening for the answer."""
    match question:
        case Menu():
            return _options(walk, question)
        case Choose():
            return [*walk.spoken(question.prompt), *_choices(walk, question)]
        case Ask():
            asked: list[Directive] = [*(walk.spoken(question.prompt) if question.prompt else ())]
            return [*asked, Say(YES_NO)] if question.kind is AnswerKind.YES_NO else asked
        case _:
            assert_never(question)


def _options(walk: "Walk", menu: Menu) -> list[Directive]:
    offers = [
        Offer(option.key, option.offer, values)
        for option in menu.options
        if not option.quiet and walk.memory.holds(option.needs)
        if (values := walk.memory.bind(option.binds)) is not None
    ]
    return [*offers, *(Offer(key, prompt) for key, prompt in menu.also)]


def _choices(walk: "Walk", choose: Choose) -> list[Directive]:
    choices = walk.memory.value(choose.source)
    if not isinstance(choices, Choices):
        raise CallError(f"{choose.source} is not a list of choices")
    return [
        Offer(str(number), choice.prompt, choice.values)
        for number, choice in enumerate(choices.items, start=1)
    ]


def wait(question: Question, pace: Pace) -> Wait:
    """How the answer is listened for."""
    times = SLOWER if pace is Pace.SLOW else 1
    patience = question.patience
    if is_spoken(question):
        silence = max(patience.wait, SHORTEST_SILENCE)
        return AwaitRecording(silence * times, LONGEST_SENTENCE * times)
    if isinstance(question, Ask) and question.kind is not AnswerKind.YES_NO:
        return _typed(question, patience, times)
    return AwaitKey(patience.wait * times)


def _typed(ask: Ask, patience: Patience, times: int) -> AwaitTyped:
    longest = LONGEST_AMOUNT if ask.kind is AnswerKind.MONEY else ask.limits.longest
    return AwaitTyped(
        wait=patience.wait * times,
        between=patience.between * times,
        longest=longest,
        fixed=is_fixed(ask),
        secret=ask.secret,
    )


def can_be_asked(walk: "Walk", question: Question) -> bool:
    """Whether there is still something to choose from: a later reply may have had no list."""
    return not isinstance(question, Choose) or isinstance(
        walk.memory.value(question.source), Choices
    )


def is_spoken(question: Question) -> bool:
    """Whether it is answered aloud."""
    return isinstance(question, Ask) and question.kind is AnswerKind.SPOKEN_YES


def offers_home(question: Question) -> bool:
    """Whether this is a menu that speaks `*`: it names the home menu, and must keep its word."""
    return isinstance(question, Menu) and any(
        key == answers.Universal.BACK for key, _ in question.also
    )


def is_fixed(ask: Ask) -> bool:
    """Whether the answer ends by itself at its last digit."""
    return ask.kind in {AnswerKind.DIGITS, AnswerKind.PHONE} and (
        ask.limits.shortest == ask.limits.longest
    )


def universal(walk: "Walk", key: str) -> answers.Universal | None:
    """The universal meaning of a menu key; with one language there is nothing to switch to."""
    meaning = answers.universal(key)
    if meaning is answers.Universal.LANGUAGE and len(walk.book.languages) == 1:
        return None
    return meaning

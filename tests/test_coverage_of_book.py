"""The conversations in tests/transcripts/ leave nothing of the shipped book out.

Every outcome of every step, every key of every menu, every universal key, silence and failure at
every question, and every prompt, each in every language. What is missing is named.
"""

from collections.abc import Iterator

from ivr.dialog.answers import Given, Universal, Unusable, read
from ivr.dialog.call import Call, Spot
from ivr.dialog.directives import Directive, Offer
from ivr.dialog.events import Answered, CardTaken, Recorded, Replied, Silent
from ivr.dialog.questions import Question, is_spoken
from ivr.flows.model import (
    PAY_OUTCOMES,
    AnswerKind,
    Ask,
    Choose,
    Do,
    Menu,
    Option,
    Pay,
    PayMethod,
    Ref,
    Step,
    Transfer,
)
from ivr.prompts.catalogue import OFFER
from ivr.prompts.values import Choices, Money, Value, Words, YesNo
from ivr.services.spoken import CHANNEL_PROMPTS
from tests.line import SHIPPED
from tests.transcripts import on_engine, script

UNIVERSAL = ("0", "*", "9", "8", "7", "#")
STANDING = (*UNIVERSAL, "silence", "another key", "the third failure")
AFTER_THE_END = "# after the end of an answer"
ONE_TOO_MANY = "failures at several questions"
PAYS = [step for it in SHIPPED.flows.values() for step in it.steps if isinstance(step, Pay)]
TAKEN = {PayMethod.CARD, *(step.method for step in PAYS)}
CARD_PROMPTS = {key for key in CHANNEL_PROMPTS if key.partition("-")[0] in TAKEN}
BY_KEY = {AnswerKind.YES_NO, AnswerKind.SPOKEN_YES}
NEVER = {
    "flow ask-callback-number, step 2, callbacks.keep: number-needed": (
        "the question before it takes no number that we may not call"
    ),
    **{
        f"flow confirm-saved, step 11, payments.charge-stored: {outcome}": (
            "the sandbox opens nothing, so that the yes and the charge look at the same moment"
        )
        for outcome in ("overtaken", "limit", "expired")
    },
    "menu pay-how: without key 2": "the sandbox takes bank accounts",
    "prompt card-zip-again": "the stand-in carrier takes any ZIP code there is",
}
"""What the checker of books wants handled and no call can meet, and why."""


# What there is


def everything() -> set[str]:
    """All that callers of the book can meet, in every language."""
    met = {*_outcomes(), *_answers(), *_options(), *_prompts()} - NEVER.keys()
    return {f"{language}: {one}" for language in SHIPPED.languages for one in met}


def _steps() -> Iterator[tuple[str, Step]]:
    for flow in SHIPPED.flows.values():
        for place, step in enumerate(flow.steps):
            yield _named(Spot(flow.name, place)), step


def _outcomes() -> Iterator[str]:
    for name, step in _steps():
        match step:
            case Do():
                yield from (f"{name}, {step.service.name}: {outcome}" for outcome in step.when)
            case Pay():
                yield from (f"{name}, card: {outcome}" for outcome in PAY_OUTCOMES)
            case Transfer():
                yield from (f"{name}, transfer: {one}" for one in ("ring", "next", *step.when))
            case Ask(kind=AnswerKind.YES_NO):
                yield from (f"{name}: {answer}" for answer in step.when)
            case Ask() | Choose():
                yield f"{name}: an answer"


def _answers() -> Iterator[str]:
    asking = [(name, step) for name, step in _steps() if isinstance(step, Ask | Choose)]
    for name, question in (*asking, *((f"menu {it}", menu) for it, menu in SHIPPED.menus.items())):
        # A # ends what is said aloud.
        answers = [it for it in STANDING if it != "#" or not is_spoken(question)]
        yield from (f"{name}: {one}" for one in answers)
    yield from (AFTER_THE_END, ONE_TOO_MANY)


def _options() -> Iterator[str]:
    for menu in SHIPPED.menus.values():
        for option in menu.options:
            yield f"menu {menu.name}: key {option.key}"
            if option.needs:
                yield f"menu {menu.name}: without key {option.key}"


def _prompts() -> Iterator[str]:
    """All but what other tests hear: agents' prompts, texts, the line's own apologies."""
    others = {*CHANNEL_PROMPTS, OFFER} - CARD_PROMPTS
    words = SHIPPED.catalogue.prompts[SHIPPED.languages[0]].keys() - others
    return (f"prompt {key}" for key in words)


def _named(spot: Spot) -> str:
    return f"menu {spot.name}" if spot.is_menu else f"flow {spot.name}, step {spot.step + 1}"


# What the conversations meet


def met() -> set[str]:
    """What is met in all conversations together."""
    found: set[str] = set()
    for conversation in map(script.read, script.names()):
        for language in conversation.languages:
            replies = script.read_replies(conversation, language)
            for step in on_engine.play(conversation, language, replies):
                found |= {f"{step.before.language}: {one}" for one in _met(step)}
                found |= set(_said(step))
            found |= set(_said_at_card_entry(conversation, language))
    return found


def _met(step: on_engine.Step) -> Iterator[str]:
    before, event = step.before, step.event
    if before.spot is None:
        return
    name = _named(before.spot)
    match event:
        case Replied():
            yield f"{name}, {_asked(before)}: {event.outcome}"
        case CardTaken():
            yield f"{name}, card: {event.outcome}"
        case Recorded():
            yield f"{name}: an answer"
        case Silent():
            yield f"{name}: silence"
            yield from _third(name, before)
        case Answered(finished=finished):
            text = event.text.reveal() or ("#" if finished else "")
            if before.fixed and text == "#":
                yield AFTER_THE_END
            else:
                yield from _answered(name, before, text)
    if step.turn.call.spot and step.turn.call.spot.is_menu:
        yield from _left_out(step)


def _asked(before: Call) -> str:
    step = _step(before)
    return step.service.name if isinstance(step, Do) else "transfer"


def _step(call: Call) -> Step:
    assert call.spot is not None
    return SHIPPED.flows[call.spot.name].steps[call.spot.step]


def _question(call: Call) -> Question:
    if call.spot and call.spot.is_menu:
        return SHIPPED.menus[call.spot.name]
    step = _step(call)
    assert isinstance(step, Ask | Choose)
    return step


def _value(call: Call, ref: Ref) -> Value | None:
    return call.memory.get(ref.name, {}).get(ref.field)


def _answered(name: str, before: Call, text: str) -> Iterator[str]:
    meaning = _meaning(before, text)
    yield f"{name}: {meaning}"
    if meaning in ("#", "another key"):
        yield from _third(name, before)


def _meaning(before: Call, text: str) -> str:
    """What the caller answered at the open question."""
    question = _question(before)
    if isinstance(question, Ask) and question.kind not in BY_KEY:
        return _typed(before, question, text)
    if text in UNIVERSAL:
        return text
    return _chosen(question, before, text)


def _chosen(question: Question, before: Call, key: str) -> str:
    match question:
        case Menu():
            offered = [one.key for one in question.options if _is_offered(before, one)]
            return f"key {key}" if key in offered else "another key"
        case Ask(kind=AnswerKind.SPOKEN_YES):
            return "another key"
        case Ask():
            return {"1": "yes", "2": "no"}.get(key, "another key")
        case Choose():
            choices = _value(before, question.source)
            assert isinstance(choices, Choices)
            return "an answer" if key in "123456"[: len(choices.items)] else "another key"


def _is_offered(call: Call, option: Option) -> bool:
    return option.needs is None or _value(call, option.needs) == YesNo(True)


def _typed(before: Call, ask: Ask, text: str) -> str:
    least, most = (_cents(before, bound) for bound in (ask.limits.least, ask.limits.most))
    match read(ask, text, least, most):
        case Given():
            return "an answer"
        case Universal() as key:
            return key.value
        case Unusable.NOTHING:
            return "a cleared entry"
        case Unusable.MISMATCH:
            return "#" if text == "#" else "another key"


def _cents(call: Call, bound: int | Ref | None) -> int | None:
    if not isinstance(bound, Ref):
        return bound
    value = _value(call, bound)
    return value.cents if isinstance(value, Money) else None


def _third(name: str, before: Call) -> Iterator[str]:
    patience = _question(before).patience
    if before.tries.silences + before.tries.mismatches == patience.tries - 1:
        yield f"{name}: the third failure"
    elif before.tries.call == patience.call_tries - 1:
        yield ONE_TOO_MANY


def _left_out(step: on_engine.Step) -> Iterator[str]:
    """Options of a menu that were not offered, because what they need is not so."""
    spot = step.turn.call.spot
    assert spot is not None
    offered = {one.key for one in step.turn.within if isinstance(one, Offer)}
    for option in SHIPPED.menus[spot.name].options:
        if option.needs and option.key not in offered:
            yield f"menu {spot.name}: without key {option.key}"


def _said(step: on_engine.Step) -> Iterator[str]:
    for directive in (*step.turn.before, *step.turn.within):
        language = step.turn.call.language
        if not isinstance(directive, Offer):
            language = directive.language or language
        yield from (f"{language}: prompt {key}" for key in _keys(directive))


def _keys(directive: Directive) -> Iterator[str]:
    """The prompts a directive speaks: its own, and those that name things in it."""
    yield directive.prompt
    for _, value in directive.values:
        if isinstance(value, Words):
            yield from value.prompts


def _said_at_card_entry(conversation: script.Script, line: str) -> Iterator[str]:
    heard = {sentence for act in conversation.acts for sentence in act.heard.get(line, ())}
    for key in CARD_PROMPTS:
        for language in SHIPPED.languages:
            if heard.issuperset(script.sentences([SHIPPED.catalogue.text(key, language)])):
                yield f"{language}: prompt {key}"


def test_everything_in_the_book_is_met_in_every_language() -> None:
    missing = sorted(everything() - met())
    assert not missing, "no conversation meets:\n" + "\n".join(missing)


def test_what_is_said_to_be_never_met_is_there_and_never_met() -> None:
    never = {f"{language}: {one}" for language in SHIPPED.languages for one in NEVER}
    assert never.isdisjoint(met())
    assert {*_outcomes(), *_options(), *_prompts()} >= NEVER.keys()

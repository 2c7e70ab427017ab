"""What callers hear: something, in their language, nothing above their level, and an end to it."""

from collections.abc import Iterator

from ivr.authoring.proof.alone import Alone
from ivr.authoring.proof.breach import Breach, at_node, at_passage
from ivr.authoring.proof.evidence import Evidence
from ivr.authoring.proof.happenings import ANOTHER
from ivr.authoring.proof.space import Passage
from ivr.dialog.directives import Directive, Offer
from ivr.dialog.events import Replied
from ivr.dialog.turns import AwaitCard, AwaitReply, Finished, Turn
from ivr.flows.model import Book
from ivr.prompts.catalogue import Catalogue, Piece, Recording, Spoken
from ivr.prompts.prompt import Part, Placeholder, PromptError
from ivr.prompts.values import Words
from ivr.services.table import CHANNEL_PROMPTS

OFFER = "offer"
"""The prompt that all options are composed by."""
LONGEST_ALONE = 300.0
"""Seconds after which no call goes on that no caller prolongs."""
LONGEST_SLOWLY = 600.0
"""The same for callers who asked for more time, and are waited for three times as long."""


def every_failure_speaks(evidence: Evidence) -> Iterator[Breach]:
    """Every turn says something before it listens, connects or hangs up, and none breaks."""
    for passage in evidence.space.passages:
        if passage.turn is None:
            yield at_passage(f"the call breaks: {passage.trouble}", passage)
        elif _is_silent(passage.turn) and not _over(passage):
            yield at_passage("the caller hears nothing", passage)
        elif missing := _not_told(passage.turn):
            yield at_passage(f"a service is asked without its {missing}", passage)
    loop = evidence.alone.loop
    if loop and loop[0].source:
        yield at_node("the same is said again and again", loop[0].source, *loop)


def _not_told(turn: Turn) -> str:
    """What a service must be told, and is not: it can only fail then."""
    if not isinstance(turn.wait, AwaitReply):
        return ""
    request = turn.wait.request
    given = {*request.values, *request.words, *request.secrets, *request.service.optional}
    return ", ".join(sorted(request.service.takes.keys() - given))


def _is_silent(turn: Turn) -> bool:
    """Card entry has words of its own, and while a service is asked nobody waits for words."""
    if isinstance(turn.wait, AwaitReply | AwaitCard):
        return False
    return not (turn.before or turn.within)


def _over(passage: Passage) -> bool:
    """Whether nobody is there to hear anything: they talked to an agent, or hung up."""
    if passage.to is None or not isinstance(passage.to.wait, Finished):
        return False
    happening = passage.happening
    talked = isinstance(happening, Replied) and happening.outcome == "talked"
    return talked or passage.to.watch.gone


def identity(evidence: Evidence) -> Iterator[Breach]:
    """No service below its level, and no fact spoken below its own."""
    facts = evidence.space.facts
    for passage in evidence.space.passages:
        turn = passage.turn
        if turn is None:
            continue
        level = turn.call.identity.level
        if isinstance(turn.wait, AwaitReply) and turn.wait.request.service.level > level:
            name = turn.wait.request.service.name
            yield at_passage(f"{name} is asked for a caller who is only {level.name}", passage)
        for said in (*turn.before, *turn.within):
            for name, value in said.values:
                if facts.level(value) > level:
                    message = f"{said.prompt} speaks {name} to a caller who is only {level.name}"
                    yield at_passage(message.lower(), passage)
        yield from _anothers(evidence, passage, turn)


def _anothers(evidence: Evidence, passage: Passage, turn: Turn) -> Iterator[Breach]:
    """Facts of one account spoken to a caller who has just been taken for another's owner."""
    reply = passage.happening
    if not isinstance(reply, Replied) or reply.identity is None:
        return
    if reply.identity.account != ANOTHER:
        return
    told = {id(value) for value in reply.fields.values()}
    for said in (*turn.before, *turn.within):
        for name, value in said.values:
            if evidence.space.facts.level(value) and id(value) not in told:
                yield at_passage(f"{said.prompt} speaks {name} of another account", passage)


def both_languages(evidence: Evidence) -> Iterator[Breach]:
    """Everything said in one language can be said in every other one."""
    seen: set[Directive] = set()
    for passage in evidence.space.passages:
        turn = passage.turn
        for said in (*turn.before, *turn.within) if turn else ():
            if said not in seen:
                seen.add(said)
                yield from _unsaid(evidence.book, passage, said)
    yield from _unsaid_elsewhere(evidence.book)


def _unsaid_elsewhere(book: Book) -> Iterator[Breach]:
    """What is spoken outside of turns: while a card is entered, to agents, in texts."""
    for language in book.languages:
        for key in sorted(CHANNEL_PROMPTS):
            prompt = book.catalogue.prompts[language].get(key)
            if prompt is None or not any(_wordy(part) for part in prompt.parts):
                yield Breach(f"{key} has no words in {language}")
        offer = dict(book.catalogue.prompts[language][OFFER].placeholders)
        if missing := {"choice", "key"} - offer.keys():
            yield Breach(f"{OFFER} does not say its {' and '.join(sorted(missing))} in {language}")


def _wordy(part: Part) -> bool:
    if isinstance(part, str):
        return any(letter.isalnum() for letter in part)
    return isinstance(part, Placeholder)


def _unsaid(book: Book, passage: Passage, said: Directive) -> Iterator[Breach]:
    for language in book.languages:
        try:
            pieces = _pieces(book.catalogue, said, language)
        except PromptError as error:
            message = f"{said.prompt} cannot be said in {language}: {error}"
            yield at_passage(message, passage, language=language)
            continue
        whole = [] if any(_audible(piece) for piece in pieces) else [said.prompt]
        for prompt in (*whole, *_wordless(book.catalogue, said, language)):
            message = f"{prompt} has no words in {language}"
            yield at_passage(message, passage, language=language)


def _wordless(catalogue: Catalogue, said: Directive, language: str) -> Iterator[str]:
    """Which of the things that a sentence may name have no name: a reply names one or a few."""
    for _, value in said.values:
        for prompt in value.prompts if isinstance(value, Words) else ():
            if not any(_wordy(part) for part in catalogue.prompts[language][prompt].parts):
                yield prompt


def _pieces(catalogue: Catalogue, said: Directive, language: str) -> list[Piece]:
    values = dict(said.values)
    if isinstance(said, Offer):
        if not catalogue.text(said.prompt, language, values).strip():
            return []
        return list(catalogue.offer(said.key, said.prompt, values, language))
    return list(catalogue.say(said.prompt, values, language))


def _audible(piece: Piece) -> bool:
    if isinstance(piece, Spoken):
        return any(letter.isalnum() for letter in piece.text)
    return isinstance(piece, Recording)


def bounded(evidence: Evidence) -> Iterator[Breach]:
    """Every round needs the caller, and what goes on without them ends in time."""
    alone = evidence.alone
    if alone.loop:
        start = alone.loop[0].source
        if start:
            yield at_node("it goes round without the caller doing anything", start, *alone.loop)
        return
    yield from _too_long(evidence, alone, LONGEST_ALONE, "")
    yield from _too_long(evidence, evidence.slowly, LONGEST_SLOWLY, " at the slow pace")


def _too_long(evidence: Evidence, alone: Alone, most: float, pace: str) -> Iterator[Breach]:
    for node in evidence.space.nodes:
        seconds = alone.seconds[node.number]
        if seconds > most:
            message = f"it goes on for {seconds:.0f} s without the caller{pace}, over {most:.0f}"
            yield at_node(message, node, *_onward(alone, node.number))


def _onward(alone: Alone, number: int) -> tuple[Passage, ...]:
    """The longest way on from a state."""
    way: list[Passage] = []
    while (passage := alone.next.get(number)) and passage.to:
        way.append(passage)
        number = passage.to.number
    return tuple(way)

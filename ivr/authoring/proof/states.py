"""What makes two calls one state of the proof: all that can still change what happens.

docs/proof.md gives the reason for each thing that is left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.authoring.proof.facts import Facts
from ivr.authoring.proof.happenings import NOT_RINGING, SOMEBODY, Ringing, step_at
from ivr.authoring.proof.reads import Ahead, Reads
from ivr.dialog.call import Call, Identity, Tries
from ivr.dialog.directives import Say
from ivr.dialog.turns import AwaitAgent, AwaitReply, Wait
from ivr.flows.model import AnswerKind, Ask, Book, Menu, Ref, Step
from ivr.prompts.values import Money, Text, Value, YesNo

Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Watch:
    """What claims remember of a call, beside the call itself.

    `agreed` is the amount just said yes to, kept as `about`; `intended`, that a service took it.
    `served`: a job is finished, they talked to somebody, or a callback was kept or cannot be.
    `alone`: they were told that nobody can come to the phone. `gone`: they hung up.
    """

    agreed: Money | None = None
    about: str = ""
    intended: bool = False
    served: bool = False
    alone: bool = False
    gone: bool = False
    ringing: Ringing = NOT_RINGING


class States:
    """The states of one book's calls."""

    def __init__(self, book: Book, reads: Reads, facts: Facts) -> None:
        self._book, self._reads, self._facts = book, reads, facts
        self._bare = {spot for spot in reads.ahead if _may_be_bare(step_at(book, spot))}
        self._greeted = {name for name, menu in book.menus.items() if menu.greet != menu.again}

    def plain(self, call: Call, wait: Wait) -> Call:
        """The call without what cannot matter any more."""
        tries = call.tries
        return Call(
            sid=call.sid,
            book=call.book,
            line=call.line,
            caller=call.caller,
            language=self._book.languages[0],
            identity=_somebody(call.identity),
            spot=call.spot,
            stack=call.stack,
            open=call.open,
            trail=call.trail,
            memory=self._memory(call, wait, self._reads.ahead_of(call)),
            said=call.said,
            tries=Tries(tries.silences, tries.mismatches, tries.silences + tries.mismatches),
            seen=self._seen(call),
            ended=call.ended,
        )

    def key(self, call: Call, wait: Wait, watch: Watch) -> Key:
        """What a call is told apart by, with or without what cannot matter any more."""
        ahead, tries, who = self._reads.ahead_of(call), call.tries, call.identity
        # What is not spoken yet must be told apart; what was, is only ever spoken again. The same
        # sentence twice is as one, or a round of services that speaks would never come to an end.
        said = call.said if isinstance(wait, AwaitReply) else ()
        return (
            *(ahead.where, self._known(call, wait, ahead), who.level, who.account is None),
            *(tries.silences, tries.mismatches, self._seen(call)),
            *(type(wait), watch, self._book.line(call.line).lost, self._repeats(call)),
            tuple(dict.fromkeys(_words(say) for say in said)),
        )

    def _known(self, call: Call, wait: Wait, ahead: Ahead) -> frozenset[object]:
        """What is remembered, each fact by what it is told apart by."""
        return frozenset(
            (name, field, value.yes if type(value) is YesNo else id(value))
            for name, facts in self._memory(call, wait, ahead).items()
            for field, value in facts.items()
        )

    def _seen(self, call: Call) -> tuple[str, ...]:
        return tuple(sorted(self._greeted & set(call.seen))) if self._greeted else ()

    def _repeats(self, call: Call) -> bool:
        """Whether 9 says anything where a question has no words of its own."""
        return call.spot in self._bare and any(not say.once for say in call.said)

    def _memory(self, call: Call, wait: Wait, ahead: Ahead) -> dict[str, dict[str, Value]]:
        """The facts that may be read again."""
        if not call.memory:
            return {}
        here = self._reads.here[call.spot] if call.spot else frozenset()
        kept = {
            name: self._kept(name, facts, ahead.fields[name], here)
            for name, facts in call.memory.items()
            if name in ahead.fields
        }
        if isinstance(wait, AwaitAgent):
            kept |= {name: dict(it) for name, it in call.memory.items() if name.startswith("(")}
        return {name: facts for name, facts in kept.items() if facts}

    def _kept(
        self, name: str, facts: Mapping[str, Value], fields: frozenset[str], here: frozenset[Ref]
    ) -> dict[str, Value]:
        """A yes or no is remembered only while the open question hangs on it: decided anew later,
        it can only have more ways to go."""
        kept = {field: value for field, value in facts.items() if field in fields}
        for field, value in kept.items():
            if type(value) is YesNo and Ref(name, field) not in here:
                kept[field] = self._facts.undecided(name, field)
            elif not field:
                kept[field] = self._facts.answer(name, value)
        return kept


def _may_be_bare(place: Step | Menu | None) -> bool:
    """Whether a question may have nothing to say but what was said before it."""
    match place:
        case Menu():
            always = [it for it in place.options if not (it.quiet or it.needs or it.binds)]
            return not (place.also or always)
        case Ask():
            line = place.prompt
            yes_no = place.kind is AnswerKind.YES_NO
            return not yes_no and (line is None or bool(line.needs or line.binds))
        case _:
            return False


def _words(say: Say) -> tuple[object, ...]:
    return (say.prompt, say.language, say.once, *(_told(value) for _, value in say.values))


def _told(value: Value) -> object:
    """A value by which pending words are told apart: each fact is one object, words are text."""
    return value if isinstance(value, Text) else id(value)


def _somebody(who: Identity) -> Identity:
    """Whose account it is does not matter, only whether there is one."""
    return Identity(who.level, None if who.account is None else SOMEBODY)

"""The steps of a flow, read from YAML: one function for each kind of step."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from ivr.document import MappingNode, Node, ScalarNode, place
from ivr.flows import codes
from ivr.flows.bounds import limits
from ivr.flows.lines import (
    IN_QUESTION,
    IN_STEP,
    NO_LINE,
    NOWHERE,
    branch,
    line,
    needs,
    ref,
    spoken,
    target,
)
from ivr.flows.model import (
    PAY_OUTCOMES,
    TRANSFER_OUTCOMES,
    AnswerKind,
    Ask,
    Branch,
    Choose,
    Do,
    End,
    Go,
    Line,
    Move,
    Patience,
    Pay,
    Ref,
    Say,
    Step,
    Target,
    Transfer,
)
from ivr.flows.patience import patience
from ivr.flows.reading import Reading, describe
from ivr.flows.requests import arguments, keep_fields, raised
from ivr.prompts.values import Kind

ANSWERS: Mapping[AnswerKind, Kind] = {
    AnswerKind.DIGITS: Kind.DIGITS,
    AnswerKind.MONEY: Kind.MONEY,
    AnswerKind.PHONE: Kind.PHONE,
}
"""What the answer of a question is afterwards; a PIN is a secret and yes/no is not kept."""

OF_KIND: Mapping[str, Collection[AnswerKind]] = {
    "length": (AnswerKind.DIGITS, AnswerKind.PIN, AnswerKind.PHONE),
    "within": (AnswerKind.MONEY,),
    "when": (AnswerKind.YES_NO,),
}
"""The keys of a question that only some kinds of answers have."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """What every question inherits from the book."""

    patience: Patience
    person: Target


@dataclass(frozen=True, slots=True)
class Written:
    """A step as it is written: its node, its keys, and what every kind of step may carry."""

    node: MappingNode
    keys: Mapping[str, Node]
    needs: Ref | None
    finishes: str | None
    defaults: Defaults = field(repr=False)


def step(reading: Reading, node: Node, defaults: Defaults) -> Step | None:
    """One step, or None where it cannot be told what it does."""
    if isinstance(node, MappingNode):
        kinds = [key.value for key, _ in node.value if type(key) is ScalarNode]
        kinds = [kind for kind in kinds if kind in KINDS]
        if kinds and len(set(kinds)) == 1:
            return _of_kind(reading, node, kinds[0], defaults)
        _refuse(reading, node, kinds)
    else:
        wanted = "a step, as in - say: PROMPT"
        reading.refuse(codes.wrong_kind(place(node), wanted, describe(node)), node)
    reading.doubts += 1
    return None


def _refuse(reading: Reading, node: MappingNode, kinds: Collection[str]) -> None:
    if kinds:
        reading.refuse(codes.two_kinds(place(node), kinds), node)
        return
    names = [(key, reading.key(key)) for key, _ in node.value]
    for key, name in names:
        if name and codes.near(name, KINDS):
            reading.refuse(codes.unknown_key(place(key), name, "a step", KINDS), node)
            return
    reading.refuse(codes.missing_key(place(node), codes.either(KINDS), "a step"), node)


def _of_kind(reading: Reading, node: MappingNode, kind: str, defaults: Defaults) -> Step | None:
    owner, known, required, make = KINDS[kind]
    doubts = reading.doubts
    found = reading.fields(node, owner, known, required)
    if any(key not in found for key in required):
        reading.doubts = doubts + 1
    finishes = reading.name(found["finishes"]) if "finishes" in found else None
    return make(reading, Written(node, found, needs(reading, found), finishes, defaults))


def _say(reading: Reading, it: Written) -> Step:
    said = spoken(reading, it.keys["say"], it.keys)
    return Say(said, it.finishes, it.needs, place(it.node))


def _go(reading: Reading, it: Written) -> Step:
    return Go(target(reading, it.keys["go"], IN_STEP), it.needs, it.finishes, place(it.node))


def _end(reading: Reading, it: Written) -> Step:
    reading.choice(it.keys["end"], ("call",))
    return End(it.needs, it.finishes, place(it.node))


def _ask(reading: Reading, it: Written) -> Step | None:
    kind = _answer_kind(reading, it)
    if kind is None:
        reading.doubts += 1
        for node in it.keys.values():
            reading.skip(node)
        return None
    answer = reading.name(it.keys["ask"])
    if kind is AnswerKind.PIN:
        reading.secrets.add(answer)
    elif kind in ANSWERS:
        reading.keep(answer, "", ANSWERS[kind])
    if "prompt" not in it.keys and not (kind is AnswerKind.YES_NO and "first" in it.keys):
        reading.refuse(codes.missing_key(place(it.node), "prompt", "an ask step"))
    return Ask(
        answer=answer,
        kind=kind,
        prompt=_line(reading, it, "prompt"),
        patience=patience(reading, it.keys.get("patience"), it.defaults.patience, IN_QUESTION),
        person=_person(reading, it),
        first=_line(reading, it, "first"),
        limits=limits(reading, kind, it.keys),
        when=_yes_no(reading, it) if kind is AnswerKind.YES_NO else {},
        needs=it.needs,
        finishes=it.finishes,
        at=place(it.node),
    )


def _answer_kind(reading: Reading, it: Written) -> AnswerKind | None:
    """The kind of answer; keys that belong to other kinds are refused."""
    if "kind" not in it.keys:
        return None
    word = reading.choice(it.keys["kind"], [kind.value for kind in AnswerKind])
    if not word:
        return None
    kind = AnswerKind(word)
    for key, kinds in OF_KIND.items():
        if key in it.keys and kind not in kinds:
            owner = f"a question of kind {kind.value}"
            reading.refuse(codes.unknown_key(place(it.keys[key]), key, owner, ()), it.keys[key])
    return kind


def _line(reading: Reading, it: Written, key: str) -> Line | None:
    return line(reading, it.keys[key]) if key in it.keys else None


def _person(reading: Reading, it: Written) -> Target:
    node = it.keys.get("person")
    return target(reading, node, NOWHERE) if node else it.defaults.person


def _yes_no(reading: Reading, it: Written) -> Mapping[str, Branch]:
    return _when(reading, it, "a yes/no question", ("yes", "no"), IN_QUESTION)


def _when(
    reading: Reading,
    it: Written,
    asker: str,
    outcomes: Collection[str],
    moves: Collection[Move] = IN_STEP,
) -> dict[str, Branch]:
    """The branch of every outcome; `outcomes` are all there are, and all must be there."""
    node = it.keys.get("when")
    branches: dict[str, Branch] = {}
    for name, key, value in reading.pairs(node, "a branch for each outcome"):
        made = branch(reading, value, moves)
        if name in outcomes:
            branches[name] = made
        else:
            reading.refuse(codes.unknown_outcome(place(key), name, asker, outcomes))
    missing = [name for name in outcomes if name not in branches]
    if missing and (node is None or isinstance(node, MappingNode)):
        reading.doubts += 1
        at = place(node or it.node)
        reading.refuse(codes.unhandled_outcome(at, asker, missing))
    return branches


def _choose(reading: Reading, it: Written) -> Step:
    answer = reading.name(it.keys["as"]) if "as" in it.keys else ""
    # What was chosen is both one of the choices and the word that names it to a service.
    reading.keep(answer, "", Kind.CHOICES)
    reading.keep(answer, "", Kind.TEXT)
    return Choose(
        source=ref(reading, it.keys["choose"], Kind.CHOICES),
        answer=answer,
        prompt=_line(reading, it, "prompt") or NO_LINE,
        patience=patience(reading, it.keys.get("patience"), it.defaults.patience, IN_QUESTION),
        person=_person(reading, it),
        needs=it.needs,
        finishes=it.finishes,
        at=place(it.node),
    )


def _do(reading: Reading, it: Written) -> Step | None:
    name = reading.text(it.keys["do"], "a service, as in balance.read")
    service = reading.services.get(name)
    if service is None:
        reading.doubts += 1
        if name:
            known = reading.services
            reading.refuse(codes.unknown_service(place(it.keys["do"]), name, known), it.node)
        return None
    reading.asked.setdefault(name, place(it.keys["do"]))
    into = reading.name(it.keys["into"]) if "into" in it.keys else None
    if into:
        keep_fields(reading, into, service)
    return Do(
        service=service,
        arguments=arguments(reading, service, it.node, it.keys.get("with")),
        into=into,
        when=_when(reading, it, name, service.every_outcome()),
        level=raised(reading, service, it.keys.get("level")),
        needs=it.needs,
        finishes=it.finishes,
        at=place(it.node),
    )


def _pay(reading: Reading, it: Written) -> Step:
    answer = reading.name(it.keys["as"]) if "as" in it.keys else ""
    reading.secrets.add(answer)
    return Pay(
        amount=ref(reading, it.keys["pay"], Kind.MONEY),
        answer=answer,
        when=_when(reading, it, "pay", PAY_OUTCOMES[1:]),
        needs=it.needs,
        finishes=it.finishes,
        at=place(it.node),
    )


def _transfer(reading: Reading, it: Written) -> Step:
    queue = reading.name(it.keys["transfer"])
    if queue and queue not in reading.queues:
        at = place(it.keys["transfer"])
        reading.refuse(codes.unknown_queue(at, queue, reading.queues))
    return Transfer(
        queue=queue,
        ringing=_line(reading, it, "ringing") or NO_LINE,
        when=_when(reading, it, "a transfer", TRANSFER_OUTCOMES),
        needs=it.needs,
        finishes=it.finishes,
        at=place(it.node),
    )


Maker = Callable[[Reading, Written], Step | None]
ANY = ("needs", "finishes")
QUESTION = ("prompt", "patience", "person")
KINDS: Mapping[str, tuple[str, Collection[str], Collection[str], Maker]] = {
    "say": ("a say step", ("say", "with", "in", "once", *ANY), (), _say),
    "ask": (
        "an ask step",
        ("ask", "kind", "first", *OF_KIND, *QUESTION, *ANY),
        ("kind",),
        _ask,
    ),
    "choose": ("a choose step", ("choose", "as", *QUESTION, *ANY), ("as", "prompt"), _choose),
    "do": ("a do step", ("do", "with", "into", "level", "when", *ANY), (), _do),
    "pay": ("a pay step", ("pay", "as", "when", *ANY), ("as",), _pay),
    "transfer": ("a transfer step", ("transfer", "ringing", "when", *ANY), ("ringing",), _transfer),
    "go": ("a go step", ("go", *ANY), (), _go),
    "end": ("an end step", ("end", *ANY), (), _end),
}
"""What each kind of step is called, the keys it knows, those it needs, and who makes it."""

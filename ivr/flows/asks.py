"""The two kinds of steps that ask the caller something, read from YAML."""

from collections.abc import Collection, Mapping

from ivr.document import place
from ivr.flows import codes
from ivr.flows.bounds import limits
from ivr.flows.lines import IN_QUESTION, NO_LINE, ref
from ivr.flows.model import STOPPED, AnswerKind, Ask, Branch, Choose
from ivr.flows.patience import patience
from ivr.flows.reading import Reading
from ivr.flows.written import Written, line_of, person_of, when
from ivr.prompts.values import Kind

ANSWERS: Mapping[AnswerKind, Kind] = {
    AnswerKind.DIGITS: Kind.DIGITS,
    AnswerKind.MONEY: Kind.MONEY,
    AnswerKind.PHONE: Kind.PHONE,
    AnswerKind.SPOKEN_YES: Kind.TEXT,
}
"""What the answer of a question is afterwards; a PIN is a secret and yes/no is not kept. Of what
was said aloud it is the name of the recording."""

OF_KIND: Mapping[str, Collection[AnswerKind]] = {
    "length": (AnswerKind.DIGITS, AnswerKind.PIN, AnswerKind.PHONE),
    "within": (AnswerKind.MONEY,),
    "when": (AnswerKind.YES_NO, AnswerKind.SPOKEN_YES),
}
"""The keys of a question that only some kinds of answers have."""


def ask(reading: Reading, it: Written) -> Ask | None:
    """A question that is answered by typing, or aloud; None where its kind cannot be told."""
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
        prompt=line_of(reading, it, "prompt"),
        patience=patience(reading, it.keys.get("patience"), it.defaults.patience, IN_QUESTION),
        person=person_of(reading, it),
        first=line_of(reading, it, "first"),
        limits=limits(reading, kind, it.keys),
        when=_branches(reading, it, kind),
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


def _branches(reading: Reading, it: Written, kind: AnswerKind) -> Mapping[str, Branch]:
    if kind is AnswerKind.YES_NO:
        return when(reading, it, "a yes/no question", ("yes", "no"), IN_QUESTION)
    if kind is AnswerKind.SPOKEN_YES and "when" in it.keys:
        return when(reading, it, "a question answered aloud", (STOPPED,), IN_QUESTION)
    return {}


def choose(reading: Reading, it: Written) -> Choose:
    """A question whose choices come from a service."""
    answer = reading.name(it.keys["as"]) if "as" in it.keys else ""
    # What was chosen is both one of the choices and the word that names it to a service.
    reading.keep(answer, "", Kind.CHOICES)
    reading.keep(answer, "", Kind.TEXT)
    return Choose(
        source=ref(reading, it.keys["choose"], Kind.CHOICES),
        answer=answer,
        prompt=line_of(reading, it, "prompt") or NO_LINE,
        patience=patience(reading, it.keys.get("patience"), it.defaults.patience, IN_QUESTION),
        person=person_of(reading, it),
        needs=it.needs,
        finishes=it.finishes,
        at=place(it.node),
    )

"""What is said and where it leads, read from YAML: refs, lines, targets and branches."""

import re
from collections.abc import Collection, Mapping

from ivr.document import MappingNode, Node, ScalarNode, place
from ivr.flows import codes
from ivr.flows.model import Branch, Line, Move, Ref, Source, Target
from ivr.flows.reading import NAME, Reading, describe
from ivr.prompts.values import Kind

REF = re.compile(r"([a-z][a-z0-9-]*)(?:\.([a-z][a-z0-9-]*))?")
COMPANY = "company"
"""The one placeholder that every prompt may have without anything filling it."""

NOWHERE: Collection[Move] = ()
IN_STEP = (Move.NEXT, Move.BACK, Move.END)
IN_QUESTION = (Move.NEXT, Move.REPEAT, Move.BACK, Move.END)
IN_MENU = (Move.REPEAT, Move.BACK, Move.END)

LINE = ("say", "with", "needs", "in", "once")
BRANCH = ("say", "finishes", "go")
FLAG = ("yes", "no")
NO_LINE = Line("")


def ref(reading: Reading, node: Node, kind: Kind | None) -> Ref:
    """A field of a reply, or an answer; whether something gives it is checked at the end."""
    text = reading.text(node, "a value, as in bill.balance")
    found = REF.fullmatch(text)
    if not found:
        if text:
            wanted = "a value: NAME.FIELD, or the NAME of an answer"
            reading.refuse(codes.wrong_kind(place(node), wanted, describe(node)))
        return Ref("")
    made = Ref(found[1], found[2] or "")
    reading.uses.append((made, kind, node))
    return made


def needs(reading: Reading, found: Mapping[str, Node]) -> Ref | None:
    """The yes/no field without which something is left out."""
    node = found.get("needs")
    return ref(reading, node, Kind.YES_NO) if node else None


def flag(reading: Reading, node: Node | None) -> bool:
    """Yes or no; not written is no."""
    return node is not None and reading.choice(node, FLAG) == "yes"


def prompt_key(reading: Reading, node: Node) -> str:
    """A key of a prompt there is, else nothing."""
    key = reading.text(node, "a prompt's key")
    if key in reading.prompts:
        reading.used.add(key)
        return key
    if key and key not in reading.broken and not reading.wordless:
        reading.refuse(codes.unknown_prompt(place(node), key, reading.prompts))
    return ""


def line(reading: Reading, node: Node) -> Line:
    """A prompt's key alone, or `{say: key, with:, needs:, in:, once:}`."""
    if isinstance(node, ScalarNode):
        return spoken(reading, node, {})
    found = reading.fields(node, "a line", LINE, ("say",))
    if "say" not in found:
        return NO_LINE
    return spoken(reading, found["say"], found, needs(reading, found))


def spoken(
    reading: Reading, node: Node, found: Mapping[str, Node], needed: Ref | None = None
) -> Line:
    """A line from its key and what stands beside it."""
    key = prompt_key(reading, node)
    others = found.get("in")
    if others:
        reading.choice(others, ("others",))
    return Line(
        prompt=key,
        binds=bindings(reading, node, key, found.get("with")),
        needs=needed,
        others=others is not None,
        once="once" in found and flag(reading, found["once"]),
        at=place(node),
    )


def bindings(
    reading: Reading, node: Node, key: str, given: Node | None
) -> tuple[tuple[str, Source], ...]:
    """What fills the placeholders of a prompt: `with: bill`, or `with: {placeholder: value}`."""
    wanted = _values(reading, key)
    if isinstance(given, ScalarNode):
        return _all_from(reading, given, wanted)
    if given is None:
        if wanted:
            reading.refuse(codes.unbound_placeholder(place(node), key, wanted))
        return ()
    return _one_by_one(reading, node, given, key, wanted)


def _values(reading: Reading, key: str) -> Mapping[str, Kind]:
    """What a prompt must be given, looked up once for all lines that speak it."""
    if key not in reading.wanted:
        prompt = reading.prompts.get(key)
        pairs = prompt.placeholders if prompt else ()
        reading.wanted[key] = {name: kind for name, kind in pairs if name != COMPANY}
    return reading.wanted[key]


def _all_from(
    reading: Reading, node: Node, wanted: Mapping[str, Kind]
) -> tuple[tuple[str, Source], ...]:
    name = reading.name(node)
    refs = {placeholder: Ref(name, placeholder) for placeholder in wanted}
    if name:
        reading.uses += [(made, wanted[placeholder], node) for placeholder, made in refs.items()]
    return tuple(refs.items())


def _one_by_one(
    reading: Reading, node: Node, given: Node, key: str, wanted: Mapping[str, Kind]
) -> tuple[tuple[str, Source], ...]:
    filled: dict[str, Source] = {}
    for name, name_node, value in reading.pairs(given, "a value for each placeholder"):
        if key and name not in wanted:
            owner = f'"with" for prompt "{key}"'
            reading.refuse(codes.unknown_key(place(name_node), name, owner, wanted), value)
        else:
            filled[name] = ref(reading, value, wanted.get(name))
    missing = [name for name in wanted if name not in filled]
    if missing and isinstance(given, MappingNode):
        reading.refuse(codes.unbound_placeholder(place(node), key, missing))
    return tuple(filled.items())


def lines(reading: Reading, node: Node | None) -> tuple[Line, ...]:
    """One line or a list of them."""
    if node is None:
        return ()
    return tuple(line(reading, item) for item in reading.one_or_more(node))


def target(reading: Reading, node: Node, moves: Collection[Move]) -> Target:
    """Where to go on. `moves` are the relative targets that have a meaning here."""
    text = reading.text(node, "a target, as in menu main")
    found = reading.targets.get(text)
    if found is None:
        reading.doubts += 1
        if text and not _may_be_lost(reading, text):
            reading.refuse(codes.unknown_target(place(node), text, reading.targets))
        return Move.END
    if isinstance(found, Move) and found not in moves:
        reading.doubts += 1
        reading.refuse(codes.misplaced_target(place(node), text, moves))
        return Move.END
    return found


def _may_be_lost(reading: Reading, text: str) -> bool:
    """Whether this may be a flow in a flows.yaml that could not be read."""
    kind, _, name = text.partition(" ")
    known = reading.flowless or name in reading.broken
    return kind == "flow" and bool(NAME.fullmatch(name)) and known


def branch(reading: Reading, node: Node, moves: Collection[Move]) -> Branch:
    """A target alone, or `{say: LINES, finishes: JOB, go: TARGET}`.

    Where `next` has a meaning `go` may miss.
    """
    at = place(node)
    if not isinstance(node, MappingNode):
        return Branch((), target(reading, node, moves), at)
    found = reading.fields(node, "a branch", BRANCH)
    says = lines(reading, found.get("say"))
    finishes = reading.job(found["finishes"]) if "finishes" in found else None
    if "go" in found:
        return Branch(says, target(reading, found["go"], moves), at, finishes)
    reading.doubts += not says
    if not says or Move.NEXT not in moves:
        reading.refuse(codes.missing_key(at, "go", "a branch"))
    return Branch(says, Move.NEXT if Move.NEXT in moves else Move.END, at, finishes)

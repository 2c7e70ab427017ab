"""The steps of a flow, read from YAML: one function for each kind of step."""

from collections.abc import Callable, Collection, Mapping

from ivr.document import MappingNode, Node, ScalarNode, place
from ivr.flows import codes
from ivr.flows.asks import OF_KIND, ask, choose
from ivr.flows.lines import IN_STEP, NO_LINE, needs, ref, spoken, target
from ivr.flows.model import (
    PAY_OUTCOMES,
    TRANSFER_OUTCOMES,
    Do,
    End,
    Go,
    Pay,
    PayMethod,
    Ref,
    Say,
    Step,
    Transfer,
)
from ivr.flows.reading import Reading, describe
from ivr.flows.requests import arguments, check_queue, keep_fields, raised
from ivr.flows.written import Defaults, Written, line_of, when
from ivr.prompts.values import Kind


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
    """Report a step of no kind, of which a key may be misspelt, or of several."""
    keys = [key for key, _ in node.value if type(key) is ScalarNode]
    misspelt = next((key for key in keys if codes.near(key.value, KINDS)), None)
    if kinds:
        problem = codes.two_kinds(place(node), kinds)
    elif misspelt:
        problem = codes.unknown_key(place(misspelt), misspelt.value, "a step", KINDS)
    else:
        found = describe(keys[0] if keys else node)
        problem = codes.wrong_kind(place(node), f"a step with {codes.either(KINDS)}", found)
    reading.refuse(problem, node)


def _of_kind(reading: Reading, node: MappingNode, kind: str, defaults: Defaults) -> Step | None:
    owner, known, required, make = KINDS[kind]
    found = reading.fields(node, owner, known, required)
    reading.doubts += any(key not in found for key in required)
    finishes = reading.job(found["finishes"]) if "finishes" in found else None
    return make(reading, Written(node, found, needs(reading, found), finishes, defaults))


def _say(reading: Reading, it: Written) -> Step:
    said = spoken(reading, it.keys["say"], it.keys)
    return Say(said, it.finishes, it.needs, place(it.node))


def _go(reading: Reading, it: Written) -> Step:
    return Go(target(reading, it.keys["go"], IN_STEP), it.needs, it.finishes, place(it.node))


def _end(reading: Reading, it: Written) -> Step:
    reading.choice(it.keys["end"], ("call",))
    return End(it.needs, it.finishes, place(it.node))


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
        when=when(reading, it, name, service.every_outcome()),
        level=raised(reading, service, it.keys.get("level")),
        needs=it.needs,
        finishes=it.finishes,
        at=place(it.node),
    )


def _pay(reading: Reading, it: Written) -> Step:
    answer = reading.name(it.keys["as"]) if "as" in it.keys else ""
    reading.secrets.add(answer)
    return Pay(
        amount=_amount(reading, it.keys["pay"]),
        answer=answer,
        when=when(reading, it, "pay", PAY_OUTCOMES[1:]),
        method=_method(reading, it.keys.get("method")),
        needs=it.needs,
        finishes=it.finishes,
        at=place(it.node),
    )


def _amount(reading: Reading, node: Node) -> Ref | None:
    """What is paid, or None for `nothing`: a method that is only kept for later."""
    if isinstance(node, ScalarNode) and node.value == NO_AMOUNT:
        return None
    return ref(reading, node, Kind.MONEY)


def _method(reading: Reading, node: Node | None) -> PayMethod:
    """Card, where nothing else is written."""
    word = reading.choice(node, [it.value for it in PayMethod]) if node else ""
    return PayMethod(word) if word else PayMethod.CARD


def _transfer(reading: Reading, it: Written) -> Step:
    queue = reading.name(it.keys["transfer"])
    check_queue(reading, it.keys["transfer"], queue)
    return Transfer(
        queue=queue,
        ringing=line_of(reading, it, "ringing") or NO_LINE,
        when=when(reading, it, "a transfer", TRANSFER_OUTCOMES),
        needs=it.needs,
        finishes=it.finishes,
        at=place(it.node),
    )


Maker = Callable[[Reading, Written], Step | None]
NO_AMOUNT = "nothing"
"""Where an amount would stand, for a payment method that is taken and not charged now."""
ANY = ("needs", "finishes")
QUESTION = ("prompt", "patience", "person")
KINDS: Mapping[str, tuple[str, Collection[str], Collection[str], Maker]] = {
    "say": ("a say step", ("say", "with", "in", "once", *ANY), (), _say),
    "ask": (
        "an ask step",
        ("ask", "kind", "first", *OF_KIND, *QUESTION, *ANY),
        ("kind",),
        ask,
    ),
    "choose": ("a choose step", ("choose", "as", *QUESTION, *ANY), ("as", "prompt"), choose),
    "do": ("a do step", ("do", "with", "into", "level", "when", *ANY), (), _do),
    "pay": ("a pay step", ("pay", "as", "method", "when", *ANY), ("as",), _pay),
    "transfer": ("a transfer step", ("transfer", "ringing", "when", *ANY), ("ringing",), _transfer),
    "go": ("a go step", ("go", *ANY), (), _go),
    "end": ("an end step", ("end", *ANY), (), _end),
}
"""What each kind of step is called, the keys it knows, those it needs, and who makes it."""

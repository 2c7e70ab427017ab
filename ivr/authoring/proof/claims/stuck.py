"""Nobody is stuck: a way out of every state, a person in two keys, and silence that ends well."""

from collections import deque
from collections.abc import Iterable, Iterator

from ivr.authoring.proof.alone import alone, unasked
from ivr.authoring.proof.breach import Breach, at_node, at_passage
from ivr.authoring.proof.evidence import Evidence
from ivr.authoring.proof.happenings import step_at
from ivr.authoring.proof.space import Node, Passage
from ivr.dialog.call import Call, Spot
from ivr.dialog.events import Answered, Replied
from ivr.dialog.turns import AwaitAgent, AwaitCard, AwaitKey, AwaitReply, Finished
from ivr.flows.model import Ask, Book, Choose, Menu
from ivr.flows.services import RING
from ivr.services.people import FIND, KEEP_CALLBACK

MOST_SECONDS = 8.5
"""From the 0 to the first ring, in open hours with an agent free."""
PERSON = "0"
COMES = {FIND.name: {"ready"}, RING.name: {"ring"}}
"""What services reply in open hours with an agent free."""


def way_out(evidence: Evidence) -> Iterator[Breach]:
    """Backwards from every turn in which something good comes about, to all that lead to it."""
    nodes = evidence.space.nodes
    into: list[list[Node]] = [[] for _ in nodes]
    out: set[int] = set()
    for passage in evidence.space.passages:
        if passage.source and passage.to:
            into[passage.to.number].append(passage.source)
            if _good(passage):
                out.add(passage.source.number)
    out |= {node.number for node in nodes if _ended_well(node)}
    left = list(out)
    while left:
        for node in into[left.pop()]:
            if node.number not in out:
                out.add(node.number)
                left.append(node.number)
    for node in nodes:
        if node.number not in out:
            over = isinstance(node.wait, Finished)
            yield at_node(_HUNG_UP if over else _NO_WAY_OUT, node)


_HUNG_UP = (
    "the line hangs up, and no job was finished (`finishes:`), no callback kept, nobody talked to"
)
_NO_WAY_OUT = "from here no key leads to a person, a kept callback or the end of a job"


def _good(passage: Passage) -> bool:
    if passage.turn is None:
        return False
    kept = isinstance(passage.happening, Replied) and passage.happening.outcome == "kept"
    return (
        isinstance(passage.turn.wait, AwaitAgent)
        or bool(passage.turn.call.done)
        or (kept and _asked(passage.source, KEEP_CALLBACK.name))
    )


def _ended_well(node: Node) -> bool:
    return isinstance(node.wait, Finished) and (node.watch.served or node.watch.gone)


def _asked(node: Node | None, service: str) -> bool:
    """Whether this service is asked here."""
    wait = node.wait if node else None
    return isinstance(wait, AwaitReply) and wait.request.service.name == service


def person_in_two(evidence: Evidence) -> Iterator[Breach]:
    """0 at every place that listens: a phone rings, and nothing is asked on the way."""
    for node in evidence.space.nodes:
        if node.listens:
            for passage in node.onward:
                if _is_zero(passage):
                    yield from _to_a_person(evidence, node, passage)


def _is_zero(passage: Passage) -> bool:
    happening = passage.happening
    return isinstance(happening, Answered) and happening.text.reveal() == PERSON


def _to_a_person(evidence: Evidence, node: Node, zero: Passage) -> Iterator[Breach]:
    if node.watch.alone and not _leads_as_everywhere(evidence.book, node.call):
        if not _keeps_callback(zero):
            where = named(node.call.spot)
            yield at_passage(f"nobody can come, and 0 at {where} keeps no callback", zero)
        return
    for way in _ways([zero], COMES):
        last = way[-1]
        if last.to is None:
            yield at_passage(f"0 breaks the call: {last.trouble}", *way)
        elif not isinstance(last.to.wait, AwaitAgent):
            where, between = named(node.call.spot), named(last.to.call.spot)
            yield at_passage(f"0 at {where} (its `person:`) leads to {between} first", *way)
        else:
            yield from _too_slow(evidence, way)


def _leads_as_everywhere(book: Book, call: Call) -> bool:
    question = step_at(book, call.spot)
    return isinstance(question, Menu | Ask | Choose) and question.person == book.person


def named(spot: Spot | None) -> str:
    """A place as an author calls it."""
    if spot is None:
        return "the ring"
    return f"menu {spot.name}" if spot.is_menu else f"flow {spot.name}, step {spot.step + 1}"


def _too_slow(evidence: Evidence, way: tuple[Passage, ...]) -> Iterator[Breach]:
    turn = way[-1].turn
    for language in evidence.book.languages if turn else ():
        seconds = evidence.clock.before(turn, language) if turn else 0.0
        if seconds > MOST_SECONDS:
            message = f"from 0 to the first ring it takes {seconds:.1f} s ({language})"
            yield at_passage(f"{message}, more than {MOST_SECONDS} s", *way)


def _ways(firsts: Iterable[Passage], assumed: dict[str, set[str]]) -> Iterator[tuple[Passage, ...]]:
    """Every way on until somebody else than a service must do something."""
    left: deque[tuple[Passage, ...]] = deque((passage,) for passage in firsts)
    seen: set[int] = set()
    while left:
        way = left.popleft()
        node = way[-1].to
        if node is None or not isinstance(node.wait, AwaitReply):
            yield way
            continue
        if node.number in seen:
            continue
        seen.add(node.number)
        allowed = assumed.get(node.wait.request.service.name)
        left += [
            (*way, it)
            for it in node.onward
            if allowed is None or getattr(it.happening, "outcome", "") in allowed
        ]


def _keeps_callback(zero: Passage) -> bool:
    """Whether 0, or 0 and one more key, asks for a callback to be kept, whatever services reply."""
    return all(_asks_for_callback(way) for way in _ways([zero], {}))


def _asks_for_callback(way: tuple[Passage, ...]) -> bool:
    if any(_asked(passage.to, KEEP_CALLBACK.name) for passage in way):
        return True
    end = way[-1].to
    return (
        end is not None
        and isinstance(end.wait, AwaitKey)
        and any(
            _asked(key.to, KEEP_CALLBACK.name)
            for key in end.onward
            if isinstance(key.happening, Answered)
        )
    )


def silence_is_safe(evidence: Evidence) -> Iterator[Breach]:
    """From the ring on nobody presses anything, whatever services reply."""
    seen: set[int] = set()
    rings = [it for it in evidence.space.passages if it.source is None and unasked(it)]
    ways: deque[tuple[Passage, ...]] = deque((ring,) for ring in rings)
    while ways:
        way = ways.popleft()
        last = way[-1]
        node = last.to
        if node is None:
            yield Breach(f"silence breaks the call: {last.trouble}", way)
            continue
        if node.number in seen:
            continue
        seen.add(node.number)
        if isinstance(node.wait, Finished) and not node.watch.served:
            yield Breach(_SILENT_HUNG_UP, way)
        if isinstance(node.wait, AwaitCard):
            yield Breach("a caller who stays silent is asked for a card", way)
        ways += [(*way, it) for it in node.onward if unasked(it)]
    loop = alone((it.to for it in rings if it.to), evidence.clock).loop
    if loop and loop[0].source:
        yield at_node("a caller who stays silent goes round without end", loop[0].source, *loop)


_SILENT_HUNG_UP = "a caller who stays silent is hung up on: no job finished, no callback kept"

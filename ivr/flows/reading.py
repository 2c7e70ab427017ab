"""What reading a book carries along: what is known, what was used, and every problem so far."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import islice

from ivr.document import (
    MappingNode,
    Node,
    Place,
    Problem,
    Problems,
    ScalarNode,
    SequenceNode,
    first,
    place,
    scalars,
)
from ivr.flows import codes
from ivr.flows.model import Move, Ref, Target, ToFlow, ToMenu
from ivr.flows.services import Service
from ivr.prompts.catalogue import Prompt
from ivr.prompts.values import Kind

NAME = re.compile(r"[a-z][a-z0-9-]*")
WORD = re.compile(r"[A-Za-z][A-Za-z0-9.-]*")


class Reading:
    """One book being read.

    Names are known before what uses them is read, so that each use is checked on the spot; only
    uses of values wait (`uses`), since a value may be given later in the book. `kept` are the
    values there are: name, field, kinds; `chosen` the answers that are texts.

    So that one mistake is reported once: `mentioned` are words in places that could not be read,
    and what they name is not reported as unused too; `broken` are the words of whole files, which
    might give anything they name; `wordless` is a book none of whose prompts could be read, and
    `flowless` one whose flows.yaml says nothing that could be read; `queues` is None where the
    opening hours could not be read;
    `doubts` counts steps and targets that are missing from the model because of a problem, and
    `doubtful` are the flows they are missing from.
    """

    def __init__(self, services: Mapping[str, Service]) -> None:
        self.services = services
        self.problems = Problems()
        self.languages: tuple[str, ...] = ()
        self.prompts: dict[str, Prompt] = {}
        self.targets: dict[str, Target] = {move.value: move for move in Move}
        self.queues: Collection[str] | None = None
        self.wordless = False
        self.flowless = False
        self.unspeakable: set[str] = set()
        self.wanted: dict[str, Mapping[str, Kind]] = {}
        self.used: set[str] = set()
        self.offered: dict[str, Place] = {}
        self.mentioned: set[str] = set()
        self.broken: set[str] = set()
        self.uses: list[tuple[Ref, Kind | None, Node]] = []
        self.kept: dict[str, dict[str, set[Kind]]] = {}
        self.replies: set[tuple[str, str]] = set()
        self.chosen: set[str] = set()
        self.finished: set[str] = set()
        self.secrets: set[str] = set()
        self.asked: dict[str, Place] = {}
        self.doubts = 0
        self.doubtful: set[str] = set()

    def name_targets(self, menus: Collection[str], flows: Collection[str]) -> None:
        """Make every menu and flow of the book known."""
        self.targets.update({f"menu {name}": ToMenu(name) for name in menus})
        self.targets.update({f"flow {name}": ToFlow(name) for name in flows})

    def refuse(self, problem: Problem, *unread: Node) -> None:
        """Report a problem. What it keeps from being read counts as mentioned."""
        self.problems.add(problem)
        if problem.hint:
            self.mention(problem.hint)
        for node in unread:
            self.skip(node)

    def skip(self, node: Node) -> None:
        """Leave a node unread because of a problem that is reported already."""
        for text in scalars(node):
            self.mention(text)

    def mention(self, text: str) -> None:
        """Take note of the names in a text that could not be made sense of."""
        for word in WORD.findall(text):
            self.mentioned.update((word, word.partition(".")[0]))

    def lose(self, text: str) -> None:
        """Take note of a whole file that could not be read: what it gives is not known."""
        self.mention(text)
        self.broken.update(WORD.findall(text))

    def keep(self, name: str, field: str, kind: Kind | None) -> None:
        """Make a value known; without a kind only its name."""
        kinds = self.kept.setdefault(name, {}).setdefault(field, set())
        if kind:
            kinds.add(kind)

    # Nodes into mappings, lists and words

    def pairs(
        self,
        node: Node | None,
        wanted: str,
        twice: Callable[[Place, str, Place], Problem] = codes.duplicate_key,
    ) -> Iterator[tuple[str, Node, Node]]:
        """The entries of a mapping: key, key's node, value; each key once."""
        if node is None:
            return
        if not isinstance(node, MappingNode):
            self.refuse(codes.wrong_kind(place(node), wanted, describe(node)), node)
            return
        seen: set[str] = set()
        for key, value in node.value:
            name = self.key(key)
            if name in seen:
                self.refuse(twice(place(key), name, place(first(node.value, name))), value)
            elif name:
                seen.add(name)
                yield name, key, value

    def key(self, node: Node) -> str:
        """A key as text, or nothing where it is none."""
        return self.text(node, "a key of one word")

    def fields(
        self, node: Node, owner: str, known: Collection[str], required: Collection[str] = ()
    ) -> dict[str, Node]:
        """The values of a mapping whose keys are known in advance."""
        if not isinstance(node, MappingNode):
            self.refuse(codes.wrong_kind(place(node), f"{owner}, key by key", describe(node)), node)
            return {}
        found: dict[str, Node] = {}
        meant: dict[str, Node] = {}
        for key, value in node.value:
            name = key.value
            if type(key) is ScalarNode and name in known and name not in found:
                found[name] = value
            elif hint := self._refuse_field(node, key, value, owner, known):
                meant[hint] = value
        # A key that is only misspelt is read as what was meant, lest it be missed as well.
        found = {**meant, **found}
        for name in required:
            if name not in found:
                self.refuse(codes.missing_key(place(node), name, owner))
        return found

    def _refuse_field(
        self, node: Node, key: Node, value: Node, owner: str, known: Collection[str]
    ) -> str | None:
        """Report a key that is unknown or there twice; which one was probably meant."""
        name = self.key(key)
        if not name:
            return None
        if name in known:
            problem = codes.duplicate_key(place(key), name, place(first(node.value, name)))
        else:
            problem = codes.unknown_key(place(key), name, owner, known)
        self.refuse(problem, value)
        return problem.hint

    def items(self, node: Node, wanted: str) -> list[Node]:
        """The items of a list."""
        if isinstance(node, SequenceNode):
            items: list[Node] = node.value
            return items
        self.refuse(codes.wrong_kind(place(node), wanted, describe(node)), node)
        return []

    def one_or_more(self, node: Node) -> list[Node]:
        """The items of a list; anything else is a list of one."""
        items: list[Node] = node.value if isinstance(node, SequenceNode) else [node]
        return items

    def text(self, node: Node, wanted: str) -> str:
        """The text of a scalar that is not empty, else nothing."""
        if type(node) is ScalarNode and node.value:
            text: str = node.value
            return text
        self.refuse(codes.wrong_kind(place(node), wanted, describe(node)), node)
        return ""

    def name(self, node: Node) -> str:
        """A name, else nothing."""
        text = self.text(node, "a name")
        if text and not NAME.fullmatch(text):
            self.refuse(codes.bad_name(place(node), text))
            return ""
        return text

    def job(self, node: Node) -> str:
        """The name of a job that is finished here, else nothing."""
        name = self.name(node)
        self.finished.add(name)
        return name

    def choice(self, node: Node, words: Collection[str]) -> str:
        """One of some fixed words, else nothing."""
        wanted = codes.either(words)
        text = self.text(node, wanted)
        if text and text not in words:
            self.refuse(codes.wrong_kind(place(node), wanted, describe(node)), node)
            return ""
        return text

    def number(self, node: Node, pattern: re.Pattern[str], wanted: str) -> int:
        """The whole number in the first group of a pattern, more than 0; else 1."""
        text = self.text(node, wanted)
        found = pattern.fullmatch(text)
        if found and int(found[1]) > 0:
            return int(found[1])
        if text:
            self.refuse(codes.wrong_kind(place(node), wanted, describe(node)))
        return 1


def describe(node: Node) -> str:
    """What a node is, in an author's words."""
    if isinstance(node, SequenceNode):
        return "a list"
    if isinstance(node, MappingNode):
        braces = node.flow_style and len(node.value) == 1 and not node.value[0][1].value
        return "a mapping; a text that begins with { needs quotes" if braces else "a mapping"
    text = " ".join(islice(node.value.split(), 8))
    return f'"{text[:40]}"' if text else "empty"

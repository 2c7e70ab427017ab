"""YAML text read into nodes that know their places, and the problems found on the way.

Nodes come from PyYAML's C parser with every scalar left as text: `+1555…`, `0123`, `17:30` and
`on` mean what they say, and only the schema gives types. Nothing is dropped: of two equal keys
both are there.
"""

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import yaml
from yaml import MappingNode, Node, ScalarNode, SequenceNode
from yaml._yaml import CParser

__all__ = [
    "MappingNode",
    "Node",
    "Place",
    "Problem",
    "Problems",
    "ScalarNode",
    "SequenceNode",
    "first",
    "lines_of",
    "place",
    "read",
    "scalars",
]

DEEPEST = 200
"""The C parser nests by recursion; what is deeper than any book could crash it."""

_LINE_END = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_BRACKET = re.compile(r"[\[\]{}]")
_INDENTED = re.compile(rf"^[ ?-]{{{2 * DEEPEST}}}", re.MULTILINE)
_FEATURE = re.compile(r"(?:^|[\s,\[{:-])(?:[&*!][^\s\"',]|<<)", re.MULTILINE)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something stands: a path as the author knows it; line and column count from 1."""

    path: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong. `hint` is what was probably meant; `also` are other places it concerns."""

    code: str
    place: Place
    message: str
    hint: str | None = None
    also: tuple[Place, ...] = ()

    def __str__(self) -> str:
        see = "".join(f"; see {place}" for place in self.also)
        hint = f'; did you mean "{self.hint}"?' if self.hint else ""
        return f"{self.place}: {self.code}: {self.message}{see}{hint}"


class Problems:
    """Problems as they are found: each once, handed out in the order of their places."""

    def __init__(self) -> None:
        self._found: set[Problem] = set()

    def __len__(self) -> int:
        return len(self._found)

    def __iter__(self) -> Iterator[Problem]:
        return iter(sorted(self._found, key=lambda it: (it.place, it.code, it.message)))

    def add(self, *problems: Problem) -> None:
        """Take problems in; one that is known already is not counted twice."""
        self._found.update(problems)


class _Parser(CParser):
    """PyYAML's C parser without its resolvers: no scalar gets a type, and composing is faster."""

    def resolve(self, kind: type[Node], value: str, implicit: object) -> str:
        """No tag: types are the schema's business."""
        return ""

    def descend_resolver(self, parent: Node | None, index: object) -> None:
        """Nothing depends on where a node stands."""

    def ascend_resolver(self) -> None:
        """Nothing depends on where a node stands."""


class _Text(io.StringIO):
    """A text with a name: the parser puts it into every mark."""

    def __init__(self, path: str, text: str) -> None:
        super().__init__(text)
        self.name = path


def place(node: Node) -> Place:
    """Where a node begins."""
    mark = node.start_mark
    return Place(mark.name, mark.line + 1, mark.column + 1)


def first(pairs: Iterable[tuple[Node, Node]], name: str) -> Node:
    """The first of the keys of a mapping that is called `name`; there is one."""
    return next(key for key, _ in pairs if key.value == name)


def lines_of(text: str) -> list[str]:
    """The lines of a text as YAML counts them (YAML 1.1, section 5.4)."""
    return _LINE_END.split(text)


def scalars(node: Node) -> Iterator[str]:
    """Every scalar in a node, keys and values alike."""
    left = [node]
    while left:
        found = left.pop()
        if isinstance(found, ScalarNode):
            yield found.value
        elif isinstance(found, SequenceNode):
            left += found.value
        else:
            left += (part for pair in found.value for part in pair)


def read(path: str, text: str, problems: Problems) -> Node | None:
    """The one document in `text`, an empty mapping where it is empty; None where it is broken.

    What breaks it goes to `problems` under `yaml-syntax` or `yaml-feature`.
    """
    if deep := _too_deep(path, text):
        problems.add(_syntax(deep, "this is nested deeper than any book needs"))
        return None
    try:
        if refused := list(_features(path, text)):
            problems.add(*refused)
            return None
        node: Node | None = _Parser(_Text(path, text)).get_single_node()
    except yaml.MarkedYAMLError as error:
        problems.add(_marked(path, text, error))
        return None
    except yaml.reader.ReaderError as error:
        problems.add(_unreadable(path, text, error))
        return None
    start = yaml.Mark(path, 0, 0, 0, None, 0)
    return node or MappingNode("", [], start, start)


def _too_deep(path: str, text: str) -> Place | None:
    """Where brackets or indentation go beyond what can safely be parsed.

    Brackets inside of quotes are counted too; in a book they come in pairs.
    """
    if found := _INDENTED.search(text):
        return _place_of(path, text, found.start())
    depth = 0
    for bracket in _BRACKET.finditer(text):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > DEEPEST:
            return _place_of(path, text, bracket.start())
    return None


def _features(path: str, text: str) -> Iterator[Problem]:
    """Anchors, aliases, tags and merge keys: they hide from a reader what a line says."""
    if not (any(sign in text for sign in ("&", "*", "!", "<<")) and _FEATURE.search(text)):
        return
    parser = _Parser(_Text(path, text))
    while event := parser.get_event():
        if (name := _feature(event)) and (mark := event.start_mark):
            at = Place(path, mark.line + 1, mark.column + 1)
            message = f"{name} is not used in books; write the value out, or put it in quotes"
            yield Problem("yaml-feature", at, message)


def _feature(event: yaml.Event) -> str:
    if isinstance(event, yaml.AliasEvent):
        return f"an alias (*{event.anchor})"
    if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent):
        if event.anchor:
            return f"an anchor (&{event.anchor})"
        if event.tag:
            return f"a tag ({event.tag})"
        if isinstance(event, yaml.ScalarEvent) and event.value == "<<" and not event.style:
            return "a merge key (<<)"
    return ""


ADVICE = (
    ("mapping values are not allowed", "a text with a colon in it must be in quotes"),
    ("found a tab character", "indent with spaces, not with tabs"),
    ("cannot start any token", "a value cannot begin with this character; put it in quotes"),
    ("expected alphabetic or numeric", "a text that begins with * or & must be in quotes"),
    ("found unexpected end of stream", "the quote opened here is never closed"),
    ("did not find expected ',' or '}'", "the { opened here is not closed as it should be"),
    ("did not find expected ',' or ']'", "the [ opened here is not closed as it should be"),
    ("did not find expected key", "this line does not fit those above; look at indents and quotes"),
    ("did not find expected '-'", "this line does not fit the list above; look at its indent"),
    ("could not find expected ':'", "a key needs a colon after it, and a long text quotes"),
    ("found another document", "a file holds one document; remove the ---"),
)
_AT_THE_OPENING = ("end of stream", "',' or", "expected ':'")


def _marked(path: str, text: str, error: yaml.MarkedYAMLError) -> Problem:
    """A syntax error in the words of whoever writes books, and where it can be mended."""
    what = error.problem or "this is not YAML"
    mark = error.problem_mark or error.context_mark
    if error.context_mark and any(part in what for part in _AT_THE_OPENING):
        mark = error.context_mark
    ends = lines_of(text)
    line = min(mark.line, len(ends) - 1) if mark else 0
    column = min(mark.column, len(ends[line])) if mark else 0
    if ends[line][column : column + 1] == "\t":
        what = "found a tab character"
    advice = next((advice for part, advice in ADVICE if part in what), what)
    return _syntax(Place(path, line + 1, column + 1), advice)


def _unreadable(path: str, text: str, error: yaml.reader.ReaderError) -> Problem:
    before = text.encode("utf-8", "surrogatepass")[: error.position].decode("utf-8", "ignore")
    message = f"the character U+{int(error.character):04X} may not stand in a text file; remove it"
    return _syntax(_place_of(path, text, len(before)), message)


def _place_of(path: str, text: str, index: int) -> Place:
    before = lines_of(text[:index])
    return Place(path, len(before), len(before[-1]) + 1)


def _syntax(at: Place, message: str) -> Problem:
    return Problem("yaml-syntax", at, message)

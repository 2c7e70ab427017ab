"""The sources of a book read into a `Book`, or everything that is wrong with them."""

import gc
import hashlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath

from ivr.document import MappingNode, Node, Place, Problem, Problems, SequenceNode, place, read
from ivr.errors import BookError
from ivr.flows import checks, codes, front, words
from ivr.flows.lines import line
from ivr.flows.menus import menu
from ivr.flows.model import Book, Flow, Menu
from ivr.flows.openings import opening_hours
from ivr.flows.patience import whole_book
from ivr.flows.reading import NAME, Reading, describe
from ivr.flows.services import Service
from ivr.flows.steps import step
from ivr.flows.written import Defaults
from ivr.prompts.catalogue import Catalogue, Prompt

FLOWS = "flows.yaml"

Recordings = Mapping[str, frozenset[str]]


class BrokenBook(BookError):
    """A book with problems: all of them, in the order of their places."""

    def __init__(self, problems: Problems) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        count = len(self.problems)
        super().__init__(
            f"the book has {count} problem{'s' * (count > 1)}, the first at {self.problems[0]}"
        )


def digest_of(sources: Mapping[str, str]) -> str:
    """What names exactly these files: SHA-256 over their paths and texts, as 64 hex digits."""
    digest = hashlib.sha256()
    for path, text in sorted(sources.items()):
        for part in (path, text):
            data = part.encode()
            digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def parse_book(
    sources: Mapping[str, str],
    services: Mapping[str, Service],
    extra_prompts: Collection[str] = (),
    recordings: Recordings | None = None,
) -> Book:
    """The book in these files: path below the book's folder, text.

    `services` are those the book may name; `extra_prompts` are keys the line speaks by itself.
    Raises `BrokenBook` with every problem at once.
    """
    with _collector_at_rest():
        return _parse(sources, services, extra_prompts, recordings or {})


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Hold the garbage collector back: a book being read is many small objects and no garbage.

    Looking through them again and again takes half of the time that reading takes.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _parse(
    sources: Mapping[str, str],
    services: Mapping[str, Service],
    extra_prompts: Collection[str],
    recordings: Recordings,
) -> Book:
    reading = Reading(services)
    files = Files(reading, sources)
    top = files.top()
    listed = tuple(front.languages(reading, top.get("languages")))
    reading.languages = listed or tuple(files.languages())
    prompts = files.prompts(place(top["languages"]) if listed else Place(FLOWS, 1, 1))
    reading.prompts = words.merged(reading.languages, prompts)
    reading.wordless = not prompts
    catalogue = Catalogue(reading.languages, prompts, recordings)
    book = _book(reading, sources, top, files, catalogue)
    words.check_languages(reading, prompts)
    words.check_choices(reading, prompts)
    words.check_spoken(reading, extra_prompts)
    checks.check(reading, book, top)
    if len(reading.problems):
        raise BrokenBook(reading.problems)
    return book


class Files:
    """The files of a book as nodes. One that cannot be read does not keep the others from it."""

    def __init__(self, reading: Reading, sources: Mapping[str, str]) -> None:
        self.reading = reading
        self.sources = sources
        self.nodes: dict[str, Node] = {}
        for path, text in sorted(sources.items()):
            if node := read(path, text, reading.problems):
                self.nodes[path] = node
            else:
                reading.lose(text)

    def top(self) -> dict[str, Node]:
        """The keys of flows.yaml."""
        node = self.nodes.get(FLOWS)
        return self.reading.fields(node, "flows.yaml", front.TOP, front.REQUIRED) if node else {}

    def menus(self) -> dict[str, Node | None]:
        """Each menu's name and its file; None where it cannot be read."""
        found = {}
        for path in self.sources:
            if path.startswith("menus/"):
                name = PurePosixPath(path).stem
                if not NAME.fullmatch(name):
                    self.reading.refuse(codes.bad_name(Place(path, 1, 1), name))
                found[name] = self.nodes.get(path)
        return found

    def languages(self) -> Iterator[str]:
        """The languages there are prompts in: those of a book that fails to list them."""
        for path in self.sources:
            if path.startswith("prompts/"):
                yield PurePosixPath(path).stem

    def prompts(self, listed: Place) -> dict[str, dict[str, Prompt]]:
        """The prompts of each language whose file can be read; `listed` is where all are named."""
        found = {}
        for language in self.reading.languages:
            path = f"prompts/{language}.yaml"
            if path in self.nodes:
                text = self.sources[path]
                found[language] = words.prompts_of(self.reading, self.nodes[path], text)
            elif path not in self.sources:
                message = f'the language "{language}" has no file {path}'
                self.reading.refuse(codes.missing_language(listed, message))
        for language in self.languages():
            if language not in self.reading.languages:
                at, known = Place(f"prompts/{language}.yaml", 1, 1), self.reading.languages
                self.reading.refuse(codes.unknown_language(at, language, known))
        return found


@dataclass(frozen=True, slots=True)
class WrittenFlow:
    """A flow as it is written: where its name stands, and the nodes of its steps."""

    at: Place
    steps: list[Node]


def _book(
    reading: Reading,
    sources: Mapping[str, str],
    top: Mapping[str, Node],
    files: Files,
    catalogue: Catalogue,
) -> Book:
    menus = files.menus()
    written = dict(_written(reading, top.get("flows")))
    reading.name_targets(menus, written)
    reading.chosen = set(_chosen(written))
    front.check_version(reading, top.get("version"))
    hours = opening_hours(reading, top.get("hours"))
    reading.queues = hours.week
    company = reading.text(top["company"], "the company's name") if "company" in top else ""
    defaults = Defaults(
        whole_book(reading, top.get("patience")), front.place_target(reading, top.get("person"))
    )
    return Book(
        digest=digest_of(sources),
        sources=dict(sources),
        company=company,
        languages=reading.languages,
        voices=front.voices(reading, top.get("voices")),
        lines=front.phone_lines(reading, top.get("lines")),
        person=defaults.person,
        home=front.place_target(reading, top.get("home")),
        identify=front.identify(reading, top.get("identify")),
        hours=hours,
        flows={name: _flow(reading, name, it, defaults) for name, it in written.items()},
        menus=dict(_menus(reading, menus, defaults)),
        catalogue=catalogue,
        announce=line(reading, top["announce"]) if "announce" in top else None,
    )


def _written(reading: Reading, node: Node | None) -> Iterator[tuple[str, WrittenFlow]]:
    for name, key, value in reading.pairs(node, "a list of steps for each flow"):
        reading.name(key)
        steps: list[Node] = []
        if isinstance(value, SequenceNode) and value.value:
            steps = value.value
        else:
            found = "an empty list" if isinstance(value, SequenceNode) else describe(value)
            problem = codes.wrong_kind(place(value), "a list of steps", found)
            reading.refuse(problem, value)
        yield name, WrittenFlow(place(key), steps)


def _chosen(written: Mapping[str, WrittenFlow]) -> Iterator[str]:
    """The answers of all `choose` steps, needed before any step is read."""
    for flow in written.values():
        for node in flow.steps:
            if isinstance(node, MappingNode):
                keys = {key.value: value.value for key, value in node.value if key.id == "scalar"}
                if "choose" in keys and isinstance(keys.get("as"), str):
                    yield keys["as"]


def _flow(reading: Reading, name: str, written: WrittenFlow, defaults: Defaults) -> Flow:
    doubts = reading.doubts
    steps = tuple(it for node in written.steps if (it := step(reading, node, defaults)))
    if reading.doubts > doubts or not steps:
        reading.doubtful.add(name)
    return Flow(name, steps, written.at)


def _menus(
    reading: Reading, menus: Mapping[str, Node | None], defaults: Defaults
) -> Iterator[tuple[str, Menu]]:
    for name, node in menus.items():
        if node is not None:
            yield name, menu(reading, name, node, defaults)

"""The sources of a book read into a `Book`, or everything that is wrong with them."""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from ivr.document import MappingNode, Node, Place, Problem, Problems, SequenceNode, place
from ivr.errors import BookError
from ivr.flows import checks, codes, front, words
from ivr.flows.arrears import promise_rules, restored_within
from ivr.flows.collector import collector_at_rest
from ivr.flows.files import FLOWS, Files, Recordings, check_recordings
from ivr.flows.jobs import jobs
from ivr.flows.lines import line
from ivr.flows.menus import menu
from ivr.flows.model import AnswerKind, Book, Flow, Menu
from ivr.flows.openings import opening_hours
from ivr.flows.patience import whole_book
from ivr.flows.paying import payment_rules
from ivr.flows.reading import Reading, describe
from ivr.flows.services import Service
from ivr.flows.steps import step
from ivr.flows.voices import voices
from ivr.flows.written import Defaults
from ivr.prompts.catalogue import Catalogue


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
    with collector_at_rest():
        return _parse(sources, services, extra_prompts, recordings or {})


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
    check_recordings(reading, prompts, recordings)
    words.check_spoken(reading, extra_prompts)
    checks.check(reading, book, top)
    if len(reading.problems):
        raise BrokenBook(reading.problems)
    return book


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
    reading.queues = hours.week if isinstance(top.get("hours"), MappingNode) else None
    company = reading.text(top["company"], "the company's name") if "company" in top else ""
    defaults = Defaults(
        whole_book(reading, top.get("patience")), front.place_target(reading, top.get("person"))
    )
    flows = {name: _flow(reading, name, it, defaults) for name, it in written.items()}
    payments = payment_rules(reading, top.get("payments"))
    return Book(
        digest=digest_of(sources),
        sources=dict(sources),
        company=company,
        languages=reading.languages,
        voices=voices(reading, top.get("voices")),
        lines=front.phone_lines(reading, top.get("lines")),
        person=defaults.person,
        home=front.place_target(reading, top.get("home")),
        identify=front.identify(reading, top.get("identify")),
        hours=hours,
        flows=flows,
        menus=dict(_menus(reading, menus, defaults)),
        catalogue=catalogue,
        announce=line(reading, top["announce"]) if "announce" in top else None,
        payments=payments,
        promises=promise_rules(reading, top.get("promises"), payments),
        restored_within=restored_within(reading, top.get("restored-within")),
        jobs=jobs(reading, top, hours),
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
    """The answers that are texts, needed before any step is read: what was chosen, or said."""
    for flow in written.values():
        for node in flow.steps:
            if isinstance(node, MappingNode):
                keys = {key.value: value.value for key, value in node.value if key.id == "scalar"}
                name = _text_answer(keys)
                if isinstance(name, str):
                    yield name


def _text_answer(keys: Mapping[str, object]) -> object:
    if keys.get("kind") == AnswerKind.SPOKEN_YES:
        return keys.get("ask")
    return keys.get("as") if "choose" in keys else None


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

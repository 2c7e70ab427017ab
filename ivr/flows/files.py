"""The files of a book as nodes, by the names they should have, and those nobody would ever read."""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from ivr.document import MappingNode, Node, Place, Problem, read
from ivr.flows import codes, front, words
from ivr.flows.reading import NAME, Reading
from ivr.prompts.catalogue import Prompt

FLOWS = "flows.yaml"
SUFFIX = ".yaml"
LOOKALIKES = (SUFFIX, ".yml")
"""Endings, in small letters, of what was surely meant as a part of the book; one is read."""

Recordings = Mapping[str, frozenset[str]]


class Files:
    """The files of a book as nodes. One that cannot be read does not keep the others from it.

    A file that is only misnamed is reported, and then read as what was meant. `paths` are the
    files as they are named on disk, by the names they should have.
    """

    def __init__(self, reading: Reading, sources: Mapping[str, str]) -> None:
        self.reading = reading
        self.sources = sources
        self.paths = {path: path for path in sources if path.endswith(SUFFIX)}
        self._take_misnamed()
        self.nodes: dict[str, Node] = {}
        for name, path in sorted(self.paths.items()):
            if node := read(path, sources[path], reading.problems):
                self.nodes[name] = node
            else:
                reading.lose(sources[path])

    def _take_misnamed(self) -> None:
        for path in sorted(self.sources.keys() - self.paths.keys()):
            meant = PurePosixPath(path).with_suffix(SUFFIX).as_posix()
            message = f"nobody reads this file; rename it to {meant}"
            if meant in self.paths:
                message = f"nobody reads this file, only {meant}; delete one of them"
                self.reading.mention(self.sources[path])
            self.paths.setdefault(meant, path)
            self.reading.refuse(codes.unused_file(Place(path, 1, 1), message))

    def top(self) -> dict[str, Node]:
        """The keys of flows.yaml."""
        node = self.nodes.get(FLOWS)
        if node is None:
            return {}
        self.reading.flowless = not isinstance(node, MappingNode)
        return self.reading.fields(node, FLOWS, front.TOP, front.REQUIRED)

    def menus(self) -> dict[str, Node | None]:
        """Each menu's name and its file; None where it cannot be read."""
        found = {}
        for name, path in self.paths.items():
            if name.startswith("menus/"):
                menu = PurePosixPath(name).stem
                if not NAME.fullmatch(menu):
                    self.reading.refuse(codes.bad_name(Place(path, 1, 1), menu))
                found[menu] = self.nodes.get(name)
        return found

    def languages(self) -> Iterator[str]:
        """The languages there are prompts in: those of a book that fails to list them."""
        for name in self.paths:
            if name.startswith("prompts/"):
                yield PurePosixPath(name).stem

    def prompts(self, listed: Place) -> dict[str, dict[str, Prompt]]:
        """The prompts of each language whose file can be read; `listed` is where all are named."""
        found = {}
        for language in self.reading.languages:
            name = f"prompts/{language}.yaml"
            if name in self.nodes:
                text = self.sources[self.paths[name]]
                given = words.prompts_of(self.reading, self.nodes[name], text)
                if isinstance(self.nodes[name], MappingNode):
                    found[language] = given
                else:
                    self.reading.lose(text)
            elif name not in self.paths:
                message = f'the language "{language}" has no file {name}'
                self.reading.refuse(codes.missing_language(listed, message))
        self._check_languages()
        return found

    def _check_languages(self) -> None:
        for language in self.languages():
            if language not in self.reading.languages:
                at = Place(self.paths[f"prompts/{language}.yaml"], 1, 1)
                known = self.reading.languages
                self.reading.refuse(codes.unknown_language(at, language, known))


def check_recordings(reading: Reading, prompts: words.Prompts, recordings: Recordings) -> None:
    """Every recording is of a prompt, so that it can be heard at all."""
    for language, names in recordings.items():
        if language in prompts:
            _check_names(reading, language, prompts[language], names)
        elif names and language not in reading.languages:
            at = Place(f"prompts/{language}", 1, 1)
            reading.refuse(codes.unknown_language(at, language, reading.languages))


def _check_names(
    reading: Reading, language: str, prompts: Mapping[str, Prompt], names: frozenset[str]
) -> None:
    played = {part for prompt in prompts.values() for part in prompt.recordings}
    for name in sorted(names - played):
        key = name.partition(".")[0]
        if key not in reading.unspeakable:
            at = Place(f"prompts/{language}/{name}.wav", 1, 1)
            reading.refuse(_unplayed(at, name, prompts.get(key), played))


def _unplayed(at: Place, name: str, prompt: Prompt | None, played: set[str]) -> Problem:
    if prompt and prompt.recordings:
        files = ", ".join(f"{part}.wav" for part in prompt.recordings)
        return codes.unused_file(at, f'nobody hears this file; prompt "{prompt.key}" plays {files}')
    message = f'nobody hears this file; there is no prompt "{name}"'
    return codes.unused_file(at, message, codes.near(name, played))

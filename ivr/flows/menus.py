"""A menu, read from its file. Choices take the keys 1 to 6; the others mean the same everywhere."""

import re
from collections.abc import Iterator, Mapping

from ivr.document import Node, place
from ivr.flows import codes
from ivr.flows.lines import IN_MENU, NOWHERE, bindings, flag, lines, needs, prompt_key, target
from ivr.flows.model import Branch, Menu, Move, Option
from ivr.flows.patience import patience
from ivr.flows.reading import Reading, describe
from ivr.flows.written import Defaults

CHOICES = "123456"
UNIVERSAL: Mapping[str, str] = {
    "0": "a person",
    "7": "more time",
    "8": "the other language",
    "9": "say it again",
    "*": "back",
    "#": "the end of what is typed",
}
"""What callers can count on at every question, whatever a book says."""

MENU = ("greet", "again", "keys", "also", "patience", "person")
OPTION = ("offer", "with", "needs", "quiet", "say", "go")


def menu(reading: Reading, name: str, node: Node, defaults: Defaults) -> Menu:
    """The menu in a file of that name."""
    found = reading.fields(node, "a menu", MENU, ("keys",))
    greet = lines(reading, found.get("greet"))
    again = tuple(line for line in greet if not line.once)
    person = found.get("person")
    return Menu(
        name=name,
        greet=greet,
        again=lines(reading, found["again"]) if "again" in found else again,
        options=tuple(_options(reading, found.get("keys"))),
        also=tuple(_also(reading, found.get("also"))),
        patience=patience(reading, found.get("patience"), defaults.patience, IN_MENU),
        person=target(reading, person, NOWHERE) if person else defaults.person,
        at=place(node),
    )


def _options(reading: Reading, node: Node | None) -> Iterator[Option]:
    for key, key_node, value in reading.pairs(node, "a choice for each key", codes.key_twice):
        if key not in CHOICES or len(key) > 1:
            _refuse_key(reading, key_node, key)
        yield _option(reading, key, value)


def _refuse_key(reading: Reading, node: Node, key: str) -> None:
    if key in UNIVERSAL:
        reading.refuse(codes.key_reserved(place(node), key, UNIVERSAL[key]))
    elif re.fullmatch(r"[0-9*#]{2,}", key):
        reading.refuse(codes.key_prefix(place(node), key))
    else:
        reading.refuse(codes.wrong_kind(place(node), "a key from 1 to 6", describe(node)))


def _option(reading: Reading, key: str, node: Node) -> Option:
    found = reading.fields(node, "a choice", OPTION, ("offer", "go"))
    offer = found.get("offer")
    prompt = _offered(reading, offer) if offer else ""
    return Option(
        key=key,
        offer=prompt,
        branch=_branch(reading, node, found),
        binds=bindings(reading, offer or node, prompt, found.get("with")),
        needs=needs(reading, found),
        quiet=flag(reading, found.get("quiet")),
        at=place(node),
    )


def _branch(reading: Reading, node: Node, found: Mapping[str, Node]) -> Branch:
    says = lines(reading, found.get("say"))
    go = target(reading, found["go"], IN_MENU) if "go" in found else Move.END
    return Branch(says, go, place(node))


def _offered(reading: Reading, node: Node) -> str:
    """A prompt that names a choice inside of "For X, press 1."."""
    key = prompt_key(reading, node)
    if key:
        reading.offered.setdefault(key, place(node))
    return key


def _also(reading: Reading, node: Node | None) -> Iterator[tuple[str, str]]:
    """The universal keys a menu speaks, each with the prompt that names it."""
    for key, key_node, value in reading.pairs(node, "a prompt for each key", codes.key_twice):
        if key not in UNIVERSAL or key == "#":
            wanted = codes.either(f'"{it}"' for it in UNIVERSAL if it != "#")
            reading.refuse(codes.wrong_kind(place(key_node), wanted, describe(key_node)), value)
            continue
        prompt = _offered(reading, value)
        bindings(reading, value, prompt, None)
        yield key, prompt

"""How to read the map, and what holds at every question and so is drawn once."""

from collections.abc import Iterator

from ivr.authoring.map.picture import Box, Entry, Shape
from ivr.authoring.map.ways import usual_give_up
from ivr.authoring.map.words import Words
from ivr.dialog.answers import Universal
from ivr.flows.model import Book, Move, Target

TITLE = "how to read this map"
SAMPLES = {
    Shape.MENU: "a menu: thick arrows are its keys, (1) is never offered",
    Shape.FLOW: "a flow that speaks",
    Shape.QUESTION: "a flow that asks the caller",
    Shape.SERVICE: "a flow that asks a service ⚙",
    Shape.TRANSFER: "a transfer ☎",
    Shape.END: "the call ends",
}
KEYS = {
    Universal.PERSON: "an agent",
    Universal.AGAIN: "the same again",
    Universal.LANGUAGE: "the other language",
    Universal.MORE_TIME: "more time",
    Universal.BACK: "back",
}


def legend(book: Book, words: Words) -> Iterator[Box]:
    """A sample of every shape, and a note of what needs no arrows."""
    for shape, text in SAMPLES.items():
        yield Box(f"legend_{shape}", shape, (Entry("", (text,)),), section=TITLE)
    always = Entry("at every question", tuple(_keys(book, words)))
    unsaid = Entry("where no arrow says more", tuple(_usual(book, words)))
    yield Box("legend_always", Shape.NOTE, (always, unsaid), section=TITLE)


def _keys(book: Book, words: Words) -> Iterator[str]:
    """The universal keys, 0 in the words of the menus that offer it."""
    spoken = dict(pair for menu in book.menus.values() for pair in menu.also)
    for key, meaning in KEYS.items():
        if key is Universal.PERSON:
            label = words.key(key, spoken[key]) if key in spoken else f"{key} · {meaning}"
            yield f"{label} → {named(book.person)}"
        else:
            yield f"{key} · {meaning}"


def _usual(book: Book, words: Words) -> Iterator[str]:
    if give_up := usual_give_up(book):
        said = " ".join(words.line(line) for line in give_up.says)
        yield " ".join(filter(None, ("no answer", said, f"→ {named(give_up.go)}")))
    yield f"unavailable → {named(book.person)}"
    for level, flow in book.identify.items():
        yield f"⚙ … {level.name.lower()}: first {named(flow)}"


def named(target: Target) -> str:
    """A target as a note names it."""
    return target.value if isinstance(target, Move) else target.name

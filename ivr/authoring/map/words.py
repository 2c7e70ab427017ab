"""What a caller hears, short enough for a box: `You owe $…, due ….`"""

from typing import assert_never

from ivr.flows.model import Book, Line, Option
from ivr.prompts.prompt import Part, Pause, Placeholder
from ivr.prompts.values import Kind

LONGEST = 56  # characters of one utterance on the map
EXAMPLES = {Kind.MONEY: "$…"}
COMPANY = "company"


class Words:
    """The prompts of a book as one of its languages speaks them."""

    def __init__(self, book: Book, language: str) -> None:
        self._book = book
        self._language = language
        self._other = next((it for it in book.languages if it != language), language)

    def line(self, line: Line) -> str:
        """A line as `said` has it. PromptError where the language has no such prompt."""
        return self.said(line.prompt, others=line.others)

    def said(self, prompt: str, others: bool = False) -> str:
        """A prompt in quotation marks; `others` as the book's other language has it."""
        return f"“{self._heard(prompt, self._other if others else self._language)}”"

    def option(self, option: Option) -> str:
        """`1 · your balance`, or `(1)` for a key that works without being offered."""
        return f"({option.key})" if option.quiet else self.key(option.key, option.offer)

    def key(self, key: str, prompt: str) -> str:
        """A key with the words that name its choice."""
        return f"{key} · {self._heard(prompt, self._language)}"

    def _heard(self, key: str, language: str) -> str:
        prompt = self._book.catalogue.prompt(key, language)
        text = " ".join("".join(map(self._part, prompt.parts)).split())
        return shortened(text.replace("….", "…"))

    def _part(self, part: Part) -> str:
        match part:
            case str():
                return part
            case Placeholder(name=name, kind=kind):
                return self._book.company if name == COMPANY else EXAMPLES.get(kind, "…")
            case Pause():
                return " "
            case _:
                assert_never(part)


def shortened(text: str) -> str:
    """The text, or as many of its words as fit, and an ellipsis."""
    if len(text) <= LONGEST:
        return text
    cut = text[:LONGEST].rpartition(" ")[0] or text[: LONGEST - 1]
    return cut.rstrip(" ,.;:…") + "…"

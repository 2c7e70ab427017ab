"""A tiny book that asks for both: a spoken yes, then a bank account to be kept and not charged.

Whatever else it has is the proof's small book, in two languages.
"""

from functools import cache

from ivr.flows import parse_book
from ivr.flows.model import Book
from ivr.flows.services import Service
from ivr.prompts.values import Kind
from ivr.services.spoken import CHANNEL_PROMPTS
from tests.authoring.proof import books

KEEP = Service(
    "methods.keep",
    {"kept": {}},
    takes={"method": Kind.TEXT, "recording": Kind.TEXT},
    secrets=frozenset({"method"}),
    settles=frozenset({"kept"}),
)
SERVICES = {**books.SERVICES, KEEP.name: KEEP}
FLOW = """
  save:
    - ask: agreement
      prompt: say-you-agree
      kind: spoken-yes
      patience: {wait: 4s}
    - pay: nothing
      as: method
      method: bank
      when:
        stopped: {say: not-saved, go: menu main}
        failed: {say: not-saved, go: flow person}
        connector-down: flow person
        hung-up: end
    - do: methods.keep
      with: {method: method, recording: agreement}
      when: {kept: next, unavailable: flow person}
    - say: saved
    - go: menu after
      finishes: saved
"""
WORDS = ("save", "say-you-agree", "not-saved", "saved")


def sources(*changes: tuple[str, str], more: str = "") -> dict[str, str]:
    """The book's files, each change made once in flows.yaml, `more` written at its end."""
    files = books.sources()
    flows = files["flows.yaml"] + FLOW + more
    for old, new in changes:
        assert flows.count(old) == 1, old
        flows = flows.replace(old, new)
    files["flows.yaml"] = flows
    files["menus/main.yaml"] = files["menus/main.yaml"].replace(
        "also:", '  "4": {offer: save, go: flow save}\nalso:'
    )
    for language in ("en", "es"):
        files[f"prompts/{language}.yaml"] += "".join(f"{it}: {it} in {language}\n" for it in WORDS)
    return files


@cache
def saving(*changes: tuple[str, str], more: str = "") -> Book:
    """The book, changed."""
    return parse_book(sources(*changes, more=more), SERVICES, CHANNEL_PROMPTS)

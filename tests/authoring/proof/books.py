"""A small book of which every claim holds, and ways to spoil it."""

import json
from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from ivr.flows import parse_book
from ivr.flows.model import Book, Step
from ivr.flows.services import Service
from ivr.prompts.values import Kind
from ivr.services.people import KEEP_CALLBACK
from ivr.services.spoken import CHANNEL_PROMPTS
from tests.dialog.books import FRONT, PROMPTS
from tests.dialog.books import SERVICES as ASKED
from tests.line import SHIPPED

INTEND = Service(
    "money.intend",
    {"intended": {}},
    takes={"amount": Kind.MONEY},
    agreed=("amount", "intended"),
)
SERVICES = {**ASKED, INTEND.name: INTEND, KEEP_CALLBACK.name: KEEP_CALLBACK}

FLOWS = """
flows:
  welcome:
    - do: caller.arrive
      when: {plain: next, unavailable: next}
    - {say: welcome, once: yes}
    - {say: other-language, in: others, once: yes}
    - go: menu main
  person:
    - say: getting-agent
    - transfer: billing
      ringing: still-trying
      finishes: agent
      when:
        talked: end
        nobody: {say: nobody-free, go: flow callback}
        unavailable: flow callback
  callback:
    - do: callbacks.keep
      with: {queue: billing, mark: silent}
      into: callback
      when: {kept: next, number-needed: flow bye, refused: flow bye, unavailable: flow bye}
    - {say: will-call, with: callback}
    - go: flow bye
  bye:
    - say: goodbye
    - end: call

  who:
    - ask: number
      prompt: number-please
      kind: digits
      length: 4
    - do: who.find
      with: {number: number}
      when: {matched: next, not-found: next, unavailable: flow person}
  pin:
    - ask: pin
      prompt: pin-please
      kind: pin
    - do: pin.check
      with: {pin: pin}
      when:
        right: next
        wrong: {say: pin-wrong, go: flow pin}
        forgotten: flow person
        unavailable: flow person

  bill:
    - do: bill.read
      into: bill
      when: {owes: next, unavailable: {say: try-later, go: flow person}}
    - {say: you-owe, with: bill}
    - {say: past-due-note, needs: bill.past-due}
    - go: menu after
      finishes: bill
  details:
    - do: bill.read
      into: bill
      level: verified
      when: {owes: next, unavailable: flow person}
    - {say: last-was, with: bill}
    - go: menu after
      finishes: bill

  pay:
    - ask: amount
      prompt: how-much
      kind: money
      within: {min: "1.00", max: bill.balance}
    - do: money.quote
      with: {amount: amount}
      into: payment
      when: {quoted: next, unavailable: flow person}
    - ask: sure
      first: {say: you-will-pay, with: payment}
      kind: yes-no
      when: {"yes": next, "no": {say: not-paid, go: menu main}}
    - do: money.intend
      with: {amount: payment.amount}
      when: {intended: next, unavailable: flow person}
    - pay: payment.amount
      as: card
      when:
        stopped: {say: not-paid, go: menu main}
        failed: {say: not-paid, go: flow person}
        connector-down: flow person
        hung-up: end
    - do: money.charge
      with: {card: card}
      when: {charged: next, declined: {say: not-paid, go: menu main}, unavailable: flow person}
    - say: paid
    - go: menu after
      finishes: payment

  pick:
    - do: list.read
      into: found
      when: {several: next, none: flow person, unavailable: flow person}
    - choose: found.things
      as: thing
      prompt: which-thing
    - do: list.take
      with: {thing: thing, mark: silent}
      when: {taken: next, unavailable: flow person}
    - go: menu after
      finishes: thing
"""
MENUS = {
    "main": """
keys:
  "1": {offer: bill, go: flow bill}
  "2": {offer: details, go: flow details}
  "3": {offer: pick, go: flow pick}
also: {"0": agent}
""",
    "after": """
keys:
  "1": {offer: full, with: {balance: bill.balance}, go: flow pay}
  "2": {offer: pick, needs: bill.past-due, go: flow pick}
also: {"*": main}
patience: {silent: {say: thanks, go: flow bye}, tries: 2}
""",
}
KEYS = (
    "offer yes-no more-time heard-nothing still-nothing not-an-option listen-again sorry-trouble "
    "welcome other-language getting-agent still-trying nobody-free goodbye will-call number-please "
    "pin-please pin-wrong try-later you-owe past-due-note last-was how-much you-will-pay not-paid "
    "paid which-thing bill pick details agent full main thanks thing-ending"
)
WORDS = {**PROMPTS, "will-call": "We call you back at {number:phone}."}


def sources(*changes: tuple[str, str]) -> dict[str, str]:
    """The book's files, each change made at the one place where its text stands."""
    files = {"flows.yaml": FRONT + FLOWS}
    files |= {f"menus/{name}.yaml": text for name, text in MENUS.items()}
    for language in ("en", "es"):
        texts = {key: WORDS.get(key, f"{key} in {language}") for key in KEYS.split()}
        shipped = SHIPPED.catalogue.prompts[language]
        texts |= {key: shipped[key].text for key in CHANNEL_PROMPTS}
        prompts = "".join(f"{key}: {json.dumps(text)}\n" for key, text in sorted(texts.items()))
        files[f"prompts/{language}.yaml"] = prompts
    for old, new in changes:
        (path,) = [path for path, text in files.items() if text.count(old) == 1]
        files[path] = files[path].replace(old, new)
    return files


@cache
def small_book(*changes: tuple[str, str]) -> Book:
    """The small book, changed."""
    return parse_book(sources(*changes), SERVICES, CHANNEL_PROMPTS)


# Books that the loader would refuse: the proof must find what is wrong with them all the same.


def with_steps(book: Book, flow: str, steps: Iterable[Step]) -> Book:
    """The book, with other steps in a flow."""
    flows = {**book.flows, flow: replace(book.flows[flow], steps=tuple(steps))}
    return replace(book, flows=flows)


def with_step(book: Book, flow: str, number: int, **fields: object) -> Book:
    """The book, with other fields in one step."""
    steps = list(book.flows[flow].steps)
    steps[number] = replace(steps[number], **fields)  # type: ignore[arg-type]  # any step's field
    return with_steps(book, flow, steps)


def with_menu(book: Book, name: str, **fields: object) -> Book:
    """The book, with other fields in one menu."""
    menu = replace(book.menus[name], **fields)  # type: ignore[arg-type]  # any field
    return replace(book, menus={**book.menus, name: menu})


def without_words(book: Book, prompt: str, language: str) -> Book:
    """The book, with nothing to say for a prompt in one language."""
    prompts = {it: dict(texts) for it, texts in book.catalogue.prompts.items()}
    prompts[language][prompt] = replace(prompts[language][prompt], parts=())
    return replace(book, catalogue=replace(book.catalogue, prompts=prompts))

"""A small book with every kind of step, for a few services that answer whatever a test wants."""

import re
from functools import cache

from ivr.flows import parse_book
from ivr.flows.model import Book
from ivr.flows.services import Field, Level, Service
from ivr.prompts.values import Kind

LINE = "+18005550199"
MATCHED, VERIFIED = Level.MATCHED, Level.VERIFIED
BILL = {
    "balance": Field(Kind.MONEY, MATCHED),
    "past-due": Field(Kind.YES_NO, MATCHED),
    "last": Field(Kind.MONEY, VERIFIED),
    "had-last": Field(Kind.YES_NO, VERIFIED),
}
SERVICES = {
    service.name: service
    for service in (
        Service("caller.arrive", {"plain": {}}, grants={"plain": MATCHED}),
        Service("bill.read", {"owes": BILL}, level=MATCHED),
        Service(
            "who.find",
            {"matched": {}, "not-found": {}},
            takes={"number": Kind.DIGITS},
            grants={"matched": MATCHED},
        ),
        Service(
            "pin.check",
            {"right": {}, "wrong": {}, "forgotten": {}},
            level=MATCHED,
            takes={"pin": Kind.DIGITS},
            secrets=frozenset({"pin"}),
            grants={"right": VERIFIED},
        ),
        Service(
            "money.quote",
            {"quoted": {"amount": Field(Kind.MONEY)}},
            takes={"amount": Kind.MONEY},
        ),
        Service(
            "money.charge",
            {"charged": {}, "declined": {}},
            takes={"card": Kind.TEXT},
            secrets=frozenset({"card"}),
            settles=frozenset({"charged"}),
            charges=True,
        ),
        Service(
            "list.read",
            {"several": {"things": Field(Kind.CHOICES, prompts=("thing-ending",))}, "none": {}},
        ),
        Service("list.take", {"taken": {}}, takes={"thing": Kind.TEXT, "mark": Kind.TEXT}),
    )
}

FRONT = """
version: 1
company: Northside Cable
languages: [en, es]
voices:
  en: {voice: Polly.Joanna-Neural, language: en-US, pay: en-US}
  es: {voice: Polly.Lupe-Neural, language: es-US, pay: es-US}
lines:
  "+18005550199": {start: flow welcome, language: en, lost: flow person, rescue: "+12025550100"}
patience:
  wait: 6s
  between: 3s
  silence: [heard-nothing, still-nothing]
  mismatch: [not-an-option, listen-again]
  give-up: {say: sorry-trouble, go: flow person}
person: flow person
home: menu main
identify: {matched: flow who, verified: flow pin}
hours: {zone: America/Chicago, billing: {mon-fri: "08:00-20:00"}}
"""

FLOWS = """
flows:
  welcome:
    - do: caller.arrive
      when: {plain: next, unavailable: next}
    - {say: welcome, once: yes}
    - {say: other-language, in: others, once: yes}
    - say: news
    - go: menu main
  person:
    - say: getting-agent
    - transfer: billing
      ringing: still-trying
      finishes: agent
      when:
        talked: end
        nobody: {say: nobody-free, go: flow bye}
        unavailable: flow bye
  bye:
    - say: goodbye
    - end: call

  who:
    - ask: number
      prompt: number-please
      kind: digits
      length: 4
      patience: {wait: 15s, between: 5s}
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
        forgotten: menu main
        unavailable: flow person

  bill:
    - do: bill.read
      into: bill
      when: {owes: next, unavailable: {say: try-later, go: back}}
    - {say: you-owe, with: bill}
    - {say: past-due-note, needs: bill.past-due}
    - {say: last-was, with: bill}
    - go: menu after
      finishes: bill
  details:
    - do: bill.read
      into: bill
      level: verified
      when: {owes: next, unavailable: flow person}
    - {say: last-was, with: bill}
    - go: menu after

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
      when: {"yes": next, "no": {say: not-paid, go: repeat}}
    - pay: payment.amount
      as: card
      when:
        stopped: {say: not-paid, go: menu main}
        failed: menu main
        connector-down: menu main
        hung-up: end
    - do: money.charge
      with: {card: card}
      when:
        charged: flow paid
        declined: {say: not-paid, go: menu main}
        unavailable: flow person
  paid:
    - say: paid
    - ask: phone
      prompt: phone-please
      kind: phone
      length: 10
    - go: menu after

  pick:
    - do: list.read
      into: found
      when: {several: next, none: menu main, unavailable: menu main}
    - choose: found.things
      as: thing
      prompt: which-thing
    - do: list.take
      with: {thing: thing, mark: silent}
      when: {taken: flow bye, unavailable: flow person}
"""

MENUS = {
    "main": """
greet: [main-long, {say: tip, once: yes}]
again: main-short
keys:
  "1": {offer: bill, go: flow bill}
  "2": {offer: pay, go: flow pay}
  "3": {offer: details, go: flow details}
  "4": {offer: pick, needs: bill.past-due, go: flow pick}
  "5": {offer: again, quiet: yes, say: tip, go: repeat}
  "6": {offer: pick, quiet: yes, go: flow pick}
also: {"0": agent}
""",
    "after": """
keys:
  "1": {offer: full, with: {balance: bill.balance}, go: flow pay}
also: {"*": main}
patience: {silent: {say: thanks, go: flow bye}, tries: 2}
""",
}

PROMPTS = {
    "offer": "For {choice}, press {key:key}.",
    "you-owe": "You owe {balance:money}, says {company}.",
    "last-was": "You last paid {last:money}.",
    "you-will-pay": "You'll pay {amount:money}.",
    "full": "the full {balance:money}",
    "thing-ending": "the one ending {ending:digits}",
}
ENGINES = ("offer", "yes-no", "more-time")
WORD = re.compile(r"[a-z]+(?:-[a-z]+)*")


def prompt_file(sources: str, language: str) -> str:
    """A text for each prompt that the book names or that is spoken without it."""
    keys = KEYS & {*WORD.findall(sources), *ENGINES, "thing-ending", "interrupted"}
    return "".join(f'{key}: "{PROMPTS.get(key, f"{key} in {language}")}"\n' for key in sorted(keys))


KEYS = frozenset(
    WORD.findall(
        "offer yes-no more-time heard-nothing still-nothing not-an-option listen-again "
        "sorry-trouble welcome other-language news getting-agent still-trying nobody-free goodbye "
        "number-please pin-please pin-wrong try-later you-owe past-due-note last-was how-much "
        "you-will-pay not-paid paid phone-please which-thing main-long tip main-short bill pay "
        "details pick again agent full main thanks thing-ending interrupted"
    )
)


@cache
def book(flows: str = FLOWS, front: str = FRONT) -> Book:
    """The book made of these texts and the two menus."""
    menus = {f"menus/{name}.yaml": text for name, text in MENUS.items()}
    written = front + flows + "".join(menus.values())
    languages = ("en", "es") if "[en, es]" in front else ("en",)
    prompts = {f"prompts/{it}.yaml": prompt_file(written, it) for it in languages}
    return parse_book({"flows.yaml": front + flows, **menus, **prompts}, SERVICES, ("interrupted",))

"""A small book with every kind of step, in two sections, to be drawn."""

from collections.abc import Mapping

from ivr.authoring.map import draw
from ivr.authoring.map.picture import Arrow, Box, Picture
from ivr.flows import parse_book
from ivr.flows.model import Book
from tests.flows.books import FLOWS, PROMPTS, SERVICES

FRONT = FLOWS.partition("flows:")[0].replace(
    "hours: {zone: America/Chicago}",
    'hours: {zone: America/Chicago, billing: {mon-fri: "08:00-20:00"}}\n'
    "identify: {matched: flow identify, verified: flow identify}",
)
STEPS = """\
flows:
  # ---------- the bill
  hear-bill:
    - do: balance.read
      into: bill
      level: matched
      when:
        owes: next
        nothing-due: flow nothing
        unavailable: flow agent
    - {say: owe, with: {amount: bill.amount}}
    - go: menu after

  nothing:
    - say: nothing-due
    - go: menu after

  pay:
    - ask: sure
      prompt: sure
      kind: yes-no
      when: {"yes": next, "no": flow later}
    - pay: bill.amount
      as: card
      when: {stopped: flow nothing, failed: back, connector-down: flow agent, hung-up: end}
    - do: payments.charge
      with: {card: card}
      when: {charged: next, declined: flow pay, unavailable: flow agent}
    - {say: thanks, finishes: payment}
    - go: menu after

  later:
    - {say: one-moment, needs: bill.overdue}
    - go: menu main

  # ---------- a person
  agent:
    - {say: one-moment, once: yes}
    - transfer: billing
      ringing: one-moment
      when: {talked: end, nobody: flow sorry, unavailable: flow sorry}

  sorry:
    - say: goodbye
    - end: call

  identify:
    - ask: number
      prompt: number-please
      kind: digits
      length: 4
      patience: {give-up: flow sorry}
      person: flow sorry
    - do: account.list
      into: found
      when: {several: next, unavailable: flow agent}
    - choose: found.accounts
      as: account
      prompt: which
    - do: account.choose
      with: {account: account}
      when: {chosen: next, unavailable: flow agent}
"""
MAIN = """\
greet: welcome
keys:
  "1": {offer: bill, go: flow hear-bill}
  "2": {offer: pay, go: flow pay}
  "3": {offer: an-agent, go: flow agent}
also: {"0": an-agent}
"""
AFTER = """\
keys:
  "1": {offer: bill, quiet: yes, go: flow agent}
  "2": {offer: pay, needs: bill.overdue, go: flow pay}
  "3": {offer: bill, go: repeat}
patience: {silent: flow sorry}
"""
WORDS = """\
bill: "your \\"balance\\" [.5] & more"
pay: bill pay
owe: "You owe {amount:money}."
nothing-due: You owe nothing.
sure: Are you sure?
thanks: Thank you.
one-moment: One moment.
number-please: Your account number, please.
which: Which account?
account-ending: "the account ending {ending:digits}"
card-number: Card number, please.
"""
SOURCES: Mapping[str, str] = {
    "flows.yaml": FRONT + STEPS,
    "menus/main.yaml": MAIN,
    "menus/after.yaml": AFTER,
    "prompts/en.yaml": PROMPTS + WORDS,
}


def small(sources: Mapping[str, str] = SOURCES) -> Book:
    """The book in these sources, which also takes cards."""
    return parse_book(sources, SERVICES, ("card-number",))


def drawn(sources: Mapping[str, str] = SOURCES) -> Picture:
    """The picture of a book, in English."""
    return draw(small(sources), "en")


def box(picture: Picture, name: str) -> Box:
    """The box with this id."""
    return next(it for it in picture.boxes if it.id == name)


def arrows(picture: Picture, source: str) -> list[Arrow]:
    """The arrows that leave a box."""
    return [it for it in picture.arrows if it.source == source]

"""A smallest good book, the services it may name, and what is found when it is changed."""

from collections.abc import Mapping
from types import MappingProxyType

from ivr.flows import BrokenBook, parse_book
from ivr.flows.model import Book
from ivr.flows.services import Field, Level, Service
from ivr.prompts.values import Kind

BALANCE = Service(
    name="balance.read",
    outcomes={
        "owes": {
            "amount": Field(Kind.MONEY),
            "late": Field(Kind.MONEY),
            "overdue": Field(Kind.YES_NO),
        },
        "nothing-due": {},
    },
)
DETAILS = Service(
    name="balance.details",
    level=Level.VERIFIED,
    outcomes={"paid": {"amount": Field(Kind.MONEY, Level.VERIFIED)}},
)
ACCOUNTS = Service(
    name="account.list",
    outcomes={"several": {"accounts": Field(Kind.CHOICES, prompts=("account-ending",))}},
)
CHOOSE = Service(name="account.choose", takes={"account": Kind.TEXT}, outcomes={"chosen": {}})
PIN = Service(
    name="pin.check",
    takes={"pin": Kind.DIGITS},
    secrets=frozenset({"pin"}),
    outcomes={"right": {}, "wrong": {}},
)
CHARGE = Service(
    name="payments.charge",
    takes={"card": Kind.TEXT},
    secrets=frozenset({"card"}),
    outcomes={"charged": {"amount": Field(Kind.MONEY)}, "declined": {}},
)
KEEP = Service(
    name="callback.keep",
    takes={"number": Kind.PHONE, "queue": Kind.TEXT},
    optional=frozenset({"queue"}),
    outcomes={"kept": {}},
)
SERVICES: Mapping[str, Service] = {
    it.name: it for it in (BALANCE, DETAILS, ACCOUNTS, CHOOSE, PIN, CHARGE, KEEP)
}

FLOWS = """\
version: 1
company: Northside Cable
languages: [en]
voices: {en: {voice: Polly.Joanna-Neural, language: en-US, pay: en-US}}
lines:
  "+18005550199": {start: menu main, language: en, lost: flow agent, rescue: "+12025550100"}
patience: {silence: not-heard, mismatch: no-choice, give-up: flow agent}
person: flow agent
home: menu main
hours: {zone: America/Chicago}
flows:
  agent:
    - say: goodbye
    - end: call
"""
MENU = """\
greet: welcome
keys:
  "1": {offer: an-agent, go: flow agent}
"""
PROMPTS = """\
welcome: Thanks for calling {company}.
an-agent: an agent
not-heard: Sorry, I did not hear a key.
no-choice: Sorry, that is not one of the choices.
goodbye: Goodbye.
offer: "For {choice}, press {key:key}."
yes-no: For yes, press 1. For no, press 2.
more-time: Take your time.
"""
GOOD: Mapping[str, str] = MappingProxyType(
    {"flows.yaml": FLOWS, "menus/main.yaml": MENU, "prompts/en.yaml": PROMPTS}
)


def book(sources: Mapping[str, str] = GOOD) -> Book:
    """The book in these sources, with the services of this module."""
    return parse_book(sources, SERVICES)


def problems(sources: Mapping[str, str]) -> list[str]:
    """What is found in these sources, one line each."""
    try:
        book(sources)
    except BrokenBook as broken:
        return [str(problem) for problem in broken.problems]
    return []


def changed(path: str, old: str, new: str, sources: Mapping[str, str] = GOOD) -> dict[str, str]:
    """The sources with one text replaced in one file."""
    assert sources[path].count(old) == 1, old
    return {**sources, path: sources[path].replace(old, new)}


def with_flow(steps: str, prompts: str = "", sources: Mapping[str, str] = GOOD) -> dict[str, str]:
    """The sources with a flow `talk` of these steps, key 2 leading there, and more prompts.

    Steps are written without indentation.
    """
    body = "".join(f"    {line}\n" for line in steps.strip().splitlines())
    option = '  "2": {offer: to-talk, go: flow talk}\n'
    return {
        "flows.yaml": f"{sources['flows.yaml']}  talk:\n{body}",
        "menus/main.yaml": sources["menus/main.yaml"] + option,
        "prompts/en.yaml": f"{sources['prompts/en.yaml']}to-talk: a talk\n{prompts}",
    }


TALK = """\
  talk-{number}:
    - say: welcome
    - do: balance.read
      into: bill
      when:
        owes: next
        nothing-due: {{say: goodbye, go: menu main}}
        unavailable: {{say: not-heard, go: flow agent}}
    - {{say: you-owe, with: bill, needs: bill.overdue}}
    - {{say: you-owe, with: {{amount: bill.late}}}}
    - ask: number
      prompt: welcome
      kind: phone
      length: 10
      patience: {{wait: 15s, between: 5s}}
    - do: callback.keep
      with: {{number: number, queue: billing}}
      when:
        kept: next
        unavailable: {{say: goodbye, go: flow agent}}
    - ask: sure
      kind: yes-no
      first: welcome
      when: {{"yes": next, "no": menu main}}
    - {{say: goodbye, needs: bill.overdue}}
    - say: goodbye
    - go: {after}
"""
STEPS_OF_A_TALK = 10


def with_billing(sources: Mapping[str, str]) -> dict[str, str]:
    """The sources with opening hours for the queue `billing`."""
    hours = 'hours: {zone: America/Chicago, billing: {mon-fri: "08:00-20:00"}}'
    return changed("flows.yaml", "hours: {zone: America/Chicago}", hours, sources)


def large(steps: int) -> dict[str, str]:
    """A good book of about so many steps, in flows of ten that lead to one another."""
    talks = steps // STEPS_OF_A_TALK
    flows = [
        TALK.format(
            number=number, after=f"flow talk-{number + 1}" if number < talks else "menu main"
        )
        for number in range(1, talks + 1)
    ]
    choice = '  "2": {offer: an-agent, go: flow talk-1}\n'
    return with_billing(
        {
            "flows.yaml": FLOWS + "".join(flows),
            "menus/main.yaml": MENU + choice,
            "prompts/en.yaml": f"{PROMPTS}you-owe: You owe {{amount:money}}.\n",
        }
    )

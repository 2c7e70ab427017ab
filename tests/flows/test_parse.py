"""What a book means once it is read."""

import gc
from datetime import date

import pytest

from ivr.document import Place
from ivr.flows.model import (
    AnswerKind,
    Ask,
    Branch,
    Choose,
    Do,
    End,
    Go,
    Limits,
    Line,
    Menu,
    Move,
    Option,
    Pay,
    PayMethod,
    PhoneLine,
    Ref,
    Say,
    Step,
    ToFlow,
    ToMenu,
    Transfer,
    Voice,
    Word,
)
from ivr.flows.parse import digest_of
from ivr.flows.services import Level
from tests.flows.books import (
    ACCOUNTS,
    BALANCE,
    CHARGE,
    CHOOSE,
    DETAILS,
    GOOD,
    KEEP,
    MENU,
    PIN,
    book,
    changed,
    large,
    with_billing,
    with_flow,
)

AGENT = Branch((), ToFlow("agent"))
READ = """\
- do: balance.read
  into: bill
  when: {owes: next, nothing-due: flow agent, unavailable: flow agent}
"""


def steps(text: str, prompts: str = "") -> tuple[Step, ...]:
    return book(with_flow(text, prompts)).flows["talk"].steps


def menu(text: str, prompts: str = "") -> Menu:
    more = {"prompts/en.yaml": GOOD["prompts/en.yaml"] + prompts, "menus/main.yaml": text}
    return book({**GOOD, **more}).menus["main"]


def test_the_front_of_a_book() -> None:
    it = book()
    assert it.company == "Northside Cable"
    assert it.languages == ("en",)
    assert it.voices == {"en": Voice("Polly.Joanna-Neural", "en-US", "en-US")}
    number, rescue = "+18005550199", "+12025550100"
    line = PhoneLine(number, ToMenu("main"), "en", ToFlow("agent"), rescue)
    assert it.lines == {number: line}
    assert (it.person, it.home) == (ToFlow("agent"), ToMenu("main"))
    assert it.hours.zone == "America/Chicago"
    assert it.announce is None


def test_a_number_nobody_listed_is_served_by_the_first_line() -> None:
    assert book().line("+12025550123").number == "+18005550199"


def test_an_announcement_is_a_line() -> None:
    sources = changed("flows.yaml", "home:", "announce: goodbye\nhome:")
    assert book(sources).announce == Line("goodbye")


def test_patience_has_defaults_and_questions_change_what_they_say() -> None:
    own = "patience: {wait: 15s, tries: 2, silent: flow agent, mismatch: [goodbye, welcome]}\n"
    inherited, changed_one = menu(MENU).patience, menu(MENU + own).patience
    assert (inherited.wait, inherited.between, inherited.tries, inherited.call_tries) == (
        6,
        3,
        3,
        5,
    )
    assert inherited.silence == (Line("not-heard"),)
    assert inherited.silent is None
    assert (changed_one.wait, changed_one.between, changed_one.tries) == (15, 3, 2)
    assert changed_one.mismatch == (Line("goodbye"), Line("welcome"))
    assert (changed_one.silent, changed_one.give_up) == (AGENT, inherited.give_up)


def test_opening_hours_are_minutes_by_weekday() -> None:
    hours = """\
hours:
  zone: America/Chicago
  billing: {mon-tue: "08:30-20:00", sun: "00:00-24:00"}
  closed: [2026-12-25]
"""
    it = book(changed("flows.yaml", "hours: {zone: America/Chicago}\n", hours)).hours
    weekday, none = (510, 1200), None
    assert it.week == {"billing": (weekday, weekday, none, none, none, none, (0, 1440))}
    assert it.closed == {date(2026, 12, 25)}


def test_say_steps() -> None:
    text = (
        READ
        + """\
- {say: you-owe, with: bill, needs: bill.overdue, finishes: balance}
- {say: you-owe, with: {amount: bill.late}, in: others, once: yes}
- go: menu main
"""
    )
    _, first, second, last = steps(text, "you-owe: You owe {amount:money} to {company}.\n")
    bill = Line("you-owe", (("amount", Ref("bill", "amount")),))
    assert first == Say(bill, finishes="balance", needs=Ref("bill", "overdue"))
    late = (("amount", Ref("bill", "late")),)
    assert second == Say(Line("you-owe", late, others=True, once=True))
    assert last == Go(ToMenu("main"))


def test_a_step_knows_its_place() -> None:
    (step,) = steps("- end: call\n")
    assert step.at == Place("flows.yaml", 16, 7)


def test_do_steps() -> None:
    do, end = steps(READ + "- end: call\n")
    assert isinstance(do, Do)
    assert (do.service, do.into, do.arguments, do.level) == (BALANCE, "bill", (), Level.UNKNOWN)
    assert do.when == {"owes": Branch((), Move.NEXT), "nothing-due": AGENT, "unavailable": AGENT}
    assert end == End()


def test_a_branch_may_say_something_and_go_on() -> None:
    text = """\
- do: balance.read
  when:
    owes: {say: goodbye}
    nothing-due: {say: [goodbye, {say: welcome, needs: bill.overdue}], go: end}
    unavailable: back
"""
    do, _, _ = steps(f"{text}{READ}- end: call\n")
    assert isinstance(do, Do)
    assert do.when["owes"] == Branch((Line("goodbye"),), Move.NEXT)
    both = (Line("goodbye"), Line("welcome", needs=Ref("bill", "overdue")))
    assert do.when["nothing-due"] == Branch(both, Move.END)
    assert do.when["unavailable"] == Branch((), Move.BACK)


def test_a_book_may_raise_a_level_and_name_the_ways_up() -> None:
    text = """\
- do: balance.read
  level: matched
  when: {owes: flow agent, nothing-due: flow agent, unavailable: flow agent}
"""
    ways = "identify: {matched: flow find, verified: flow prove}\nhours:"
    sources = changed("flows.yaml", "hours:", ways, with_flow(text))
    sources["flows.yaml"] += "  find:\n    - say: goodbye\n  prove:\n    - say: goodbye\n"
    it = book(sources)
    assert it.identify == {Level.MATCHED: ToFlow("find"), Level.VERIFIED: ToFlow("prove")}
    (do,) = it.flows["talk"].steps
    assert isinstance(do, Do)
    assert do.level is Level.MATCHED
    assert DETAILS.level is Level.VERIFIED


@pytest.mark.parametrize(
    ("more", "kind", "limits"),
    [
        ("kind: digits", AnswerKind.DIGITS, Limits()),
        ("kind: digits\n  length: 5", AnswerKind.DIGITS, Limits(5, 5)),
        ("kind: digits\n  length: {min: 4, max: 20}", AnswerKind.DIGITS, Limits(4, 20)),
        ("kind: phone\n  length: 10", AnswerKind.PHONE, Limits(10, 10)),
        ("kind: money", AnswerKind.MONEY, Limits()),
        ("kind: money\n  within: {min: 1.00}", AnswerKind.MONEY, Limits(least=100)),
        (
            'kind: money\n  within: {min: "1.00", max: bill.amount}',
            AnswerKind.MONEY,
            Limits(least=100, most=Ref("bill", "amount")),
        ),
    ],
)
def test_questions_answered_by_typing(more: str, kind: AnswerKind, limits: Limits) -> None:
    text = f"{READ}- ask: answer\n  prompt: welcome\n  {more}\n- go: flow agent\n"
    _, ask, _ = steps(text)
    assert isinstance(ask, Ask)
    assert (ask.answer, ask.kind, ask.limits) == ("answer", kind, limits)
    assert (ask.prompt, ask.first, ask.when, ask.secret) == (Line("welcome"), None, {}, False)
    assert (ask.person, ask.patience.wait) == (ToFlow("agent"), 6)


def test_a_yes_no_question() -> None:
    text = """\
- ask: sure
  kind: yes-no
  first: welcome
  person: menu main
  when: {"yes": repeat, "no": {say: goodbye, go: flow agent}}
"""
    (ask,) = steps(text)
    assert isinstance(ask, Ask)
    assert (ask.prompt, ask.first, ask.person) == (None, Line("welcome"), ToMenu("main"))
    no = Branch((Line("goodbye"),), ToFlow("agent"))
    assert ask.when == {"yes": Branch((), Move.REPEAT), "no": no}


def test_a_pin_goes_to_the_service_after_it() -> None:
    text = """\
- {ask: pin, kind: pin, prompt: welcome}
- do: pin.check
  with: {pin: pin}
  when: {right: flow agent, wrong: flow talk, unavailable: flow agent}
"""
    ask, do = steps(text)
    assert isinstance(ask, Ask)
    assert (ask.secret, ask.limits) == (True, Limits(4, 8))
    assert isinstance(do, Do)
    assert (do.service, do.arguments) == (PIN, (("pin", Ref("pin")),))


def test_a_card_goes_to_the_service_after_it() -> None:
    text = (
        READ
        + """\
- pay: bill.amount
  as: card
  when: {stopped: flow agent, failed: flow agent, connector-down: flow agent, hung-up: end}
- do: payments.charge
  with: {card: card}
  when: {charged: flow agent, declined: flow agent, unavailable: flow agent}
"""
    )
    _, pay, do = steps(text)
    assert isinstance(pay, Pay)
    assert (pay.amount, pay.answer) == (Ref("bill", "amount"), "card")
    assert pay.when["hung-up"] == Branch((), Move.END)
    assert isinstance(do, Do)
    assert (do.service, do.arguments) == (CHARGE, (("card", Ref("card")),))


KEPT = """\
- pay: nothing
  as: card
  {method}when: {{stopped: end, failed: end, connector-down: flow agent, hung-up: end}}
- do: payments.charge
  with: {{card: card}}
  when: {{charged: flow agent, declined: flow agent, unavailable: flow agent}}
"""


@pytest.mark.parametrize(
    ("method", "taken"),
    [
        ("", PayMethod.CARD),
        ("method: card\n  ", PayMethod.CARD),
        ("method: bank\n  ", PayMethod.BANK),
    ],
)
def test_a_card_or_account_may_be_taken_for_nothing(method: str, taken: PayMethod) -> None:
    pay, _ = steps(KEPT.format(method=method))
    assert isinstance(pay, Pay)
    assert (pay.amount, pay.method, pay.answer) == (None, taken, "card")


def test_a_spoken_yes_is_a_text_that_a_service_may_take() -> None:
    text = """\
- {ask: account, kind: spoken-yes, first: goodbye, prompt: welcome, person: menu main}
- do: account.choose
  with: {account: account}
  when: {chosen: flow agent, unavailable: flow agent}
"""
    ask, do = steps(text)
    assert isinstance(ask, Ask)
    assert (ask.kind, ask.secret, ask.when) == (AnswerKind.SPOKEN_YES, False, {})
    assert (ask.first, ask.prompt) == (Line("goodbye"), Line("welcome"))
    assert ask.person == ToMenu("main")
    assert isinstance(do, Do)
    assert do.arguments == (("account", Ref("account")),)


def test_a_spoken_yes_may_say_where_star_leads() -> None:
    ask = "- {ask: it, kind: spoken-yes, prompt: welcome, when: {stopped: flow agent}}"
    made, _ = steps(f"{ask}\n- go: menu main\n")
    assert isinstance(made, Ask)
    assert made.when["stopped"].go == ToFlow("agent")


def test_the_name_of_another_answer_is_a_word_where_a_text_is_taken() -> None:
    text = """\
- {ask: account, kind: phone, prompt: welcome}
- do: account.choose
  with: {account: account}
  when: {chosen: flow agent, unavailable: flow agent}
"""
    _, do = steps(text)
    assert isinstance(do, Do)
    assert do.arguments == (("account", Word("account")),)


def test_what_was_chosen_can_be_an_argument_though_other_words_are_literal() -> None:
    text = """\
- do: account.list
  into: found
  when: {several: next, unavailable: flow agent}
- choose: found.accounts
  as: account
  prompt: welcome
- {ask: number, kind: phone, prompt: welcome}
- do: account.choose
  with: {account: account}
  when: {chosen: next, unavailable: flow agent}
- do: callback.keep
  with: {number: number, queue: billing}
  when: {kept: flow agent, unavailable: flow agent}
"""
    sources = with_billing(with_flow(text, "account-ending: an account\n"))
    listed, choose, _, chosen, keep = book(sources).flows["talk"].steps
    assert isinstance(choose, Choose)
    assert (choose.source, choose.answer) == (Ref("found", "accounts"), "account")
    assert isinstance(listed, Do)
    assert isinstance(chosen, Do)
    assert isinstance(keep, Do)
    assert (listed.service, chosen.service, keep.service) == (ACCOUNTS, CHOOSE, KEEP)
    assert chosen.arguments == (("account", Ref("account")),)
    assert keep.arguments == (("number", Ref("number")), ("queue", Word("billing")))


def test_transfer_steps() -> None:
    text = """\
- transfer: billing
  ringing: welcome
  when: {talked: end, nobody: flow agent, unavailable: flow agent}
"""
    hours = 'hours: {zone: America/Chicago, billing: {mon: "08:00-20:00"}}'
    sources = changed("flows.yaml", "hours: {zone: America/Chicago}", hours, with_flow(text))
    (transfer,) = book(sources).flows["talk"].steps
    assert isinstance(transfer, Transfer)
    assert (transfer.queue, transfer.ringing) == ("billing", Line("welcome"))


def test_a_menu_repeats_its_greeting_without_what_is_said_once() -> None:
    text = "greet: [{say: welcome, once: yes}, goodbye]\nkeys: {}\n"
    first, second = Line("welcome", once=True), Line("goodbye")
    it = menu(f'{text}also: {{"0": an-agent}}\n')
    assert (it.greet, it.again, it.options) == ((first, second), (second,), ())
    assert it.also == (("0", "an-agent"),)


def test_the_choices_of_a_menu() -> None:
    text = """\
again: welcome
keys:
  1: {offer: an-agent, quiet: yes, say: welcome, go: repeat}
  "2": {offer: an-agent, quiet: no, go: back}
person: menu main
patience: {give-up: flow agent}
"""
    it = menu(text)
    assert (it.greet, it.again, it.person) == ((), (Line("welcome"),), ToMenu("main"))
    assert it.options == (
        Option("1", "an-agent", Branch((Line("welcome"),), Move.REPEAT), quiet=True),
        Option("2", "an-agent", Branch((), Move.BACK)),
    )


def test_a_choice_may_hold_a_value_and_depend_on_one() -> None:
    sources = with_flow(f"{READ}- go: menu main\n", "all-of-it: all of {amount:money}\n")
    choice = '"3": {offer: all-of-it, with: bill, needs: bill.overdue, go: flow agent}'
    sources["menus/main.yaml"] += f"  {choice}\n"
    option = book(sources).menus["main"].options[-1]
    assert option.binds == (("amount", Ref("bill", "amount")),)
    assert option.needs == Ref("bill", "overdue")


def test_a_book_is_named_by_all_of_its_files() -> None:
    assert book().digest == digest_of(dict(reversed(list(GOOD.items()))))
    assert book().sources == GOOD
    different = changed("prompts/en.yaml", "Goodbye.", "Goodbye!")
    assert book(different).digest != book().digest
    assert digest_of({"a": "bc"}) != digest_of({"ab": "c"})


@pytest.mark.parametrize("collecting", [True, False])
def test_reading_leaves_the_garbage_collector_as_it_was(collecting: bool) -> None:
    before = gc.isenabled()
    (gc.enable if collecting else gc.disable)()
    try:
        book()
        assert gc.isenabled() is collecting
    finally:
        (gc.enable if before else gc.disable)()


def test_a_large_book_is_read_whole() -> None:
    flows = book(large(5_000)).flows
    assert sum(len(flow.steps) for flow in flows.values()) == 5_002

"""Jobs and reference replies, read from YAML."""

from datetime import date, datetime

import pytest

from ivr.flows import BrokenBook, parse_book
from ivr.flows.model import Book, Job, ToFlow
from ivr.flows.reference import Manner, Mark, Press, Reply
from ivr.flows.services import Field, Level, Service
from ivr.prompts.values import (
    Choice,
    Choices,
    Count,
    Date,
    Digits,
    Hours,
    Key,
    Kind,
    Moment,
    Money,
    Opening,
    Phone,
    Reference,
    Text,
    Value,
    Words,
    YesNo,
)
from tests.flows.books import GOOD, SERVICES, with_billing

ARRIVE = Service("caller.arrive", grants={"plain": Level.MATCHED}, outcomes={"plain": {}})
EVERYTHING = Service(
    "everything.read",
    outcomes={
        "found": {
            **{kind.value: Field(kind, maybe=True) for kind in Kind if kind is not Kind.CHOICES},
            "choices": Field(Kind.CHOICES, prompts=("welcome", "account-ending"), maybe=True),
            "named": Field(Kind.WORDS, prompts=("welcome", "goodbye"), maybe=True),
        }
    },
)
ALL = {**SERVICES, ARRIVE.name: ARRIVE, EVERYTHING.name: EVERYTHING}
BUDGET = "budget: {keys: 1, en: 9.5s}"
UNTIL = f"until: choice, {BUDGET}"


def with_top(text: str) -> dict[str, str]:
    """The good book with more at the end of flows.yaml, and an account to name."""
    made = with_billing(GOOD)
    prompts = made["prompts/en.yaml"] + 'account-ending: "account ending {ending:digits}"\n'
    return {**made, "prompts/en.yaml": prompts, "flows.yaml": f"{made['flows.yaml']}{text}\n"}


def read(text: str) -> Book:
    """The good book with more at the end of flows.yaml; the account's prompt is spoken, too."""
    return parse_book(with_top(text), ALL, ("account-ending",))


def found(text: str) -> list[str]:
    """What is wrong with it: codes and messages without their places."""
    try:
        read(text)
    except BrokenBook as broken:
        return [str(problem).partition(": ")[2] for problem in broken.problems]
    return []


def job(text: str) -> Job:
    return read(f"jobs:\n  it: {{{text}}}").jobs["it"]


def reply(service: str, text: str) -> Reply:
    return job(f"{UNTIL}, replies: {{{service}: {{{text}}}}}").replies[service]


def given(field: str, text: str) -> Value:
    return reply("everything.read", f"outcome: found, gives: {{{field}: {text}}}").fields[field]


def test_a_book_needs_no_jobs() -> None:
    assert read("").jobs == {}
    assert read("reference: {caller.arrive: {outcome: plain}}").jobs == {}


def test_a_job_begins_with_the_ring_unless_it_says_where() -> None:
    assert job(UNTIL).start is None
    assert job(f"start: flow agent, {UNTIL}").start == ToFlow("agent")


def test_a_budget_has_seconds_for_each_language_and_keys() -> None:
    assert (dict(job(UNTIL).seconds), job(UNTIL).keys) == ({"en": 9.5}, 1)


@pytest.mark.parametrize(
    ("text", "press"),
    [
        ('"1"', Press("1")),
        ('"5000#"', Press("5000#")),
        ("card", Press("")),
        ("0 at once", Press("0", Manner.AT_ONCE)),
        ("0 at first choice", Press("0", Manner.AT_FIRST_CHOICE)),
    ],
)
def test_what_the_reference_caller_presses(text: str, press: Press) -> None:
    assert job(f"press: [{text}], {UNTIL}").press == (press,)


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("choice", (Mark.CHOICE, "")),
        ("ringing", (Mark.RINGING, "")),
        ("heard goodbye", (Mark.HEARD, "goodbye")),
    ],
)
def test_what_ends_a_job(text: str, until: tuple[Mark, str]) -> None:
    assert job(f"until: {text}, {BUDGET}").until == until


def test_a_job_may_end_where_a_step_finishes_it() -> None:
    sources = with_top(f"jobs: {{it: {{until: finished talk, {BUDGET}}}}}")
    sources["flows.yaml"] = sources["flows.yaml"].replace(
        "- end: call", "- {end: call, finishes: talk}"
    )
    assert parse_book(sources, ALL, ("account-ending",)).jobs["it"].until == (Mark.FINISHED, "talk")


def test_a_jobs_own_reply_stands_in_place_of_the_shared_one() -> None:
    book = read(
        "reference:\n"
        "  caller.arrive: {outcome: plain, level: matched}\n"
        '  balance.read: {outcome: owes, gives: {amount: "1.00", late: "0.00"}}\n'
        "jobs:\n"
        f"  shared: {{{UNTIL}}}\n"
        f"  own: {{{UNTIL}, replies: {{balance.read: {{outcome: nothing-due}}}}}}\n"
    )
    arrives = Reply("plain", {}, Level.MATCHED)
    owes = Reply("owes", {"amount": Money(100), "late": Money(0), "overdue": YesNo(False)})
    assert book.jobs["shared"].replies == {"caller.arrive": arrives, "balance.read": owes}
    assert book.jobs["own"].replies == {
        "caller.arrive": arrives,
        "balance.read": Reply("nothing-due"),
    }


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("money", '"84.20"', Money(8420)),
        ("date", "2026-12-05", Date(date(2026, 12, 5))),
        ("digits", '"0042"', Digits("0042")),
        ("reference", '"40278815"', Reference("40278815")),
        ("phone", '"+12025550142"', Phone("+12025550142")),
        ("count", "3", Count(3)),
        ("key", '"#"', Key("#")),
        ("text", "Robin", Text("Robin")),
        ("yes-no", "yes", YesNo(True)),
        ("yes-no", "no", YesNo(False)),
        ("named", "[goodbye]", Words(("goodbye",))),
        ("words", "[anything]", Words(("anything",))),
        ("hours", "billing", Hours((Opening(0, 4, 480, 1200),))),
        (
            "choices",
            '[welcome, {say: account-ending, with: {ending: "0042"}}]',
            Choices(
                (
                    Choice("welcome", "welcome"),
                    Choice("account-ending", "account-ending", (("ending", Digits("0042")),)),
                )
            ),
        ),
    ],
)
def test_a_value_is_written_as_its_kind_asks(field: str, text: str, value: Value) -> None:
    assert given(field, text) == value


@pytest.mark.parametrize(
    ("text", "day", "days"),
    [
        ('"16:30"', None, 0),
        ('"16:30 tomorrow"', None, 1),
        ('"16:30 yesterday"', None, -1),
        ('"2026-12-05 16:30"', date(2026, 12, 5), 2),
    ],
)
def test_a_moment_is_a_time_and_perhaps_a_day(text: str, day: date | None, days: int) -> None:
    value = given("moment", text)
    assert isinstance(value, Moment)
    assert (value.local.hour, value.local.minute, value.days) == (16, 30, days)
    assert day is None or value.local == datetime(2026, 12, 5, 16, 30)  # noqa: DTZ001  # wall clock


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("jobs: soon", 'wrong-kind: this should be what each job is, not "soon"'),
        ("jobs: {it: {until: choice}}", 'missing-key: a job needs "budget"'),
        (f"jobs: {{it: {{{BUDGET}}}}}", 'missing-key: a job needs "until"'),
        (f"jobs: {{It: {{{UNTIL}}}}}", 'bad-name: "It" is no name: '),
        (f"jobs: {{it: {{{UNTIL}, keys: 1}}}}", 'unknown-key: a job has no key "keys"'),
        (
            f"jobs: {{it: {{start: next, {UNTIL}}}}}",
            'misplaced-target: "next" cannot be used here, only menu NAME or flow NAME',
        ),
        (f"jobs: {{it: {{press: 1, {UNTIL}}}}}", "wrong-kind: this should be a list of answers"),
        (f"jobs: {{it: {{press: [one], {UNTIL}}}}}", "wrong-kind: this should be keys, as in"),
        (f"jobs: {{it: {{press: [[]], {UNTIL}}}}}", "wrong-kind: this should be keys, as in"),
        (
            f"jobs: {{it: {{until: soon, {BUDGET}}}}}",
            "wrong-kind: this should be choice, ringing, heard PROMPT or finished NAME, not",
        ),
        (f"jobs: {{it: {{until: choice now, {BUDGET}}}}}", "wrong-kind: this should be choice, "),
        (f"jobs: {{it: {{until: heard, {BUDGET}}}}}", "wrong-kind: this should be choice, "),
        (f"jobs: {{it: {{until: [], {BUDGET}}}}}", "wrong-kind: this should be choice, "),
        (
            f"jobs: {{it: {{until: heard godbye, {BUDGET}}}}}",
            'unknown-prompt: no language has a prompt "godbye"; did you mean "goodbye"?',
        ),
        (
            f"jobs: {{it: {{until: finished talk, {BUDGET}}}}}",
            'unfinished-job: no step finishes "talk", so this job would never end',
        ),
        (
            "jobs: {it: {until: choice, budget: 9s}}",
            'wrong-kind: this should be keys, and seconds for each language, not "9s"',
        ),
        (
            "jobs: {it: {until: choice, budget: {keys: 1}}}",
            'missing-key: a budget needs "en"',
        ),
        (
            "jobs: {it: {until: choice, budget: {en: 9s}}}",
            'missing-key: a budget needs "keys"',
        ),
        (
            "jobs: {it: {until: choice, budget: {keys: 1, en: 9s, es: 9s}}}",
            'unknown-language: "es" is not among the languages of this book',
        ),
        (
            "jobs: {it: {until: choice, budget: {keys: 1, en: 9}}}",
            'wrong-kind: this should be seconds, as in 15.6s, not "9"',
        ),
        (
            "jobs: {it: {until: choice, budget: {keys: 1, en: []}}}",
            "wrong-kind: this should be seconds, as in 15.6s, not a list",
        ),
        (
            "jobs: {it: {until: choice, budget: {keys: one, en: 9s}}}",
            'wrong-kind: this should be a number of keys, as in 2, not "one"',
        ),
        (
            "jobs: {it: {until: choice, budget: {keys: {}, en: 9s}}}",
            "wrong-kind: this should be a number of keys, as in 2, not a mapping",
        ),
        (
            "reference: {balance.reed: {outcome: owes}}",
            'unknown-service: there is no service "balance.reed"; did you mean "balance.read"?',
        ),
        ("reference: {balance.read: {}}", 'missing-key: a reply needs "outcome"'),
        (
            "reference: {balance.read: {outcome: ows}}",
            'unknown-outcome: balance.read never ends in "ows"; did you mean "owes"?',
        ),
        ("reference: {balance.read: {outcome: []}}", "wrong-kind: this should be an outcome"),
        (
            "reference: {balance.read: {outcome: owes, gives: {due: 2026-12-05}}}",
            'unknown-key: balance.read with outcome owes has no key "due"',
        ),
        (
            'reference: {balance.read: {outcome: owes, gives: {amount: "1.00"}}}',
            'missing-key: balance.read with outcome owes needs "late"',
        ),
        (
            "reference: {balance.read: {outcome: nothing-due, level: matched}}",
            'wrong-kind: this should be unknown, not "matched"',
        ),
        (
            "reference: {balance.read: {outcome: owes, gives: {amount: 84}}}",
            'wrong-kind: this should be dollars and cents, as in "84.20", not "84"',
        ),
        (
            "reference: {balance.read: {outcome: owes, gives: {amount: []}}}",
            'wrong-kind: this should be dollars and cents, as in "84.20", not a list',
        ),
        (
            "reference: {balance.read: {outcome: owes, gives: {overdue: maybe}}}",
            'wrong-kind: this should be yes or no, not "maybe"',
        ),
        (
            "reference: {everything.read: {outcome: found, gives: {date: tomorrow}}}",
            'wrong-kind: this should be a date, as in 2026-12-05, not "tomorrow"',
        ),
        (
            'reference: {everything.read: {outcome: found, gives: {moment: "29:30"}}}',
            "wrong-kind: this should be a time, as in",
        ),
        (
            'reference: {everything.read: {outcome: found, gives: {moment: "2026-12-05 9"}}}',
            "wrong-kind: this should be a time, as in",
        ),
        (
            "reference: {everything.read: {outcome: found, "
            'gives: {moment: "2026-12-05 09:00 tomorrow"}}}',
            "wrong-kind: this should be a time, as in",
        ),
        (
            "reference: {everything.read: {outcome: found, gives: {hours: biling}}}",
            'unknown-queue: queue "biling" has no opening hours under "hours"',
        ),
        (
            "reference: {everything.read: {outcome: found, gives: {named: [hello]}}}",
            'wrong-kind: this should be welcome or goodbye, not "hello"',
        ),
        (
            "reference: {everything.read: {outcome: found, gives: {choices: welcome}}}",
            "wrong-kind: this should be a list of choices",
        ),
        (
            "reference: {everything.read: {outcome: found, gives: {choices: [{with: {}}]}}}",
            'missing-key: a choice needs "say"',
        ),
        (
            "reference: {everything.read: {outcome: found, gives: {choices: [{say: hello}]}}}",
            'wrong-kind: this should be welcome or account-ending, not "hello"',
        ),
        (
            "reference: {everything.read: {outcome: found, "
            "gives: {choices: [{say: account-ending}]}}}",
            'unbound-placeholder: prompt "account-ending" has ending, which nothing fills here',
        ),
        (
            "reference: {everything.read: {outcome: found, "
            "gives: {choices: [{say: account-ending, with: {endin: 1}}]}}}",
            'unknown-key: prompt "account-ending" has no key "endin"; did you mean "ending"?',
        ),
    ],
)
def test_a_mistake_is_told_once_and_in_plain_words(text: str, problem: str) -> None:
    problems = found(text)
    assert len(problems) == 1, problems
    assert problems[0].startswith(problem)


def test_what_a_job_waits_for_is_not_told_missing_where_it_could_not_be_read() -> None:
    job = f"jobs: {{it: {{until: finished talk, {BUDGET}}}}}"
    sources = with_top(job)
    sources["flows.yaml"] = sources["flows.yaml"].replace(
        "- end: call", "- {end: soon, finish: talk}"
    )
    with pytest.raises(BrokenBook) as broken:
        parse_book(sources, ALL, ("account-ending",))
    assert "unfinished-job" not in {problem.code for problem in broken.value.problems}


def test_prompts_that_could_not_be_read_are_not_missed_by_a_job() -> None:
    sources = with_top(f"jobs: {{it: {{until: heard so-long, {BUDGET}}}}}")
    sources["prompts/en.yaml"] = "so-long: : :\n"
    with pytest.raises(BrokenBook) as broken:
        parse_book(sources, ALL, ("account-ending",))
    assert {problem.code for problem in broken.value.problems} == {"yaml-syntax"}


def test_a_prompt_that_only_a_job_waits_for_is_unused_all_the_same() -> None:
    sources = with_top(f"jobs: {{it: {{until: heard account-ending, {BUDGET}}}}}")
    with pytest.raises(BrokenBook) as broken:
        parse_book(sources, ALL)
    assert [problem.code for problem in broken.value.problems] == ["unused-prompt"]

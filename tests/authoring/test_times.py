"""How long each job takes, by the model of a voice: of the shipped book, and of small ones."""

from collections.abc import Mapping

import pytest

from ivr.authoring.rehearsal import A_KEY, A_SENTENCE, CHOOSING
from ivr.authoring.speaking import BETWEEN_SENTENCES, Stopwatch, speaking_seconds
from ivr.authoring.timeline import ENTRY, GAP
from ivr.authoring.times import JobTime, job_times, rows
from ivr.dialog.call import Pace
from ivr.flows import parse_book
from ivr.flows.load import read_sources
from ivr.flows.model import PayMethod
from ivr.services.table import CHANNEL_PROMPTS, declared
from tests.flows.books import GOOD, book, with_billing, with_flow
from tests.line import ROOT, SHIPPED

OPTION = speaking_seconds("For an agent, press 1.", "en")
GREETING = speaking_seconds("Thanks for calling Northside Cable.", "en")
GOODBYE = speaking_seconds("Goodbye.", "en")
FIRST_CHOICE = GAP + GREETING + BETWEEN_SENTENCES
WAIT = 6
READ = """\
- do: balance.read
  into: bill
  when: {owes: next, nothing-due: flow agent, unavailable: flow agent}
"""
CARD = """\
- pay: bill.amount
  as: card
  when: {stopped: end, failed: end, connector-down: end, hung-up: end}
- do: payments.charge
  with: {card: card}
  when: {charged: next, declined: end, unavailable: end}
- {say: goodbye, finishes: payment}
- end: call
"""
RINGS = """\
- transfer: billing
  ringing: goodbye
  when: {talked: end, nobody: end, unavailable: end}
"""


def a_job(job: str, sources: Mapping[str, str] = GOOD, reference: str = "") -> dict[str, str]:
    """The sources with one job, written without its budget."""
    jobs = f"\njobs:\n  it: {{{job}, budget: {{keys: 8, en: 90s}}}}"
    return {**sources, "flows.yaml": sources["flows.yaml"] + reference + jobs}


def timed(job: str, sources: Mapping[str, str] = GOOD, reference: str = "") -> JobTime:
    return next(
        time for time in job_times(book(a_job(job, sources, reference))) if time.pace is Pace.NORMAL
    )


def shipped(path: str = "prompts/en.yaml", old: str = "", new: str = "") -> tuple[JobTime, ...]:
    """The times of the shipped book with one text changed."""
    sources = read_sources(ROOT)
    assert not old or sources[path].count(old) == 1
    sources[path] = sources[path].replace(old, new) if old else sources[path]
    return job_times(parse_book(sources, declared(), CHANNEL_PROMPTS))


def test_every_job_of_the_shipped_book_is_inside_its_budget_in_both_languages() -> None:
    times = shipped()
    assert [miss for time in times for miss in time.over] == []
    assert len(times) == 11 * len(SHIPPED.languages) * len(Pace)
    assert all(time.best <= time.typical <= time.worst for time in times)


def test_a_longer_prompt_makes_its_jobs_miss_their_budgets() -> None:
    longer = "Thank you very much for calling {company}, your cable company."
    over = {
        it.job.name for it in shipped(old="Thanks for calling {company}.", new=longer) if it.over
    }
    assert {"first-choice", "balance", "agent-at-menu"} <= over
    assert "outage-known" not in over


def test_the_first_choice_begins_when_all_before_it_was_said() -> None:
    time = timed("until: choice")
    assert time.typical == time.best == time.worst == round(FIRST_CHOICE, 1)
    assert time.over == ()


def test_the_typical_caller_presses_a_little_after_the_option() -> None:
    time = timed('until: heard goodbye, press: ["1"]')
    assert time.typical == round(FIRST_CHOICE + OPTION + CHOOSING + GAP + GOODBYE, 1)
    assert time.best == round(GAP + A_KEY + GAP + GOODBYE, 1)
    assert time.worst == round(FIRST_CHOICE + OPTION + 0.5 + WAIT + GAP + GOODBYE, 1)
    assert time.keys == 1


def test_who_knows_the_key_presses_it_sooner() -> None:
    at_once = timed('until: heard goodbye, press: ["1 at once"]').typical
    assert at_once == round(GAP + A_KEY + GAP + GOODBYE, 1)
    at_choice = timed('until: heard goodbye, press: ["1 at first choice"]').typical
    assert at_choice == round(FIRST_CHOICE + A_KEY + GAP + GOODBYE, 1)


def test_a_key_that_is_not_offered_is_pressed_after_all_words() -> None:
    time = timed('until: heard goodbye, press: ["0"]')
    assert time.typical == round(FIRST_CHOICE + OPTION + CHOOSING + GAP + GOODBYE, 1)


def test_the_first_choice_of_a_question_without_choices_is_its_end() -> None:
    ask = '- {ask: sure, kind: yes-no, prompt: welcome, when: {"yes": flow agent, "no": end}}'
    sources = with_flow(ask)
    soon = timed('start: flow talk, until: heard goodbye, press: ["1 at first choice"]', sources)
    heard = timed('start: flow talk, until: heard goodbye, press: ["1"]', sources)
    assert soon.typical == heard.typical


def test_a_yes_is_pressed_after_its_own_sentence() -> None:
    ask = (
        '- {ask: sure, kind: yes-no, prompt: welcome, when: {"yes": flow agent, "no": flow agent}}'
    )
    yes, no, never = (
        timed(f'start: flow talk, until: heard goodbye, press: ["{key}"]', with_flow(ask))
        for key in "123"
    )
    assert yes.typical < no.typical
    assert never.over == ("it (en) is never done: flow talk asks, and there is no more to press",)


@pytest.mark.parametrize(
    ("length", "keys", "between"),
    [("{min: 4, max: 8}", "1234#", 0), ("{min: 4, max: 8}", "1234", 3), ("4", "1234", 0)],
)
def test_typing_takes_its_time_and_an_open_end_the_wait_behind_it(
    length: str, keys: str, between: int
) -> None:
    ask = f"- {{ask: number, kind: digits, prompt: welcome, length: {length}}}\n- go: flow agent"
    sources = with_flow(ask)
    time = timed(f'start: flow talk, until: heard goodbye, press: ["{keys}"]', sources)
    typed = A_KEY * len(keys) + between
    asked = GAP + GREETING
    assert time.typical == round(asked + typed + GAP + GOODBYE, 1)
    assert time.best == round(GAP + typed + GAP + GOODBYE, 1)
    late = WAIT + 3 * (len(keys) - 1) + between
    assert time.worst == round(asked + BETWEEN_SENTENCES + late + GAP + GOODBYE, 1)
    assert time.keys == len(keys)


def test_what_is_said_aloud_takes_three_seconds_and_the_silence_behind_it() -> None:
    ask = "- {ask: agreement, kind: spoken-yes, prompt: welcome}\n- go: flow agent"
    time = timed("start: flow talk, until: heard goodbye, press: [voice]", with_flow(ask))
    asked = GAP + GREETING + BETWEEN_SENTENCES
    assert time.typical == time.best == round(asked + A_SENTENCE + WAIT + GAP + GOODBYE, 1)
    assert time.worst == round(asked + WAIT + A_SENTENCE + WAIT + GAP + GOODBYE, 1)
    assert (A_SENTENCE, time.keys, time.stuck) == (3.0, 0, "")


def test_a_key_may_be_pressed_where_something_is_to_be_said() -> None:
    ask = "- {ask: agreement, kind: spoken-yes, prompt: welcome}\n- go: menu main"
    time = timed('start: flow talk, until: heard goodbye, press: ["0"]', with_flow(ask))
    asked = GAP + GREETING + BETWEEN_SENTENCES
    assert time.typical == round(asked + A_KEY + GAP + GOODBYE, 1)
    assert time.keys == 1


def test_an_account_takes_the_time_of_its_two_questions() -> None:
    prompts = ENTRY[PayMethod.BANK]
    assert len(prompts) == 3
    pay = READ + CARD.replace("  as: card\n", "  as: card\n  method: bank\n")
    sources = with_flow(pay, "".join(f"{key}: The account.\n" for key in prompts))
    names = "".join(f"    - say: {key}\n" for key in prompts)
    sources["flows.yaml"] = sources["flows.yaml"].replace("  agent:\n", f"  agent:\n{names}")
    reference = """
reference:
  balance.read: {outcome: owes, gives: {amount: "84.20", late: "0.00"}}
  payments.charge: {outcome: charged, gives: {amount: "84.20"}}
"""
    time = timed("start: flow talk, until: finished payment, press: [bank]", sources, reference)
    account = 3 * (GAP + speaking_seconds("The account.", "en"))
    assert time.typical == round(account + GAP + GOODBYE, 1)
    assert time.keys == 0


def test_a_card_takes_the_time_of_its_questions_and_no_keys() -> None:
    sources = with_flow(
        READ + CARD, "".join(f"{key}: The card.\n" for key in ENTRY[PayMethod.CARD])
    )
    # The line speaks these by itself; in this book a flow names them, so that they are used.
    names = "".join(f"    - say: {key}\n" for key in ENTRY[PayMethod.CARD])
    sources["flows.yaml"] = sources["flows.yaml"].replace("  agent:\n", f"  agent:\n{names}")
    reference = """
reference:
  balance.read: {outcome: owes, gives: {amount: "84.20", late: "0.00"}}
  payments.charge: {outcome: charged, gives: {amount: "84.20"}}
"""
    time = timed("start: flow talk, until: finished payment, press: [card]", sources, reference)
    cards = 5 * (GAP + speaking_seconds("The card.", "en"))
    assert time.typical == round(cards + GAP + GOODBYE, 1)
    assert time.keys == 0


def test_an_agent_rings_when_all_was_said() -> None:
    sources = with_billing(with_flow(f"- say: goodbye\n{RINGS}"))
    assert timed("start: flow talk, until: ringing", sources).typical == round(
        GAP + GOODBYE + BETWEEN_SENTENCES, 1
    )


def test_a_finished_job_ends_when_the_words_before_the_next_choice_were_said() -> None:
    sources = with_flow("- {say: goodbye, finishes: talk}\n- go: menu main")
    time = timed('until: finished talk, press: ["2 at once"]', sources)
    ask_again = speaking_seconds("Thanks for calling Northside Cable.", "en")
    said = GAP + A_KEY + GAP + GOODBYE + BETWEEN_SENTENCES + ask_again
    assert time.typical == round(said, 1)


def test_a_step_that_says_nothing_finishes_at_once() -> None:
    sources = with_flow("- {end: call, finishes: talk}")
    time = timed("start: flow talk, until: finished talk", sources)
    assert time.typical == GAP


def test_in_the_worst_case_sentences_for_some_callers_are_heard() -> None:
    sources = with_flow(READ + "- {say: welcome, needs: bill.overdue}\n- go: flow agent")
    reference = (
        '\nreference: {balance.read: {outcome: owes, gives: {amount: "1.00", late: "0.00"}}}'
    )
    time = timed("start: flow talk, until: heard goodbye", sources, reference)
    assert time.typical == round(GAP + GOODBYE, 1)
    assert time.worst == round(FIRST_CHOICE + GOODBYE, 1)


def test_what_is_heard_in_passing_ends_the_job_for_whoever_hurries_too() -> None:
    time = timed('until: heard welcome, press: ["1"]')
    assert time.best == time.typical == round(GAP + GREETING, 1)


def test_a_level_that_is_replied_makes_the_caller_known() -> None:
    jobs = {time.job.name: time for time in shipped() if time.language == "en"}
    assert jobs["balance"].typical < 20  # without a question who they are


def test_a_job_elsewhere_is_for_a_caller_who_is_known_already() -> None:
    sources = read_sources(ROOT)
    sources["flows.yaml"] += """
  elsewhere:
    start: flow hear-balance
    until: heard you-owe-by
    budget: {keys: 0, en: 6s, es: 6s}
"""
    times = job_times(parse_book(sources, declared(), CHANNEL_PROMPTS))
    here = [time for time in times if time.job.name == "elsewhere"]
    assert [it.over for it in here] == [()] * 4
    assert all(4 < it.typical < 6 for it in here)


@pytest.mark.parametrize(
    ("job", "steps", "why"),
    [
        ("until: heard no-choice", "- end: call", "menu main asks, and there is no more to press"),
        (
            "start: flow talk, until: heard goodbye",
            READ + "- end: call",
            "balance.read is asked, and there is no reply of it",
        ),
        ("start: flow talk, until: choice", RINGS, "an agent's phone rings before that"),
        ("start: flow talk, until: ringing", "- end: call", "the line hangs up before that"),
    ],
)
def test_a_job_that_comes_to_no_end_says_why(job: str, steps: str, why: str) -> None:
    time = timed(job, with_billing(with_flow(steps)))
    assert time.over == (f"it (en) is never done: {why}",)


def test_too_many_seconds_and_too_many_keys_are_both_told() -> None:
    job = 'until: heard goodbye, press: ["1"], budget: {keys: 0, en: 1s}'
    text = f"{GOOD['flows.yaml']}\njobs:\n  it: {{{job}}}"
    normal, slow = job_times(book({**GOOD, "flows.yaml": text}))
    assert normal.over == (
        f"it (en) takes {normal.typical:.1f} s, budget 1.0 s",
        "it (en) takes 1 keys, budget 0",
    )
    assert slow.budget is None
    assert slow.over == ("it (en) takes 1 keys, budget 0",)


def test_the_times_come_as_rows_of_a_table() -> None:
    made = rows(job_times(book(a_job("until: choice"))))
    assert [(row["job"], row["language"], row["pace"]) for row in made] == [
        ("it", "en", "normal"),
        ("it", "en", "slow"),
    ]
    assert made[0]["budget"] == 90.0
    assert made[0]["over"] == ()


def test_a_slow_pace_lengthens_the_waits() -> None:
    times = job_times(book(a_job('until: heard goodbye, press: ["1"]')))
    normal, slow = (time.worst for time in times)
    assert slow == pytest.approx(normal + 2 * WAIT + 0.25, abs=0.11)


def test_a_call_that_breaks_is_told_and_does_not_break_the_rest() -> None:
    sources = with_flow("- say: goodbye\n" * 101 + "- end: call")
    (miss,) = timed("start: flow talk, until: choice", sources).over
    assert miss.startswith("it (en) is never done: the call breaks: more than 100 steps")


def test_a_stopwatch_knows_only_what_its_book_says() -> None:
    assert Stopwatch(SHIPPED).catalogue.recordings == {}

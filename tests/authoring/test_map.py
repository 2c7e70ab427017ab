"""What the map of a book shows: every menu and flow, each kind of box and arrow, a job's way."""

from dataclasses import replace

import pytest

from ivr.authoring.map import draw, highlighted, mermaid
from ivr.authoring.map.cuts import cuts
from ivr.authoring.map.picture import Arrow, Shape, Stroke
from ivr.authoring.map.trail import Hop, trail
from ivr.authoring.map.words import shortened
from ivr.flows.model import Job, ToFlow
from ivr.flows.reference import Manner, Mark, Press, Reply
from ivr.flows.services import Level
from ivr.prompts.values import Choice, Choices, Digits, Phone
from tests.authoring.maps import SOURCES, arrows, box, drawn, small
from tests.builders import book as empty_book
from tests.line import SHIPPED
from tests.saving import saving

LABEL = "#34;balance#34; #38; more"


@pytest.mark.parametrize("language", SHIPPED.languages)
def test_every_menu_and_flow_of_the_shipped_book_is_on_the_map(language: str) -> None:
    titles = {entry.title for it in draw(SHIPPED, language).boxes for entry in it.entries}
    assert titles >= {f"flow {name}" for name in SHIPPED.flows}
    assert titles >= {f"menu {name}" for name in SHIPPED.menus}


@pytest.mark.parametrize(("language", "words"), [("en", "your balance"), ("es", "su saldo")])
def test_keys_are_labelled_with_what_the_caller_hears(language: str, words: str) -> None:
    (arrow,) = (it for it in draw(SHIPPED, language).arrows if it.target == "flow_hear_balance")
    assert arrow == Arrow("menu_main", "flow_hear_balance", (f"1 · {words}",), Stroke.KEY)


def test_each_kind_of_thing_has_its_shape() -> None:
    picture = drawn()
    shapes = {it.id: it.shape for it in picture.boxes if not it.id.startswith("legend")}
    assert shapes == {
        "line0": Shape.LINE,
        "menu_main": Shape.MENU,
        "menu_after": Shape.MENU,
        "flow_hear_bill": Shape.SERVICE,
        "flow_nothing": Shape.FLOW,
        "flow_pay": Shape.QUESTION,
        "flow1_pay": Shape.QUESTION,
        "end_flow1_pay": Shape.END,
        "flow_later": Shape.FLOW,
        "flow_agent": Shape.TRANSFER,
        "end_flow_agent": Shape.END,
        "flow_sorry": Shape.END,
        "flow_identify": Shape.QUESTION,
    }
    samples = [it.shape for it in picture.boxes if it.id.startswith("legend")]
    assert samples == [it for it in Shape if it is not Shape.LINE]


def test_a_box_says_what_is_heard_and_done_in_it() -> None:
    picture = drawn()
    assert box(picture, "line0").entries[0].lines == ("+18005550199 · en",)
    assert box(picture, "menu_main").entries[0].lines == ("“Thanks for calling Northside Cable.”",)
    assert box(picture, "flow_hear_bill").entries[0].lines == (
        "⚙ balance.read · matched",
        "“You owe $…”",
    )
    assert box(picture, "flow_identify").entries[0].lines == (
        "“Your account number, please.”",
        "⚙ account.list",
        "“Which account?”",
        "⚙ account.choose",
    )
    assert box(picture, "flow1_pay").entries[0].lines == (
        "card entry:",
        "“Card number, please.”",
        "⚙ payments.charge",
        "“Thank you.”",
    )
    assert box(picture, "flow_agent").entries[0].lines == ("“One moment.”", "☎ billing")


def test_a_box_says_that_a_yes_is_recorded_and_an_account_is_typed() -> None:
    picture = draw(saving(), "en")
    assert box(picture, "flow_save").entries[0].lines == (
        "“say-you-agree in en”",
        "● what they say is recorded",
        "bank account entry:",
        "“Your bank's routing number, nine digits. To stop, press…”",
        "⚙ methods.keep",
        "“saved in en”",
    )


def test_a_question_shows_no_words_that_only_some_callers_hear_before_it() -> None:
    confirms = box(draw(SHIPPED, "en"), "flow_confirm_payment").entries[0].lines
    assert confirms[0] == "“You'll pay $… with the card you enter next.”"


def test_the_end_of_a_call_stays_in_the_box_of_what_leads_to_it() -> None:
    goodbye = SHIPPED.flows["goodbye-unheard"]
    assert cuts(goodbye, frozenset()) == (range(len(goodbye.steps)),)


def test_arrows_tell_keys_outcomes_and_silence_apart() -> None:
    picture = drawn()
    assert arrows(picture, "line0") == [Arrow("line0", "menu_main")]
    assert arrows(picture, "flow_hear_bill") == [
        Arrow("flow_hear_bill", "flow_nothing", ("nothing-due",)),
        Arrow("flow_hear_bill", "menu_after", ("owes",)),
    ]
    assert arrows(picture, "flow_agent") == [
        Arrow("flow_agent", "end_flow_agent", ("talked",)),
        Arrow("flow_agent", "flow_sorry", ("nobody", "unavailable")),
    ]
    assert arrows(picture, "flow_identify") == [
        Arrow("flow_identify", "flow_sorry", ("0",), Stroke.KEY),
        Arrow("flow_identify", "flow_sorry", ("no answer",), Stroke.SILENCE),
    ]


def test_a_flow_is_cut_where_some_calls_go_on_and_others_go_elsewhere() -> None:
    picture = drawn()
    assert arrows(picture, "flow_pay") == [
        Arrow("flow_pay", "flow1_pay", ("yes",), Stroke.KEY),
        Arrow("flow_pay", "flow_later", ("no",), Stroke.KEY),
    ]
    assert box(picture, "flow1_pay").entries[0].title == ""


def test_ways_up_or_into_another_section_are_written_in_their_box() -> None:
    picture = drawn()
    assert box(picture, "menu_after").notes == (
        "(1) → agent",
        '3 · your "balance" & more ↻ again',
        "silence → sorry",
    )
    assert box(picture, "flow1_pay").notes == (
        "stopped ↑ nothing",
        "failed ↩ back",
        "connector-down → agent",
        "declined ↑ pay",
        "charged ↑ after",
    )
    assert box(picture, "flow_later").notes == ("↑ main",)
    assert box(picture, "flow_identify").notes == ("↩ back to what needed it",)


def test_what_many_lead_to_gets_an_arrow_only_from_what_leads_nowhere_else() -> None:
    picture = draw(SHIPPED, "en")
    assert Arrow("flow_receipt_kept", "menu_anything_else") in picture.arrows
    (noted,) = (it for it in box(picture, "flow_receipt").notes if "anything-else" in it)
    assert noted == "sending, impossible, unavailable → anything-else"


def test_what_holds_everywhere_is_drawn_once() -> None:
    picture = draw(SHIPPED, "es")
    keys, usual = box(picture, "legend_always").entries
    assert keys.lines[0] == "0 · un agente → reach-agent"
    assert keys.lines[-1] == "* · back"
    assert usual.lines == (
        "no answer “Disculpe la molestia.” → reach-agent",
        "unavailable → reach-agent",
        "⚙ … matched: first find-account",
        "⚙ … verified: first ask-pin",
    )
    unavailable = [it for it in picture.arrows if it.labels == ("unavailable",)]
    assert all(it.target != "flow_reach_agent" for it in unavailable)
    assert not any("unavailable → reach-agent" in it.notes for it in picture.boxes)


def test_flows_that_lead_alike_share_a_box() -> None:
    news = box(draw(SHIPPED, "en"), "flow_news_outage")
    assert [it.title for it in news.entries] == [
        "",
        "flow news-outage",
        "flow news-outage-late",
        "flow news-outage-no-time",
    ]
    assert news.entries[0].lines == ("“Sorry, an outage in your area affects …”",)
    assert news.entries[3].lines == ("“We don't have a time yet.”",)


def test_the_greeting_for_the_other_language_is_heard_in_it() -> None:
    assert "“Para español, oprima 8.”" in box(draw(SHIPPED, "en"), "flow_welcome").entries[0].lines
    assert "“For English, press 8.”" in box(draw(SHIPPED, "es"), "flow_welcome").entries[0].lines


def test_sections_are_the_headings_of_flows_yaml() -> None:
    picture = drawn()
    assert picture.sections == ("how to read this map", "the bill", "a person")
    assert box(picture, "flow_sorry").section == "a person"
    assert box(picture, "menu_after").section == "the bill"


def test_a_menu_that_only_menus_lead_to_stands_in_their_section() -> None:
    outside = {it.id for it in draw(SHIPPED, "en").boxes if not it.section}
    assert outside == {"line0"}


def test_a_book_without_headings_is_drawn_too() -> None:
    sources = {**SOURCES, "flows.yaml": SOURCES["flows.yaml"].replace("# ----------", "#")}
    picture = drawn(sources)
    assert picture.sections == ("how to read this map",)
    assert Arrow("menu_after", "flow_sorry", ("silence",), Stroke.SILENCE) in picture.arrows
    assert "subgraph" in mermaid(picture)


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("x" * 56, "x" * 56),
        ("word " * 12, "word word word word word word word word word word word…"),
        ("x" * 57, "x" * 55 + "…"),
        ("y" * 50 + ", and so on", "y" * 50 + ", and…"),
    ],
)
def test_long_words_are_cut_between_words(text: str, short: str) -> None:
    assert shortened(text) == short


def a_job(*press: str) -> Job:
    """A job with the shipped book's replies that ends where its keys do."""
    return Job(
        name="it",
        start=None,
        press=tuple(Press(keys, Manner.HEARD) for keys in press),
        until=(Mark.FINISHED, "nothing"),
        seconds={},
        keys=0,
        replies=SHIPPED.jobs["pay-amount"].replies,
    )


def way(job: Job, language: str = "en") -> set[tuple[str, str]]:
    """The arrows that are marked, all of which must be there."""
    picture = highlighted(draw(SHIPPED, language), SHIPPED, job, language)
    pairs = {it for it in picture.marked if isinstance(it, tuple)}
    assert pairs <= {(it.source, it.target) for it in picture.arrows}
    assert {name for pair in pairs for name in pair} <= picture.marked
    return pairs


def test_a_job_is_marked_from_the_ring_to_its_end() -> None:
    assert way(SHIPPED.jobs["pay-amount"]) == {
        ("line0", "flow_welcome"),
        ("flow_welcome", "menu_main"),
        ("menu_main", "flow_pay_bill"),
        ("flow_pay_bill", "menu_pay_what"),
        ("menu_pay_what", "flow_pay_other"),
        ("flow_pay_other", "flow_confirm_payment"),
        ("flow_confirm_payment", "flow1_confirm_payment"),
        ("flow1_confirm_payment", "flow_paid"),
    }


def test_a_way_without_an_arrow_gets_one_for_the_job() -> None:
    job = replace(a_job("0"), until=(Mark.RINGING, ""))
    plain = draw(SHIPPED, "en")
    picture = highlighted(plain, SHIPPED, job, "en")
    (added,) = set(picture.arrows) - set(plain.arrows)
    assert added == Arrow("menu_main", "flow_reach_agent", ("0",), Stroke.KEY)
    assert "flow1_reach_agent" in picture.marked


def test_a_job_that_starts_in_the_book_is_marked_from_there() -> None:
    start = SHIPPED.menus["main"].options[0].branch.go
    assert way(replace(a_job("1"), start=start)) == {
        ("flow_hear_balance", "flow_after_balance"),
        ("flow_after_balance", "menu_after_balance"),
    }
    assert "line0" not in {
        name for it in way(replace(a_job(), start=ToFlow("welcome"))) for name in it
    }


def test_every_job_of_the_shipped_book_is_marked_in_both_languages() -> None:
    for job in SHIPPED.jobs.values():
        for language in SHIPPED.languages:
            on = "flow_news_outage" if job.name == "outage-known" else "menu_main"
            assert ("flow_welcome", on) in way(job, language)


def test_a_job_is_marked_up_to_the_step_that_finishes_it() -> None:
    pays = SHIPPED.jobs["pay-amount"]
    assert way(replace(pays, until=(Mark.FINISHED, "payment"))) == way(pays)
    longer = way(replace(pays, until=(Mark.FINISHED, "balance")))
    assert longer - way(pays) == {
        ("flow_paid", "flow_receipt"),
        ("flow_receipt", "menu_offer_receipt"),
    }


def test_a_job_is_marked_up_to_the_outcome_that_ends_it() -> None:
    replies = {
        **SHIPPED.jobs["outage-reported"].replies,
        "outages.report": Reply("danger"),
        "outages.danger": Reply("kept"),
        "person.find": Reply("nobody"),
        "callbacks.keep": Reply("kept", {"number": Phone("+12025550142")}),
    }
    job = replace(a_job("3", "4"), replies=replies, until=(Mark.HEARD, "callback-kept"))
    last = trail(SHIPPED, job, "en").hops[-1]
    assert last == Hop(("danger-alone", 1), ("goodbye", 0), "kept")


def test_a_job_that_needs_to_know_who_calls_is_marked_through_the_detour() -> None:
    """No service of this book says who it is, so the engine leads the caller to a person."""
    book = small()
    choice = Choice("account-ending", "account-ending", (("ending", Digits("42")),))
    replies = {
        "account.list": Reply("several", {"accounts": Choices((choice,))}),
        "account.choose": Reply("chosen", level=Level.MATCHED),
        "balance.read": Reply("nothing-due"),
    }
    job = replace(a_job("1", "1234", "1"), replies=replies)
    picture = highlighted(draw(book, "en"), book, job, "en")
    assert {it for it in picture.marked if isinstance(it, tuple)} == {
        ("line0", "menu_main"),
        ("menu_main", "flow_hear_bill"),
        ("flow_hear_bill", "flow_identify"),
        ("flow_identify", "flow_agent"),
    }


def test_a_book_of_nothing_has_a_map_too() -> None:
    picture = draw(empty_book(), "en")
    assert [it.id for it in picture.boxes if not it.id.startswith("legend")] == ["line0"]
    assert picture.arrows == ()
    usual = box(picture, "legend_always").entries[1].lines
    assert usual == ("unavailable → end",)
    assert box(picture, "legend_always").entries[0].lines[0] == "0 · an agent → end"


def test_a_job_is_followed_step_by_step_to_a_person() -> None:
    call = trail(small(), a_job("0"), "en")
    assert call.begins == ("main", -1)
    assert call.hops == (Hop(("main", -1), ("agent", 0), "0"), Hop(("agent", 0), ("agent", 1)))


def test_marks_are_thick_and_of_another_colour() -> None:
    picture = highlighted(draw(SHIPPED, "en"), SHIPPED, SHIPPED.jobs["balance"], "en")
    rows = mermaid(picture).splitlines()
    number = next(
        number for number, it in enumerate(picture.arrows) if it.target == "flow_hear_balance"
    )
    assert f"linkStyle {number} stroke:#cf222e,stroke-width:6px" in rows
    assert "style flow_hear_balance stroke:#cf222e,stroke-width:6px" in rows
    assert not any(row.startswith("style flow_pay_bill") for row in rows)


def test_small_books_have_a_map_in_mermaid() -> None:
    rows = mermaid(drawn()).splitlines()
    assert rows[1] == "flowchart TD"
    assert 'flow_later("<b>flow later</b><br/>“One moment.”<br/><i>↑ main</i>"):::flow_box' in rows
    assert 'end_flow_agent(["end"]):::end_box' in rows
    assert f'menu_main ==>|"1 · your {LABEL}"| flow_hear_bill' in rows
    assert 'flow_identify -.->|"no answer"| flow_sorry' in rows
    assert 'flow_hear_bill -->|"owes"| menu_after' in rows


def test_jobs_of_a_small_book_are_followed_over_what_only_passes() -> None:
    book = small()
    picture = highlighted(draw(book, "en"), book, a_job("2", "2"), "en")
    assert ("flow_pay", "flow_later") in picture.marked
    assert ("flow_later", "menu_main") in picture.marked

"""Each claim holds of the small book, and the smallest change that breaks it is found and shown."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import pytest

from ivr.authoring.proof import prove
from ivr.authoring.proof.breach import Breach
from ivr.authoring.proof.claims import CLAIMS
from ivr.authoring.proof.claims.money import secret_stays_secret
from ivr.authoring.proof.clock import Clock
from ivr.authoring.proof.evidence import Evidence
from ivr.authoring.proof.example import example
from ivr.authoring.proof.happenings import UNIQUE
from ivr.authoring.proof.space import Space
from ivr.flows.model import AnswerKind, Book, Branch, Do, Line, Move, Ref, Say, ToFlow, ToMenu
from ivr.flows.services import Level
from ivr.prompts.values import Text
from tests.authoring.proof.books import small_book, with_menu, with_step, with_steps, without_words
from tests.authoring.proof.explored import small


@dataclass(frozen=True)
class Found:
    """What is told of a broken claim. (A breach itself holds the whole space and is no reading.)"""

    message: str
    keys: str = ""
    supposed: tuple[str, ...] = ()
    heard: tuple[str, ...] = ()


def broken(book: Book, *claims: str) -> dict[str, Found]:
    """The first breach of every claim that is broken."""
    proof = prove(book, only=claims)
    return {
        verdict.claim.id: _found(book, verdict.breaches[0])
        for verdict in proof.verdicts
        if not verdict.holds
    }


def _found(book: Book, breach: Breach) -> Found:
    shown = example(book, breach)
    if shown is None:
        return Found(breach.message)
    supposed = tuple(str(reply) for reply in shown.supposed)
    return Found(breach.message, shown.keys, supposed, shown.moments[-1].heard)


@cache
def unbroken() -> dict[str, Found]:
    return broken(small_book())


def test_the_small_book_breaks_no_claim() -> None:
    assert unbroken() == {}


def test_a_claim_can_be_judged_alone() -> None:
    proof = prove(small_book(), only=["identity"])
    ids = [verdict.claim.id for verdict in proof.verdicts]
    assert ids == ["identity"]
    assert proof.states > 100
    assert proof.turns > proof.states
    assert 0 < proof.seconds < 60
    assert 100 < proof.longest < 300


def changed(*change: str) -> Callable[[], Book]:
    """A change of the book's text."""
    old, new = change
    return lambda: small_book((old, new))


def unfinished() -> Book:
    return small_book(("      finishes: thing\n", ""))


def no_callback() -> Book:
    return small_book(("nobody-free, go: flow callback", "nobody-free, go: flow bye"))


def person_is_home() -> Book:
    return with_menu(small_book(), "main", person=ToMenu("main"))


def long_welcome() -> Book:
    words = "palabras " * 40
    return small_book(('getting-agent: "getting-agent in es"', f'getting-agent: "{words}"'))


def silence_loops() -> Book:
    menu = small_book().menus["main"]
    patience = replace(menu.patience, give_up=Branch((), ToMenu("main")))
    return with_menu(small_book(), "main", patience=patience)


def card_at_once() -> Book:
    pay = small_book().flows["pay"].steps[4]
    return with_steps(small_book(), "welcome", [*small_book().flows["welcome"].steps[:2], pay])


def says_nothing() -> Book:
    return with_step(small_book(), "bye", 0, line=Line("goodbye", needs=Ref("bill", "never")))


def secret_as_digits() -> Book:
    return with_step(small_book(), "pin", 0, kind=AnswerKind.DIGITS)


def level_unknown() -> Book:
    return with_step(small_book(), "bill", 0, level=Level.UNKNOWN)


def known_for_less() -> Book:
    """Who was verified is found again, as matched only, before a verified fact is spoken."""
    asked = small_book().flows["who"].steps[1]
    assert isinstance(asked, Do)
    find = replace(asked, arguments=())
    read, *rest = small_book().flows["details"].steps
    return with_steps(small_book(), "details", [read, find, *rest])


def amount_taken_from_elsewhere() -> Book:
    return small_book(("{amount: payment.amount}", "{amount: amount}"))


def amount_while_listening() -> Book:
    return small_book(("first: {say: you-will-pay", "prompt: {say: you-will-pay"))


def confirm_skipped() -> Book:
    steps = small_book().flows["pay"].steps
    return with_steps(small_book(), "pay", [*steps[:2], *steps[3:]])


def empty_in_spanish() -> Book:
    return without_words(small_book(), "try-later", "es")


def empty_offer() -> Book:
    return without_words(small_book(), "bill", "en")


def long_waits() -> Book:
    return small_book(("  wait: 6s", "  wait: 60s"))


def never_said() -> Book:
    line = small_book().flows["details"].steps[1]
    assert isinstance(line, Say)
    return with_step(
        small_book(), "details", 1, line=replace(line.line, needs=Ref("bill", "never"))
    )


RING = "caller.arrive=plain"
MATCHED = "caller.arrive=plain+matched"
HUNG_UP = "the line hangs up, and no job was finished (`finishes:`), no callback kept"
SILENT_END = "a caller who stays silent is hung up on: no job finished, no callback kept"
NOT_AGREED = "money.intend takes an amount that was not just said yes to"
QUOTED = (MATCHED, "bill.read=owes", "money.quote=quoted")

BROKEN: dict[str, list[tuple[Callable[[], Book], Found]]] = {
    "way-out": [
        (unfinished, Found(HUNG_UP, "3,1,", (RING, "list.read=several", "list.take=taken"))),
        (no_callback, Found(HUNG_UP, "0", (RING, "transfers.ring=nobody"))),
    ],
    "person-in-two": [
        (person_is_home, Found("0 at menu main (its `person:`) leads to menu main", "0", (RING,))),
        (
            long_welcome,
            Found("from 0 to the first ring it takes", "0", (RING, "transfers.ring=ring")),
        ),
    ],
    "silence-is-safe": [
        (no_callback, Found(SILENT_END, ",,", (RING, "transfers.ring=nobody"))),
        (silence_loops, Found("a caller who stays silent goes round without end", ",,", (RING,))),
        (card_at_once, Found("a caller who stays silent is asked for a card", "", (RING,))),
    ],
    "every-failure-speaks": [
        (
            says_nothing,
            Found(
                "the caller hears nothing",
                "0,",
                (RING, "transfers.ring=ring", "transfers.ring=unavailable"),
            ),
        ),
        (silence_loops, Found("the same is said again and again", ",,", (RING,))),
        (secret_as_digits, Found("the call breaks: the secret pin is gone", "2,", (MATCHED,))),
    ],
    "identity": [
        (level_unknown, Found("bill.read is asked for a caller who is only", "1", (RING,))),
        (
            known_for_less,
            Found(
                "last-was speaks last to a caller who is only matched",
                f"2,{UNIQUE}#",
                (MATCHED, "pin.check=right+verified", "bill.read=owes", "who.find=matched+matched"),
            ),
        ),
    ],
    "no-surprise-charge": [
        (amount_taken_from_elsewhere, Found(NOT_AGREED, "1,1,100#,1", QUOTED)),
        (amount_while_listening, Found(NOT_AGREED, "1,1,100#,1", QUOTED)),
        (confirm_skipped, Found(NOT_AGREED, "1,1,100#", QUOTED)),
    ],
    "both-languages": [
        (empty_in_spanish, Found("try-later has no words in es", "1", (MATCHED,))),
        (empty_offer, Found("bill has no words in en", "", (RING,))),
    ],
    "bounded": [
        (long_waits, Found("it goes on for ", "3,", (RING, "list.read=several"))),
        (silence_loops, Found("it goes round without the caller doing anything", ",,", (RING,))),
    ],
    "all-alive": [(never_said, Found("flows.yaml:"))],
}
EACH = [(claim, *case) for claim, cases in BROKEN.items() for case in cases]


@pytest.mark.parametrize(
    ("claim", "change", "expected"), EACH, ids=[f"{it[0]}-{it[1].__name__}" for it in EACH]
)
def test_a_claim_is_broken_by(claim: str, change: Callable[[], Book], expected: Found) -> None:
    found = broken(change(), claim)[claim]
    assert found.message.startswith(expected.message)
    assert found.keys.startswith(expected.keys)
    assert found.supposed[: len(expected.supposed)] == expected.supposed


def test_every_claim_is_seen_broken() -> None:
    assert {*BROKEN, "secret-stays-secret"} == {claim.id for claim in CLAIMS}


def test_dead_things_are_named_with_their_place() -> None:
    dead = [it.message for it in prove(never_said(), only=["all-alive"]).verdicts[0].breaches]
    say = small_book().flows["details"].steps[1]
    assert isinstance(say, Say)
    place = say.line.at
    assert dead == [f"{place}: no call ever reaches prompt last-was"]


def test_a_menu_that_nothing_leads_to_is_dead_with_its_keys() -> None:
    book = small_book()
    lonely = replace(book.menus["after"], name="lonely")
    found = prove(replace(book, menus={**book.menus, "lonely": lonely}), only=["all-alive"])
    dead = [it.message.split("reaches ")[1] for it in found.verdicts[0].breaches]
    assert dead == ["menu lonely", "key 1 of menu lonely", "key 2 of menu lonely"]


def test_an_outcome_and_an_answer_that_never_come_are_dead() -> None:
    book = with_step(small_book(), "welcome", 3, target=ToFlow("bye"))
    found = prove(book, only=["all-alive"]).verdicts[0].breaches
    dead = {it.message.split("reaches ")[1] for it in found}
    assert {"step 1 of flow person", "outcome talked in flow person, step 2"} <= dead


def test_what_only_a_dead_key_leads_to_is_dead_as_well() -> None:
    after = small_book().menus["after"]
    book = with_menu(small_book(), "after", options=after.options[1:])
    dead = {
        breach.message.split("reaches ")[1]
        for breach in prove(book, only=["all-alive"]).verdicts[0].breaches
    }
    assert {
        "step 1 of flow pay",
        "yes in flow pay, step 3",
        "no in flow pay, step 3",
        "outcome stopped in flow pay, step 5",
        "outcome charged in flow pay, step 6",
        "prompt you-will-pay",
    } <= dead
    assert "step 1 of flow pick" not in dead


# What the engine never does: the claim is judged all the same


def test_a_secret_in_the_state_or_in_words_is_found() -> None:
    evidence = _evidence_of_a_leak()
    messages = [breach.message for breach in secret_stays_secret(evidence)]
    assert messages == ["a secret is in the state of the call, or is spoken"]


def _evidence_of_a_leak() -> Evidence:
    space = small().space
    told = [it for it in space.passages if UNIQUE in _typed(it.happening) and it.turn]
    leak, safe = replace(told[0]), told[1]
    assert leak.turn is not None
    memory = {"pin": {"": Text(UNIQUE)}}
    leak.turn = replace(leak.turn, call=replace(leak.turn.call, memory=memory))
    leaky = Space(space.book, space.facts, space.nodes, [safe, leak])
    return Evidence(space.book, leaky, Clock(space.book), Clock(space.book))


def _typed(happening: object) -> str:
    text = getattr(happening, "text", None)
    return text.reveal() if text else ""


def test_a_repeat_that_needs_the_caller_is_no_loop() -> None:
    steps = small_book().flows["pay"].steps
    when = {**getattr(steps[2], "when", {}), "no": Branch((), Move.REPEAT)}
    assert broken(with_step(small_book(), "pay", 2, when=when), "bounded") == {}

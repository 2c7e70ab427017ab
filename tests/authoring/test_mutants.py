"""The proof can fail: the shipped book, broken in one place, is caught by the claim it breaks.

Each kind of break is looked at once or twice here; `python -m bench.mutants` looks at all of them.
"""

import re
from dataclasses import dataclass

import pytest

from ivr.authoring.proof.claims import CLAIMS
from tests.authoring.judging import shipped
from tests.authoring.mutants import OPERATORS, Mutant, mutants
from tests.line import SHIPPED


@dataclass(frozen=True, slots=True)
class Reason:
    """Why mutants of some operators, at some places, break no claim: regular expressions, whole."""

    operators: str
    places: str
    why: str


HARMLESS = (
    Reason(
        "key removed|key leads elsewhere",
        r"(?!.* to the end|menu pay-what, key [124]).*",
        "the same is come to by a key of another menu, by 0, * or silence",
    ),
    Reason(
        "outcomes swapped",
        r"(?!.*(stopped and susp|intended|quoted|yes and|charged and|talked|and hung-up)).*",
        "callers hear words of another outcome and are led on safely: what words mean is known "
        "to the transcripts alone",
    ),
    Reason(
        "outcome leads to the end",
        r".*, (pending|overtaken|unknown|nothing-due|credit)"
        r"|.*confirm-payment, step 11 .*, unavailable"
        r"|flow (keep-callback|ask-callback|danger-alone).*, (kept|refused|unavailable|number-.*)",
        "what ends the call finishes a job, or a callback is kept or cannot be",
    ),
    Reason(
        "outcome leads to the end|finishes removed",
        r"flow (ask-pin|payment-details|keep-text|receipt(-kept)?|closed-methods|history-one),.*"
        r"|flow (autopay, step 1|replace-card, step 2) .*, (elsewhere|unavailable)",
        "it is only come to once a job is finished, and more is not asked of a line that hangs up",
    ),
    Reason(
        "outcome leads to the end",
        r".*\(pay\), hung-up",
        "nobody is there any more, and what was to be paid without a card ends by itself",
    ),
    Reason(
        "finishes removed",
        r".*\(transfer\).*",
        "whoever has talked to somebody is served, whatever the book calls it",
    ),
    Reason(
        "outcome leads to its own step|give-up asks again|tries raised",
        r".*\(ask\), no|menu (after-\w+|anything-else|offer-(text|receipt.*)), (give_up|tries.*)",
        "only keys of the caller go round there: silence and 0 lead on",
    ),
    Reason(
        "say removed|steps swapped|needs dropped",
        r"(?!flow report-outage, steps|flow goodbye, step 1).*",
        "other words are left, or the same in another order: which are owed to the caller is "
        "known to the transcripts alone",
    ),
    Reason(
        "other amount on card",
        r".*",
        "card entry speaks no amount: what is charged is what the service before it took",
    ),
    Reason(
        "step's level lowered|service's level lowered|asked before identified",
        r".*(pay-(past|full|other)|payment(?!-details)|ask-pin, step [13]).*"
        r"|flow (autopay-method|remove-method|bank-not-entered|pay-saved|receipt),.*"
        r"|flow promise, step [38] .*",
        "it is only come to by callers who are identified so far already",
    ),
    Reason(
        "service's level lowered",
        r"flow (hear-balance|payment-details|promise), step 1 .*",
        "what it tells above the level of the caller is not kept, so that nothing of it is spoken",
    ),
    Reason(
        "identified by nothing",
        r"flow (find-account|ask-account|find-premise|ask-premise), .*",
        "there are other ways to be identified, and whoever is not gets a person",
    ),
    Reason(
        "failure helps not",
        r".*",
        "the question itself is asked again, and says what can be done",
    ),
    Reason(
        "tries raised",
        r".*, tries",
        "the tries over the call end it all the same",
    ),
    Reason(
        "prompt emptied|prompt removed",
        r"(card|agent|language|queue|text-restored)-?.*|(one-moment|sorry-interrupted) .*",
        "it is not said by the engine: the carrier, an agent's phone or a text has it",
    ),
)
"""Every mutant that no claim catches is one of these; docs/proof.md says what is not proven."""


def reason(mutant: Mutant) -> str | None:
    """Why a mutant breaks no claim, where that is known."""
    for it in HARMLESS:
        if re.fullmatch(it.operators, mutant.operator) and re.fullmatch(it.places, mutant.place):
            return it.why
    return None


CAUGHT = (
    ("key removed: menu pay-what, key 1", "all-alive"),
    ("key leads elsewhere: menu main, key 3 to the end", "way-out"),
    ("0 leads elsewhere: menu payment-down to home", "person-in-two"),
    ("lost leads elsewhere: line +18005550199 to the end", "way-out"),
    ("outcome leads to its own step: flow welcome, step 1 (do), outage", "silence-is-safe"),
    (
        "outcomes swapped: flow welcome, step 1 (do), payment-stopped and suspended",
        "all-alive",
    ),
    (
        "outcome leads to the end: flow welcome, step 1 (do), outage-no-time",
        "silence-is-safe",
    ),
    ("confirm skipped: flow confirm-payment, step 8 (ask)", "no-surprise-charge"),
    ("confirm heard too late: flow confirm-payment, step 8 (ask)", "no-surprise-charge"),
    (
        "confirm of another amount: flow confirm-payment, step 8 (ask), owed.balance",
        "no-surprise-charge",
    ),
    (
        "other amount charged: flow confirm-payment, step 9 (do), owed.balance",
        "no-surprise-charge",
    ),
    ("confirm skipped: flow cancel-payment, step 2 (ask)", "no-surprise-charge"),
    ("outcomes swapped: flow autopay-method, step 5 (ask), yes and no", "no-surprise-charge"),
    (
        "outcomes swapped: flow confirm-saved, step 11 (do), charged and declined",
        "no-surprise-charge",
    ),
    ("prompt emptied: you-owe-by in es", "both-languages"),
    ("prompt emptied: expires-next-month in es", "both-languages"),
    ("say removed: flow goodbye, step 1 (say)", "every-failure-speaks"),
    ("step's level lowered: flow hear-balance, step 1 (do)", "identity"),
    ("service's level lowered: flow saved-methods, step 1 (do)", "every-failure-speaks"),
    ("asked before identified: flow hear-balance, step 1 (do)", "identity"),
    ("identified by nothing: find-account returns at once", "all-alive"),
    ("PIN asked as digits: flow ask-pin, step 2 (ask)", "every-failure-speaks"),
    ("PIN not held back: flow ask-pin, step 2 (ask)", "secret-stays-secret"),
    ("give-up asks again: menu main, give_up", "bounded"),
    ("silence asks again: menu pay-what, silent", "bounded"),
    ("tries raised: menu payment-down, tries and call_tries", "bounded"),
    ("needs what nobody gives: flow news-suspended, step 4 (say)", "all-alive"),
    ("finishes removed: flow name-outage, step 4 (go), outage-reported", "way-out"),
    ("step unreachable: flow ask-premise, step 1 (ask)", "all-alive"),
    ("steps swapped: flow report-outage, steps 1 and 2", "all-alive"),
)
"""Mutants, and the claim that each must break whatever else it breaks."""
ONLY_HARMLESS = {"other amount on card", "failure helps not", "needs dropped"}
"""Operators of which no mutant breaks a claim."""

MUTANTS = {str(mutant): mutant for mutant in mutants(SHIPPED)}


def test_the_unbroken_book_breaks_no_claim() -> None:
    assert list(shipped().itself.broken()) == []


@pytest.mark.parametrize(("name", "claim"), CAUGHT, ids=[name for name, _ in CAUGHT])
def test_a_broken_book_is_caught_by_the_claim_it_breaks(name: str, claim: str) -> None:
    breaches = list(shipped().look(MUTANTS[name].book).breaches(claim))
    assert breaches
    assert all(breach.message for breach in breaches)


def test_every_claim_and_every_operator_is_seen_to_fail() -> None:
    assert {claim for _, claim in CAUGHT} == {claim.id for claim in CLAIMS}
    seen = {MUTANTS[name].operator for name, _ in CAUGHT}
    assert seen | ONLY_HARMLESS | {"prompt removed"} == set(OPERATORS)


def test_a_mutant_that_must_be_caught_has_no_excuse() -> None:
    assert [name for name, _ in CAUGHT if reason(MUTANTS[name])] == []


def test_every_excuse_is_for_some_mutant() -> None:
    excused = {reason(mutant) for mutant in MUTANTS.values()}
    assert excused == {None, *(it.why for it in HARMLESS)}

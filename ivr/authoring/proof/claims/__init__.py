"""What is claimed of every book, in one table. docs/proof.md has a section for each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ivr.authoring.proof.breach import Breach
from ivr.authoring.proof.claims import alive, heard, money, stuck
from ivr.authoring.proof.evidence import Evidence

Check = Callable[[Evidence], Iterator[Breach]]


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence that holds of all calls or is broken by one; `check` gives what breaks it, the
    shortest call first."""

    id: str
    sentence: str
    check: Check


CLAIMS = (
    Claim(
        "way-out",
        "From every state a person, a kept callback or the end of a job can be reached.",
        stuck.way_out,
    ),
    Claim(
        "person-in-two",
        "0 leads to a person from everywhere, with nothing asked on the way, in 8.5 s.",
        stuck.person_in_two,
    ),
    Claim(
        "silence-is-safe",
        "Who never presses a key ends with a person or a callback, and never in a loop.",
        stuck.silence_is_safe,
    ),
    Claim(
        "every-failure-speaks",
        "Whatever fails, the caller hears something, and not the same without end.",
        heard.every_failure_speaks,
    ),
    Claim(
        "identity",
        "No service is asked and no fact is spoken below the level it needs.",
        heard.identity,
    ),
    Claim(
        "no-surprise-charge",
        "No charge without a yes to exactly its amount, spoken before any key counts; none twice.",
        money.no_surprise_charge,
    ),
    Claim(
        "secret-stays-secret",
        "No secret answer is in any state, sentence or event.",
        money.secret_stays_secret,
    ),
    Claim(
        "both-languages",
        "All that is said in one language can be said in every other.",
        heard.both_languages,
    ),
    Claim(
        "bounded",
        "Every loop needs the caller; a call that nobody prolongs ends in 5 minutes, slowly in 10.",
        heard.bounded,
    ),
    Claim(
        "all-alive",
        "Some call reaches every step, key, outcome and prompt.",
        alive.all_alive,
    ),
)

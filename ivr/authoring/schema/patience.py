"""The schema of `patience:`, which a book must have whole, and a question may change in part."""

from collections.abc import Collection, Mapping

from ivr.authoring.schema.parts import Schema, described, mapping, matching, number, use
from ivr.flows.patience import COUNT, KNOWN, REQUIRED, SECONDS, UNSET

MOST = 99
_SECONDS = matching(f"^(?!0+s){SECONDS.pattern}$", "seconds, as in 6s", "6s", "15s")
_TRIES = number(COUNT, MOST, "a number of tries, as in 3")


def _patience(branches: str, required: Collection[str]) -> Schema:
    values = {
        "wait": described(_SECONDS, f"The wait for the first key; {UNSET.wait}s if not written."),
        "between": described(_SECONDS, f"The wait for each later key; usually {UNSET.between}s."),
        "tries": described(_TRIES, f"Failures at one question; usually {UNSET.tries}."),
        "call-tries": described(
            _TRIES, f"Failures since the last finished job; usually {UNSET.call_tries}."
        ),
        "silence": described(use("helps"), "What helps a silent caller: first, then, and so on."),
        "mismatch": described(use("helps"), "What helps after another key: first, then, …"),
        "give-up": described(use(f"{branches}-branch"), "Where too many failures lead."),
        "silent": described(
            use(f"{branches}-branch"), "Where the first silence leads, as after a finished job."
        ),
    }
    return mapping(KNOWN, values, required)


PATIENCES: Mapping[str, Schema] = {
    "book-patience": _patience("menu", REQUIRED),
    "menu-patience": _patience("menu", ()),
    "question-patience": _patience("question", ()),
}
"""By the names under `definitions`: the whole book's, and what a menu or a question changes."""

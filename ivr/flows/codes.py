"""What can be wrong in a book: one function a code, which words the problem.

A function's name with hyphens is its code. The code has a section in docs/flow-language.md and a
smallest wrong book in the tests. Every function takes the place first and returns the problem.
`yaml-syntax` and `yaml-feature` are not here: they are found before there is anything to check.
"""

from collections.abc import Iterable
from difflib import get_close_matches

from ivr.document import Place, Problem

MANY = 200
"""Above this many known words only those that begin or end alike are compared: comparing with
thousands takes longer than all other checks together."""


def near(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant."""
    words = list(known)
    if len(words) > MANY:
        words = [it for it in words if it[:3] == word[:3] or it[-3:] == word[-3:]]
    return next(iter(get_close_matches(word, words, n=1)), None)


def either(words: Iterable[str]) -> str:
    """Words as `a, b or c`."""
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last


# Keys of the files


def duplicate_key(at: Place, key: str, first: Place) -> Problem:
    """One mapping has a key twice, and YAML readers would silently drop one of them."""
    return Problem("duplicate-key", at, f'"{key}" is written twice here', also=(first,))


def unknown_key(at: Place, key: str, owner: str, known: Iterable[str]) -> Problem:
    """A word that means nothing at this place."""
    message = f'{owner} has no key "{key}"'
    return Problem("unknown-key", at, message, near(key, known))


def missing_key(at: Place, key: str, owner: str) -> Problem:
    """Something without which the rest makes no sense."""
    return Problem("missing-key", at, f'{owner} needs "{key}"')


def wrong_kind(at: Place, wanted: str, found: str) -> Problem:
    """A value that is not of the kind its key takes."""
    return Problem("wrong-kind", at, f"this should be {wanted}, not {found}")


def bad_name(at: Place, name: str) -> Problem:
    """A name that could not be told from other text."""
    message = f'"{name}" is no name: small letters, digits and hyphens, a letter first'
    return Problem("bad-name", at, message)


def two_kinds(at: Place, kinds: Iterable[str]) -> Problem:
    """One step that does two things, without an order between them."""
    message = f"a step does one thing, this one has {' and '.join(kinds)}; write a step for each"
    return Problem("two-kinds", at, message)


def unknown_version(at: Place, version: str) -> Problem:
    """A book written for another version of this language."""
    return Problem("unknown-version", at, f'version "{version}" is not known; this line reads 1')


def bad_hours(at: Place, message: str) -> Problem:
    """Opening hours that no clock can follow."""
    return Problem("bad-hours", at, message)


def bad_voice(at: Place, message: str, hint: str | None) -> Problem:
    """A voice or language tag the carrier does not have: the call would stay silent or end."""
    return Problem("bad-voice", at, message, hint)


def unused_file(at: Place, message: str, hint: str | None = None) -> Problem:
    """A file that lies in the book's folder, but that nobody would ever read or hear."""
    return Problem("unused-file", at, message, hint)


# Keys of the phone


def key_twice(at: Place, key: str, first: Place) -> Problem:
    """A key of a menu with two choices; `1` and `"1"` are the same key."""
    return Problem("key-twice", at, f"key {key} already has a choice in this menu", also=(first,))


def key_prefix(at: Place, key: str) -> Problem:
    """A key of several digits, of which only the first would ever be heard."""
    message = f"a choice is one key: a caller who types {key} is taken at the {key[0]}"
    return Problem("key-prefix", at, message)


def key_reserved(at: Place, key: str, meaning: str) -> Problem:
    """A key that means the same everywhere and cannot be a choice."""
    message = f'key {key} means "{meaning}" everywhere; choices take the keys 1 to 6'
    return Problem("key-reserved", at, message)


# Rules


def bad_promise(at: Place, message: str) -> Problem:
    """Rules of promises to pay that contradict each other: some of them would never count."""
    return Problem("bad-promise", at, message)


# Names that lead nowhere


def unknown_target(at: Place, target: str, known: Iterable[str]) -> Problem:
    """A menu or flow that is not in the book."""
    message = (
        f'"{target}" is not in this book'
        if target.startswith(("menu ", "flow "))
        else f'"{target}" is no target: write menu NAME, flow NAME, next, repeat, back or end'
    )
    return Problem("unknown-target", at, message, near(target, known))


def misplaced_target(at: Place, target: str, allowed: Iterable[str]) -> Problem:
    """A target that has no meaning where it stands."""
    places = either(("menu NAME", "flow NAME", *allowed))
    return Problem("misplaced-target", at, f'"{target}" cannot be used here, only {places}')


def unknown_prompt(at: Place, key: str, known: Iterable[str]) -> Problem:
    """A prompt key that no language has."""
    message = f'no language has a prompt "{key}"'
    return Problem("unknown-prompt", at, message, near(key, known))


def unknown_service(at: Place, name: str, known: Iterable[str]) -> Problem:
    """A service the line does not have."""
    return Problem("unknown-service", at, f'there is no service "{name}"', near(name, known))


def unknown_value(at: Place, ref: str, known: Iterable[str]) -> Problem:
    """A field or answer that nothing in the book ever gives."""
    return Problem("unknown-value", at, f'nothing in this book gives "{ref}"', near(ref, known))


def unknown_queue(at: Place, name: str, known: Iterable[str]) -> Problem:
    """A queue without opening hours, most likely misspelt."""
    message = f'queue "{name}" has no opening hours under "hours"'
    return Problem("unknown-queue", at, message, near(name, known))


def unknown_language(at: Place, language: str, known: Iterable[str]) -> Problem:
    """A language the book does not list."""
    message = f'"{language}" is not among the languages of this book'
    return Problem("unknown-language", at, message, near(language, known))


# Outcomes


def unknown_outcome(at: Place, outcome: str, asker: str, known: Iterable[str]) -> Problem:
    """A branch for an outcome that never comes."""
    message = f'{asker} never ends in "{outcome}"'
    return Problem("unknown-outcome", at, message, near(outcome, known))


def unhandled_outcome(at: Place, asker: str, outcomes: Iterable[str]) -> Problem:
    """An outcome without a branch: the caller would be stuck there."""
    message = f'{asker} can end in {either(outcomes)}; "when" does not say what follows then'
    return Problem("unhandled-outcome", at, message)


# Prompts


def bad_prompt(at: Place, message: str, hint: str | None) -> Problem:
    """A prompt no voice can speak as it stands."""
    return Problem("bad-prompt", at, message, hint)


def prompt_cut_short(at: Place, kept: str) -> Problem:
    """A text that YAML ends early, at a ` #` that is not in quotes."""
    message = f'the prompt ends at "{kept[-20:]}": what follows " #" is a comment; use quotes'
    return Problem("prompt-cut-short", at, message)


def missing_language(at: Place, message: str) -> Problem:
    """Something that one language has and another has not."""
    return Problem("missing-language", at, message)


def missing_prompt(at: Place, key: str, speaker: str, unused: Iterable[str]) -> Problem:
    """A prompt that is not named in the book, but spoken in every call that comes to it."""
    message = f'{speaker} speaks "{key}", which no language has'
    return Problem("missing-prompt", at, message, near(key, unused))


def placeholders_differ(at: Place, key: str, here: str, there: str, other: Place) -> Problem:
    """Two languages that expect different values for one prompt."""
    message = f'prompt "{key}" takes {here} here, but {there} elsewhere'
    return Problem("placeholders-differ", at, message, also=(other,))


def unbound_placeholder(at: Place, key: str, names: Iterable[str]) -> Problem:
    """A placeholder that nothing fills."""
    message = f'prompt "{key}" has {either(names)}, which nothing fills here; add "with"'
    return Problem("unbound-placeholder", at, message)


def unused_prompt(at: Place, key: str) -> Problem:
    """A prompt nobody will ever hear."""
    return Problem("unused-prompt", at, f'nothing speaks the prompt "{key}"')


def stop_in_choice(at: Place, key: str) -> Problem:
    """A choice with a full stop in it, which would end "For X, press 1." too early."""
    message = f'prompt "{key}" names a choice, so it stands inside of a sentence: no full stop'
    return Problem("stop-in-choice", at, message)


# Ways through the book


def unreachable(at: Place, what: str) -> Problem:
    """Something no call can come to."""
    return Problem("unreachable", at, f"no call can come to {what}")


def dead_end(at: Place, flow: str) -> Problem:
    """A flow that stops without saying where to go on."""
    message = f'flow "{flow}" can run past this, its last step; end it with go or end'
    return Problem("dead-end", at, message)


def endless_cycle(at: Place, way: str) -> Problem:
    """Steps that lead to themselves without ever waiting for the caller."""
    return Problem("endless-cycle", at, f"these steps go round without a question: {way}")


def give_up_loops(at: Place, way: str, question: Place) -> Problem:
    """Giving up on a silent caller that ends at the same question again."""
    message = f"a caller who says nothing goes round for ever: {way}"
    return Problem("give-up-loops", at, message, also=(question,) if question != at else ())


# Jobs


def unfinished_job(at: Place, name: str, known: Iterable[str]) -> Problem:
    """A job that goes on for ever, since no step finishes what it waits for."""
    message = f'no step finishes "{name}", so this job would never end'
    return Problem("unfinished-job", at, message, near(name, known))


# Who may know what


def secret_kept(at: Place, message: str) -> Problem:
    """A secret answer that would have to be kept to be used."""
    return Problem("secret-kept", at, message)


def level_lowered(at: Place, service: str, own: str, asked: str) -> Problem:
    """A book that wants to do with less proof than the service demands."""
    message = f"{service} demands {own}; a book may raise that, never lower it to {asked}"
    return Problem("level-lowered", at, message)

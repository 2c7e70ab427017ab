"""What can be hard on the ear: one function a code, which says what to write instead.

A function's name with hyphens is its code, as in ivr/flows/codes.py. The code has a section in
docs/flow-language.md and a smallest book in tests/bad_words.
"""

from ivr.document import Place, Problem


def too_many_options(at: Place, menu: str, spoken: int, most: int) -> Problem:
    """More choices than a caller keeps in mind while listening for the right one."""
    message = (
        f'menu "{menu}" speaks {spoken} options, and callers keep {most} in mind; make some '
        "quiet: yes, or move them to a menu of their own"
    )
    return Problem("too-many-options", at, message)


def long_prompt(at: Place, key: str, seconds: float, most: float) -> Problem:
    """Words that callers cannot be expected to wait for."""
    message = (
        f'prompt "{key}" takes {seconds:.1f} s without its values; write at most {most:g} s '
        "of words, or say half of it where it is needed"
    )
    return Problem("long-prompt", at, message)


def long_menu(at: Place, menu: str, seconds: float, most: float, language: str) -> Problem:
    """A menu whose first options are forgotten when the last is heard."""
    message = (
        f'menu "{menu}" takes {seconds:.1f} s in "{language}"; bring it to {most:g} s with '
        "shorter names of choices, a shorter greet, or fewer choices"
    )
    return Problem("long-menu", at, message)


def key_before_choice(at: Place, found: str, better: str) -> Problem:
    """The key is said first, and forgotten before the caller knows what it is for."""
    message = f'"{found}" says the key before what it is for'
    return Problem("key-before-choice", at, message, better)


def person_unannounced(at: Place, menu: str, line: str) -> Problem:
    """A line on which nobody tells callers how to reach a person."""
    message = (
        f'a call to {line} comes to menu "{menu}" first, and 0 is named neither there nor at the '
        'second silence; write also: {"0": PROMPT}, or "For an agent, press 0." in the prompt '
        "for that silence"
    )
    return Problem("person-unannounced", at, message)


def job_key_moves(at: Place, target: str, key: str, usual: str, menu: str, other: Place) -> Problem:
    """One job on different keys: callers who know their key are led elsewhere."""
    message = f'key {key} leads to {target}, which is key {usual} in menu "{menu}"; use key {usual}'
    return Problem("job-key-moves", at, message, also=(other,))


def read_as_quantity(at: Place, found: str, better: str) -> Problem:
    """Digits that a voice reads as a quantity: sixty thousand six hundred one."""
    message = f'a voice reads "{found}" as a quantity; write its digits apart'
    return Problem("read-as-quantity", at, message, better)


def blaming_words(at: Place, found: str, better: str) -> Problem:
    """Words that say the caller has done something wrong."""
    message = f'"{found}" blames the caller; say what is the case, and what they can do'
    return Problem("blaming-words", at, message, better)


def listen_carefully(at: Place, found: str) -> Problem:
    """Words that ask for attention and keep callers from what they rang for."""
    message = f'"{found}" costs every caller time and tells them nothing; leave the sentence out'
    return Problem("listen-carefully", at, message)

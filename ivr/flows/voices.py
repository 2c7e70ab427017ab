"""How each language sounds: voices, language tags and card-entry tags the carrier would refuse."""

import re
from collections.abc import Collection, Iterable, Mapping

from ivr.document import Node, place
from ivr.flows import codes
from ivr.flows.model import Voice
from ivr.flows.reading import Reading

VOICE = ("voice", "language", "pay")
PAY = (
    "de-DE",
    "en-AU",
    "en-CA",
    "en-GB",
    "en-IE",
    "en-IN",
    "en-NZ",
    "en-PH",
    "en-US",
    "en-ZA",
    "es-ES",
    "es-US",
    "fr-CA",
    "fr-FR",
    "it-IT",
)
"""The languages of `<Pay>` (https://www.twilio.com/docs/voice/twiml/pay#language)."""

TAG = re.compile(r"[a-z]{2,3}-[A-Z]{2}(-[A-Z]{3})?|arb")
"""A language with its country, as en-US; also en-GB-WLS, and arb, which has no country
(https://www.twilio.com/docs/voice/twiml/say/text-speech)."""

BASIC = ("man", "woman", "alice")
ENGINES = ("", "-Neural", "-Generative")
POLLY = re.compile(rf"Polly\.([^\W\d_]+)({'|'.join(ENGINES)})")
GOOGLE = re.compile(r"Google\.[a-z]{2,3}-[A-Z]{2}-[A-Za-z0-9-]+")
NAMES: Mapping[str, Collection[str]] = {
    "en-US": (
        "Danielle",
        "Gregory",
        "Ivy",
        "Joanna",
        "Joey",
        "Justin",
        "Kendra",
        "Kevin",
        "Kimberly",
        "Matthew",
        "Patrick",
        "Ruth",
        "Salli",
        "Stephen",
    ),
    "es-US": ("Lupe", "Miguel", "Pedro", "Penelope"),
    "es-MX": ("Andres", "Mia"),
    "es-ES": ("Alba", "Conchita", "Enrique", "Lucia", "Raul", "Sergio"),
}
"""Polly's names by language (https://docs.aws.amazon.com/polly/latest/dg/available-voices.html).
Voices of languages that are not here are not judged by name."""

POLLY_NAMES = frozenset(name for names in NAMES.values() for name in names)
POSSIBLE = (
    *BASIC,
    *(f"Polly.{name}{engine}" for name in sorted(POLLY_NAMES) for engine in ENGINES),
)


def voices(reading: Reading, node: Node | None) -> dict[str, Voice]:
    """How each language sounds; every language of the book needs a voice."""
    found: dict[str, Voice] = {}
    for language, key, value in reading.pairs(node, "a voice for each language"):
        if language in reading.languages:
            found[language] = _voice(reading, value)
        else:
            problem = codes.unknown_language(place(key), language, reading.languages)
            reading.refuse(problem, value)
    for language in reading.languages:
        if node is not None and language not in found:
            message = f'there is no voice for "{language}"'
            reading.refuse(codes.missing_language(place(node), message))
    return found


def _voice(reading: Reading, node: Node) -> Voice:
    given = reading.fields(node, "a voice", VOICE, VOICE)
    words = {name: reading.text(given[name], "a word") for name in VOICE if name in given}
    made = Voice(*(words.get(name, "") for name in VOICE))
    for name, problem in (
        ("voice", _wrong_voice(made)),
        ("language", _wrong_tag(made.language)),
        ("pay", _wrong_pay(made.pay)),
    ):
        if problem and words.get(name):
            message, hint = problem
            reading.refuse(codes.bad_voice(place(given[name]), message, hint))
    return made


def _wrong_voice(made: Voice) -> tuple[str, str | None] | None:
    """What is wrong with a voice's name, and what was probably meant."""
    polly = POLLY.fullmatch(made.voice)
    if not polly and made.voice not in BASIC and not GOOGLE.fullmatch(made.voice):
        wanted = "man, woman, Polly.NAME, Polly.NAME-Neural or Google.TAG-NAME"
        return f'"{made.voice}" is no voice; write {wanted}', _meant(made.voice, POSSIBLE)
    if polly and made.language in NAMES and polly[1] not in POLLY_NAMES:
        own = [f"Polly.{name}{polly[2]}" for name in NAMES[made.language]]
        return f'Polly has no {made.language} voice "{polly[1]}"', _meant(made.voice, own)
    return None


def _wrong_tag(tag: str) -> tuple[str, str | None] | None:
    if TAG.fullmatch(tag):
        return None
    return f'"{tag}" is no language tag: a language and a country, as in en-US', _meant(tag, PAY)


def _wrong_pay(tag: str) -> tuple[str, str | None] | None:
    if tag in PAY:
        return None
    return f'a card cannot be taken in "{tag}", only in {codes.either(PAY)}', _meant(tag, PAY)


def _meant(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant; `EN_us` means en-US."""
    plain = {it.lower(): it for it in known}
    return plain.get(codes.near(word.lower().replace("_", "-"), plain) or "")

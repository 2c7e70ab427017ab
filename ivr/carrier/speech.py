"""How long words take: a model of a voice that speaks 160 words a minute.

Numbers, money and times count as the words a voice reads them as ("$84.20" is six). 160 words a
minute is the usual rate of a reading voice in English and Spanish; pauses inside sentences are
part of it, `<break>` and `<Pause>` come on top.
"""

import re
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from ivr.carrier.twiml import whole

SECONDS_A_WORD = 60 / 160
#: What a `<break>` without a time lasts, seconds. The vendor gives words, not numbers: assumed.
BREAKS = {"none": 0.0, "x-weak": 0.1, "weak": 0.2, "medium": 0.3, "strong": 0.5, "x-strong": 1.0}
RATES = {"x-slow": 0.5, "slow": 0.75, "medium": 1.0, "fast": 1.25, "x-fast": 1.5}
SPELLED = frozenset({"digits", "characters", "spell-out", "telephone"})
#: A recording's length is not known without fetching it: assumed, seconds.
RECORDING = 2.0
ENDLESS = 1000  # loop="0", https://www.twilio.com/docs/voice/twiml/say#loop
KEY_NAMES = {"*": r"\*|star|asterisco", "#": r"\#|pound|hash|numeral|gato", "0": "0|zero|cero"}

_TOKENS = re.compile(
    r"\$(?P<dollars>[\d,]*\d)(?:\.(?P<cents>\d\d))?"
    r"|(?P<hour>\d{1,2}):(?P<minute>\d\d)"
    r"|(?P<half>(?<=\d\s)[ap]\.?\s?m\b\.?)"  # "4:30 PM"; "I am" is a word
    r"|(?P<number>\d+)"
    r"|(?P<word>[^\W\d_]+(?:['’][^\W\d_]+)*)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Spoken:
    """What one audio verb says: stretches of text with their seconds, silence having no text."""

    language: str = "en-US"
    stretches: tuple[tuple[str, float], ...] = ()
    loops: int = 1

    @property
    def text(self) -> str:
        """The words, spaces evened out."""
        return " ".join("".join(text for text, _ in self.stretches).split())

    @property
    def seconds(self) -> float:
        """How long it takes to the end."""
        return self.loops * sum(seconds for _, seconds in self.stretches)

    def option_ends(self, key: str) -> float | None:
        """Seconds until "press 1" has been said for this key; None where it is not said."""
        match = _offers(key).search("".join(text for text, _ in self.stretches))
        return self._until(match.end()) if match else None

    def _until(self, characters: int) -> float:
        passed = 0.0
        for text, seconds in self.stretches:
            if characters <= 0:
                break
            passed += seconds * _share(text[:characters], text)
            characters -= len(text)
        return passed


def _share(beginning: str, text: str) -> float:
    """How much of a stretch's time its beginning takes; all of it for silence."""
    words = spoken_words(text)
    return spoken_words(beginning) / words if words else 1.0


def _offers(key: str) -> re.Pattern[str]:
    return re.compile(rf"(?:press|oprima)\s+(?:{KEY_NAMES.get(key, key)})(?!\w)", re.IGNORECASE)


def spoken(verb: Element) -> Spoken:
    """What a Say, Play or Pause gives to hear."""
    if verb.tag == "Pause":
        return Spoken(stretches=(("", float(whole(verb, "length", 1))),))
    loops = whole(verb, "loop", 1) or ENDLESS
    if verb.tag == "Play":
        return Spoken("", ((_recording(verb), RECORDING),), loops)
    voice = _Voice()
    voice.read(verb, spelled=False, rate=1.0)
    return Spoken(verb.get("language", "en-US"), tuple(voice.stretches), loops)


def _recording(verb: Element) -> str:
    digits = verb.get("digits")
    name = (verb.text or "").strip().rpartition("/")[2]
    return f"[tones {digits}]" if digits else f"[recording {name}]"


@dataclass(slots=True)
class _Voice:
    """Reads nested speech marks aloud in their order."""

    stretches: list[tuple[str, float]] = field(default_factory=list)

    def read(self, element: Element, *, spelled: bool, rate: float) -> None:
        self._say(element.text, spelled, rate)
        for child in element:
            if child.tag == "break":
                self.stretches.append(("", break_seconds(child)))
            elif child.tag == "sub":
                self._say(child.get("alias", child.text), spelled, rate)
            else:
                spells = spelled or child.get("interpret-as") in SPELLED
                self.read(child, spelled=spells, rate=rate * _rate(child))
            self._say(child.tail, spelled, rate)

    def _say(self, text: str | None, spelled: bool, rate: float) -> None:
        if text:
            self.stretches.append((text, speaking_seconds(text, spelled=spelled) / rate))


def _rate(element: Element) -> float:
    rate = element.get("rate", "medium")
    if re.fullmatch(r"[1-9]\d*%", rate):
        return int(rate[:-1]) / 100
    return RATES.get(rate, 1.0)


def break_seconds(element: Element) -> float:
    """The seconds of a `<break>`: its time ("300ms", "1.5s"), else its strength."""
    match = re.fullmatch(r"(\d*\.?\d+)(ms|s)", element.get("time", ""))
    if match:
        return float(match[1]) / (1000 if match[2] == "ms" else 1)
    return BREAKS.get(element.get("strength", "medium"), BREAKS["medium"])


def speaking_seconds(text: str, *, spelled: bool = False) -> float:
    """How long a voice takes for this text; spelled, every letter and digit is a word."""
    words = sum(c.isalnum() for c in text) if spelled else spoken_words(text)
    return words * SECONDS_A_WORD


def spoken_words(text: str) -> int:
    """How many words a voice makes of this text."""
    return sum(_words(match) for match in _TOKENS.finditer(text))


def _words(match: re.Match[str]) -> int:
    part = match.groupdict()
    if part["dollars"]:
        cents = int(part["cents"] or 0)
        extra = 2 + _number_words(str(cents)) if cents else 0  # "and twenty cents"
        return _number_words(part["dollars"].replace(",", "")) + 1 + extra
    if part["hour"]:
        minute = int(part["minute"])
        oh = 1 if 0 < minute < 10 else 0  # "four oh five"
        return _number_words(part["hour"]) + oh + (_number_words(str(minute)) if minute else 0)
    if part["half"]:
        return 2
    return _number_words(part["number"]) if part["number"] else 1


def _number_words(digits: str) -> int:
    if digits[0] == "0" or len(digits) > 6:
        return len(digits)  # a code, read digit by digit
    return _count(int(digits))


def _count(number: int) -> int:
    if number <= 20:
        return 1
    if number < 100:
        return 1 + bool(number % 10)
    if number < 1000:
        return 2 + (_count(number % 100) if number % 100 else 0)
    return _count(number // 1000) + 1 + (_count(number % 1000) if number % 1000 else 0)

"""The typed values a prompt can speak. Each kind has one dataclass and one word in YAML."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Kind(StrEnum):
    """What a value is; the word after the colon in `{amount:money}`."""

    MONEY = "money"
    DATE = "date"
    MOMENT = "moment"
    DIGITS = "digits"
    REFERENCE = "reference"
    PHONE = "phone"
    COUNT = "count"
    WORDS = "words"
    HOURS = "hours"
    KEY = "key"
    TEXT = "text"
    YES_NO = "yes-no"
    CHOICES = "choices"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in integer cents of a US dollar; a credit is negative."""

    cents: int


@dataclass(frozen=True, slots=True)
class Date:
    """A calendar day, spoken without its year."""

    day: date


@dataclass(frozen=True, slots=True)
class Moment:
    """A wall-clock time at the line's place. `days` is 0 today, 1 tomorrow, -1 yesterday."""

    local: datetime
    days: int


@dataclass(frozen=True, slots=True)
class Digits:
    """Digits spoken one by one."""

    text: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A confirmation or reference number: digits in two groups."""

    text: str


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone number in E.164, of which only the last two digits are ever spoken."""

    number: str


@dataclass(frozen=True, slots=True)
class Count:
    """A whole number of things, spoken as a quantity."""

    number: int


@dataclass(frozen=True, slots=True)
class Words:
    """A list of things named by prompts, joined as the language joins them."""

    prompts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Opening:
    """One run of weekdays with the same opening time; 0 is Monday, minutes count from midnight."""

    first: int
    last: int
    opens: int
    closes: int


@dataclass(frozen=True, slots=True)
class Hours:
    """A queue's week."""

    openings: tuple[Opening, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """A key on the phone, one of 0 to 9, * and #."""

    key: str


@dataclass(frozen=True, slots=True)
class Text:
    """Words that need no translation, such as the company's name."""

    text: str


@dataclass(frozen=True, slots=True)
class YesNo:
    """A yes/no field that `needs:` reads; it is never spoken."""

    yes: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing a caller may choose: what it is called inside, and the prompt that names it."""

    value: str
    prompt: str
    values: "tuple[tuple[str, Value], ...]" = ()


@dataclass(frozen=True, slots=True)
class Choices:
    """A list a `choose` step offers."""

    items: tuple[Choice, ...]


Value = (
    Money
    | Date
    | Moment
    | Digits
    | Reference
    | Phone
    | Count
    | Words
    | Hours
    | Key
    | Text
    | YesNo
    | Choices
)

KINDS: dict[type[Value], Kind] = {
    Money: Kind.MONEY,
    Date: Kind.DATE,
    Moment: Kind.MOMENT,
    Digits: Kind.DIGITS,
    Reference: Kind.REFERENCE,
    Phone: Kind.PHONE,
    Count: Kind.COUNT,
    Words: Kind.WORDS,
    Hours: Kind.HOURS,
    Key: Kind.KEY,
    Text: Kind.TEXT,
    YesNo: Kind.YES_NO,
    Choices: Kind.CHOICES,
}


def kind_of(value: Value) -> Kind:
    """The kind of a value."""
    return KINDS[type(value)]

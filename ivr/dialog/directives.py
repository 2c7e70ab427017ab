"""What the caller is to hear: prompt keys and typed values, never words."""

from dataclasses import dataclass

from ivr.prompts.values import Value

Values = tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Say:
    """Speak a prompt, in `language` where that is not the caller's own.

    `once` is left out of repetitions; `slow` speaks numbers slowly.
    """

    prompt: str
    values: Values = ()
    language: str | None = None
    once: bool = False
    slow: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """Speak "For {choice}, press {key}.": words and keys come from one place."""

    key: str
    prompt: str
    values: Values = ()


Directive = Say | Offer

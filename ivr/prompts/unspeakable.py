"""Characters no voice can say and no XML document can hold, as XML 1.0 section 2.2 lists them."""

import re

# Control characters of both sets but tab and line ends; lone surrogates; the two non-characters.
UNSPEAKABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_GAPS = re.compile(r"[\t\r\n]+")


def speakable(text: str) -> str:
    """The text in one line, without what cannot be spoken."""
    return UNSPEAKABLE.sub("", _GAPS.sub(" ", text))

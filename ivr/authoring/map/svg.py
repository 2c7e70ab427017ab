"""A Mermaid text drawn as SVG, by a renderer that pip brings. docs/decisions/map.md says which."""

import hashlib
import importlib
import re

from ivr.errors import BookError

RENDERER = "mmdr"
MISSING = f"drawing SVG takes the package {RENDERER}; install it, or leave out --svg for Mermaid"
TOO_MUCH = (
    f"the package {RENDERER} cannot draw this book ({{}}); "
    "`ivr map` without --svg prints it as Mermaid, which other programs draw"
)
PLAIN = '%%{init: {"htmlLabels": false}}%%\n'
"""Labels as text of the SVG. As HTML, the renderer's choice, they are drawn a second time for
viewers that show none, and that fails on a book of seventy flows."""
PAGE = '<rect x="-100%" y="-100%" width="300%" height="300%" fill="#ffffff"/>'
"""A white page below it all: its lines and titles are black, and the reader's page may be too."""

_MARKUP = re.compile(r"</?[bi]>")
_BETWEEN_WORDS = re.compile(r'</tspan><tspan [^>]*class="text-inner-tspan"[^>]*>')
_CODE = re.compile(r"&amp;(?=#\d+;)")
_BEGINS = re.compile(r"<svg[^>]*>")
_EXTRA = re.compile(r' data-(?!look|color)[a-z-]+="[^"]*"')
_FRACTION = re.compile(r"\d+\.\d{2,}")
_DIGEST = re.compile(r"<!-- drawn from ([0-9a-f]{64}) -->")


def svg(text: str) -> str:
    """The picture, with a comment that tells which text it was drawn from.

    What only the renderer's own tools read is left out, and what plain labels cannot show: bold and
    slanted letters. Raises BookError without the renderer, and where the picture is beyond it.
    """
    drawn = _EXTRA.sub("", _drawn(PLAIN + _MARKUP.sub("", text)))
    rows = _CODE.sub("&", _BETWEEN_WORDS.sub("", drawn))
    rounded = _FRACTION.sub(lambda found: f"{float(found[0]):.1f}", rows)
    mark = f"<!-- drawn from {digest(text)} -->"
    return _BEGINS.sub(lambda found: f"{found[0]}{mark}{PAGE}", rounded.rstrip(), count=1) + "\n"


def _drawn(text: str) -> str:
    """The renderer's SVG. It counts its work, and names the limit that a large book passes."""
    try:
        renderer = importlib.import_module(RENDERER)
    except ImportError:
        raise BookError(MISSING) from None
    try:
        return str(renderer.render(text).svg())
    except ValueError as error:
        raise BookError(TOO_MUCH.format(error)) from None


def digest(text: str) -> str:
    """What names a Mermaid text: SHA-256, as 64 hex digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def drawn_from(picture: str) -> str | None:
    """The digest of the text that an SVG of ours was drawn from; None for any other SVG."""
    found = _DIGEST.search(picture)
    return found[1] if found else None

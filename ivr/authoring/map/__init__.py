"""The whole book as a picture: boxes and arrows read off the book, written down as Mermaid.

`draw` makes the picture, `highlighted` marks a job's way on it, `mermaid` writes it.
"""

from ivr.authoring.map.draft import draw
from ivr.authoring.map.highlight import highlighted
from ivr.authoring.map.mermaid import mermaid

__all__ = ["draw", "highlighted", "mermaid"]

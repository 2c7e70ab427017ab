"""How long a recording lasts, from the head of its file."""

import struct
from pathlib import Path

from ivr.errors import BookError

_CHUNK = struct.Struct("<4sI")
_FORMAT = struct.Struct("<HHII")


def recorded_seconds(path: Path) -> float:
    """Seconds of a .wav file: the size of its sound over the bytes of a second.

    Read here and not by the standard library's wave, which knows nothing but plain samples:
    telephone recordings are mostly µ-law (RFC 2361, format 7). Raises BookError for a file that
    cannot be read or is no .wav.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BookError(f"{path} cannot be read: {error.strerror}") from None
    chunks = _chunks(data) if data[:4] == b"RIFF" and data[8:12] == b"WAVE" else {}
    head, sound = chunks.get(b"fmt ", b""), chunks.get(b"data", b"")
    a_second = _FORMAT.unpack_from(head)[3] if len(head) >= _FORMAT.size else 0
    if not a_second:
        raise BookError(f"{path} is no .wav file; save the recording as one")
    return len(sound) / a_second


def _chunks(data: bytes) -> dict[bytes, bytes]:
    """The chunks of a RIFF file by their names; each begins at an even byte."""
    chunks: dict[bytes, bytes] = {}
    at = 12
    while at + _CHUNK.size <= len(data):
        name, size = _CHUNK.unpack_from(data, at)
        at += _CHUNK.size
        chunks.setdefault(name, data[at : at + size])
        at += size + size % 2
    return chunks

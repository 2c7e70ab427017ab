"""The length of recordings, of the formats telephones use."""

import struct
import wave
from pathlib import Path

import pytest

from ivr.authoring.recordings import recorded_seconds
from ivr.errors import BookError


def test_plain_samples_last_as_long_as_they_are_many(tmp_path: Path) -> None:
    path = tmp_path / "welcome.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(2 * 12000))
    assert recorded_seconds(path) == 1.5


def test_a_recording_as_telephones_have_them_behind_a_chunk_of_odd_length(tmp_path: Path) -> None:
    mu_law = struct.pack("<HHIIHH", 7, 1, 8000, 8000, 1, 8)
    chunks = b"note" + struct.pack("<I", 3) + b"abc\0"
    chunks += b"fmt " + struct.pack("<I", len(mu_law)) + mu_law
    chunks += b"data" + struct.pack("<I", 4000) + bytes(4000)
    path = tmp_path / "welcome.wav"
    path.write_bytes(b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WAVE" + chunks)
    assert recorded_seconds(path) == 0.5


@pytest.mark.parametrize("data", [b"", b"ID3 something else", b"RIFF\0\0\0\0WAVEfmt \x02\0\0\0ab"])
def test_a_file_that_is_no_recording_is_named(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "welcome.wav"
    path.write_bytes(data)
    with pytest.raises(BookError, match=r"welcome\.wav is no \.wav file"):
        recorded_seconds(path)


def test_a_recording_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(BookError, match=r"gone\.wav cannot be read: No such file"):
        recorded_seconds(tmp_path / "gone.wav")

"""Sound for the tests: known bytes, no listening needed."""

from datetime import timedelta

import numpy as np

RATE = 24_000  # samples per second; the only rate that the vendor speaks
WIDTH = 2  # bytes per sample
PER_WORD = timedelta(milliseconds=300)  # a calm voice
PITCH = 220  # Hz
SPEECH_LEVEL = 500  # RMS of int16 from which the server's ear takes sound for speech


def length_of(pcm: bytes) -> timedelta:
    """How long PCM16 mono at 24 kHz lasts."""
    return timedelta(seconds=len(pcm) / WIDTH / RATE)


def bytes_of(length: timedelta) -> int:
    """How many bytes last that long, in whole samples."""
    return round(length.total_seconds() * RATE) * WIDTH


def tone(length: timedelta, pitch: int = PITCH, level: int = 8000) -> bytes:
    """A plain tone."""
    samples = np.arange(bytes_of(length) // WIDTH)
    return (level * np.sin(2 * np.pi * pitch * samples / RATE)).astype("<i2").tobytes()


def silence(length: timedelta) -> bytes:
    """Nothing to hear."""
    return bytes(bytes_of(length))


def sound_of(words: str) -> bytes:
    """Sound that belongs to these words: the same for the same words, of another pitch for others."""
    return tone(PER_WORD * max(1, len(words.split())), PITCH + sum(words.encode()) % 200)


def is_speech(pcm: bytes) -> bool:
    """Whether the server's ear takes this for somebody who talks."""
    if not pcm:
        return False
    samples = np.frombuffer(pcm, dtype="<i2").astype(np.float64)
    return bool(np.sqrt(np.mean(samples**2)) > SPEECH_LEVEL)

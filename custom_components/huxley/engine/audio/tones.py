"""Sounds that need no file: the thinking tone, the error tone, the ringing of a call. 24 kHz PCM without clicks."""

from datetime import timedelta

import numpy as np

from .pcm import RATE, size

EDGE = timedelta(milliseconds=10)  # a tone that begins at once begins with a click
AMPLITUDE = 0.18  # of full scale; noticed beside speech, not startling at night

type Note = tuple[tuple[float, ...], timedelta]
"""Frequencies in hertz that sound together, none for a rest, and for how long."""

_REST: tuple[float, ...] = ()

THINKING: tuple[Note, ...] = (
    ((392.0,), timedelta(milliseconds=90)),
    (_REST, timedelta(milliseconds=60)),
    ((523.25,), timedelta(milliseconds=90)),
    (_REST, timedelta(milliseconds=960)),
)
"""Two soft steps up, then a breath: somebody is at work (Engine T15)."""

ERROR: tuple[Note, ...] = (
    ((440.0,), timedelta(milliseconds=140)),
    (_REST, timedelta(milliseconds=40)),
    ((311.13,), timedelta(milliseconds=260)),
)
"""Two steps down: it did not work (Engine T15)."""

RINGING: tuple[Note, ...] = ((((425.0, 450.0)), timedelta(seconds=1)), (_REST, timedelta(seconds=4)))
"""What a caller hears until somebody answers (Engine C7)."""


def tone(notes: tuple[Note, ...], times: int = 1, amplitude: float = AMPLITUDE) -> bytes:
    """Render `notes`, `times` over."""
    once = b"".join(_render(frequencies, length, amplitude) for frequencies, length in notes)
    return once * times


def _render(frequencies: tuple[float, ...], length: timedelta, amplitude: float) -> bytes:
    if not frequencies:
        return bytes(size(length))
    seconds = np.arange(size(length) // 2) / RATE
    wave = np.mean([np.sin(2 * np.pi * frequency * seconds) for frequency in frequencies], axis=0)
    edge = min(size(EDGE) // 2, len(seconds) // 2)
    rise = 0.5 - 0.5 * np.cos(np.pi * np.arange(edge) / edge)
    wave[:edge] *= rise
    wave[len(wave) - edge :] *= rise[::-1]
    pcm: bytes = np.rint(wave * amplitude * 32767).astype("<i2").tobytes()
    return pcm

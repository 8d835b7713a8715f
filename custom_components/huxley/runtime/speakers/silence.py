"""A tenth of a second of nothing: what a device announces to stop announcing."""

import io
import wave
from datetime import timedelta
from functools import cache

from ...engine.audio.pcm import RATE, WIDTH, size

SILENCE_PATH = "/api/huxley/silence.wav"
"""Where devices fetch it."""

SHORT = timedelta(milliseconds=100)


@cache
def silent_wav() -> bytes:
    """A whole WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(WIDTH)
        out.setframerate(RATE)
        out.writeframes(bytes(size(SHORT)))
    return file.getvalue()

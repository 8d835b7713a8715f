"""What a room sounded like: speech on the left, music on the right, one clock, and what happened when."""

import json
import wave
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

RATE = 48_000  # Hz
FRAME = 0.02  # seconds
SAMPLES = int(RATE * FRAME)  # samples in a frame, per channel

type Samples = np.ndarray[tuple[int], np.dtype[np.int16]]


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened in the room."""

    at: float
    """Seconds since the room opened; sample `at * RATE` of the recording."""

    event: str
    data: dict[str, Any]


@dataclass(slots=True)
class Recording:
    """Grows while the room is open."""

    speech: bytearray = field(default_factory=bytearray)
    music: bytearray = field(default_factory=bytearray)
    moments: list[Moment] = field(default_factory=list)

    def channels(self, start: float = 0.0, end: float | None = None) -> tuple[Samples, Samples]:
        """Return copies of (speech, music) between two times in seconds."""
        span = slice(int(start * RATE) * 2, None if end is None else int(end * RATE) * 2)
        return np.frombuffer(bytes(self.speech[span]), np.int16), np.frombuffer(bytes(self.music[span]), np.int16)

    def save(self, wav: Path) -> None:
        """Write a stereo WAV and, beside it, the moments as JSON."""
        left, right = self.channels()
        with wave.open(str(wav), "wb") as file:
            file.setnchannels(2)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(np.stack((left, right), axis=1).tobytes())
        lines = [
            json.dumps({"at": round(moment.at, 3), "event": moment.event, **moment.data}) for moment in self.moments
        ]
        wav.with_suffix(".jsonl").write_text("\n".join(lines) + "\n")

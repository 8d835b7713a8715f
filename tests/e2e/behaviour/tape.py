"""The recording of one cell, and the times that matter in it."""

import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scripts.rig.recording import RATE, Samples


@dataclass(frozen=True, slots=True)
class Latencies:
    """What a device takes, in seconds; nothing more may be heard of what should be quiet."""

    duck: float
    """From the first word to quiet music."""

    listen: float
    """From the wake word to quiet music."""

    stop: float
    """From a hand to silence."""

    back: float
    """From the last word to the music's own level."""

    resume: float
    """By how much a place may be missed after the device was away."""


@dataclass(frozen=True, slots=True)
class Tape:
    """Both channels of a cell; times are seconds of the room's recording."""

    began: float
    """Just before the situation was made."""

    event: float
    """When the event happened."""

    released: float | None
    """When whoever spoke to the room was answered, or what played was stopped by hand, if that belongs to the cell."""

    back: float | None
    """When what was away was back."""

    speech: Samples
    music: Samples
    latencies: Latencies
    notes: str
    """What happened when, for whoever has to find out."""

    volume_commands: int = 0
    """How often the player was told another volume after the event."""

    def save(self, wav: Path) -> None:
        """Write speech and music as a stereo WAV, and beside it what happened when."""
        wav.parent.mkdir(parents=True, exist_ok=True)
        size = min(len(self.speech), len(self.music))
        with wave.open(str(wav), "wb") as file:
            file.setparams((2, 2, RATE, 0, "NONE", ""))
            file.writeframes(np.stack((self.speech[:size], self.music[:size]), axis=1).tobytes())
        wav.with_suffix(".txt").write_text(f"began {self.began:.2f}, event {self.event:.2f}\n{self.notes}\n")

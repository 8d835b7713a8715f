"""Music whose every moment is known: a tone that rises evenly, so that its pitch tells the position."""

import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scripts.rig.recording import RATE, Samples

SECONDS = 90
RISE = 100.0  # Hz in each second
LEVEL = -12.0  # dBFS
WINDOW = 2400  # samples: 50 ms, in which the pitch is measured
HOP = 960  # samples: 20 ms from one measurement to the next
AUDIBLE = -70.0  # dBFS
NOTHING = -120.0  # dBFS, for digital silence

type Numbers = np.ndarray[tuple[int], np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Ramp:
    """One piece of music."""

    name: str
    base: float
    """Its pitch at the beginning, in Hz."""

    def write(self, file: Path) -> None:
        """Write it as a WAV file."""
        time = np.arange(SECONDS * RATE) / RATE
        phase = 2 * np.pi * (self.base * time + RISE * time**2 / 2)
        tone = 32768 * 2**0.5 * 10 ** (LEVEL / 20) * np.sin(phase)
        file.parent.mkdir(parents=True, exist_ok=True)
        with wave.open(str(file), "wb") as wav:
            wav.setparams((1, 2, RATE, 0, "NONE", ""))
            wav.writeframes(tone.astype(np.int16).tobytes())


OWN = Ramp("own ramp", 500.0)
FOREIGN = Ramp("foreign ramp", 8000.0)


@dataclass(frozen=True, slots=True)
class Played:
    """What a channel of music holds, one value for each 20 ms."""

    time: Numbers
    """Middle of the window, in seconds of the recording."""

    level: Numbers
    """In dBFS."""

    position: Numbers
    """In seconds of the music; NaN where there is none."""

    def between(self, start: float, end: float) -> Played:
        """Return the windows that lie in a stretch wholly."""
        half = WINDOW / 2 / RATE
        inside = (self.time - half >= start) & (self.time + half <= end)
        return Played(self.time[inside], self.level[inside], self.position[inside])

    @property
    def audible(self) -> bool:
        """Whether anything can be heard at all."""
        return bool(np.any(self.level > AUDIBLE))


def measure(music: Samples, began: float, ramp: Ramp) -> Played:
    """Return what `music`, which begins at `began`, holds of `ramp`."""
    if len(music) < WINDOW:
        empty = np.empty(0)
        return Played(empty, empty, empty)
    windows = np.lib.stride_tricks.sliding_window_view(music, WINDOW)[::HOP].astype(np.float64) / 32768
    power = np.square(windows).mean(axis=1)
    level = 10 * np.log10(np.maximum(power, 10 ** (NOTHING / 10)))
    spectrum = np.abs(np.fft.rfft(windows * np.hanning(WINDOW), axis=1)) + 1e-12
    peak = np.clip(spectrum.argmax(axis=1), 1, spectrum.shape[1] - 2)
    rows = np.arange(len(peak))
    left, middle, right = (np.log(spectrum[rows, peak + step]) for step in (-1, 0, 1))
    curve = left - 2 * middle + right
    offset = np.divide(left - right, 2 * curve, out=np.zeros_like(curve), where=curve != 0)
    position = ((peak + offset) * RATE / WINDOW - ramp.base) / RISE
    position[level <= AUDIBLE] = np.nan
    return Played(began + (rows * HOP + WINDOW / 2) / RATE, level, position)

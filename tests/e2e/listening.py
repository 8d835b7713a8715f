"""What an ear would say about a recording: when there was sound, how loud, and what lay on top of what."""

from dataclasses import dataclass

import numpy as np

from scripts.rig.recording import RATE, Samples

WINDOW = 0.02  # seconds; levels are judged over this long
SILENCE = -55.0  # dBFS; quieter than this is nothing (espeak-ng's pauses are digital zeros)
PAUSE = 0.4  # seconds; a shorter silence is a breath inside the same sound
FULL_SCALE = 32768.0
NOTHING = -120.0  # dBFS, for digital silence


@dataclass(frozen=True, slots=True)
class Sound:
    """A stretch of a channel with something to hear, in seconds of the recording."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        return self.end - self.start


def levels(samples: Samples) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the RMS level in dBFS of each whole window; digital silence is `NOTHING`."""
    size = int(RATE * WINDOW)
    windows = samples[: len(samples) // size * size].reshape(-1, size).astype(np.float64)
    power = np.square(windows / FULL_SCALE).mean(axis=1)
    return 10 * np.log10(np.maximum(power, 10 ** (NOTHING / 10)))


def level(samples: Samples, start: float, end: float) -> float:
    """Return the median level in dBFS between two times: a click or a breath does not move it."""
    part = levels(samples[int(start * RATE) : int(end * RATE)])
    if not len(part):
        raise ValueError(f"There is no whole window between {start:.2f} s and {end:.2f} s.")
    return float(np.median(part))


def sounds(samples: Samples, *, pause: float = PAUSE, silence: float = SILENCE) -> list[Sound]:
    """Return the stretches louder than `silence`, joined over gaps shorter than `pause`; exact to one window."""
    found: list[Sound] = []
    for index in np.flatnonzero(levels(samples) > silence):
        start, end = float(index) * WINDOW, float(index + 1) * WINDOW
        if found and start - found[-1].end < pause:
            found[-1] = Sound(found[-1].start, end)
        else:
            found.append(Sound(start, end))
    return found


def samples_under(lower: Samples, upper: Samples) -> int:
    """Return how many samples of `lower` are not zero while `upper` is talking, breaths between words included."""
    return sum(int(np.count_nonzero(lower[int(sound.start * RATE) : int(sound.end * RATE)])) for sound in sounds(upper))


def steps(samples: Samples, start: float, end: float) -> float:
    """Return the largest jump between neighbouring samples, as a part of full scale: a click is a large one."""
    part = samples[int(start * RATE) : int(end * RATE)].astype(np.int32)
    return float(np.abs(np.diff(part)).max(initial=0) / FULL_SCALE)

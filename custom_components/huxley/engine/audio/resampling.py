"""Changing the rate of PCM at the edges, with a stateful polyphase filter against aliases (Engine A1)."""

from functools import cache
from math import gcd

import numpy as np
from numpy.typing import NDArray

from .pcm import RATE

RATES = (8_000, 16_000, 22_050, RATE, 44_100, 48_000)
"""What devices and voices use, in samples per second."""

_REACH = 32  # zero crossings on each side; the price of a stopband below -90 dB
_CUTOFF = 0.93  # of the lower Nyquist frequency; leaves room for the slope
_BETA = 9.0  # of the Kaiser window; the stopband's depth
_LOUDEST, _SOFTEST = 32767.0, -32768.0


class Resampler:
    """Turns int16 samples of `source_rate` into such of `target_rate`, in pieces of any size.

    Sample 0 stays sample 0: the filter's delay is not heard, it is waited for. `finish` gives what is held back.
    """

    def __init__(self, source_rate: int, target_rate: int) -> None:
        common = gcd(source_rate, target_rate)
        self._up, self._down = target_rate // common, source_rate // common
        self._phases = _phases(self._up, self._down)
        taps = self._phases.shape[1]
        self._history = np.zeros(taps // 2 - 1, np.float32)
        self._next = 0  # where the next output's window begins, in 1 / up of an input sample, from the history's start

    def process(self, samples: NDArray[np.int16]) -> NDArray[np.int16]:
        """Return what can be said after these samples."""
        if self._up == self._down:
            return samples
        taps = self._phases.shape[1]
        known = np.concatenate((self._history, samples), dtype=np.float32)
        last_start = len(known) - taps
        count = max(0, (last_start * self._up + self._up - 1 - self._next) // self._down + 1)
        at = self._next + self._down * np.arange(count)
        starts, phases = np.divmod(at, self._up)
        self._next += self._down * count
        drop = min(self._next // self._up, len(known))
        if count:
            windows = np.lib.stride_tricks.sliding_window_view(known, taps)[starts]
            heard = np.einsum("ij,ij->i", windows, self._phases[phases])
        else:
            heard = np.zeros(0, np.float32)
        self._history = known[drop:]
        self._next -= drop * self._up
        return _as_int16(heard)

    def finish(self) -> NDArray[np.int16]:
        """Return the rest, as if silence followed."""
        held_back = 0 if self._up == self._down else self._phases.shape[1] // 2
        return self.process(np.zeros(held_back, np.int16))


@cache
def _phases(up: int, down: int) -> NDArray[np.float32]:
    """One row of weights for each of the `up` places an output sample can have between two input samples."""
    stretch = max(1.0, down / up)  # going down, the filter is that much longer and lower
    half = int(np.ceil(_REACH * stretch))
    offsets = np.arange(-half, half + 2)[None, :] - np.arange(up)[:, None] / up
    weights = np.sinc(offsets / stretch * _CUTOFF) * np.where(
        np.abs(offsets) <= half, np.i0(_BETA * np.sqrt(np.clip(1 - (offsets / half) ** 2, 0, None))), 0.0
    )
    scaled: NDArray[np.float32] = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return scaled


def _as_int16(samples: NDArray[np.float32]) -> NDArray[np.int16]:
    return np.clip(np.rint(samples), _SOFTEST, _LOUDEST).astype(np.int16)

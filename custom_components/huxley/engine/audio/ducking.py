"""Ducking: how loud content is under speech, as a ramp in decibels without clicks (Engine A3)."""

from datetime import timedelta
from math import log

import numpy as np
from numpy.typing import NDArray

from .pcm import FRAME, FRAME_SAMPLES

DEPTH_DB = -18.0  # quiet enough to follow the speech, loud enough to know that the music goes on
DOWN = timedelta(milliseconds=80)
HOLD = timedelta(milliseconds=300)  # a pause between two sentences does not pump
UP = timedelta(milliseconds=600)

DOWN_STEP_DB = DEPTH_DB * (FRAME / DOWN)
UP_STEP_DB = -DEPTH_DB * (FRAME / UP)
HOLD_FRAMES = HOLD // FRAME

_NEPERS = log(10) / 20  # per decibel
_ALONG = np.arange(1, FRAME_SAMPLES + 1, dtype=np.float32) / FRAME_SAMPLES

type Gain = float | NDArray[np.float32]
"""One factor for a frame, or one for each of its samples."""


class Envelope:
    """The gain of one source, frame by frame. It knows whether it is ducked, never a volume from before."""

    __slots__ = ("_db", "_ducked", "_hold")

    def __init__(self) -> None:
        self._ducked = False
        self._db = 0.0
        self._hold = 0

    @property
    def db(self) -> float:
        """Where the ramp stands, in decibels: 0 is full volume."""
        return self._db

    @property
    def gain(self) -> float:
        """The factor at the end of the last frame."""
        return 10 ** (self._db / 20) if self._db else 1.0

    @property
    def at_rest(self) -> bool:
        """Whether it stands at full volume and stays there."""
        return not self._ducked and not self._db

    def set_ducked(self, *, ducked: bool) -> None:
        """Head for quiet, or after the hold for full volume."""
        if ducked is not self._ducked:
            self._ducked = ducked
            self._hold = 0 if ducked else HOLD_FRAMES

    def jump(self) -> None:
        """Be where the ramp leads to: nobody hears it now."""
        self._db = DEPTH_DB if self._ducked else 0.0
        self._hold = 0

    def rewind(self, db: float) -> None:
        """Stand at `db` again, because the frames since then were never heard."""
        self._db = db

    def next_frame(self) -> Gain:
        """Return the gain of the next frame and move on."""
        target = DEPTH_DB if self._ducked else 0.0
        if self._db == target:
            self._hold = 0
            return self.gain
        if self._hold:
            self._hold -= 1
            return self.gain
        before = self._db
        after = max(target, before + DOWN_STEP_DB) if self._ducked else min(target, before + UP_STEP_DB)
        self._db = round(after, 6)  # sums of floats are not exact, and a ramp ends
        ramp: NDArray[np.float32] = np.exp(_NEPERS * (before + (self._db - before) * _ALONG))
        return ramp

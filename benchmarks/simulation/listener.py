"""A client in loop time: it plays frames one after the other, and writes down what a person hears."""

import asyncio

import numpy as np
from numpy.typing import NDArray

from custom_components.huxley.engine.audio.pcm import FRAME, RATE

FRAME_SECONDS = FRAME.total_seconds()
SOON = 1e-7  # seconds; sums of floats are not exact


class Listener:
    """An `Output` of the mixer with an endless memory."""

    def __init__(self) -> None:
        self._now = asyncio.get_running_loop().time
        self.began = self._now()
        self._played: list[tuple[float, bytes]] = []
        self._free_at = self.began
        self._generation = 0
        self.flushes: list[float] = []
        self.stale = 0

    def write(self, frame: bytes, generation: int) -> None:
        """Play a frame when those before it are over; one of an old generation is never heard."""
        if generation < self._generation:
            self.stale += 1
            return
        at = max(self._now(), self._free_at)
        self._played.append((at, frame))
        self._free_at = at + FRAME_SECONDS

    def flush(self, generation: int) -> None:
        """Drop what is not being played yet."""
        self._generation = generation
        self.flushes.append(self._now())
        while self._played and self._played[-1][0] > self._now() - SOON:
            self._played.pop()
        self._free_at = self._played[-1][0] + FRAME_SECONDS if self._played else self._now()

    @property
    def ahead(self) -> float:
        """How many seconds of sound wait at the client."""
        return max(0.0, self._free_at - self._now())

    def recording(self) -> NDArray[np.int16]:
        """Everything that was heard since the beginning, 24 kHz; what still waits is left out."""
        heard = np.zeros(round((self._now() - self.began) * RATE), np.int16)
        for at, frame in self._played:
            start = round((at - self.began) * RATE)
            samples = np.frombuffer(frame, "<i2")[: max(0, len(heard) - start)]
            heard[start : start + len(samples)] = samples
        return heard

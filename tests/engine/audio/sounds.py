"""Sounds that a test can tell apart, and a mixer with a listener."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from benchmarks.simulation.listener import Listener
from custom_components.huxley.engine.audio.mixer import Mixer
from custom_components.huxley.engine.audio.pcm import RATE
from custom_components.huxley.engine.audio.source import Source, SourceEvents

FADE = 120  # samples in which a sound that joins or leaves does so without a click


def sine(seconds: float, hertz: float = 300, amplitude: float = 8000) -> bytes:
    at = np.arange(round(seconds * RATE)) / RATE
    return np.rint(amplitude * np.sin(2 * np.pi * hertz * at)).astype("<i2").tobytes()


def counting(seconds: float) -> bytes:
    """Samples that say where they are: no two stretches of a few samples are alike, and none is silent."""
    noise = np.random.default_rng(7).integers(4000, 9000, round(seconds * RATE))
    return noise.astype("<i2").tobytes()


def level_db(samples: NDArray[np.int16]) -> float:
    """Root mean square, in dB of full scale."""
    return float(20 * np.log10(np.sqrt(np.mean(samples.astype(float) ** 2)) / 32768 + 1e-9))


def largest_step(samples: NDArray[np.int16]) -> int:
    return int(np.abs(np.diff(samples.astype(int))).max())


def at(samples: NDArray[np.int16], begin: float, end: float) -> NDArray[np.int16]:
    return samples[round(begin * RATE) : round(end * RATE)]


async def chunks(pcm: bytes, size: int = 960, *, every: float = 0.0) -> AsyncGenerator[bytes]:
    for start in range(0, len(pcm), size):
        if every:
            await asyncio.sleep(every)
        yield pcm[start : start + size]


@dataclass
class Desk:
    """A mixer, its listener, and what has ended."""

    listener: Listener = field(default_factory=Listener)
    ended: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.mixer = Mixer(self.listener)

    def play(self, pcm: bytes, name: str = "sound", *, complete: bool = True) -> Source:
        source = Source(SourceEvents(on_end=lambda: self.ended.append(name)))
        source.push(pcm)
        if complete:
            source.complete()
        self.mixer.add(source)
        return source

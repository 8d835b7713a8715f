"""The sounds of a scenario: spoken by espeak-ng where it is installed, or tones that a test can tell apart."""

import io
import shutil
import subprocess
import wave
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

import numpy as np
from numpy.typing import NDArray

from custom_components.huxley.engine.audio.pcm import FRAME_BYTES, RATE
from custom_components.huxley.engine.audio.resampling import Resampler
from custom_components.huxley.engine.audio.tones import tone

SECONDS_A_WORD = 0.32
AUDIBLE = 60  # of 32767; espeak adds a third of a second of silence
SPEECH_HERTZ, BOOK_HERTZ, MUSIC_HERTZ, CALLER_HERTZ, SIREN_HERTZ = 2000, 300, 500, 1200, 3000

STORY = (
    "The river was still asleep when Anna untied the boat. She had counted the bridges many times, and there were "
    "always seven. This morning there were eight. The new one was made of glass, and somebody was standing on it. "
    "She put down the oars and waved back. Nobody had ever waited for her before, least of all on a bridge. "
    "So she rowed on, slowly, and with every stroke the glass began to hum a little louder."
)
CALLER = "Hello, it is me. I only wanted to hear how you are. The weather is lovely here. Shall I come over on Sunday?"


@dataclass(frozen=True, slots=True)
class Cast:
    """Who is heard. Everything is 24 kHz PCM."""

    say: Callable[[str], bytes]
    book: bytes
    music: bytes
    caller: bytes
    siren: bytes

    async def voice(self, words: AsyncIterator[str]) -> AsyncGenerator[bytes]:
        """Speak each piece of text as it comes: a `Voice` of the stream speaker."""
        async for piece in words:
            for chunk in pieces(self.say(piece)):
                yield chunk


def pieces(pcm: bytes) -> list[bytes]:
    """Cut into frames."""
    return [pcm[start : start + FRAME_BYTES] for start in range(0, len(pcm), FRAME_BYTES)]


def can_speak() -> bool:
    """Whether there is a voice on this machine."""
    return shutil.which("espeak-ng") is not None


@cache
def spoken_cast() -> Cast:
    """A persona, a reader and a caller with three voices, music, and a siren."""
    return Cast(
        say=lambda text: _espeak(text, "en-us+f3", 150, 0.62),
        book=_espeak(STORY, "en-gb", 145, 0.5),
        music=_music(),
        caller=_espeak(CALLER, "en-gb-scotland+f2", 140, 0.5),
        siren=_siren(),
    )


@cache
def tone_cast() -> Cast:
    """Everyone is one frequency, so that a level says who is heard, and how loud."""
    return Cast(
        say=lambda text: _sine(SPEECH_HERTZ, SECONDS_A_WORD * len(text.split())),
        book=_marked(_sine(BOOK_HERTZ, 40)),
        music=_sine(MUSIC_HERTZ, 40),
        caller=_sine(CALLER_HERTZ, 10),
        siren=_sine(SIREN_HERTZ, 6.5),
    )


def _espeak(text: str, voice: str, words_a_minute: int, gain: float) -> bytes:
    command = ["espeak-ng", "--stdout", "-v", voice, "-s", str(words_a_minute), text]
    spoken = subprocess.run(command, check=True, capture_output=True).stdout  # noqa: S603 (our own words)
    with wave.open(io.BytesIO(spoken)) as file:
        rate = file.getframerate()
        samples = np.frombuffer(spoken, "<i2", offset=44)[: (len(spoken) - 44) // 2]
    resampler = Resampler(rate, RATE)
    loud = np.concatenate((resampler.process(samples), resampler.finish())) * gain
    audible = np.flatnonzero(np.abs(loud) > AUDIBLE)
    return _pcm(loud[audible[0] : audible[-1] + RATE // 20])


def _sine(hertz: float, seconds: float) -> bytes:
    return _pcm(6000 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE))


def _marked(pcm: bytes) -> bytes:
    """Add noise too soft for a level and enough to tell one moment from another."""
    noise = np.random.default_rng(24).integers(-300, 300, len(pcm) // 2)
    return _pcm(np.frombuffer(pcm, "<i2") + noise.astype(float))


def _music() -> bytes:
    """Eight bars of broken chords, plucked."""
    chords = ((220.0, 277.2, 329.6), (185.0, 220.0, 277.2), (146.8, 220.0, 293.7), (164.8, 207.7, 246.9))
    track = np.zeros(RATE * 40)
    beat = round(0.28 * RATE)
    for number in range(len(track) // beat):
        chord = chords[number // 8 % 4]
        hertz = (*chord, chord[1] * 2, chord[2] * 2, chord[1] * 2, chord[2], chord[1])[number % 8]
        seconds = np.arange(min(beat * 4, len(track) - number * beat)) / RATE
        pluck = np.sin(2 * np.pi * hertz * seconds) + 0.4 * np.sin(4 * np.pi * hertz * seconds)
        start = number * beat
        track[start : start + len(seconds)] += pluck * np.exp(-3.2 * seconds) * np.minimum(1, seconds / 0.006)
    return _pcm(track / np.abs(track).max() * 11000)


def _siren() -> bytes:
    half = timedelta(milliseconds=250)
    return tone((((880.0,), half), ((660.0,), half)), times=13, amplitude=0.3)


def _pcm(samples: NDArray[np.floating]) -> bytes:
    pcm: bytes = np.rint(samples).astype("<i2").tobytes()
    return pcm

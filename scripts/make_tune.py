#!/usr/bin/env python3
"""Make the tune that ships with the music skill: a short waltz, the same samples every time.

Usage: scripts/make_tune.py [FILE]    (default: skills/music/sounds/huxley_waltz.wav)
"""

import sys
import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt

type Samples = npt.NDArray[np.float64]

RATE = 24_000  # Hz, as everywhere inside the engine
BEAT = 0.4  # seconds; 150 beats a minute, three to a bar
PEAK = 0.707  # of full scale: -3 dBFS
FADE_IN = 0.005  # seconds; a note that starts at full level clicks
FADE_OUT = 0.06  # seconds, at the end of each note
LAST_FADE = 1.5  # seconds, over the end of the tune

SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}

CHORDS = {"C": "E4 G4 C5", "Am": "E4 A4 C5", "F": "F4 A4 C5", "G": "D4 G4 B4", "Em": "E4 G4 B4", "Dm": "F4 A4 D5"}
ROOTS = {"C": "C3", "Am": "A2", "F": "F2", "G": "G2", "Em": "E3", "Dm": "D3"}

# One line for four bars: a chord, then notes as PITCH:BEATS.
TUNE = """
C  G5:2 E5:1      | Am A5:2 E5:1      | F  F5:1 A5:1 C6:1 | G  B5:2 G5:1
C  E5:1 G5:1 C6:1 | Em B5:2 G5:1      | F  A5:1.5 G5:.5 F5:1 | G  D5:3
Am C6:2 B5:1      | F  A5:2 F5:1      | C  G5:1 E5:1 G5:1 | G  F5:1 E5:1 D5:1
F  A5:1 C6:1 D6:1 | G  B5:1 D6:1 B5:1 | C  C6:2 G5:1      | C  E5:3
Dm F5:1 A5:1 D6:1 | G  B5:1 G5:1 F5:1 | C  E5:1 G5:1 C6:1 | C  C6:3
"""


def frequency(pitch: str) -> float:
    """Return the frequency of `A4` in Hz."""
    note = SEMITONES[pitch[0]] + 12 * (int(pitch[1:]) + 1)
    return float(440.0 * 2.0 ** ((note - 69) / 12))


def tone(pitch: str, beats: float, partials: list[float], decay: float) -> Samples:
    """Return one note. `partials` are the levels of its harmonics, `decay` the seconds to a third of its level."""
    count = round(beats * BEAT * RATE)
    time = np.arange(count) / RATE
    sound = np.zeros(count)
    for number, level in enumerate(partials, start=1):
        sound += level * np.sin(2 * np.pi * frequency(pitch) * number * time) * np.exp(-time * number / decay)
    rise = round(FADE_IN * RATE)
    fall = min(round(FADE_OUT * RATE), count - rise)
    sound[:rise] *= np.sin(np.linspace(0, np.pi / 2, rise)) ** 2
    sound[-fall:] *= np.cos(np.linspace(0, np.pi / 2, fall)) ** 2
    return sound


def bars() -> list[tuple[str, list[tuple[str, float]]]]:
    """Return each bar's chord and its melody."""
    found = []
    for bar in TUNE.strip().replace("\n", "|").split("|"):
        chord, *notes = bar.split()
        melody = [(pitch, float(beats)) for pitch, beats in (note.split(":") for note in notes)]
        found.append((chord, melody))
    return found


def render() -> npt.NDArray[np.int16]:
    """Return the whole tune, 16-bit mono."""
    score = bars()
    mix = np.zeros(round(len(score) * 3 * BEAT * RATE))

    def put(beat: float, sound: Samples) -> None:
        start = round(beat * BEAT * RATE)
        mix[start : start + len(sound)] += sound[: len(mix) - start]

    for number, (chord, melody) in enumerate(score):
        first = number * 3
        put(first, 0.50 * tone(ROOTS[chord], 3, [1.0, 0.5, 0.2], 1.2))
        for beat in (1, 2):
            for pitch in CHORDS[chord].split():
                put(first + beat, 0.13 * tone(pitch, 1, [1.0, 0.3], 0.4))
        beat_in_bar = 0.0
        for pitch, beats in melody:
            put(first + beat_in_bar, 0.45 * tone(pitch, beats, [1.0, 0.35, 0.15, 0.06], 0.9))
            beat_in_bar += beats
    fade = round(LAST_FADE * RATE)
    mix[-fade:] *= np.cos(np.linspace(0, np.pi / 2, fade)) ** 2
    samples: npt.NDArray[np.int16] = np.round(mix * (PEAK * 32767 / np.max(np.abs(mix)))).astype(np.int16)
    return samples


def write(path: Path) -> None:
    """Write the tune as a WAV file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(render().astype("<i2").tobytes())


if __name__ == "__main__":
    default = Path(__file__).parent.parent / "skills" / "music" / "sounds" / "huxley_waltz.wav"
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    write(target)
    print(f"Wrote {target}")

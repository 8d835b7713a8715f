"""Which sentences are heard in a channel of speech, when, and how much of each, found by their very samples."""

from collections.abc import Mapping
from dataclasses import dataclass

import audioop
import numpy as np

from scripts.rig.espeak import synthesize
from scripts.rig.recording import RATE, Samples

from .cells import Sentence

THIN = 6  # samples that become one: 8 kHz hold everything that tells voices' words apart
THIN_RATE = RATE // THIN
PROBE = int(0.4 * THIN_RATE)  # samples of a beginning or an end that are looked for
PIECE = int(0.05 * THIN_RATE)  # samples; how exactly the end of a sentence that was cut off is known
SLACK = int(0.15 * THIN_RATE)  # samples that an end may be late, on a loaded machine
ALIKE = 0.75  # correlation of what is the same sound
QUIET = 40.0  # of 32768; below this there is nothing to compare

type Numbers = np.ndarray[tuple[int], np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Heard:
    """A sentence that was heard, in seconds of the recording."""

    sentence: Sentence
    start: float
    end: float
    whole: bool


async def references() -> dict[Sentence, Numbers]:
    """Return the samples of every sentence, from its first sound to its last."""
    return {sentence: await _reference(sentence) for sentence in Sentence}


def listen(speech: Samples, began: float, known: Mapping[Sentence, Numbers]) -> list[Heard]:
    """Return the sentences in `speech`, which begins at `began`, in their order."""
    thin = _thin(speech)
    found = [
        Heard(sentence, began + start / THIN_RATE, began + end / THIN_RATE, whole)
        for sentence, sound in known.items()
        for start, end, whole in _find(thin, sound)
    ]
    return sorted(found, key=lambda heard: heard.start)


async def _reference(sentence: Sentence) -> Numbers:
    speech = await synthesize(sentence)
    pcm, _ = audioop.ratecv(speech.pcm, 2, 1, speech.rate, RATE, None)
    thin = _thin(np.frombuffer(pcm, np.int16))
    loud = np.flatnonzero(np.abs(thin) > QUIET)
    sound: Numbers = thin[loud[0] : loud[-1] + 1]
    return sound


def _thin(samples: Samples) -> Numbers:
    return samples[: len(samples) // THIN * THIN].reshape(-1, THIN).astype(np.float64).mean(axis=1)


def _find(thin: Numbers, sound: Numbers) -> list[tuple[int, int, bool]]:
    """Return where `sound` begins and ends, and whether it is whole."""
    found: list[tuple[int, int, bool]] = []
    likeness = _likeness(thin, sound[:PROBE])
    while len(likeness) and likeness.max() > ALIKE:
        start = int(likeness.argmax())
        likeness[max(0, start - PROBE) : start + len(sound)] = 0
        tail = thin[start + len(sound) - PROBE : start + len(sound) + SLACK]
        ends = _likeness(tail, sound[-PROBE:])
        if len(ends) and ends.max() > ALIKE:
            found.append((start, start + len(sound) + int(ends.argmax()), True))
        else:
            found.append((start, start + _last_piece(thin[start:], sound), False))
    return found


def _last_piece(thin: Numbers, sound: Numbers) -> int:
    """Return where a sentence that begins `thin` was cut off."""
    end = 0
    for at in range(0, min(len(thin), len(sound)) - PIECE, PIECE):
        piece, part = sound[at : at + PIECE], thin[max(0, at - PIECE) : at + 2 * PIECE]
        if np.abs(piece).mean() < QUIET:
            continue
        if not (len(alike := _likeness(part, piece)) and alike.max() > ALIKE):
            break
        end = at + PIECE
    return end


def _likeness(samples: Numbers, sound: Numbers) -> Numbers:
    """Return the correlation of `sound` with `samples` at each place, 0 to 1, whatever the volume."""
    if len(samples) < len(sound) or not len(sound):
        return np.empty(0)
    size = len(samples) + len(sound) - 1
    length = 1 << (size - 1).bit_length()
    product = np.fft.irfft(np.fft.rfft(samples, length) * np.fft.rfft(sound[::-1], length), length)
    dot = product[len(sound) - 1 : len(samples)]
    sums = np.concatenate(([0.0], np.cumsum(np.square(samples))))
    energy = sums[len(sound) :] - sums[: -len(sound)]
    floor = len(sound) * (QUIET / 4) ** 2
    likeness: Numbers = dot / np.sqrt(np.maximum(energy, floor) * np.square(sound).sum())
    return likeness

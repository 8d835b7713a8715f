from itertools import permutations

import numpy as np
import pytest
from numpy.typing import NDArray

from custom_components.huxley.engine.audio.resampling import RATES, Resampler


def sine(rate: int, hertz: float, seconds: float = 1.0) -> NDArray[np.int16]:
    return np.rint(20000 * np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate)).astype(np.int16)


def power_db(samples: NDArray[np.float64]) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(samples**2)) / (20000 / 2**0.5) + 1e-9))


def convert(samples: NDArray[np.int16], source: int, target: int, piece: int = 0) -> NDArray[np.int16]:
    resampler = Resampler(source, target)
    piece = piece or len(samples)
    parts = [resampler.process(samples[start : start + piece]) for start in range(0, len(samples), piece)]
    return np.concatenate([*parts, resampler.finish()])


@pytest.mark.parametrize(("source", "target"), list(permutations(RATES, 2)))
def test_a_tone_keeps_its_shape_its_place_and_its_length(source: int, target: int) -> None:
    heard = convert(sine(source, 1000), source, target, piece=source // 50)
    assert len(heard) == target
    middle = slice(target // 20, -target // 20)
    assert power_db(heard[middle].astype(float) - sine(target, 1000)[middle]) < -80


@pytest.mark.parametrize(("source", "target"), [pair for pair in permutations(RATES, 2) if pair[0] > pair[1] * 1.2])
def test_what_the_lower_rate_cannot_hold_is_gone(source: int, target: int) -> None:
    heard = convert(sine(source, target / 2 * 1.15), source, target)
    assert power_db(heard[target // 20 : -target // 20].astype(float)) < -80


@pytest.mark.parametrize("piece", [1, 7, 441, 960, 100_000])
def test_pieces_of_any_size_make_the_same_sound(piece: int) -> None:
    samples = sine(44_100, 800, 0.1)
    assert np.array_equal(convert(samples, 44_100, 24_000, piece), convert(samples, 44_100, 24_000))


def test_the_same_rate_is_passed_through() -> None:
    samples = sine(24_000, 800, 0.1)
    assert np.array_equal(convert(samples, 24_000, 24_000, 100), samples)


def test_the_loudest_sound_does_not_wrap() -> None:
    square = np.where(sine(16_000, 500) > 0, 32767, -32768).astype(np.int16)
    heard = convert(square, 16_000, 48_000).astype(int)
    assert heard.max() == 32767
    assert np.abs(np.diff(heard)).max() < 60000

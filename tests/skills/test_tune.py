"""The tune that ships is the one that the script makes, and sounds clean."""

import importlib.util
import wave
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
TUNE = ROOT / "skills" / "music" / "sounds" / "huxley_waltz.wav"
RATE = 24_000


def samples(path: Path) -> np.ndarray:
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(int)


@pytest.fixture(scope="module")
def tune() -> np.ndarray:
    return samples(TUNE)


def test_tune_is_what_the_script_makes(tune: np.ndarray, tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("make_tune", ROOT / "scripts" / "make_tune.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    script.write(tmp_path / "tune.wav")
    made = samples(tmp_path / "tune.wav")
    assert len(made) == len(tune)
    assert np.max(np.abs(made - tune)) <= 1


def test_tune_is_24_seconds_at_3_db_below_full_scale(tune: np.ndarray) -> None:
    assert len(tune) / RATE == 24
    assert 20 * np.log10(np.max(np.abs(tune)) / 32767) == pytest.approx(-3, abs=0.1)


def test_tune_begins_and_ends_in_silence_and_never_jumps(tune: np.ndarray) -> None:
    assert abs(tune[0]) < 10
    assert abs(tune[-1]) < 10
    assert np.max(np.abs(np.diff(tune))) < 0.25 * 32767


def test_tune_is_never_silent_before_its_end(tune: np.ndarray) -> None:
    seconds = tune[: 22 * RATE].reshape(-1, RATE // 2).astype(float)
    assert np.min(np.sqrt(np.mean(seconds**2, axis=1))) > 500

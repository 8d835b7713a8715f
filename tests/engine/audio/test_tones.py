import numpy as np
import pytest

from custom_components.huxley.engine.audio.tones import ERROR, RINGING, THINKING, Note, tone


@pytest.mark.parametrize("notes", [THINKING, ERROR, RINGING])
def test_a_tone_begins_and_ends_without_a_click(notes: tuple[Note, ...]) -> None:
    samples = np.frombuffer(tone(notes), "<i2").astype(int)
    assert abs(samples[0]) < 50
    assert abs(samples[-1]) < 50
    assert 3000 < np.abs(samples).max() < 8000
    assert np.abs(np.diff(samples)).max() < 1200


def test_it_lasts_as_long_as_its_notes() -> None:
    assert len(tone(RINGING)) == 5 * 48_000
    assert tone(RINGING, times=2) == tone(RINGING) * 2


def test_quieter_is_quieter() -> None:
    loud, quiet = (np.frombuffer(tone(ERROR, amplitude=a), "<i2").astype(int) for a in (0.2, 0.1))
    assert np.abs(loud).max() == pytest.approx(2 * np.abs(quiet).max(), rel=0.01)

"""The ear that the other tests trust."""

import numpy as np
import pytest

from scripts.rig.recording import RATE, Samples
from tests.e2e.listening import NOTHING, Sound, level, levels, samples_under, sounds, steps


def tone(seconds: float, dbfs: float = -10.0) -> Samples:
    time = np.arange(int(seconds * RATE)) / RATE
    amplitude = 32768 * np.sqrt(2) * 10 ** (dbfs / 20)
    return (amplitude * np.sin(2 * np.pi * 500 * time)).astype(np.int16)


def silence(seconds: float) -> Samples:
    return np.zeros(int(seconds * RATE), np.int16)


def join(*parts: Samples) -> Samples:
    return np.concatenate(parts)


def test_a_tone_has_the_level_it_was_made_with() -> None:
    assert level(tone(1, -18), 0, 1) == pytest.approx(-18, abs=0.05)


def test_digital_silence_has_the_lowest_level() -> None:
    assert set(levels(silence(0.1))) == {NOTHING}


def test_a_level_of_no_time_is_refused() -> None:
    with pytest.raises(ValueError, match="no whole window"):
        level(tone(1), 0.5, 0.505)


def test_sounds_are_found_where_they_are() -> None:
    channel = join(silence(0.5), tone(1), silence(1), tone(0.3), silence(0.2))
    assert sounds(channel) == [
        Sound(pytest.approx(0.5), pytest.approx(1.5)),
        Sound(pytest.approx(2.5), pytest.approx(2.8)),
    ]


def test_a_breath_does_not_split_a_sound() -> None:
    assert len(sounds(join(tone(0.5), silence(0.3), tone(0.5)))) == 1


def test_silence_holds_no_sound() -> None:
    assert sounds(silence(1)) == []


def test_one_sample_under_speech_is_found() -> None:
    music = silence(2)
    music[int(1.2 * RATE)] = 1
    assert samples_under(music, join(silence(1), tone(0.5), silence(0.5))) == 1


def test_music_after_speech_does_not_count_as_under_it() -> None:
    assert samples_under(join(silence(1.02), tone(1)), join(tone(1), silence(1.02))) == 0


def test_a_click_is_a_large_step() -> None:
    channel = tone(1, -30)
    smooth = steps(channel, 0, 1)
    channel[int(0.5 * RATE)] = 30000
    assert steps(channel, 0, 1) > 0.8 > 10 * smooth

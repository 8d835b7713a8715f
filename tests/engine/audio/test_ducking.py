import numpy as np
import pytest

from custom_components.huxley.engine.audio.ducking import Envelope


def frames(envelope: Envelope, count: int) -> list[float]:
    """Levels in dB at the end of each frame."""
    levels = []
    for _ in range(count):
        envelope.next_frame()
        levels.append(round(envelope.db, 3))
    return levels


def test_it_is_18_db_down_after_80_ms() -> None:
    envelope = Envelope()
    envelope.set_ducked(ducked=True)
    assert frames(envelope, 5) == [-4.5, -9, -13.5, -18, -18]


def test_it_holds_for_300_ms_and_rises_for_600() -> None:
    envelope = Envelope()
    envelope.set_ducked(ducked=True)
    frames(envelope, 10)
    envelope.set_ducked(ducked=False)
    assert set(frames(envelope, 15)) == {-18}
    rise = frames(envelope, 30)
    assert np.allclose(np.diff(rise), 0.6)
    assert rise[-1] == 0
    assert envelope.at_rest


def test_a_second_sentence_within_the_hold_does_not_pump() -> None:
    envelope = Envelope()
    envelope.set_ducked(ducked=True)
    frames(envelope, 10)
    envelope.set_ducked(ducked=False)
    frames(envelope, 14)
    envelope.set_ducked(ducked=True)
    assert set(frames(envelope, 30)) == {-18}


def test_a_ramp_turns_back_from_where_it_is() -> None:
    envelope = Envelope()
    envelope.set_ducked(ducked=True)
    frames(envelope, 2)
    envelope.set_ducked(ducked=False)
    assert frames(envelope, 16)[-1] == pytest.approx(-8.4)


def test_samples_of_a_ramp_are_even_in_decibels() -> None:
    envelope = Envelope()
    envelope.set_ducked(ducked=True)
    ramp = np.concatenate([np.atleast_1d(envelope.next_frame()) for _ in range(4)])
    assert np.allclose(np.diff(20 * np.log10(ramp.astype(float))), -18 / 1920, atol=1e-4)
    assert envelope.gain == pytest.approx(10 ** (-18 / 20))


def test_told_twice_is_told_once() -> None:
    envelope = Envelope()
    envelope.set_ducked(ducked=True)
    frames(envelope, 10)
    envelope.set_ducked(ducked=False)
    frames(envelope, 10)
    envelope.set_ducked(ducked=False)
    assert frames(envelope, 6)[-1] > -18


def test_what_nobody_hears_need_not_ramp() -> None:
    envelope = Envelope()
    envelope.set_ducked(ducked=True)
    envelope.jump()
    assert envelope.db == -18
    envelope.set_ducked(ducked=False)
    envelope.jump()
    assert envelope.at_rest

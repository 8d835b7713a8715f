"""What the pictures of the concept pages claim, measured in the samples."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.scenarios import play, write_wav
from benchmarks.simulation.cast import (
    BOOK_HERTZ,
    CALLER_HERTZ,
    MUSIC_HERTZ,
    SIREN_HERTZ,
    SPEECH_HERTZ,
    tone_cast,
)
from benchmarks.simulation.picture import draw
from benchmarks.simulation.room import SimulatedRoom
from benchmarks.simulation.scenarios import SCENARIOS
from custom_components.huxley.engine.audio.pcm import RATE

BLOCK = RATE // 50
FULL, GONE = -15.0, -50.0  # dB of full scale: of a tone of the cast, and what a fade of 5 ms leaves in another band
FADE = 120
NAMES = {scenario.name: scenario for scenario in SCENARIOS}


@cache
def played(name: str) -> SimulatedRoom:
    return play(NAMES[name], tone_cast())


def levels(name: str, hertz: float) -> NDArray[np.float64]:
    """Level of one tone in each 20 ms, in dB of full scale."""
    heard = played(name).recording.astype(float)
    blocks = heard[: len(heard) // BLOCK * BLOCK].reshape(-1, BLOCK) * np.hanning(BLOCK)
    wave = np.exp(-2j * np.pi * hertz * np.arange(BLOCK) / RATE)
    return 20 * np.log10(np.abs(blocks @ wave) * 4 / BLOCK / 32768 + 1e-6)


def heard(name: str, hertz: float) -> NDArray[np.intp]:
    """Numbers of the 20 ms in which a tone is heard at more than a third of its level."""
    return np.flatnonzero(levels(name, hertz) > FULL - 10)


def pause_of_the_book(name: str) -> tuple[int, int]:
    """Where in the book it stopped, and by how many samples the rest is heard later, found by the book's own noise."""
    recording, book = played(name).recording, np.frombuffer(tone_cast().book, "<i2")
    differs = np.flatnonzero(recording[FADE:] != book[FADE : len(recording)])
    numbers = heard(name, BOOK_HERTZ)
    back = int(numbers[np.flatnonzero(np.diff(numbers) > 10)[-1] + 1]) * BLOCK + 2 * BLOCK
    wanted = recording[back : back + RATE]
    places = [at for at in np.flatnonzero(book == wanted[0]) if np.array_equal(book[at : at + RATE], wanted)]
    assert len(places) == 1, "the book after the pause is the book, sample for sample"
    return int(differs[0]) + FADE, back - int(places[0])


@pytest.mark.parametrize("name", ["book-and-timer", "book-and-call", "button-during-book", "call-and-alarm"])
def test_a_book_goes_on_with_the_very_next_sample(name: str) -> None:
    recording, book = played(name).recording, np.frombuffer(tone_cast().book, "<i2")
    stopped, later = pause_of_the_book(name)
    assert stopped % BLOCK == 0
    back = stopped + later
    assert np.array_equal(recording[back + FADE : back + RATE], book[stopped + FADE : stopped + RATE]), "nothing lost"
    assert np.mean(recording[back - BLOCK : back] == book[stopped - BLOCK : stopped]) < 0.05, "nothing heard twice"
    beginning = recording[back : back + FADE].astype(float)
    assert np.corrcoef(beginning, book[stopped : stopped + FADE])[0, 1] > 0.5, "it begins there"


@pytest.mark.parametrize("name", ["book-and-timer", "book-and-call", "button-during-book", "call-and-alarm"])
def test_a_book_is_never_heard_under_speech_or_a_call(name: str) -> None:
    book = set(heard(name, BOOK_HERTZ))
    assert not book & set(heard(name, SPEECH_HERTZ))
    assert not book & set(heard(name, CALLER_HERTZ))


@pytest.mark.parametrize("name", ["book-and-timer", "book-and-call"])
def test_there_is_no_gap_around_speech(name: str) -> None:
    loud = played(name).recording.astype(float)
    blocks = np.abs(loud[: len(loud) // BLOCK * BLOCK].reshape(-1, BLOCK)).max(axis=1)
    silent = np.flatnonzero(blocks[1:-1] < 500)
    assert len(silent) <= 5, "at most 100 ms of silence in the whole scene"


def test_a_call_is_heard_between_its_announcement_and_the_words_about_it() -> None:
    speech, caller, book = (heard("book-and-call", hertz) for hertz in (SPEECH_HERTZ, CALLER_HERTZ, BOOK_HERTZ))
    announced, farewell = speech[speech < caller[0]], speech[speech > caller[-1]]
    assert len(announced) > 50
    assert len(farewell) > 30
    assert len(announced) + len(farewell) == len(speech)
    assert not np.any((book > announced[0]) & (book < farewell[-1]))
    assert np.any(book > farewell[-1])


def test_the_caller_hears_the_room_only_while_the_bridge_is_open() -> None:
    room = played("book-and-call")
    open_for = len(heard("book-and-call", CALLER_HERTZ))
    assert 0 < room.mic_frames <= open_for


def test_music_is_18_db_down_under_a_reminder_and_comes_back() -> None:
    speech, music = heard("music-and-reminder", SPEECH_HERTZ), levels("music-and-reminder", MUSIC_HERTZ)
    full = np.median(music[50:190])
    under = music[speech[0] + 8 : speech[-1] - 1]
    assert under == pytest.approx(full - 18, abs=1)
    back = music[speech[-1] + 55 :]
    assert back[:-2] == pytest.approx(full, abs=0.5)


def test_music_ducks_in_80_ms_holds_and_rises_in_600() -> None:
    speech, music = heard("music-and-reminder", SPEECH_HERTZ), levels("music-and-reminder", MUSIC_HERTZ)
    full = np.median(music[50:190])
    ducking = np.flatnonzero(music < full - 1)
    assert np.flatnonzero(music < full - 17)[0] - ducking[0] <= 4
    after = music[speech[-1] + 1 :]
    rising = np.flatnonzero(after > full - 17)[0]
    assert 18 <= rising <= 23, "300 ms of hold after the 100 ms that were with the listener"
    assert 24 <= np.flatnonzero(after > full - 1)[0] - rising <= 31


def test_the_music_starts_when_the_words_about_it_were_heard_out() -> None:
    speech, music = heard("ok-playing", SPEECH_HERTZ), heard("ok-playing", MUSIC_HERTZ)
    assert 0 < music[0] - speech[-1] <= 3


def test_an_alarm_ends_the_call_at_once_and_its_siren_is_soft_under_words() -> None:
    speech, caller = heard("call-and-alarm", SPEECH_HERTZ), heard("call-and-alarm", CALLER_HERTZ)
    siren = levels("call-and-alarm", SIREN_HERTZ)
    alarm = speech[speech > caller[-1]]
    assert 0 <= alarm[0] - caller[-1] <= 6, "the siren's first 100 ms are with the listener already"
    assert siren[alarm[0] + 8 : alarm[-1] - 1] == pytest.approx(np.full(alarm[-1] - alarm[0] - 9, FULL - 18), abs=1)
    assert siren[alarm[-1] + 55 : alarm[-1] + 80] == pytest.approx(np.full(25, FULL), abs=1)


def test_a_press_silences_the_book_within_a_frame_and_the_answer_comes_before_it_goes_on() -> None:
    book, speech = heard("button-during-book", BOOK_HERTZ), heard("button-during-book", SPEECH_HERTZ)
    pressed = 4 * 50
    assert np.max(book[book < speech[0]]) <= pressed
    assert 0 < book[book > speech[-1]][0] - speech[-1] <= 3


@pytest.mark.parametrize("name", NAMES)
def test_nothing_clicks(name: str) -> None:
    """A click is energy where nobody in the cast has any."""
    high = levels(name, 7000)
    assert high.max() < -48


@pytest.mark.parametrize("name", NAMES)
def test_each_scenario_can_be_looked_at_and_listened_to(name: str, tmp_path: Path) -> None:
    room = played(name)
    draw("A title", room, tmp_path / "scene.png")
    write_wav(tmp_path / "scene.wav", room)
    assert 5_000 < (tmp_path / "scene.png").stat().st_size < 100_000
    assert (tmp_path / "scene.wav").stat().st_size == 44 + 2 * len(room.recording)

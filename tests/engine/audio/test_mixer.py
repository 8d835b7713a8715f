import asyncio
from datetime import timedelta

import numpy as np
import pytest

from custom_components.huxley.engine.audio.pcm import FRAME_BYTES, RATE
from tests.engine.audio.sounds import FADE, Desk, at, counting, largest_step, level_db, sine


async def test_a_sound_alone_is_heard_as_it_is(desk: Desk) -> None:
    desk.play(sine(0.5))
    await asyncio.sleep(1)
    heard = desk.listener.recording()
    assert heard[: RATE // 2].tobytes() == sine(0.5)
    assert not heard[RATE // 2 + FADE :].any()


async def test_two_sounds_are_added(desk: Desk) -> None:
    desk.play(sine(0.5, 300))
    desk.play(sine(0.5, 700), complete=True)
    await asyncio.sleep(1)
    whole = np.frombuffer(sine(0.5, 300), "<i2").astype(int) + np.frombuffer(sine(0.5, 700), "<i2")
    heard = desk.listener.recording()[2400 + FADE : RATE // 2]  # the first is with the listener when the second comes
    late = np.frombuffer(sine(0.5, 300), "<i2").astype(int)[2400 + FADE :]
    late = late + np.frombuffer(sine(0.5, 700), "<i2")[FADE : FADE + len(late)]
    assert np.abs(heard - late).max() <= 1
    assert whole.max() < 32767


async def test_a_sum_that_is_too_loud_is_limited_and_does_not_wrap(desk: Desk) -> None:
    for _ in range(3):
        desk.play(sine(0.5, 300, 30000))
    await asyncio.sleep(1)
    heard = desk.listener.recording()
    assert heard.max() == 32767
    assert heard.min() == -32768
    assert largest_step(heard) < 15000


async def test_the_listener_is_never_more_than_200_ms_ahead(desk: Desk) -> None:
    desk.play(sine(3))
    ahead = []
    for _ in range(100):
        await asyncio.sleep(0.013)
        ahead.append(desk.listener.ahead)
    assert 0.05 < max(ahead) <= 0.2
    assert min(ahead) > 0


async def test_frames_leave_on_the_grid_without_drift(desk: Desk) -> None:
    desk.play(sine(60))
    await asyncio.sleep(61)
    heard = desk.listener.recording()
    assert heard[: RATE * 60].tobytes() == sine(60)


async def test_its_end_is_told_when_it_was_heard_out(desk: Desk) -> None:
    source = desk.play(sine(0.5))
    await asyncio.sleep(0.49)
    assert desk.ended == []
    await asyncio.sleep(0.02)
    assert desk.ended == ["sound"]
    assert desk.mixer.heard(source) == timedelta(seconds=0.5)


async def test_a_removed_sound_is_silent_within_a_frame_and_never_ends(desk: Desk) -> None:
    source = desk.play(sine(2))
    await asyncio.sleep(0.5)
    assert desk.mixer.remove(source) == timedelta(seconds=0.5)
    await asyncio.sleep(1)
    heard = desk.listener.recording()
    assert heard[: RATE // 2].any()
    assert not at(heard, 0.53, 1.5).any()
    assert desk.ended == []


async def test_removing_twice_flushes_once(desk: Desk) -> None:
    source = desk.play(sine(2))
    await asyncio.sleep(0.5)
    desk.mixer.remove(source)
    flushes = len(desk.listener.flushes)
    assert desk.mixer.remove(source) == timedelta(seconds=0.5)
    assert len(desk.listener.flushes) == flushes


@pytest.mark.parametrize("moment", [0.5, 0.507, 0.5199])
async def test_a_pause_loses_nothing_and_repeats_nothing(desk: Desk, moment: float) -> None:
    pcm = counting(2)
    source = desk.play(pcm)
    await asyncio.sleep(moment)
    desk.mixer.pause(source)
    before = desk.mixer.heard(source)
    await asyncio.sleep(3)
    stopped_at = round(desk.mixer.heard(source).total_seconds() * RATE)
    assert before <= desk.mixer.heard(source) <= before + timedelta(milliseconds=20)
    desk.mixer.resume(source)
    resumed = desk.listener._now() - desk.listener.began
    await asyncio.sleep(2)
    heard, whole = desk.listener.recording(), np.frombuffer(pcm, "<i2")
    assert np.array_equal(heard[FADE:stopped_at], whole[FADE:stopped_at])
    start = round(resumed * RATE)
    assert np.array_equal(heard[start + FADE : start + 12000], whole[stopped_at + FADE : stopped_at + 12000])
    assert not heard[stopped_at + FADE : start].any()
    assert desk.ended == ["sound"]


async def test_what_goes_on_is_not_touched_by_what_stops(desk: Desk) -> None:
    music = sine(2, 300)
    desk.play(music)
    speech = desk.play(sine(2, 900))
    await asyncio.sleep(0.507)
    desk.mixer.remove(speech)
    await asyncio.sleep(2)
    heard = desk.listener.recording()[round(0.52 * RATE) + FADE : 2 * RATE]
    assert np.array_equal(heard, np.frombuffer(music, "<i2")[round(0.52 * RATE) + FADE : 2 * RATE])


async def test_no_change_clicks(desk: Desk) -> None:
    music = desk.play(sine(4, 300, 16000))
    smooth = largest_step(np.frombuffer(sine(1, 300, 16000), "<i2"))
    await asyncio.sleep(0.503)
    music.set_ducked(ducked=True)
    await asyncio.sleep(0.4)
    desk.mixer.pause(music)
    await asyncio.sleep(0.1)
    desk.mixer.resume(music)
    await asyncio.sleep(0.2)
    music.set_ducked(ducked=False)
    desk.mixer.volume = 0.5
    await asyncio.sleep(1.1)
    desk.mixer.remove(music)
    await asyncio.sleep(0.2)
    assert largest_step(desk.listener.recording()) < smooth * 1.6


async def test_a_source_that_stalls_is_silence_and_the_others_go_on(desk: Desk) -> None:
    stalled = desk.play(sine(0.3, 300), complete=False)
    desk.play(sine(2, 500), "other")
    await asyncio.sleep(1)
    stalled.push(sine(0.5, 300))
    stalled.complete()
    await asyncio.sleep(1.2)
    heard = desk.listener.recording()
    assert np.abs(at(heard, 0.4, 0.9)).max() < 8100
    assert np.abs(at(heard, 1.2, 1.4)).max() > 12000
    assert desk.ended == ["sound", "other"]


async def test_a_lone_source_that_stalls_is_heard_from_the_moment_it_goes_on(desk: Desk) -> None:
    source = desk.play(sine(0.3), complete=False)
    await asyncio.sleep(5)
    source.push(sine(0.5))
    source.complete()
    await asyncio.sleep(0.49)
    assert desk.ended == []
    await asyncio.sleep(0.02)
    assert desk.ended == ["sound"]
    assert level_db(at(desk.listener.recording(), 5.02, 5.48)) > -20


async def test_a_flush_makes_a_generation_and_repeats_what_was_not_heard(desk: Desk) -> None:
    pcm = sine(2)
    desk.play(pcm)
    await asyncio.sleep(0.5)
    before = desk.mixer.generation
    desk.mixer.flush()
    assert desk.mixer.generation == before + 1
    desk.listener.write(bytes(FRAME_BYTES), before)
    assert desk.listener.stale == 1
    desk.play(sine(0.02), "wakes the mixer")
    await asyncio.sleep(2)
    heard = desk.listener.recording()
    assert np.array_equal(heard[RATE : 2 * RATE], np.frombuffer(pcm, "<i2")[RATE : 2 * RATE])


async def test_the_volume_is_apart_from_the_duck(desk: Desk) -> None:
    music = desk.play(sine(6, 300, 16000))
    await asyncio.sleep(1)
    music.set_ducked(ducked=True)
    await asyncio.sleep(1)
    desk.mixer.volume = 0.5
    await asyncio.sleep(1)
    music.set_ducked(ducked=False)
    await asyncio.sleep(2)
    heard = desk.listener.recording()
    full = level_db(at(heard, 0.5, 1))
    assert level_db(at(heard, 1.5, 1.9)) == pytest.approx(full - 18, abs=0.2)
    assert level_db(at(heard, 2.5, 2.9)) == pytest.approx(full - 24, abs=0.2)
    assert level_db(at(heard, 4.5, 4.9)) == pytest.approx(full - 6, abs=0.2)
    assert desk.mixer.volume == 0.5


async def test_a_room_without_sound_writes_nothing_and_sets_no_timer(desk: Desk) -> None:
    source = desk.play(b"", complete=False)
    await asyncio.sleep(60)
    assert desk.listener.ahead == 0
    assert not desk.listener.recording().any()
    desk.mixer.remove(source)


async def test_a_closed_mixer_is_silent_at_once(desk: Desk) -> None:
    desk.play(sine(3))
    await asyncio.sleep(0.5)
    desk.mixer.close()
    assert desk.listener.ahead <= 0.02
    await asyncio.sleep(1)
    assert desk.ended == []


async def test_a_sound_with_half_a_sample_at_the_end_is_still_a_sound(desk: Desk) -> None:
    desk.play(sine(0.05) + b"\1")
    await asyncio.sleep(0.5)
    assert desk.ended == ["sound"]
    assert desk.listener.recording()[: RATE // 20].tobytes() == sine(0.05)


async def test_adding_twice_mixes_once(desk: Desk) -> None:
    source = desk.play(sine(0.5))
    desk.mixer.add(source)
    await asyncio.sleep(1)
    assert desk.listener.recording()[: RATE // 2].tobytes() == sine(0.5)


async def test_a_sound_that_begins_loud_begins_without_a_click(desk: Desk) -> None:
    quarter = len(sine(1 / 1200)) // 2 * 2
    desk.play(sine(1, 300, 16000)[quarter:])
    await asyncio.sleep(0.5)
    heard = desk.listener.recording()
    assert abs(int(heard[0])) < 500
    assert largest_step(heard) < 1600

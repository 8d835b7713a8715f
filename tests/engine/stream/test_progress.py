"""Engine T10: a skill hears how much of its stream was heard at the client."""

import asyncio
from datetime import timedelta

import pytest

from custom_components.huxley.engine.skill.effects import AudioStream
from custom_components.huxley.engine.speaker import PlaybackEnd
from custom_components.huxley.engine.stream import StreamPlayback, StreamSpeaker
from tests.engine.audio.sounds import Desk, chunks, sine
from tests.engine.virtual_time import VirtualTimeLoop


class Bookmark:
    """Writes down what it is told, and when."""

    def __init__(self, *, takes: float = 0.0, error: Exception | None = None) -> None:
        self.places: list[float] = []
        self.times: list[float] = []
        self.busy = self.most_at_once = 0
        self._takes, self._error = takes, error
        self._began = asyncio.get_running_loop().time()

    async def __call__(self, heard: timedelta) -> None:
        self.places.append(round(heard.total_seconds(), 2))
        self.times.append(round(asyncio.get_running_loop().time() - self._began, 2))
        self.busy += 1
        self.most_at_once = max(self.most_at_once, self.busy)
        try:
            await asyncio.sleep(self._takes)
        finally:
            self.busy -= 1
        if self._error is not None:
            raise self._error


def playing(
    desk: Desk, bookmark: Bookmark | None, seconds: float = 30, *, live: bool = False, every: float = 0
) -> tuple[StreamPlayback, list[PlaybackEnd]]:
    ends: list[PlaybackEnd] = []
    stream = AudioStream(lambda: chunks(sine(seconds), every=every), title="Book", live=live, on_progress=bookmark)
    return StreamSpeaker(desk.mixer).playback(stream, ends.append), ends


async def test_a_skill_is_told_every_five_seconds_and_at_the_end(desk: Desk) -> None:
    bookmark = Bookmark()
    playback, ends = playing(desk, bookmark, seconds=12)
    await playback.start()
    await asyncio.sleep(13)
    assert ends == [PlaybackEnd.FINISHED]
    assert bookmark.places == [pytest.approx(5, abs=0.11), pytest.approx(10, abs=0.21), 12]
    assert bookmark.times[:2] == bookmark.places[:2]
    await playback.stop()
    assert len(bookmark.places) == 3


async def test_a_pause_is_told_and_nothing_more_while_it_lasts(desk: Desk) -> None:
    bookmark = Bookmark()
    playback, _ = playing(desk, bookmark)
    await playback.start()
    await asyncio.sleep(3)
    await playback.pause()
    await asyncio.sleep(60)
    assert bookmark.places == [pytest.approx(playback.heard.total_seconds(), abs=0.01)]
    await playback.resume()
    await playback.resume()
    await asyncio.sleep(4.5)
    assert len(bookmark.places) == 1
    await asyncio.sleep(1)
    assert bookmark.places[1:] == [pytest.approx(8, abs=0.11)]
    await playback.stop()
    assert len(bookmark.places) == 3


async def test_a_stop_returns_when_the_skill_knows(desk: Desk) -> None:
    bookmark = Bookmark(takes=2)
    playback, ends = playing(desk, bookmark)
    await playback.start()
    await asyncio.sleep(4)
    begin = asyncio.get_running_loop().time()
    await playback.stop()
    assert asyncio.get_running_loop().time() - begin == pytest.approx(2)
    assert bookmark.places == [4]
    assert ends == []


async def test_a_pause_does_not_wait_for_a_slow_bookmark_and_is_told_after_it(desk: Desk) -> None:
    bookmark = Bookmark(takes=3)
    playback, _ = playing(desk, bookmark)
    await playback.start()
    await asyncio.sleep(6)
    begin = asyncio.get_running_loop().time()
    await playback.pause()
    assert asyncio.get_running_loop().time() == begin
    assert desk.listener.ahead <= 0.02
    await asyncio.sleep(10)
    assert bookmark.places == [pytest.approx(5, abs=0.11), pytest.approx(6, abs=0.03)]
    assert bookmark.most_at_once == 1
    await playback.stop()


async def test_a_bookmark_that_hangs_is_given_up_and_the_sound_goes_on(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    bookmark = Bookmark(takes=1000)
    playback, ends = playing(desk, bookmark, seconds=8)
    await playback.start()
    await asyncio.sleep(9)
    assert ends == [PlaybackEnd.FINISHED]
    await playback.stop()
    assert caplog.text.count("stream.progress_failed title=Book") == 2


async def test_a_bookmark_that_raises_is_logged_and_told_again(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    bookmark = Bookmark(error=OSError("the disk is full"))
    playback, _ = playing(desk, bookmark, seconds=11)
    await playback.start()
    await asyncio.sleep(12)
    assert len(bookmark.places) == 3
    assert caplog.text.count("stream.progress_failed title=Book") == 3


async def test_what_a_stalling_source_did_not_give_is_not_told_as_heard(desk: Desk) -> None:
    bookmark = Bookmark()
    playback, _ = playing(desk, bookmark, every=0.04)
    await playback.start()
    await asyncio.sleep(11)
    assert bookmark.places == [pytest.approx(5, abs=0.11)]
    assert bookmark.times == [pytest.approx(10, abs=0.3)]
    await playback.stop()


async def test_a_live_stream_counts_on_over_its_pauses(desk: Desk) -> None:
    bookmark = Bookmark()
    playback, _ = playing(desk, bookmark, live=True)
    await playback.start()
    await asyncio.sleep(3)
    await playback.pause()
    await playback.resume()
    await asyncio.sleep(3)
    await playback.stop()
    assert bookmark.places == [3, 6]


async def test_a_stream_whose_skill_does_not_ask_needs_no_timer(desk: Desk) -> None:
    playback, _ = playing(desk, None)
    await playback.start()
    await asyncio.sleep(7)
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualTimeLoop)
    assert len(loop.pending_timers()) == 1  # the mixer's
    await playback.stop()
    assert playback.heard == timedelta(seconds=7)

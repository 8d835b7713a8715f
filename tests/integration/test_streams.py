"""A skill's audio on its way to a device: fetched by URL, paced, packed, held, and let go of."""

import asyncio
import io
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from datetime import timedelta
from urllib.parse import urlsplit

import av
import numpy as np
import pytest
from homeassistant.components.media_player.browse_media import async_process_play_media_url
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.huxley.engine.audio.pcm import FRAME_BYTES, RATE, size
from custom_components.huxley.engine.skill.effects import AudioStream
from custom_components.huxley.engine.speaker import PlaybackEnd
from custom_components.huxley.runtime.streams import LEAD, LiveStream
from tests.integration.living import pass_time, until

WAV_HEADER = 44
MINUTE = timedelta(minutes=1)


def ramp(length: timedelta) -> bytes:
    """Sound in which every sample says where it stands."""
    return np.arange(size(length) // 2, dtype="<u2").tobytes()


class Source:
    """A factory that knows how much of it was pulled and what became of its generator."""

    def __init__(self, length: timedelta = timedelta(milliseconds=300), *, fails_after: int | None = None) -> None:
        self.pcm = ramp(length)
        self.pulled = 0
        self.closed = False
        self.flows = asyncio.Event()
        self.flows.set()
        self._fails_after = fails_after

    async def __call__(self) -> AsyncIterator[bytes]:
        try:
            for start in range(0, len(self.pcm), FRAME_BYTES):
                if self.pulled == self._fails_after:
                    raise OSError("the disk is gone")
                await self.flows.wait()
                self.pulled += 1
                yield self.pcm[start : start + FRAME_BYTES]
        finally:
            self.closed = True


class Clock:
    """Time that passes when told."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._now = 1000.0

    def __call__(self) -> float:
        return self._now

    async def passes(self, time: timedelta) -> None:
        """In steps of a tenth of a second; whoever sleeps until then looks at this clock again."""
        for _ in range(round(time / timedelta(milliseconds=100))):
            self._now += 0.1
            await pass_time(self._hass, seconds=4)
            for _ in range(10):
                await asyncio.sleep(0)


class Fetch:
    """A device that fetches the stream; `bytes` grows while it reads."""

    def __init__(self, live: LiveStream) -> None:
        self.bytes = b""
        self._pieces = live.packed()
        self._task = asyncio.create_task(self._read())

    @property
    def samples(self) -> bytes:
        """The sound without the header of the WAV."""
        return self.bytes[WAV_HEADER:]

    async def _read(self) -> None:
        async for piece in self._pieces:
            self.bytes += piece

    async def hang_up(self) -> None:
        """The device closes its connection."""
        self._task.cancel()
        await asyncio.wait([self._task])
        await self._pieces.aclose()

    async def whole(self) -> bytes:
        """Everything, to the end."""
        await asyncio.wait_for(self._task, 5)
        return self.samples


async def fetching(live: LiveStream) -> Fetch:
    """A device that has begun to fetch, before any time passed."""
    fetch = Fetch(live)
    await until(lambda: fetch.samples)
    return fetch


@pytest.fixture
async def huxley(house: HomeAssistant) -> HomeAssistant:
    assert await async_setup_component(house, "huxley", {})
    return house


@pytest.fixture
def clock(huxley: HomeAssistant) -> Clock:
    return Clock(huxley)


@pytest.fixture
def ends() -> list[PlaybackEnd]:
    return []


type MakeStream = Callable[[AudioStream], LiveStream]


@pytest.fixture
async def stream(huxley: HomeAssistant, clock: Clock, ends: list[PlaybackEnd]) -> AsyncGenerator[MakeStream]:
    """Open a stream on the clock of the test."""
    made: list[LiveStream] = []

    def make(item: AudioStream) -> LiveStream:
        live = LiveStream(huxley, item, "wav", ends.append, clock)
        live.open()
        made.append(live)
        return live

    yield make
    for live in made:
        await live.close()


def signed_path(hass: HomeAssistant, live: LiveStream) -> str:
    url = urlsplit(async_process_play_media_url(hass, live.path, allow_relative_url=True))
    return f"{url.path}?{url.query}"


async def test_a_device_fetches_the_whole_stream_by_its_signed_url(
    huxley: HomeAssistant, hass_client_no_auth: ClientSessionGenerator, ends: list[PlaybackEnd]
) -> None:
    source = Source()
    live = LiveStream(huxley, AudioStream(source), "wav", ends.append)
    live.open()
    path = signed_path(huxley, live)
    client = await hass_client_no_auth()
    response = await client.get(path)
    assert response.status == 200
    assert response.headers["Content-Type"] == "audio/wav"
    body = await response.read()
    assert body[:4] == b"RIFF"
    assert body[WAV_HEADER:] == source.pcm
    await until(lambda: ends)
    assert ends == [PlaybackEnd.FINISHED]
    assert live.heard == timedelta(milliseconds=300)
    await live.close()
    assert source.closed
    assert (await client.get(path)).status == 404


async def test_nobody_fetches_without_the_signature_that_was_made_for_this_stream(
    huxley: HomeAssistant, hass_client_no_auth: ClientSessionGenerator, stream: MakeStream
) -> None:
    source = Source()
    live, other = stream(AudioStream(source)), stream(AudioStream(Source()))
    client = await hass_client_no_auth()
    foreign = signed_path(huxley, other).partition("?")[2]
    for query in ("", "?authSig=nonsense", f"?{foreign}"):
        assert (await client.get(live.path + query)).status == 401
    assert source.pulled == 0


async def test_a_signature_expires(
    huxley: HomeAssistant, hass_client_no_auth: ClientSessionGenerator, stream: MakeStream
) -> None:
    from homeassistant.components.http.auth import async_sign_path  # noqa: PLC0415

    live = stream(AudioStream(Source()))
    client = await hass_client_no_auth()
    expired = async_sign_path(huxley, live.path, timedelta(seconds=-1))
    assert (await client.get(expired)).status == 401


async def test_a_device_may_ask_first_what_it_would_get(
    huxley: HomeAssistant, hass_client_no_auth: ClientSessionGenerator, stream: MakeStream
) -> None:
    source = Source()
    live = stream(AudioStream(source))
    response = await (await hass_client_no_auth()).head(signed_path(huxley, live))
    assert (response.status, response.headers["Content-Type"]) == (200, "audio/wav")
    assert source.pulled == 0


async def test_a_cover_is_not_there_and_no_failed_login(
    huxley: HomeAssistant, hass_client_no_auth: ClientSessionGenerator
) -> None:
    assert (await (await hass_client_no_auth()).get("/api/huxley/stream/cover.jpg")).status == 404


@pytest.mark.parametrize(("wanted", "content_type"), [("mp3", "audio/mpeg"), ("flac", "audio/flac")])
async def test_a_compressed_stream_sounds_the_same(
    huxley: HomeAssistant, ends: list[PlaybackEnd], wanted: str, content_type: str
) -> None:
    tone = (8000 * np.sin(np.arange(RATE * 4 // 5) * 2 * np.pi * 440 / RATE)).astype("<i2")
    source = Source()
    source.pcm = tone.tobytes()
    live = LiveStream(huxley, AudioStream(source), wanted, ends.append)
    live.open()
    assert live.format.content_type == content_type
    packed = b"".join([piece async for piece in live.packed()])
    await live.close()
    with av.open(io.BytesIO(packed)) as file:
        resampler = av.AudioResampler("s16", "mono", RATE)
        frames = [piece for frame in file.decode(audio=0) for piece in resampler.resample(frame)]
    heard = np.concatenate([frame.to_ndarray()[0] for frame in frames])
    if wanted == "flac":
        assert np.array_equal(heard, tone)
    assert abs(len(heard) - len(tone)) < RATE // 10
    spectrum = np.abs(np.fft.rfft(heard[4000:12000].astype(float)))
    assert abs(spectrum.argmax() * RATE / 8000 - 440) <= 3
    assert abs(np.abs(heard[4000:12000]).max() - 8000) < 600


async def test_the_factory_is_pulled_no_faster_than_it_is_heard(stream: MakeStream, clock: Clock) -> None:
    source = Source(MINUTE)
    live = stream(AudioStream(source))
    fetch = await fetching(live)
    await clock.passes(timedelta(seconds=3))
    assert source.pulled == pytest.approx((timedelta(seconds=3) + LEAD) / timedelta(milliseconds=20), abs=6)
    assert live.heard == timedelta(seconds=3)
    await fetch.hang_up()


async def test_two_devices_hear_the_same_and_the_factory_is_pulled_once(stream: MakeStream, clock: Clock) -> None:
    source = Source(timedelta(seconds=4))
    live = stream(AudioStream(source))
    first, second = await fetching(live), await fetching(live)
    await clock.passes(timedelta(seconds=5))
    assert await first.whole() == await second.whole() == source.pcm
    assert source.pulled == 200


async def test_a_glance_for_a_picture_takes_no_sound_from_the_device(stream: MakeStream, clock: Clock) -> None:
    source = Source(timedelta(seconds=3))
    live = stream(AudioStream(source))
    glance = await fetching(live)
    await clock.passes(timedelta(milliseconds=300))
    await glance.hang_up()
    device = await fetching(live)
    await clock.passes(timedelta(seconds=4))
    assert await device.whole() == source.pcm


async def test_a_glance_beside_the_device_takes_no_sound_either(stream: MakeStream, clock: Clock) -> None:
    source = Source(timedelta(seconds=3))
    live = stream(AudioStream(source))
    glance = await fetching(live)
    await clock.passes(timedelta(milliseconds=300))
    device = await fetching(live)
    await clock.passes(timedelta(milliseconds=100))
    await glance.hang_up()
    await clock.passes(timedelta(seconds=4))
    assert await device.whole() == source.pcm


async def test_a_device_that_comes_again_goes_on_where_it_was_heard(stream: MakeStream, clock: Clock) -> None:
    source = Source(timedelta(seconds=6))
    live = stream(AudioStream(source))
    first = await fetching(live)
    await clock.passes(timedelta(seconds=2))
    await first.hang_up()
    heard = live.heard
    await clock.passes(timedelta(seconds=5))
    assert live.heard == heard == timedelta(seconds=2)
    again = await fetching(live)
    await clock.passes(timedelta(seconds=5))
    assert await again.whole() == source.pcm[size(heard) :]


async def test_a_held_stream_is_not_pulled_and_goes_on_sample_exact(stream: MakeStream, clock: Clock) -> None:
    source = Source(timedelta(seconds=4))
    live = stream(AudioStream(source))
    fetch = await fetching(live)
    await clock.passes(timedelta(seconds=1))
    await live.hold()
    pulled, heard = source.pulled, live.heard
    await clock.passes(timedelta(seconds=20))
    assert (source.pulled, live.heard) == (pulled, heard)
    assert not source.closed
    live.go_on()
    await clock.passes(timedelta(seconds=5))
    assert await fetch.whole() == source.pcm


async def test_a_stop_in_the_middle_runs_the_factorys_finally(
    stream: MakeStream, clock: Clock, ends: list[PlaybackEnd]
) -> None:
    source = Source(MINUTE)
    live = stream(AudioStream(source))
    fetch = await fetching(live)
    await clock.passes(timedelta(seconds=1))
    assert not source.closed
    await live.close()
    assert source.closed
    await fetch.whole()
    assert ends == []


async def test_a_factory_that_was_never_fetched_is_never_called(stream: MakeStream) -> None:
    source = Source()
    live = stream(AudioStream(source))
    await live.close()
    assert (source.pulled, source.closed) == (0, False)


async def test_a_stream_that_nobody_fetches_fails(
    huxley: HomeAssistant, stream: MakeStream, ends: list[PlaybackEnd], caplog: pytest.LogCaptureFixture
) -> None:
    stream(AudioStream(Source()))
    await pass_time(huxley, seconds=14)
    assert ends == []
    await pass_time(huxley, seconds=16)
    assert ends == [PlaybackEnd.FAILED]
    assert caplog.text.count("stream.not_fetched") == 1


async def test_a_device_that_hangs_up_for_good_has_stopped_it(
    huxley: HomeAssistant, stream: MakeStream, clock: Clock, ends: list[PlaybackEnd]
) -> None:
    live = stream(AudioStream(Source(MINUTE)))
    fetch = await fetching(live)
    await clock.passes(timedelta(seconds=2))
    await fetch.hang_up()
    live.go_on()  # what a device reports must not put the end off
    await pass_time(huxley, seconds=16)
    assert ends == [PlaybackEnd.STOPPED]


async def test_a_source_that_raises_ends_as_failed_and_is_logged_once(
    stream: MakeStream, ends: list[PlaybackEnd], caplog: pytest.LogCaptureFixture
) -> None:
    source = Source(fails_after=3)
    fetch = Fetch(stream(AudioStream(source, title="Book")))
    await until(lambda: ends)
    assert ends == [PlaybackEnd.FAILED]
    assert source.closed
    assert caplog.text.count("stream.source_failed title=Book") == 1
    await fetch.hang_up()


async def test_a_source_that_lets_a_cancellation_slip_ends_as_failed(
    stream: MakeStream, ends: list[PlaybackEnd]
) -> None:
    async def slips() -> AsyncIterator[bytes]:
        yield bytes(FRAME_BYTES)
        raise asyncio.CancelledError

    fetch = Fetch(stream(AudioStream(slips)))
    await until(lambda: ends)
    assert ends == [PlaybackEnd.FAILED]
    await fetch.hang_up()


async def test_a_source_that_stalls_is_silence_and_nothing_is_lost(stream: MakeStream, clock: Clock) -> None:
    source = Source(timedelta(seconds=4))
    live = stream(AudioStream(source))
    fetch = await fetching(live)
    await clock.passes(timedelta(seconds=1))
    source.flows.clear()
    await clock.passes(timedelta(seconds=30))
    assert live.heard.total_seconds() == pytest.approx(2, abs=0.1)  # all that there was
    source.flows.set()
    await clock.passes(timedelta(milliseconds=500))
    assert source.pulled < 200, "after a stall it is paced again"
    assert live.heard.total_seconds() == pytest.approx(2.5, abs=0.15)
    await clock.passes(timedelta(seconds=3))
    assert await fetch.whole() == source.pcm


async def test_a_device_that_does_not_read_blocks_nobody_and_costs_no_memory(
    huxley: HomeAssistant, stream: MakeStream, clock: Clock
) -> None:
    source = Source(timedelta(seconds=30))
    live = stream(AudioStream(source))
    stuck = live.packed()
    await anext(stuck)
    reader = await fetching(live)
    await clock.passes(timedelta(seconds=31))
    assert await reader.whole() == source.pcm
    left = b"".join([piece async for piece in stuck])
    assert len(left) <= size(timedelta(seconds=10)) + WAV_HEADER
    assert source.pcm.endswith(left)


async def test_the_skill_hears_how_far_every_five_seconds_on_a_pause_and_at_the_end(
    stream: MakeStream, clock: Clock, ends: list[PlaybackEnd]
) -> None:
    told: list[float] = []

    async def on_progress(heard: timedelta) -> None:
        told.append(round(heard.total_seconds(), 1))

    live = stream(AudioStream(Source(timedelta(seconds=12)), on_progress=on_progress))
    fetch = await fetching(live)
    await clock.passes(timedelta(seconds=7))
    assert told == [5.0]
    await live.hold()
    await until(lambda: told == [5.0, 7.0])
    live.go_on()
    await clock.passes(timedelta(seconds=6))
    assert ends == [PlaybackEnd.FINISHED]
    await fetch.whole()
    await live.close()
    assert told == [5.0, 7.0, 12.0]


async def test_a_slow_bookmark_does_not_hold_the_sound_up(stream: MakeStream, clock: Clock) -> None:
    written = asyncio.Event()

    async def on_progress(heard: timedelta) -> None:
        await written.wait()

    live = stream(AudioStream(Source(timedelta(seconds=20)), on_progress=on_progress))
    fetch = await fetching(live)
    await clock.passes(timedelta(seconds=9))
    assert live.heard == timedelta(seconds=9)
    await asyncio.wait_for(live.hold(), 0.5)
    written.set()
    await fetch.hang_up()


async def test_a_bookmark_that_raises_is_logged_and_the_sound_goes_on(
    stream: MakeStream, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    async def on_progress(heard: timedelta) -> None:
        raise OSError("disk full")

    live = stream(AudioStream(Source(timedelta(seconds=7)), title="Book", on_progress=on_progress))
    fetch = await fetching(live)
    await clock.passes(timedelta(seconds=6))
    assert caplog.text.count("stream.progress_failed title=Book") == 1
    await clock.passes(timedelta(seconds=2))
    assert len(await fetch.whole()) == size(timedelta(seconds=7))


async def test_a_factory_that_does_not_end_is_left_behind_out_loud(
    huxley: HomeAssistant, ends: list[PlaybackEnd], caplog: pytest.LogCaptureFixture
) -> None:
    ended = asyncio.Event()

    async def clings() -> AsyncIterator[bytes]:
        try:
            yield bytes(FRAME_BYTES)
            await asyncio.Event().wait()
        finally:
            await ended.wait()

    live = LiveStream(huxley, AudioStream(clings, title="Book"), "wav", ends.append)
    live.open()
    fetch = Fetch(live)
    await until(lambda: live.heard)
    closing = asyncio.create_task(live.close())
    await asyncio.sleep(0)
    await pass_time(huxley, seconds=11)
    await asyncio.wait_for(closing, 5)
    assert "stream.source_does_not_end title=Book" in caplog.text
    ended.set()
    await fetch.hang_up()

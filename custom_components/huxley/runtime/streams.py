"""Live streams: a skill's audio on its way to a device that fetches it by HTTP."""

import asyncio
import logging
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from datetime import timedelta

from homeassistant.core import HomeAssistant
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..engine.audio.encoding import FORMATS, Format, best_format
from ..engine.audio.pacing import Pacer
from ..engine.audio.pcm import FRAME_BYTES, frames, size, span
from ..engine.skill.effects import AudioStream
from ..engine.speaker import PlaybackEnd

_LOGGER = logging.getLogger(__name__)

LEAD = timedelta(seconds=1)  # players want about a second before they make a sound
MEMORY = timedelta(seconds=10)  # what a device may have fetched without playing it
PROGRESS = timedelta(seconds=5)  # a bookmark survives a power cut to within this (Engine T10)
BATCH = FRAME_BYTES * 5  # 100 ms: one trip to the encoder's thread
TAIL = timedelta(milliseconds=500)  # what a device still plays when the last byte was due
FETCH_LIMIT = timedelta(seconds=15)  # a device that was told to play fetches within this

STREAM_PATH = "/api/huxley/stream/"

LIVE_STREAMS: HassKey[dict[str, LiveStream]] = HassKey(f"{DOMAIN}_streams")
"""The streams that may be fetched now, by their name in the URL."""


class LiveStream:
    """One `AudioStream`. Its factory is pulled only while a device listens and nobody pauses (Engine T8).

    `on_end` is called once when it ends by itself, never after `close`.
    """

    def __init__(
        self, hass: HomeAssistant, stream: AudioStream, wanted_format: str, on_end: Callable[[PlaybackEnd], None]
    ) -> None:
        extension = best_format(wanted_format)
        self.name = f"{secrets.token_urlsafe(16)}.{extension}"
        self.format: Format = FORMATS[extension]
        self._hass = hass
        self._stream = stream
        self._on_end = on_end
        self._pacer = Pacer(hass.loop.time, LEAD)
        self._pulling = asyncio.Event()
        self._source: AsyncGenerator[bytes] | None = None
        self._sent = 0
        self._recent = bytearray()
        self._reported = timedelta(0)
        self._next: asyncio.Future[bytes | None] | None = None
        self._feeder: asyncio.Task[None] | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._exhausted = False
        self._over = False

    @property
    def path(self) -> str:
        """Path of its URL; carries no query, so that Home Assistant can sign it."""
        return STREAM_PATH + self.name

    @property
    def heard(self) -> timedelta:
        """What was heard of it: what left, or what there was time to hear, whichever is less."""
        return min(self._pacer.elapsed, span(self._sent))

    def open(self) -> None:
        """Let devices fetch it; one must, soon."""
        self._hass.data.setdefault(LIVE_STREAMS, {})[self.name] = self
        self._pulling.set()
        self._expect_listener()

    async def hold(self) -> None:
        """Pull no more; the factory stays suspended at its `yield`."""
        self._pulling.clear()
        self._pacer.hold()
        await self._report()

    def go_on(self) -> None:
        """Pull again."""
        self._pulling.set()
        if self._sent:
            self._pacer.run()

    def rewind(self) -> None:
        """Take back what was fetched and not heard, for a device that must fetch anew (Engine A4)."""
        unheard = min(size(span(self._sent) - self.heard), len(self._recent))
        self._sent -= unheard
        replay = bytes(self._recent[len(self._recent) - unheard :])
        del self._recent[len(self._recent) - unheard :]
        if replay and self._source is not None:
            self._source = _followed_by(replay, self._source)

    def device_stopped(self) -> None:
        """The device plays no more: it is at the end, or somebody stopped it there."""
        self._end(PlaybackEnd.FINISHED if self._exhausted else PlaybackEnd.STOPPED)

    async def close(self) -> None:
        """Let go of everything; the factory's `finally` has run when this returns."""
        self._over = True
        self._hass.data.get(LIVE_STREAMS, {}).pop(self.name, None)
        self._forget_watch()
        self._pacer.hold()
        tasks = [task for task in (self._feeder, self._next) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._source is not None:
            await self._source.aclose()
        await self._report()

    async def packed(self) -> AsyncGenerator[bytes]:
        """The stream for one device, packed and paced. A device that comes again goes on where it was heard."""
        if self._feeder is not None:
            self._feeder.cancel()
            self.rewind()
        self._forget_watch()
        queue: asyncio.Queue[bytes | None] = asyncio.Queue(maxsize=2)
        feeder = self._feeder = self._hass.async_create_background_task(self._feed(queue), f"huxley {self.name}")
        try:
            while (piece := await queue.get()) is not None:
                yield piece
        finally:
            if self._feeder is feeder and not self._exhausted:
                feeder.cancel()
                self._pacer.hold()
                self._expect_listener()

    async def _feed(self, queue: asyncio.Queue[bytes | None]) -> None:
        try:
            await self._send(queue)
        except Exception:
            _LOGGER.exception("stream.source_failed title=%s", self._stream.title)
            await queue.put(None)
            self._end(PlaybackEnd.FAILED)
            return
        self._exhausted = True
        await queue.put(None)
        while (left := span(self._sent) + TAIL - self._pacer.elapsed) > timedelta(0):
            await self._pulling.wait()
            self._pacer.run()
            await asyncio.sleep(left.total_seconds())
        await self._report()
        self._end(PlaybackEnd.FINISHED)

    async def _send(self, queue: asyncio.Queue[bytes | None]) -> None:
        encoder = await self._hass.async_add_executor_job(self.format.encoder)
        batch = bytearray()
        while True:
            await self._pulling.wait()
            await self._pacer.wait(span(self._sent))
            frame = await self._pull()
            if frame is None:
                break
            self._pacer.run()
            self._keep(frame)
            batch += frame
            if len(batch) >= BATCH:
                await queue.put(await self._hass.async_add_executor_job(encoder.encode, bytes(batch)))
                batch.clear()
                if self.heard - self._reported >= PROGRESS:
                    await self._report()
        tail = await self._hass.async_add_executor_job(encoder.encode, bytes(batch)) if batch else b""
        await queue.put(tail + await self._hass.async_add_executor_job(encoder.finish))

    async def _pull(self) -> bytes | None:
        """The next frame, None at the end. Cancelling this never reaches the factory: the frame waits for the next."""
        if self._source is None:
            self._source = frames(self._stream.factory())
        if self._next is None:
            self._next = asyncio.ensure_future(anext(self._source, None))
        frame = await asyncio.shield(self._next)
        self._next = None
        return frame

    def _keep(self, frame: bytes) -> None:
        self._sent += len(frame)
        self._recent += frame
        del self._recent[: max(0, len(self._recent) - size(MEMORY))]

    async def _report(self) -> None:
        """Tell the skill how much was heard (Engine T10). What it raises is its own affair."""
        self._reported = self.heard
        if self._stream.on_progress is not None:
            try:
                await self._stream.on_progress(self._reported)
            except Exception:
                _LOGGER.exception("stream.progress_failed title=%s", self._stream.title)

    def _expect_listener(self) -> None:
        self._forget_watch()
        if not self._over and self._pulling.is_set():
            self._watch = self._hass.loop.call_later(FETCH_LIMIT.total_seconds(), self._nobody_listens)

    def _forget_watch(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    def _nobody_listens(self) -> None:
        _LOGGER.warning("stream.not_fetched title=%s within=%s", self._stream.title, FETCH_LIMIT)
        self._end(PlaybackEnd.FAILED if self._sent == 0 else PlaybackEnd.STOPPED)

    def _end(self, end: PlaybackEnd) -> None:
        if not self._over:
            self._over = True
            self._forget_watch()
            self._on_end(end)


async def _followed_by(first: bytes, rest: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    yield first
    async for frame in rest:
        yield frame

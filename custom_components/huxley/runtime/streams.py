"""Live streams: a skill's audio on its way to devices that fetch it by HTTP."""

import asyncio
import logging
import secrets
from collections.abc import AsyncGenerator, Callable
from datetime import timedelta

from homeassistant.core import HomeAssistant
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..engine.audio.encoding import FORMATS, Format, best_format
from ..engine.audio.pacing import Pacer
from ..engine.audio.pcm import FRAME_BYTES, frames, size, span
from ..engine.audio.progress import Progress
from ..engine.skill.effects import AudioStream
from ..engine.speaker import PlaybackEnd
from ..engine.turn.tasks import cancelled_from_outside

_LOGGER = logging.getLogger(__name__)

LEAD = timedelta(seconds=1)  # players want about a second before they make a sound; a shorter fetch was not heard
MEMORY = timedelta(seconds=10)  # what a device may have fetched without playing it
BATCH = FRAME_BYTES * 5  # 100 ms: one trip to the encoder's thread
TAIL = timedelta(milliseconds=500)  # what a device still plays when the last byte was due
FETCH_LIMIT = timedelta(seconds=15)  # a device that was told to play fetches within this
CLOSE_LIMIT = timedelta(seconds=10)  # for a factory's `finally`

STREAM_PATH = "/api/huxley/stream/"

LIVE_STREAMS: HassKey[dict[str, LiveStream]] = HassKey(f"{DOMAIN}_streams")
"""The streams that may be fetched now, by their name in the URL."""


class LiveStream:
    """One `AudioStream`, pulled at the pace of hearing while a device listens and nobody pauses (Engine A2, T8).

    Players fetch more than once: to look for a picture, to try a seek, after a stop. Each fetch gets the audio from
    where it is heard now. `on_end` is called once when the stream ends by itself, never after `close`.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        stream: AudioStream,
        wanted_format: str,
        on_end: Callable[[PlaybackEnd], None],
        clock: Callable[[], float] | None = None,
    ) -> None:
        extension = best_format(wanted_format)
        self.name = f"{secrets.token_urlsafe(16)}.{extension}"
        self.format: Format = FORMATS[extension]
        self.exhausted = False
        """Whether the factory gave everything that it had."""

        self._hass = hass
        self._stream = stream
        self._on_end = on_end
        self._pacer = Pacer(clock or hass.loop.time, LEAD)
        self._unheard = timedelta(0)
        self._run_began = timedelta(0)
        self._wanted = self._over = False
        self._listeners = 0
        self._running = asyncio.Event()
        self._pump: asyncio.Task[None] | None = None
        self._sent = 0
        self._recent = bytearray()
        self._grown = asyncio.Condition()
        self._progress = Progress(stream.on_progress, stream.title)
        self._watch: asyncio.TimerHandle | None = None

    @property
    def path(self) -> str:
        """Path of its URL; carries no query, so that Home Assistant can sign it."""
        return STREAM_PATH + self.name

    @property
    def heard(self) -> timedelta:
        """What was heard of it: what left, or what there was time to hear, whichever is less."""
        return min(self._played, span(self._sent))

    def open(self) -> None:
        """Let devices fetch it; one must, soon."""
        self._hass.data.setdefault(LIVE_STREAMS, {})[self.name] = self
        self.go_on()

    def stand_still(self) -> None:
        """Pull no more; the factory stays suspended at its `yield`."""
        self._wanted = False
        self._adjust()

    async def hold(self) -> None:
        """Stand still, and tell the skill where; silence does not wait for its bookmark."""
        self.stand_still()
        self._progress.mark(self.heard)

    def go_on(self) -> None:
        """Pull again, as soon as a device listens. No effect while it does."""
        if not self._wanted:
            self._wanted = True
            self._adjust()

    async def close(self) -> None:
        """Let go of everything; the factory's `finally` has run when this returns."""
        self._over = True
        self.stand_still()
        self._hass.data.get(LIVE_STREAMS, {}).pop(self.name, None)
        if self._pump is not None:
            self._pump.cancel()
            _, pending = await asyncio.wait([self._pump], timeout=CLOSE_LIMIT.total_seconds())
            if pending:
                _LOGGER.error("stream.source_does_not_end title=%s after=%s", self._stream.title, CLOSE_LIMIT)
                self._pump.cancel()
        await self._tell_listeners()
        await self._progress.settle(self.heard)

    async def packed(self) -> AsyncGenerator[bytes]:
        """The stream for one fetch, packed, from where it is heard now to its end."""
        encoder = await self._hass.async_add_executor_job(self.format.encoder)
        self._forget_a_glance()
        at = size(self.heard)
        self._listeners += 1
        self._adjust()
        if self._pump is None and not self._over:
            self._pump = self._hass.async_create_background_task(self._pull(), f"huxley stream {self.name}")
        try:
            while piece := await self._next_piece(at):
                at = max(at, self._sent - len(self._recent)) + len(piece)
                if packed := await self._hass.async_add_executor_job(encoder.encode, piece):
                    yield packed
            yield await self._hass.async_add_executor_job(encoder.finish)
        finally:
            self._listeners -= 1
            if not self._listeners:
                self._forget_a_glance()
            self._adjust()

    async def _next_piece(self, at: int) -> bytes:
        """The audio from `at` on, up to a batch; nothing at the end. What is forgotten already is left out."""
        async with self._grown:
            await self._grown.wait_for(lambda: self._sent - at >= BATCH or self.exhausted or self._over)
        if self._over:
            return b""
        begin = max(0, at - (self._sent - len(self._recent)))
        return bytes(self._recent[begin : begin + BATCH])

    async def _pull(self) -> None:
        """Pull the factory to its end, then wait until that was heard."""
        source = frames(self._stream.factory())
        try:
            while True:
                await self._running.wait()
                await self._pacer.wait(span(self._sent) + self._unheard)
                if (frame := await anext(source, None)) is None:
                    break
                self._keep(frame)
                await self._tell_listeners()
                self._progress.note(self.heard)
            self.exhausted = True
            self._adjust()
            await self._tell_listeners()
            while (left := span(self._sent) + TAIL - self._played) > timedelta(0):
                await self._running.wait()
                await asyncio.sleep(left.total_seconds())
        except (Exception, asyncio.CancelledError) as err:
            if isinstance(err, asyncio.CancelledError) and cancelled_from_outside():
                raise
            _LOGGER.exception("stream.source_failed title=%s", self._stream.title, exc_info=err)
            self._end(PlaybackEnd.FAILED)
        else:
            await self._progress.settle(self.heard)
            self._end(PlaybackEnd.FINISHED)
        finally:
            await source.aclose()

    def _keep(self, frame: bytes) -> None:
        """Take a frame. A source that stalled left the device with nothing to play, and that time was not heard."""
        self._unheard += max(timedelta(0), self._played - span(self._sent))
        self._sent += len(frame)
        self._recent += frame
        del self._recent[: max(0, len(self._recent) - size(MEMORY))]

    @property
    def _played(self) -> timedelta:
        """How long a device had something to play."""
        return self._pacer.elapsed - self._unheard

    def _forget_a_glance(self) -> None:
        """A fetch shorter than the lead made no sound: whoever fetches now gets what it took."""
        glance = self._pacer.elapsed - self._run_began
        if glance < LEAD:
            self._unheard += max(timedelta(0), min(glance, self._played))
            self._run_began = self._pacer.elapsed

    async def _tell_listeners(self) -> None:
        async with self._grown:
            self._grown.notify_all()

    def _adjust(self) -> None:
        """Run while it is wanted and fetched, or fetched to its end; expect a fetch while it is only wanted."""
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        if self._wanted and (self._listeners or self.exhausted):
            if not self._running.is_set():
                self._run_began = self._pacer.elapsed
            self._running.set()
            self._pacer.run()
            return
        self._running.clear()
        self._pacer.hold()
        if self._wanted and not self._over:
            self._watch = self._hass.loop.call_later(FETCH_LIMIT.total_seconds(), self._nobody_listens)

    def _nobody_listens(self) -> None:
        _LOGGER.warning("stream.not_fetched title=%s within=%s", self._stream.title, FETCH_LIMIT)
        self._end(PlaybackEnd.STOPPED if self._sent else PlaybackEnd.FAILED)

    def _end(self, end: PlaybackEnd) -> None:
        if not self._over:
            self._over = True
            self._on_end(end)

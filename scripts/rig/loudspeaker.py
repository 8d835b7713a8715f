"""The loudspeaker of a room: speech and music, mixed on one 20 ms clock, for ears and for tests."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any, Protocol

import audioop
import numpy as np

from .recording import FRAME, RATE, SAMPLES, Moment, Recording, Samples

SILENCE = bytes(SAMPLES * 2)
PREFILL = len(SILENCE) * 3  # bytes; hides the jitter of a source that is paced by its own timer
SLOWEST_LISTENER = 50  # frames; a browser that falls behind by a second hears a gap, not the past
CLOCK_SLACK = 5.0  # seconds that a loaded machine may be late
MOMENTS_KEPT = 200  # when nothing is recorded


class MusicSource(Protocol):
    """Where music comes from."""

    def read(self) -> bytes:
        """Return the PCM that has come since the last call: 48 kHz, 16-bit, stereo; never blocks."""
        ...


class Utterance:
    """One piece of speech on its way through the loudspeaker."""

    def __init__(self, rate: int, channels: int) -> None:
        self.pcm = bytearray()
        self.on_heard: Callable[[], Awaitable[None]] | None = None
        self.ended = False
        self.started = False
        self._rate = rate
        self._channels = channels
        self._resampler: Any = None

    def add(self, pcm: bytes) -> None:
        if self._channels == 2:  # noqa: PLR2004  stereo
            pcm = audioop.tomono(pcm, 2, 0.5, 0.5)
        pcm, self._resampler = audioop.ratecv(pcm, 2, 1, self._rate, RATE, self._resampler)
        self.pcm += pcm

    def ready(self) -> bool:
        """Whether it can be heard: begun, or enough of it is here to begin."""
        return self.started or self.ended or len(self.pcm) >= PREFILL


class Loudspeaker:
    """Pulls one frame of speech and one of music every 20 ms, records both, and sends their mix to who listens."""

    def __init__(self, music: MusicSource | None = None, *, record: bool = False) -> None:
        self.recording = Recording()
        self._record = record
        self._music = music
        self._music_pcm = bytearray()
        self._music_plays = False
        self._utterances: deque[Utterance] = deque()
        self._listeners: set[asyncio.Queue[bytes]] = set()
        self._frames = 0
        self._clock: asyncio.Task[None] | None = None
        self._heard: set[asyncio.Future[None]] = set()
        self._changed = asyncio.Condition()

    @property
    def now(self) -> float:
        """Seconds since the room opened."""
        return self._frames * FRAME

    def note(self, event: str, **data: Any) -> None:
        """Put something that happened now on the timeline."""
        self.recording.moments.append(Moment(self.now, event, data))
        if not self._record:
            del self.recording.moments[:-MOMENTS_KEPT]

    async def happened(self, event: str, since: float, limit: timedelta = timedelta(seconds=20)) -> Moment:
        """Return the first `event` at or after `since`, waiting for it at most `limit`."""
        found: list[Moment] = []

        def look() -> bool:
            found[:] = [m for m in self.recording.moments if m.event == event and m.at >= since]
            return bool(found)

        await self._until(look, limit)
        return found[0]

    async def reaches(self, time: float) -> None:
        """Return when the room's clock has come to `time`, in seconds since it opened."""
        await self._until(lambda: self.now >= time, timedelta(seconds=time - self.now + CLOCK_SLACK))

    async def _until(self, condition: Callable[[], bool], limit: timedelta) -> None:
        async with asyncio.timeout(limit.total_seconds()), self._changed:
            await self._changed.wait_for(condition)

    async def start(self) -> None:
        """Open the room."""
        self._clock = asyncio.create_task(self._run(), name="loudspeaker clock")

    async def stop(self) -> None:
        """Close the room; an error of its clock is raised here."""
        if self._clock is None:
            return
        self._clock.cancel()
        await asyncio.wait({self._clock, *self._heard})
        if not self._clock.cancelled():
            self._clock.result()

    def begin_speech(self, rate: int, channels: int) -> None:
        """Expect speech as 16-bit PCM of this rate and layout."""
        self._utterances.append(Utterance(rate, channels))

    def speak(self, pcm: bytes) -> None:
        """Add to the speech that was begun last."""
        if self._utterances:
            self._utterances[-1].add(pcm)

    def end_speech(self, on_heard: Callable[[], Awaitable[None]]) -> None:
        """Mark the speech begun last as complete; `on_heard` is awaited when its last sample has been heard."""
        if self._utterances:
            self._utterances[-1].ended = True
            self._utterances[-1].on_heard = on_heard

    async def listen(self) -> AsyncIterator[bytes]:
        """Yield the room's sound from now on: 20 ms frames, 48 kHz, 16-bit, mono."""
        queue: asyncio.Queue[bytes] = asyncio.Queue(SLOWEST_LISTENER)
        self._listeners.add(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            self._listeners.discard(queue)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        opened = loop.time()
        while True:
            await asyncio.sleep(opened + (self._frames + 1) * FRAME - loop.time())
            self._tick()
            async with self._changed:
                self._changed.notify_all()

    def _tick(self) -> None:
        speech, music = self._speech_frame(), self._music_frame()
        self._frames += 1
        if self._record:
            self.recording.speech += speech
            self.recording.music += music
        mixed = audioop.add(speech, music, 2)
        for listener in self._listeners:
            if not listener.full():
                listener.put_nowait(mixed)

    def _speech_frame(self) -> bytes:
        if not self._utterances or not self._utterances[0].ready():
            return SILENCE
        utterance = self._utterances[0]
        if not utterance.started:
            utterance.started = True
            self.note("speech starts")
        frame = bytes(utterance.pcm[: len(SILENCE)])
        del utterance.pcm[: len(SILENCE)]
        if utterance.ended and not utterance.pcm:
            self._utterances.popleft()
            self.note("speech ends")
            if utterance.on_heard is not None:
                heard = asyncio.ensure_future(utterance.on_heard())
                self._heard.add(heard)
                heard.add_done_callback(self._heard.discard)
        return frame.ljust(len(SILENCE), b"\0")

    def _music_frame(self) -> bytes:
        if self._music is not None:
            self._music_pcm += _mono(self._music.read())
        if not self._music_plays and len(self._music_pcm) >= PREFILL:
            self._music_plays = True
            self.note("music starts")
        if not self._music_plays:
            return SILENCE
        frame = bytes(self._music_pcm[: len(SILENCE)])
        del self._music_pcm[: len(SILENCE)]
        if len(frame) < len(SILENCE):
            self._music_plays = False
            self.note("music stops")
        return frame.ljust(len(SILENCE), b"\0")


def _mono(stereo: bytes) -> bytes:
    pairs = np.frombuffer(stereo, np.int16).reshape(-1, 2)
    mono: Samples = (pairs.astype(np.int32).sum(axis=1) // 2).astype(np.int16)
    return mono.tobytes()

"""A client's microphone: its frames go to whoever it is lent to (Engine C2)."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from ..errors import SpeakerError

_LOGGER = logging.getLogger(__name__)

QUEUED_FRAMES = 50  # one second; whoever is slower hears a gap, not an ever longer delay

type FrameTaker = Callable[[bytes], Awaitable[None]]


class Lease:
    """One loan. Frames are handed over one after the other, and none once `close` has begun."""

    def __init__(self, on_frame: FrameTaker, on_lost: Callable[[], None], returned: Callable[[], None]) -> None:
        self._on_frame = on_frame
        self._returned = returned
        self._frames: asyncio.Queue[bytes] = asyncio.Queue(QUEUED_FRAMES)
        self._on_lost: Callable[[], None] | None = on_lost
        self._task = asyncio.create_task(self._hand_over(), name="huxley microphone")

    def feed(self, pcm: bytes) -> None:
        """Take a frame; the oldest is dropped for one who cannot follow."""
        if self._frames.full():
            self._frames.get_nowait()
            _LOGGER.warning("stream.microphone_slow dropped=1")
        self._frames.put_nowait(pcm)

    def lost(self) -> None:
        """The client is gone; said once."""
        on_lost, self._on_lost = self._on_lost, None
        self._task.cancel()
        if on_lost is not None:
            on_lost()

    async def close(self) -> None:
        """Give it back. Harmless when it is given back already."""
        self._on_lost = None
        self._returned()
        self._task.cancel()
        if self._task is not asyncio.current_task():
            await asyncio.wait([self._task])

    async def _hand_over(self) -> None:
        while True:
            await self._on_frame(await self._frames.get())


class StreamMicrophone:
    """What the client's connection feeds, and what a claim borrows."""

    def __init__(self) -> None:
        self._lease: Lease | None = None

    def feed(self, pcm: bytes) -> None:
        """Take audio from the client: PCM of `engine.audio.pcm`. It is dropped while nobody borrows."""
        if self._lease is not None:
            self._lease.feed(pcm)

    def lost(self) -> None:
        """The client is gone."""
        lease, self._lease = self._lease, None
        if lease is not None:
            lease.lost()

    def lend(self, on_frame: FrameTaker, on_lost: Callable[[], None]) -> Lease:
        """Lend it out. Raises `SpeakerError` when somebody has it."""
        if self._lease is not None:
            raise SpeakerError("the microphone is lent to somebody else; that has to end first")
        lease = Lease(on_frame, on_lost, lambda: self._returned(lease))
        self._lease = lease
        return lease

    def _returned(self, lease: Lease) -> None:
        if self._lease is lease:
            self._lease = None

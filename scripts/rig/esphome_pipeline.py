"""One of an ESPHome device's two ways to make sound: it fetches, decodes and hands out 20 ms at a time."""

import asyncio
from collections import deque
from collections.abc import Callable

from .recording import SAMPLES

FRAME_BYTES = SAMPLES * 2
BUFFER = FRAME_BYTES * 25  # bytes decoded ahead: half a second
PREFILL = FRAME_BYTES * 5  # bytes; a tenth of a second before the first sample is heard
READ_AHEAD = 8192  # bytes between the decoder's process and us; more would fetch what a pause should leave unfetched
DECODER = ("ffmpeg", "-nostdin", "-v", "error", "-probesize", "4096", "-analyzeduration", "0")
DECODED = ("-vn", "-ac", "1", "-ar", "48000", "-f", "s16le", "pipe:1")


class SoundPipeline:
    """A playlist of URLs, of which the first is fetched and heard (48 kHz, 16-bit, mono).

    `on_failed` hears of a URL that could not be fetched or decoded, and why.
    """

    def __init__(self, on_failed: Callable[[str, str], None]) -> None:
        self._on_failed = on_failed
        self._playlist: deque[str] = deque()
        self._pcm = bytearray()
        self._complete = self._sounds = False
        self._hungry = asyncio.Event()
        self._fetch: asyncio.Task[None] | None = None
        self._old: set[asyncio.Task[None]] = set()
        self.paused = False
        """It stands still where it is, and fetches no more than fits its buffer."""

        self.stuck = False
        """It fetches, but not one sample is ever heard."""

    @property
    def active(self) -> bool:
        """Whether it plays something, or is about to."""
        return bool(self._playlist)

    @property
    def url(self) -> str:
        """What it plays; empty when it plays nothing."""
        return self._playlist[0] if self._playlist else ""

    def play(self, url: str) -> None:
        """Play `url` now, instead of everything else."""
        self.stop()
        self.enqueue(url)

    def enqueue(self, url: str) -> None:
        """Play `url` after what is in the playlist."""
        self._playlist.append(url)
        if len(self._playlist) == 1:
            self._start()

    def stop(self) -> None:
        """Fall silent and forget the playlist."""
        self._playlist.clear()
        self._drop()
        self.paused = False

    async def close(self) -> None:
        """Stop, and return when no process is left."""
        self.stop()
        await asyncio.gather(*self._old, return_exceptions=True)

    def frame(self) -> bytes | None:
        """Return the next 20 ms that are heard, None while nothing is; goes on to the next URL at an end."""
        if not self._playlist or self.paused or self.stuck:
            return None
        if self._complete and not self._pcm:
            self._next()
            return None
        if not self._sounds and not self._complete and len(self._pcm) < PREFILL:
            return None
        self._sounds = True
        frame = bytes(self._pcm[:FRAME_BYTES])
        del self._pcm[:FRAME_BYTES]
        self._hungry.set()
        return frame.ljust(FRAME_BYTES, b"\0")

    def _next(self) -> None:
        self._playlist.popleft()
        self._drop()
        if self._playlist:
            self._start()

    def _drop(self) -> None:
        self._pcm.clear()
        self._complete = self._sounds = False
        if self._fetch is not None:
            self._fetch.cancel()
            self._fetch = None

    def _start(self) -> None:
        fetch = self._fetch = asyncio.create_task(self._run(self._playlist[0]), name="device fetch")
        self._old.add(fetch)
        fetch.add_done_callback(self._old.discard)

    async def _run(self, url: str) -> None:
        process = await asyncio.create_subprocess_exec(
            *(*DECODER, "-i", url, *DECODED),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=READ_AHEAD,
        )
        try:
            why = await self._decode(process)
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()
        if why:
            self._on_failed(url, why)
        self._complete = True

    async def _decode(self, process: asyncio.subprocess.Process) -> str:
        """Keep the buffer full until the sound ends; returns the decoder's complaint when it failed."""
        if process.stdout is None or process.stderr is None:
            raise RuntimeError("The decoder has no pipes.")
        while pcm := await process.stdout.read(FRAME_BYTES):
            self._pcm += pcm
            while len(self._pcm) >= BUFFER:
                self._hungry.clear()
                await self._hungry.wait()
        complaint = (await process.stderr.read()).decode(errors="replace").strip()
        return complaint if await process.wait() else ""

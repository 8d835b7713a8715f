"""A feeder: pulls a factory's audio into a source, no faster than it is needed (Engine A2, A5)."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from datetime import timedelta

from .source import Source, SourceEvents

PREFETCH = timedelta(milliseconds=80)  # with the mixer's lead still less than 200 ms ahead of the listener


class Feeder:
    """One source with the task that fills it. Paused, it is not pulled: the iterator stays at its `yield` (Engine T8).

    `on_end` is called once when the last sample was heard, with what the iterator raised, if it did; `on_begin` when
    the first sound is heard.
    """

    def __init__(
        self,
        chunks: AsyncIterator[bytes],
        on_end: Callable[[BaseException | None], None],
        on_begin: Callable[[], None] | None = None,
    ) -> None:
        self.source = Source(SourceEvents(self._heard_out, self._room, on_begin))
        self._chunks = chunks
        self._on_end = on_end
        self._error: BaseException | None = None
        self._hungry = asyncio.Event()
        self._hungry.set()
        self._task = asyncio.create_task(self._feed(), name="huxley feeder")

    async def close(self) -> None:
        """End the pulling; the iterator's `finally` has run when this returns."""
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _feed(self) -> None:
        try:
            async for chunk in self._chunks:
                self.source.push(chunk)
                if self.source.buffered >= PREFETCH or self.source.paused:
                    self._hungry.clear()
                    await self._hungry.wait()
        except Exception as err:  # noqa: BLE001 - handed to whoever hears of the end
            self._error = err
        finally:
            await self._close_chunks()
        self.source.complete()

    async def _close_chunks(self) -> None:
        if not isinstance(self._chunks, AsyncGenerator):
            return
        try:
            await self._chunks.aclose()
        except Exception as err:  # noqa: BLE001 - handed to whoever hears of the end
            self._error = self._error or err

    def _room(self) -> None:
        if not self._hungry.is_set() and self.source.buffered < PREFETCH:
            self._hungry.set()

    def _heard_out(self) -> None:
        self._on_end(self._error)

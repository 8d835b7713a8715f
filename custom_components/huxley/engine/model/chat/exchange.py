"""One request on the wire: a task that reads the answer, and the pieces it hands over."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import timedelta

from .answer import Answer, Piece
from .failures import ChatError

LINGER = timedelta(milliseconds=250)  # for usage and the end of the stream, after the last word


class Exchange:
    """Reads `data` into `answer` from the moment it is made.

    It can be cancelled while nobody takes its pieces, so that a connection ends at once whoever reads from it.
    """

    def __init__(self, data: AsyncGenerator[str], answer: Answer, name: str) -> None:
        self._pieces: asyncio.Queue[Piece | None] = asyncio.Queue()
        self._answer = answer
        self._task = asyncio.create_task(self._read(data), name=f"huxley chat {name}")
        self._task.add_done_callback(lambda _: self._pieces.put_nowait(None))

    @property
    def over(self) -> bool:
        """Whether the connection is done with."""
        return self._task.done()

    @property
    def cancelled(self) -> bool:
        """Whether it was ended before the answer was."""
        return self._task.cancelled()

    async def pieces(self) -> AsyncGenerator[Piece]:
        """Yield the pieces as they come, until the answer ends or is cancelled. Raises what reading raised."""
        while (piece := await self._pieces.get()) is not None:
            yield piece
        if not self._task.cancelled():
            self._task.result()

    def cancel(self) -> None:
        """End it; more than once is harmless."""
        self._task.cancel()

    async def ended(self) -> None:
        """Wait until the connection is done with. An error is for whoever takes the pieces."""
        await asyncio.wait([self._task])
        if not self._task.cancelled():
            self._task.exception()

    async def _read(self, data: AsyncGenerator[str]) -> None:
        limit = asyncio.timeout(None)
        now = asyncio.get_running_loop().time
        try:
            async with aclosing(data), limit:
                async for item in data:
                    for piece in self._answer.feed(item):
                        self._pieces.put_nowait(piece)
                    if self._answer.complete and limit.when() is None:
                        limit.reschedule(now() + LINGER.total_seconds())
        except TimeoutError:
            if not limit.expired():
                raise
        except ChatError:
            if not self._answer.complete:  # a rough end after the last word takes nothing back
                raise
        for piece in self._answer.finish():
            self._pieces.put_nowait(piece)

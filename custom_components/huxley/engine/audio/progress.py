"""Telling a skill how much of its stream was heard, so that a bookmark survives a power cut (Engine T10)."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

_LOGGER = logging.getLogger(__name__)

EVERY = timedelta(seconds=5)
SKILL_LIMIT = timedelta(seconds=5)  # for a skill to write its bookmark down

type Listener = Callable[[timedelta], Awaitable[None]]


class Progress:
    """Calls `listener` beside the audio, one call at a time, never twice running with the same position.

    What the listener raises is logged with `title`; the sound never waits for it.
    """

    def __init__(self, listener: Listener | None, title: str | None = None) -> None:
        self._listener = listener
        self._title = title
        self._told = timedelta(0)
        self._wanted: timedelta | None = None
        self._telling: asyncio.Task[None] | None = None

    @property
    def wanted(self) -> bool:
        """Whether anybody listens."""
        return self._listener is not None

    def due_in(self, heard: timedelta) -> timedelta:
        """How much more is to be heard before the listener is told again."""
        return max(timedelta(0), self._told + EVERY - heard)

    def note(self, heard: timedelta) -> None:
        """Tell the listener if it is time to; returns at once."""
        if not self.due_in(heard):
            self.mark(heard)

    def mark(self, heard: timedelta) -> None:
        """Tell the listener for sure, as at a pause; returns at once."""
        if self._listener is None or heard == self._told:
            return
        self._told = self._wanted = heard
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell(self._listener), name="huxley progress")

    async def settle(self, heard: timedelta) -> None:
        """Tell the listener for sure, as at the end; returns when it knows."""
        self.mark(heard)
        if self._telling is not None:
            await asyncio.wait([self._telling])

    async def _tell(self, listener: Listener) -> None:
        while (heard := self._wanted) is not None:
            self._wanted = None
            try:
                async with asyncio.timeout(SKILL_LIMIT.total_seconds()):
                    await listener(heard)
            except Exception:
                _LOGGER.exception("stream.progress_failed title=%s", self._title)

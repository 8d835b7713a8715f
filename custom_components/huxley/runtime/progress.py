"""Telling a skill how much of its stream was heard, so that a bookmark survives a power cut (Engine T10)."""

import asyncio
import logging
from datetime import timedelta

from ..engine.skill.effects import AudioStream

_LOGGER = logging.getLogger(__name__)

EVERY = timedelta(seconds=5)
SKILL_LIMIT = timedelta(seconds=5)  # for a skill to write its bookmark down


class Progress:
    """Calls `on_progress` beside the audio, one call at a time, never twice with the same position."""

    def __init__(self, stream: AudioStream) -> None:
        self._stream = stream
        self._told = timedelta(0)
        self._telling: asyncio.Task[None] | None = None

    def note(self, heard: timedelta) -> None:
        """Tell the skill if it is time to; returns at once."""
        if heard - self._told >= EVERY and (self._telling is None or self._telling.done()):
            self._begin(heard)

    async def settle(self, heard: timedelta) -> None:
        """Tell the skill for sure, as at a pause or at the end; returns when it knows."""
        await self._over()
        if heard != self._told:
            self._begin(heard)
            await self._over()

    def _begin(self, heard: timedelta) -> None:
        self._told = heard
        if self._stream.on_progress is not None:
            self._telling = asyncio.create_task(self._tell(heard), name="huxley progress")

    async def _over(self) -> None:
        if self._telling is not None:
            await asyncio.wait([self._telling])

    async def _tell(self, heard: timedelta) -> None:
        """What a skill raises here is its own affair, but it is seen."""
        if self._stream.on_progress is None:
            return
        try:
            async with asyncio.timeout(SKILL_LIMIT.total_seconds()):
                await self._stream.on_progress(heard)
        except Exception:
            _LOGGER.exception("stream.progress_failed title=%s", self._stream.title)

"""Short sounds beside the words: what a tool wants heard, and the tone that says the model is thinking (T5, T15)."""

import asyncio
import functools
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from ..audio.pcm import span
from ..audio.tones import THINKING, tone
from ..speaker import Speaker
from .tasks import attempt

_LOGGER = logging.getLogger(__name__)

THINKING_AFTER = timedelta(seconds=1.5)  # longer, and a person believes that nobody heard (Engine T15)
SOUND_SLACK = timedelta(seconds=5)  # what a device may need to begin with a sound
STOP_LIMIT = timedelta(seconds=1)  # the first word does not wait longer for a tone that does not end


class Sounds:
    """One sound at a time. A room whose devices play none goes without (Engine A4)."""

    def __init__(self, speaker: Speaker, hushed: Callable[[], Awaitable[None]]) -> None:
        self._speaker = speaker
        self._hushed = hushed
        self._mouth = asyncio.Lock()

    async def play(self, pcm: bytes) -> bool:
        """Return when it was heard; what fails is logged. Cancelling this cuts it off. Tells whether it was heard."""
        if not self._speaker.capabilities.sounds:
            _LOGGER.info("coord.sound_skipped: this speaker plays no short sounds")
            return False
        async with self._mouth:
            await self._hushed()
            return await attempt("short sound", lambda: self._speaker.play_sound(pcm), span(len(pcm)) + SOUND_SLACK)

    @property
    def busy(self) -> bool:
        """Whether a sound is being heard."""
        return self._mouth.locked()


class Thinking:
    """Sounds again and again until it is stopped, and never under a word: `stop` returns when it is silent."""

    def __init__(self, sounds: Sounds) -> None:
        self._sounds = sounds
        self._task = asyncio.create_task(self._hum(), name="huxley thinking")

    async def stop(self) -> None:
        """Be silent. Harmless when it is."""
        if not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task], timeout=STOP_LIMIT.total_seconds())

    async def _hum(self) -> None:
        heard = True
        while heard:
            await asyncio.sleep(THINKING_AFTER.total_seconds())
            if not self._sounds.busy:
                heard = await self._sounds.play(_thinking_tone())


@functools.cache
def _thinking_tone() -> bytes:
    return tone(THINKING)

"""Words that the room starts by itself, whatever speaks them: kept as they come, spoken in one piece."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import timedelta

from homeassistant.core import HomeAssistant

from ...engine.speaker import Manner
from ...engine.turn.tasks import heed


class OwnWords(ABC):
    """A `Reply` that speaks when its words are complete; it is heard from `_sounds` to the end of `_speak`."""

    def __init__(self, hass: HomeAssistant, manner: Manner) -> None:
        self.on_first_sound: Callable[[], None] | None = None
        self._clock = hass.loop.time
        self._manner = manner
        self._words: list[str] = []
        self._speaking: asyncio.Task[None] | None = None
        self._sounds_since: float | None = None
        self._heard: timedelta | None = None

    async def write(self, text: str) -> None:
        """Keep the text."""
        self._words.append(text)

    async def finish(self) -> None:
        """Speak."""
        text = "".join(self._words).strip()
        if (text or self._manner.recording is not None) and self._speaking is None:
            self._speaking = asyncio.create_task(self._say(text), name="huxley own words")
            self._speaking.add_done_callback(heed)

    async def heard_out(self) -> timedelta:
        """Return when the speech is over. Raises `SpeakerError`."""
        if self._speaking is not None:
            await asyncio.wait([self._speaking])  # whoever waits no more aborts it, and may have to silence it first
            self._speaking.result()
        return self._so_far()

    async def abort(self) -> timedelta:
        """Be silent now; a device that cannot be silenced says its sentence to the end."""
        if self._speaking is None or self._speaking.done():
            return self._so_far()
        self._heard = self._so_far()
        await self._silence(self._speaking)
        return self._heard

    @abstractmethod
    async def _speak(self, text: str) -> None:
        """Have the words heard to their end. Raises `SpeakerError`."""

    @abstractmethod
    async def _silence(self, speaking: asyncio.Task[None]) -> None:
        """Silence the device and end `speaking`."""

    async def _say(self, text: str) -> None:
        try:
            await self._speak(text)
        finally:
            self._heard = self._so_far()

    def _sounds(self) -> None:
        """The first sound is heard."""
        self._sounds_since = self._clock()
        if self.on_first_sound is not None:
            self.on_first_sound()

    def _so_far(self) -> timedelta:
        if self._heard is not None:
            return self._heard
        since = self._sounds_since
        return timedelta(0) if since is None else timedelta(seconds=self._clock() - since)

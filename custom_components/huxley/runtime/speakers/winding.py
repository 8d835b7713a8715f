"""Media by its id that begins somewhere in the middle: wound there as soon as the player sounds."""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta

from homeassistant.components.media_player import MediaPlayerEntityFeature as Feature
from homeassistant.components.media_player import MediaPlayerState
from homeassistant.core import HomeAssistant, State, callback

from ...engine.errors import SpeakerError
from .player import Player

_LOGGER = logging.getLogger(__name__)

WORTH_IT = timedelta(seconds=1)  # a shorter way is not heard
SOUND_LIMIT = timedelta(seconds=15)  # for a player to play, and to say that it can be wound


class Winding:
    """Winds once. A player that cannot be wound plays from the beginning, and the log says so."""

    def __init__(self, hass: HomeAssistant, player: Player) -> None:
        self._hass = hass
        self._player = player
        self._unlisten: Callable[[], None] | None = None
        self._limit: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    def to(self, position: timedelta) -> None:
        """The player was told to play: go to `position` when it does."""
        self.forget()
        if position < WORTH_IT:
            return

        @callback
        def look(state: State | None) -> None:
            if state is not None and state.state == MediaPlayerState.PLAYING and self._player.can(Feature.SEEK):
                self.forget()
                self._task = self._hass.async_create_background_task(self._wind(position), "huxley winding")

        self._unlisten = self._player.listen(look)
        self._limit = self._hass.loop.call_later(SOUND_LIMIT.total_seconds(), self._cannot, position)
        look(self._player.state)

    def forget(self) -> None:
        """Stay where it is. Harmless when there is nowhere to go."""
        if self._unlisten is not None:
            self._unlisten()
            self._unlisten = None
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _wind(self, position: timedelta) -> None:
        try:
            await self._player.seek(position)
        except SpeakerError as err:
            _LOGGER.warning("player.seek_failed entity=%s to=%s error=%s", self._player.entity_id, position, err)

    def _cannot(self, position: timedelta) -> None:
        _LOGGER.warning("player.plays_from_the_beginning entity=%s instead_of=%s", self._player.entity_id, position)
        self.forget()

"""Players that obey at once."""

from typing import Any

from homeassistant.components.media_player import MediaPlayerEntity, MediaPlayerEntityFeature, MediaPlayerState
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from . import CONF_ROOMS, DevicesConfigEntry
from .moments import Devices, Moments

LEVEL = 0.5  # volume that people have set


async def async_setup_entry(
    hass: HomeAssistant, entry: DevicesConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add a player for each room."""
    players = [SimulatedPlayer(number, entry.runtime_data) for number in range(entry.data[CONF_ROOMS])]
    entry.runtime_data.players.extend(players)
    async_add_entities(players)


class SimulatedPlayer(MediaPlayerEntity):
    """Notes each command when it arrives, and reports what it leads to."""

    _attr_should_poll = False
    _attr_state = MediaPlayerState.IDLE
    _attr_volume_level = LEVEL
    _attr_supported_features = (
        MediaPlayerEntityFeature.PLAY_MEDIA
        | MediaPlayerEntityFeature.PAUSE
        | MediaPlayerEntityFeature.PLAY
        | MediaPlayerEntityFeature.STOP
        | MediaPlayerEntityFeature.VOLUME_SET
    )

    def __init__(self, number: int, devices: Devices) -> None:
        self._attr_name = f"Player {number}"
        self._attr_unique_id = f"player_{number}"
        self._devices = devices
        self.moments = Moments()

    async def async_play_media(self, media_type: str, media_id: str, **kwargs: Any) -> None:
        self.moments.note("play_media")
        self._attr_media_content_id = media_id
        self._devices.fetch(self.entity_id, media_id)
        self._becomes(MediaPlayerState.PLAYING)

    async def async_media_pause(self) -> None:
        self.moments.note("pause")
        self._becomes(MediaPlayerState.PAUSED)

    async def async_media_play(self) -> None:
        self.moments.note("play")
        self._becomes(MediaPlayerState.PLAYING)

    async def async_media_stop(self) -> None:
        self.moments.note("stop")
        self._attr_media_content_id = None
        self._devices.fetch(self.entity_id, None)
        self._becomes(MediaPlayerState.IDLE)

    async def async_set_volume_level(self, volume: float) -> None:
        self.moments.note("volume_set")
        self._attr_volume_level = volume
        self.async_write_ha_state()

    @property
    def at_full_level(self) -> bool:
        """Whether it is as loud as people have set it."""
        return self._attr_volume_level is not None and self._attr_volume_level >= LEVEL

    def _becomes(self, state: MediaPlayerState) -> None:
        self._attr_state = state
        self.async_write_ha_state()

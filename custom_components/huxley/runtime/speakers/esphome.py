"""Satellites that run ESPHome, such as Voice PE: speech on a pipeline of its own, beside the device's media."""

from typing import ClassVar, override

from homeassistant.components.media_player import MediaPlayerEntityFeature as Feature
from homeassistant.components.media_player.browse_media import async_process_play_media_url
from homeassistant.components.media_player.const import DOMAIN as MEDIA_PLAYER
from homeassistant.const import ATTR_ENTITY_ID, ATTR_SUPPORTED_FEATURES
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er

from ...engine.errors import SpeakerError
from .kind import SatelliteKind
from .silence import SILENCE_PATH

NEEDED = Feature.PLAY_MEDIA | Feature.MEDIA_ANNOUNCE


class EsphomeSatellite(SatelliteKind):
    """Announces what it is told, opens its microphone, and is silenced through the player of the same device."""

    name: ClassVar[str] = "esphome"

    @property
    @override
    def stops_speech(self) -> bool:
        """Whether the device has a player that takes announcements, now."""
        return any(_announces(self._hass.states.get(player)) for player in self._players())

    @override
    async def stop_speech(self) -> None:
        """Silence it: an announcement on the device's player takes the place of the one that is heard.

        There is no command that stops it: `media_stop` ends the media and leaves the speech alone (2026.10).
        """
        player = next((one for one in self._players() if _announces(self._hass.states.get(one))), None)
        if player is None:
            raise SpeakerError(f"{self._entity_id} has no player beside it through which it could be silenced")
        await silence(self._hass, player)

    @override
    def ducks(self, player_id: str) -> bool:
        """The firmware lowers the media of its own device."""
        return player_id in self._players()

    def _players(self) -> list[str]:
        registry = er.async_get(self._hass)
        entry = registry.async_get(self._entity_id)
        if entry is None or entry.device_id is None:
            return []
        siblings = er.async_entries_for_device(registry, entry.device_id)
        return [one.entity_id for one in siblings if (one.domain, one.platform) == (MEDIA_PLAYER, entry.platform)]


async def silence(hass: HomeAssistant, player_id: str) -> None:
    """Put an announcement of nothing in the place of what an ESPHome player announces."""
    data = {
        ATTR_ENTITY_ID: player_id,
        "media_content_id": async_process_play_media_url(hass, SILENCE_PATH),
        "media_content_type": "music",
        "announce": True,
    }
    await hass.services.async_call(MEDIA_PLAYER, "play_media", data, blocking=True)


def _announces(state: State | None) -> bool:
    return state is not None and int(state.attributes.get(ATTR_SUPPORTED_FEATURES, 0)) & NEEDED == NEEDED
